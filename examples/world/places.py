"""The sample province: divisions under 99xxxx, which was never assigned, and made-up streets."""

from random import Random
from typing import Final

PROVINCE: Final = ("990000", "样例省")
CITIES: Final[dict[str, str]] = {"990100": "青禾市", "990200": "白桥市"}
COUNTIES: Final[dict[str, str]] = {
    "990102": "东澜区",
    "990103": "西塘区",
    "990104": "南屏区",
    "990105": "北沙区",
    "990122": "安禾县",
    "990181": "临溪市",
    "990202": "河湾区",
    "990203": "柳堤区",
    "990221": "丰原县",
}
# Most of what is delivered is about the first city; some people come from the second.
_HOME_WEIGHTS: Final = (22, 20, 16, 12, 10, 12, 3, 3, 2)


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_STREETS: Final = _words(
    "学府路 人民路 建设路 青禾大道 东澜街 柳荫路 望江路 和平街 迎宾大道 文昌路 "
    "新华街 滨河路 桂花路 长堤街 石桥路 书院街 南屏路 沙河路 梧桐街 银杏路"
)
_ESTATES: Final = _words("和园 锦绣家园 阳光花园 江畔新城 书香苑 安居小区 翠湖里 桃源居")
_VILLAGES: Final = _words("上塘村 下塘村 石门村 柳树村 三桥村 大坝村 杏花村 新河村")


def all_divisions() -> dict[str, str]:
    """Every code of the sample province with its name, in order of code."""
    return dict(sorted({PROVINCE[0]: PROVINCE[1], **CITIES, **COUNTIES}.items()))


def home_division(rng: Random) -> str:
    """The county-level division in which a household or an organisation sits."""
    [code] = rng.choices(tuple(COUNTIES), weights=_HOME_WEIGHTS)
    return code


def region_name(division: str) -> str:
    """Province, city and county of a division, run together as on a form."""
    return PROVINCE[1] + CITIES[f"{division[:4]}00"] + COUNTIES[division]


def home_address(rng: Random, division: str) -> str:
    """A home: a village in the counties, otherwise a street or an estate."""
    place = region_name(division)
    if COUNTIES[division].endswith("县") and rng.random() < 0.7:
        return f"{place}{rng.choice(_VILLAGES)}{rng.randint(1, 9)}组{rng.randint(1, 120)}号"
    if rng.random() < 0.5:
        block = f"{rng.choice(_ESTATES)}{rng.randint(1, 28)}栋{rng.randint(1, 4)}单元"
        return f"{place}{rng.choice(_STREETS)}{block}{rng.randint(1, 18)}0{rng.randint(1, 4)}室"
    return f"{place}{rng.choice(_STREETS)}{rng.randint(1, 399)}号{rng.randint(101, 1804)}室"


def work_address(rng: Random, division: str) -> str:
    """A place of business."""
    floor = rng.choice(("", "", f"{rng.randint(2, 22)}层", f"{rng.randint(1, 12)}幢A座"))
    return f"{region_name(division)}{rng.choice(_STREETS)}{rng.randint(1, 899)}号{floor}"
