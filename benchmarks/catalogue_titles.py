"""Titles that the generated catalogue grows from: of the real portals, or our own without them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from catalog.imports.mappings import mapping_named
from catalog.imports.portal import read_portal
from standards.code_lists import load_code_lists
from standards.portal_mappings import PortalMapping, Target, shipped_mappings


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_OWN_SUBJECTS: Final = _words(
    "企业登记 食品经营许可 药品零售企业 特种设备 建筑业企业资质 房屋交易 不动产登记 "
    "住房公积金缴存 医疗保险参保 失业登记 技能培训机构 中小学校 幼儿园 高等学校 教师资格 "
    "图书馆 博物馆 文物保护单位 医疗机构 执业医师 疫苗接种门诊 养老机构 低保对象 残疾人证 "
    "社会组织 婚姻登记 公共停车场 公交线路 出租汽车企业 道路运输证 桥梁隧道 河道水质 "
    "空气质量 污染源监测 排污许可 危险废物经营 林木采伐 耕地质量 农业龙头企业 农机购置补贴 "
    "动物检疫 水库水情 气象预警 地质灾害点 法律援助机构 律师事务所 公证机构 行政处罚 "
    "行政许可 信用评价 政府采购项目 财政预算 税收优惠 外商投资企业 进出口货物 科技型企业 "
    "高新技术企业 专利授权 旅行社 星级饭店 体育场馆 应急避难场所 消防站"
)
_OWN_FORMS: Final = _words(
    "信息 基本信息 名录 统计表 明细 变更信息 注销信息 年度汇总 分布情况 检查结果 办理进度 清单"
)
_OWN_YEARS: Final = ("", *(f"{year}年" for year in range(2012, 2024)))
_OWN_BUREAUS: Final = _words(
    "市场监督管理局 住房和城乡建设局 人力资源和社会保障局 教育局 文化广电和旅游局 "
    "卫生健康委员会 民政局 交通运输局 生态环境局 自然资源和规划局 农业农村局 水利局 气象局 "
    "司法局 发展和改革委员会 财政局 税务局 商务局 科学技术局 应急管理局 医疗保障局 统计局 "
    "公安局 体育局 大数据发展管理局 残疾人联合会"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title with what its portal says of it; `core` is the title without the place it names.

    `bureau` is the providing department without its place, `provider` its name with it;
    `abstract` goes without a place too.
    """

    resource_id: str
    name: str
    core: str
    provider: str
    bureau: str
    division_code: str
    theme: str | None = None
    abstract: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def read_titles(portals: Path | None) -> list[Title]:
    """The titles of all portals in their order, or our own where the data is absent."""
    if portals is None or not portals.is_dir():
        return list(_own_titles())
    return [title for name in shipped_mappings() for title in _of_portal(portals, name)]


def _own_titles() -> Iterator[Title]:
    number = 0
    for year in _OWN_YEARS:
        for form in _OWN_FORMS:
            for place, subject in enumerate(_OWN_SUBJECTS):
                name, bureau = f"{year}{subject}{form}", _OWN_BUREAUS[place % len(_OWN_BUREAUS)]
                own = f"own-{number:06d}"
                yield Title(own, name, name, f"青禾市{bureau}", bureau, "990100")
                number += 1


def _of_portal(portals: Path, name: str) -> Iterator[Title]:
    """The titles of one portal by position; where it names no department, its data bureau is."""
    mapping = mapping_named(name)
    records = json.loads((portals / f"{name}.json").read_text(encoding="utf-8"))
    made = read_portal(records, mapping, mapping.id)
    city = _city_of(mapping)
    names = _place_names(mapping.division_code or "")
    known = {draft.position: draft for draft in made.drafts}
    lost = {listed.position: listed.name for listed in made.listed}
    for position in range(len(records)):
        draft = known.get(position)
        title = draft.name if draft else lost[position]
        said = draft.department_name if draft else "大数据发展管理局"
        said_of = dict(draft.document) if draft else {}
        yield Title(
            resource_id=f"{mapping.id}-{position:06d}".replace("_", "-"),
            name=title,
            core=_without_place(title, names),
            provider=_with_place(said, city, names),
            bureau=_bureau(said.removeprefix("市").removeprefix("省"), names),
            division_code=mapping.division_code or "990100",
            theme=str(draft.found.get(Target.THEME, "")) if draft else None,
            abstract=_without_place(str(said_of.get("abstract", "")), names) or None,
            facts=said_of,
        )


def _city_of(mapping: PortalMapping) -> str:
    found = load_code_lists().require("division").find(mapping.division_code or "")
    return "" if found is None else found.name


@cache
def _place_names(division: str) -> re.Pattern[str]:
    """The names of a city and of what lies in it, the longest first."""
    region = division[:2] if division.endswith("0000") else division[:4]
    entries = load_code_lists().require("division").entries
    names = sorted({e.name for e in entries if e.code.startswith(region)}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


def _without_place(text: str, names: re.Pattern[str]) -> str:
    """The text without the places it begins with, unless hardly anything would be left."""
    rest = text
    while (found := names.match(rest)) is not None:
        rest = rest[found.end() :]
    return rest if len(rest) > 2 else text


def _bureau(department: str, names: re.Pattern[str]) -> str:
    """The kind of department, wherever it is; a place alone is its government."""
    found = _without_place(department, names)
    return "人民政府" if names.fullmatch(found) or found[-1] in "市区县" else found


def _with_place(department: str, city: str, names: re.Pattern[str]) -> str:
    if names.match(department) is not None:
        return department
    for short in ("市", "省"):
        if city.endswith(short) and department.startswith(short):
            return city + department[1:]
    return city + department
