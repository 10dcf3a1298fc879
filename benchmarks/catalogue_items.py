"""Items of generated records: of a common stock, or as the abstract of a real record names them."""

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

Item = dict[str, Any]

_PERSON: Final[tuple[Item, ...]] = (
    {"id": "name", "name": "姓名", "data_type": "C", "length": 100, "element": "person.name"},
    {"id": "id_number", "name": "公民身份号码", "data_type": "C", "length": 18,
     "identifier": "citizen", "element": "person.id_number", "level": 3},
    {"id": "sex", "name": "性别", "data_type": "C", "length": 1, "code_list": "sex",
     "element": "person.sex"},
    {"id": "birth_date", "name": "出生日期", "data_type": "D", "element": "person.birth_date"},
    {"id": "education", "name": "学历", "data_type": "C", "length": 2, "code_list": "education",
     "element": "person.education"},
)  # fmt: skip
_ENTITY: Final[tuple[Item, ...]] = (
    {"id": "entity_name", "name": "单位名称", "data_type": "C", "length": 200},
    {"id": "uscc", "name": "统一社会信用代码", "data_type": "C", "length": 18,
     "identifier": "uscc"},
    {"id": "legal_representative", "name": "法定代表人", "data_type": "C", "length": 100},
    {"id": "registered_capital", "name": "注册资本", "data_type": "N", "length": 18, "scale": 2,
     "unit": "万元", "minimum": 0},
    {"id": "industry", "name": "行业门类", "data_type": "C", "length": 4, "code_list": "industry"},
    {"id": "established_on", "name": "成立日期", "data_type": "D", "date_format": "YYYY-MM-DD"},
)  # fmt: skip
_MATTER: Final[tuple[Item, ...]] = (
    {"id": "matter_name", "name": "事项名称", "data_type": "C", "length": 200},
    {"id": "licence_no", "name": "证书编号", "data_type": "C", "length": 60},
    {"id": "decided_on", "name": "决定日期", "data_type": "D"},
    {"id": "valid_to", "name": "有效期至", "data_type": "D"},
    {"id": "authority", "name": "办理机关", "data_type": "C", "length": 100},
    {"id": "result", "name": "办理结果", "data_type": "C", "length": 500},
)
_FIGURES: Final[tuple[Item, ...]] = (
    {"id": "year", "name": "统计年份", "data_type": "I", "minimum": 1949, "maximum": 2100},
    {"id": "indicator", "name": "指标名称", "data_type": "C", "length": 100},
    {"id": "value", "name": "指标数值", "data_type": "N", "length": 20, "scale": 4},
    {"id": "growth", "name": "同比增长", "data_type": "N", "length": 10, "scale": 2, "unit": "%"},
    {"id": "unit_name", "name": "计量单位", "data_type": "C", "length": 20},
)
_PLACES: Final[tuple[Item, ...]] = (
    {"id": "place_name", "name": "场所名称", "data_type": "C", "length": 200},
    {"id": "address", "name": "详细地址", "data_type": "C", "length": 300},
    {"id": "longitude", "name": "经度", "data_type": "B", "minimum": -180, "maximum": 180},
    {"id": "latitude", "name": "纬度", "data_type": "B", "minimum": -90, "maximum": 90},
    {"id": "capacity", "name": "容纳人数", "data_type": "I", "minimum": 0, "unit": "人"},
    {"id": "opening_hours", "name": "开放时间", "data_type": "C", "length": 100},
)
_ENDING: Final[tuple[Item, ...]] = (
    {"id": "division", "name": "行政区划代码", "data_type": "C", "length": 6,
     "code_list": "division"},
    {"id": "street", "name": "所属街道", "data_type": "C", "length": 100},
    {"id": "remark", "name": "备注", "data_type": "M"},
    {"id": "updated_at", "name": "更新时间", "data_type": "T"},
)  # fmt: skip
_STOCK: Final = (_PERSON, _ENTITY, _MATTER, _FIGURES, _PLACES)
_KEY: Final[Item] = {
    "id": "row_id", "name": "业务流水号", "data_type": "C", "length": 40, "key": True,
}  # fmt: skip
_AROUND: Final = re.compile(r"^.{0,16}(?:包含|包括)了?|等?(?:信息|数据|内容)?$")
_CUT: Final = re.compile(r"[、，,；;。：:\s]+")
_ITEM_NAME: Final = re.compile(r"[一-鿿][一-鿿A-Za-z0-9（）()]{1,15}")
# what a name ends with tells its type
_TYPES: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("日期", {"data_type": "D"}),
    ("时间", {"data_type": "T"}),
    ("金额", {"data_type": "Y", "length": 18, "scale": 2}),
    ("数量", {"data_type": "I"}),
    ("个数", {"data_type": "I"}),
    ("人数", {"data_type": "I"}),
    ("面积", {"data_type": "N", "length": 16, "scale": 2}),
    ("比例", {"data_type": "N", "length": 8, "scale": 4}),
    ("是否", {"data_type": "L"}),
)
_TEXT: Final[Mapping[str, Any]] = {"data_type": "C", "length": 200}
_MOST = 24


def items_of(rng: Random, abstract: str) -> list[Item]:
    """The items of a record, a key first; those that its abstract names where it names several."""
    named = list(_named_in(abstract))
    if len(named) >= 4:
        return [dict(_KEY), *named]
    stock = rng.choice(_STOCK)
    chosen = rng.sample(stock, rng.randint(3, len(stock)))
    ending = rng.sample(_ENDING, rng.randint(1, len(_ENDING)))
    return [dict(_KEY), *(dict(item) for item in (*chosen, *ending))]


def _named_in(abstract: str) -> Iterator[Item]:
    seen = {_KEY["name"]}
    for word in (_AROUND.sub("", said) for said in _CUT.split(abstract)):
        if len(seen) > _MOST:
            return
        if word in seen or _ITEM_NAME.fullmatch(word) is None:
            continue
        seen.add(word)
        facts = next((facts for end, facts in _TYPES if word.endswith(end)), _TEXT)
        yield {"id": f"item_{len(seen) - 1:02d}", "name": word, **facts}
