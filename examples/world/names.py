"""Names of persons that never lived: surnames and given-name characters with rough weights.

The weights are estimates written down for this example; they are no statistic and come from none.
"""

from random import Random
from typing import Final

SURNAMES: Final[dict[str, int]] = {
    **dict.fromkeys("王李张", 70),
    **dict.fromkeys("刘陈", 50),
    **dict.fromkeys("杨黄赵周吴", 27),
    **dict.fromkeys("徐孙马朱胡郭何林高罗", 14),
    **dict.fromkeys("郑梁谢宋唐许韩冯邓曹", 9),
    **dict.fromkeys("彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈", 6),
    **dict.fromkeys("姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟", 4),
    **dict.fromkeys("熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵", 2),
    **dict.fromkeys(("欧阳", "上官", "司马", "诸葛", "皇甫"), 1),
}

_OLD_MEN: Final = "建国军明志文永福德荣贵忠义林海山平华根生长庆"
_OLD_WOMEN: Final = "秀英兰玉桂芳珍凤梅莲琴淑华素云香惠荣霞翠"
_MIDDLE_MEN: Final = "伟强勇军磊涛斌峰刚辉鹏超杰波俊飞亮健宁凯启群"
_MIDDLE_WOMEN: Final = "丽敏静艳娟燕玲霞婷红梅雪莉洁颖萍晶琳蓉晓文云"
_YOUNG_MEN: Final = "浩宇轩泽子梓晨睿博涵俊熙铭辰逸航嘉奕然煜恒志"
_YOUNG_WOMEN: Final = "欣怡涵梓雨诗语萱婷佳琪可心妍彤若思瑶悦依宁晨"

# Real registers hold characters beyond the Basic Multilingual Plane; they break careless readers.
RARE_CHARACTERS: Final = ("𠮷", "𣲗", "𬭎", "𫖯")

_UYGHUR: Final = (
    ("买买提", "艾力", "吐尔逊", "阿不都"),
    ("古丽", "阿依古丽", "热依汗", "帕提古丽"),
)


def surname(rng: Random) -> str:
    """One surname, drawn by weight."""
    [drawn] = rng.choices(tuple(SURNAMES), weights=tuple(SURNAMES.values()))
    return drawn


def given_name(rng: Random, *, male: bool, birth_year: int) -> str:
    """One or two characters in the fashion of the birth year."""
    if birth_year < 1965:
        pool, single = (_OLD_MEN if male else _OLD_WOMEN), 0.15
    elif birth_year < 1995:
        pool, single = (_MIDDLE_MEN if male else _MIDDLE_WOMEN), 0.35
    else:
        pool, single = (_YOUNG_MEN if male else _YOUNG_WOMEN), 0.08
    if rng.random() < single:
        return rng.choice(pool)
    return rng.choice(pool) + rng.choice(pool)


def rare_given_name(rng: Random, *, male: bool, birth_year: int) -> str:
    """A given name with one character beyond the Basic Multilingual Plane."""
    common = given_name(rng, male=male, birth_year=birth_year)[0]
    return rng.choice(RARE_CHARACTERS) + common


def uyghur_name(rng: Random, *, male: bool) -> str:
    """A name with the separation dot that forms and columns are often too short for."""
    own = _UYGHUR[0] if male else _UYGHUR[1]
    return f"{rng.choice(own)}·{rng.choice(_UYGHUR[0])}"
