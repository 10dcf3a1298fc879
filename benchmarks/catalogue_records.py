"""Grows a catalogue of any size: valid, full, different records, the same for the same seed.

The first records are those of the real portals one by one (their id names portal and position, as
the drafts of an import do); what follows recombines real titles, bureaus and made-up places. All
numbers are of region 99, which was never assigned. Without the data our own titles take its place.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.catalogue_items import items_of
from benchmarks.catalogue_titles import Title, read_titles
from examples.world.numbers import uscc
from examples.world.places import CITIES, COUNTIES
from standards.code_lists import load_code_lists

PORTALS: Final = Path(__file__).parents[2] / "shared" / "data" / "catalog-cn" / "portals"
SEED: Final = 5
BUREAUS: Final = 40  # how many kinds of department each made-up place has
_BUREAU_ENDS: Final = ("局", "委员会", "办公室", "中心", "联合会", "人民政府")
_PLACES: Final = tuple({**CITIES, **COUNTIES}.items())
_CYCLES: Final = ("daily", "weekly", "monthly", "quarterly", "semiannual", "yearly", "irregular")
_THEMES: Final = {
    "生活服务": "10", "教育文化": "14", "医疗卫生": "15", "交通运输": "04", "城建住房": "06",
    "生态环境": "06", "工业农业": "07", "财税金融": "08", "社保就业": "17", "公共安全": "13",
    "法律服务": "13", "科技创新": "14", "资源能源": "03", "商贸流通": "09", "气象服务": "11",
    "社会救助": "18", "机构团体": "01", "市场监督": "02", "市场监管": "02", "信用服务": "02",
    "安全生产": "04", "地理空间": "11",
}  # fmt: skip
_FORMATS: Final = (
    {"category": 2, "type": "xlsx"}, {"category": 2, "type": "csv"},
    {"category": 3, "type": "mysql"}, {"category": 3, "type": "Dm"},
    {"category": 1, "type": "pdf"}, {"category": 7, "type": "api"},
)  # fmt: skip
_FORMAT_WEIGHTS: Final = (34, 24, 22, 10, 5, 5)
_MEDIA: Final = {"pdf": "application/pdf", "jpg": "image/jpeg", "xml": "application/xml"}
_CONDITIONS: Final = (
    "用于本级政务部门依法履职，按用途申请授权",
    "仅限办理行政许可时核验",
    "须经提供部门同意，不得转授",
)


@dataclass(frozen=True, slots=True)
class World:
    """What records are made of; `codes` leads from a department's name to its credit code."""

    titles: tuple[Title, ...]
    bureaus: tuple[str, ...]
    codes: dict[str, str]
    divisions: dict[str, str]


@cache
def world_of(portals: Path | None) -> World:
    """The titles, and every department that a record may name."""
    titles = tuple(read_titles(portals))
    counted = Counter(title.bureau for title in titles if title.bureau.endswith(_BUREAU_ENDS))
    common = sorted(counted, key=lambda bureau: (-counted[bureau], bureau))[:BUREAUS]
    divisions = {title.provider: title.division_code for title in titles}
    divisions |= {place + bureau: code for code, place in _PLACES for bureau in common}
    codes = {
        name: uscc("11", "990100", f"B{number:07d}")
        for number, name in enumerate(sorted(divisions))
    }
    return World(titles, tuple(common), codes, divisions)


def departments(portals: Path | None = PORTALS) -> list[dict[str, Any]]:
    """The documents of all departments that records of `grow` name."""
    world = world_of(_there(portals))
    return [
        {
            "department_id": f"bench-{number:05d}",
            "code": code,
            "name": name,
            "division_code": world.divisions[name],
        }
        for number, (name, code) in enumerate(world.codes.items())
    ]


def grow(count: int, seed: int = SEED, portals: Path | None = PORTALS) -> Iterator[dict[str, Any]]:
    """So many records; a longer run begins with the records of a shorter one."""
    world = world_of(_there(portals))
    for number in range(count):
        rng = Random(f"{seed}/{number}")
        if number < len(world.titles):
            title = world.titles[number]
        else:
            title = _recombined(world, number - len(world.titles), rng)
        yield _record(world, title, rng)


def _there(portals: Path | None) -> Path | None:
    return portals if portals is not None and portals.is_dir() else None


def _recombined(world: World, number: int, rng: Random) -> Title:
    """A title at another place: each of them once at every place before one comes again."""
    round_, place_in_round = divmod(number, len(world.titles))
    base = world.titles[(place_in_round * 7919 + round_) % len(world.titles)]
    division, place = _PLACES[(place_in_round + round_) % len(_PLACES)]
    bureau = base.bureau if base.bureau in world.bureaus else rng.choice(world.bureaus)
    kept = {"keywords": base.facts["keywords"]} if "keywords" in base.facts else {}
    if base.abstract is not None:
        kept["abstract"] = f"{place}{base.abstract}"
    return Title(
        resource_id=f"grown-{number:06d}",
        name=f"{place}{base.core}",
        core=base.core,
        provider=f"{place}{bureau}",
        bureau=bureau,
        division_code=division,
        theme=base.theme,
        facts=kept,
    )


def _record(world: World, title: Title, rng: Random) -> dict[str, Any]:
    abstract = str(title.facts.get("abstract") or f"{title.provider}提供的{title.name}")
    keywords = list(title.facts.get("keywords") or dict.fromkeys((title.core[:6], title.bureau)))
    return {
        "resource_id": title.resource_id,
        "name": title.name,
        "provider_code": world.codes[title.provider],
        "provider_name": title.provider,
        "abstract": abstract,
        "keywords": keywords[:8],
        "classification": _classification(world, title, rng),
        "category_gb21063_4": _categories(title, rng),
        **_format(title, rng, abstract),
        **_sharing(rng),
        **_opening(title, rng),
        **_timeliness(title, rng),
        **_extensions(title, rng),
    }


def _classification(world: World, title: Title, rng: Random) -> dict[str, str]:
    bureau = world.bureaus.index(title.bureau) if title.bureau in world.bureaus else BUREAUS
    return {
        "lei": "3",
        "xiang": "07",
        "mu": f"{bureau + 1:03d}",
        "ximu": title.division_code + f"{rng.randint(1, 20):02d}",
    }


def _categories(title: Title, rng: Random) -> list[dict[str, str]]:
    themes = load_code_lists().require("theme_gb21063_4")
    code = _THEMES.get((title.theme or "").partition(",")[0]) or rng.choice(themes.codes)
    theme = {"standard": "GB/T 21063.4", "name": themes.by_code[code].name, "code": code}
    return [theme, *title.facts.get("category_gb21063_4", [])]


def _format(title: Title, rng: Random, abstract: str) -> dict[str, Any]:
    said = title.facts.get("format") or {}
    chosen = said if "type" in said else rng.choices(_FORMATS, _FORMAT_WEIGHTS)[0]
    written: dict[str, Any] = {"format": dict(chosen)}
    items = items_of(rng, abstract)
    if chosen["category"] == 7:
        return {**written, "kind": "interface", "items": items, "interface": _interface(title)}
    if chosen["category"] in (2, 3, 6):
        delivery = {"default_mode": rng.choice(("full", "incremental")), "manifest": "optional"}
        rates = [{"item": items[0]["id"], "minimum": 1, "reason": "主键"}]
        least = {"minimum": rng.randint(1, 5000), "reason": "按上年行数的一半"}
        expected = {"rows": least, "fill_rates": rates}
        return {
            **written, "kind": "table", "items": items, "delivery": delivery,
            "expectations": expected,
        }  # fmt: skip
    media = _MEDIA.get(chosen["type"], "application/octet-stream")
    return {**written, "kind": "file", "file": {"media_types": [media], "note": "按批次更新"}}


def _interface(title: Title) -> dict[str, Any]:
    parameters = [
        {"name": "key", "place": "query", "data_type": "C", "required": True,
         "description": "业务流水号"},
        {"name": "page", "place": "query", "data_type": "I", "required": False},
    ]  # fmt: skip
    return {
        "url": f"https://service.example/{title.resource_id}",
        "method": "GET",
        "parameters": parameters,
        "limits": {"calls_per_second": 20, "calls_per_day": 100_000},
    }


def _sharing(rng: Random) -> dict[str, Any]:
    kind = rng.choices((1, 2, 3), (60, 37, 3))[0]
    common = {"share_type": kind, "secrecy": False, "level": rng.choice((1, 2, 2, 3))}
    if kind == 1:
        return {**common, "share_method": rng.choice(("platform", "query", "batch"))}
    if kind == 2:
        condition = rng.choice(_CONDITIONS)
        return {**common, "share_condition": condition, "share_method": "query"}
    return {
        **common,
        "share_condition": "个人信息保护法第二十八条：敏感个人信息",
        "non_share_reason_type": 1,
        "non_share_basis": {"basis": "personal_information_law", "clause": "第二十八条"},
    }


def _opening(title: Title, rng: Random) -> dict[str, Any]:
    kind = title.facts.get("open_type") or rng.choice(("unconditional", "conditional", "not_open"))
    said = {"open": kind != "not_open", "open_type": kind}
    if kind == "conditional":
        condition = title.facts.get("open_condition") or "经申请并签署使用承诺后开放"
        return {**said, "open_condition": condition}
    return said


def _timeliness(title: Title, rng: Random) -> dict[str, Any]:
    cycle = title.facts.get("update_cycle") or rng.choice(_CYCLES)
    return {
        "update_cycle": cycle,
        "sync_mechanism": rng.choice(("incremental", "full")),
        "sync_frequency": cycle,
        "physical_deletion": rng.random() < 0.1,
    }


def _extensions(title: Title, rng: Random) -> dict[str, Any]:
    url = title.facts.get("online_url")
    return {
        "uses": rng.sample(("administrative_basis", "work_reference", "data_verification"), 2),
        "rights": f"归{title.provider}所有",
        "management_mode": "集中管理",
        "generation_mode": rng.choice(("业务系统生成", "人工采集", "统计汇总")),
        "sensitivity_level": rng.randint(1, 3),
        "net_type": rng.choice(("1", "2")),
        "field_domain": str(rng.randint(1, 23)),
        "use_scene": rng.choice(("1", "2", "3", "0")),
        "is_certificate": rng.random() < 0.05,
        "level_type": "3" if title.division_code.endswith("00") else "4",
        "division_code": title.division_code,
        "data_processing": "sjjgcd01",
        "data_range": rng.choice(("01", "02", "03")),
        "data_kind": sorted(rng.sample((1, 2, 4, 8, 16, 32), 2)),
        "metadata_version": "1.0",
        "metadata_contact": {"name": title.provider},
        **({} if url is None else {"online_url": url}),
    }
