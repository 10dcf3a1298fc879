"""The enterprises and other organisations of the sample world: the truth about each."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.world import places
from examples.world.numbers import USCC_CHARACTERS, org_body, registration_number, uscc
from examples.world.persons import TODAY, Person

_BRANDS_FIRST: Final = "恒盛鑫瑞泰安博远宏达金鼎华信汇丰天顺祥和嘉创新启辰云海"
_BRANDS_SECOND: Final = "达通源隆兴茂昌宇成诚康旺利丰德邦科泽美益佳腾飞翔"


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business: the word in a name, the industry code (GB/T 4754-2017), the scope."""

    word: str
    industry: str
    scope: str


TRADES: Final = (
    Trade("建筑工程", "47", "房屋建筑工程、市政工程的施工"),
    Trade("商贸", "51", "日用百货、五金交电、建筑材料的批发"),
    Trade("超市", "52", "食品、日用百货的零售"),
    Trade("物流", "54", "道路普通货物运输;仓储服务(不含危险化学品)"),
    Trade("餐饮管理", "62", "餐饮服务;餐饮企业管理"),
    Trade("信息技术", "65", "软件开发、信息系统集成、数据处理服务"),
    Trade("房地产开发", "70", "房地产开发、销售;物业管理"),
    Trade("广告传媒", "72", "设计、制作、代理、发布广告"),
    Trade("环保科技", "77", "环境保护专用设备的研发与销售"),
    Trade("机械制造", "34", "通用机械及零部件的制造、加工、销售"),
    Trade("食品", "14", "糕点、调味品的生产与销售"),
    Trade("纺织服装", "18", "服装、床上用品的生产与销售"),
    Trade("农业发展", "01", "蔬菜、水果、苗木的种植与销售"),
    Trade("家政服务", "80", "家庭服务;保洁服务"),
    Trade("教育咨询", "83", "教育信息咨询(不含出国留学与中介)"),
    Trade("医疗器械", "51", "一类、二类医疗器械的批发"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: leading characters of the code, ending of the name, and the codes it brings."""

    authority: str
    ending: str
    org_type: str
    ent_type: str
    economic_type: str
    weight: int


FORMS: Final = (
    Form("91", "有限公司", "11", "1130", "173", 700),
    Form("91", "股份有限公司", "11", "1223", "174", 40),
    Form("91", "有限公司分公司", "15", "2130", "159", 90),
    Form("91", "厂", "17", "4540", "171", 70),
    Form("92", "店", "17", "9501", "175", 350),
    Form("93", "专业合作社", "19", "9100", "120", 60),
    Form("51", "协会", "71", "", "", 70),
    Form("52", "服务中心", "91", "", "", 60),
    Form("53", "基金会", "93", "", "", 10),
    Form("12", "学校", "51", "", "", 50),
)


@dataclass(frozen=True, slots=True)
class Entity:
    """Everything that is true of one organisation; amounts are in 万元 with six decimals."""

    uscc: str
    reg_no: str
    name: str
    former_name: str
    form: Form
    industry: str
    business_scope: str
    legal_rep: Person
    address: str
    division: str
    capital: str
    established_on: date
    valid_to: date | None
    approved_on: date
    reg_authority: str
    reg_status: str
    cancelled_on: date | None
    tax_status: str
    tax_authority: str
    ss_reg_no: str
    phone: str
    postcode: str

    @property
    def registrar(self) -> str:
        """The first character of the code: which authority registers this organisation."""
        return self.uscc[0]


def make_entities(rng: Random, count: int, people: list[Person]) -> list[Entity]:
    """`count` organisations with distinct names and codes, each led by an adult of `people`."""
    adults = [person for person in people if person.alive and 24 <= person.age() <= 68]
    names: set[str] = set()
    entities: list[Entity] = []
    codes: set[str] = set()
    while len(entities) < count:
        entity = _entity(rng, rng.choice(adults), len(entities))
        if entity.name not in names and entity.uscc not in codes:
            names.add(entity.name)
            codes.add(entity.uscc)
            entities.append(entity)
    return entities


def _entity(rng: Random, legal_rep: Person, position: int) -> Entity:
    form = rng.choices(FORMS, [form.weight for form in FORMS])[0]
    trade = rng.choice(TRADES)
    division = places.home_division(rng)
    established = TODAY - timedelta(rng.randint(40, 365 * 32))
    recent = established >= date(2015, 10, 1)
    body = org_body(rng) if recent else f"{rng.randint(10_000_000, 79_999_999)}"
    cancelled = _cancelled(rng, established) if form.authority[0] == "9" else None
    city = places.CITIES[f"{division[:4]}00"]
    return Entity(
        uscc=uscc(form.authority, division, body),
        reg_no="" if recent or form.authority[0] != "9" else _reg_no(rng, form, division),
        name=_name(rng, form, trade, division),
        former_name="",
        form=form,
        industry=trade.industry if form.authority[0] == "9" else _civil_industry(form),
        business_scope=trade.scope if form.authority[0] == "9" else "",
        legal_rep=legal_rep,
        address=places.work_address(rng, division),
        division=division,
        capital=_capital(rng, form),
        established_on=established,
        valid_to=established + timedelta(365 * 30) if rng.random() < 0.4 else None,
        approved_on=established + timedelta(rng.randint(0, (TODAY - established).days)),
        reg_authority=f"{places.COUNTIES[division]}{_office(form)}",
        reg_status="4" if cancelled else "1",
        cancelled_on=cancelled,
        tax_status="注销" if cancelled else rng.choices(("正常", "非正常"), (97, 3))[0],
        tax_authority=f"国家税务总局{city}{places.COUNTIES[division]}税务局",
        ss_reg_no=f"{division}{position:06d}",
        phone=f"0999-{rng.randint(2_000_000, 8_999_999)}",
        postcode=f"99{rng.randint(0, 9999):04d}",
    )


def _name(rng: Random, form: Form, trade: Trade, division: str) -> str:
    place = rng.choice((places.CITIES[f"{division[:4]}00"], places.COUNTIES[division]))
    brand = rng.choice(_BRANDS_FIRST) + rng.choice(_BRANDS_SECOND)
    if form.authority == "12":
        return f"{place}第{rng.randint(1, 60)}{rng.choice(('中学', '小学', '人民医院', '幼儿园'))}"
    if form.authority == "53":
        return f"{PROVINCE_NAME}{brand}{rng.choice(('助学', '扶老', '环保'))}基金会"
    if form.authority in ("51", "52"):
        return f"{place}{brand}{rng.choice(('养老', '志愿', '文化', '体育'))}{form.ending}"
    if form.authority == "92":
        return f"{place}{brand}{trade.word}{rng.choice(('店', '经营部', '商行'))}"
    if form.ending == "有限公司分公司":
        return f"{brand}{trade.word}有限公司{place}分公司"
    return f"{place}{brand}{trade.word}{form.ending}"


PROVINCE_NAME: Final = places.PROVINCE[1]


def _capital(rng: Random, form: Form) -> str:
    if form.org_type == "15" or form.authority == "12":
        return ""
    amount = rng.choice((1, 3, 5, 10, 30, 50, 100, 200, 500, 1000, 5000))
    return f"{amount}.{rng.choice(('000000', '000000', '500000'))}"


def _reg_no(rng: Random, form: Form, division: str) -> str:
    first = {"91": rng.choice("0123"), "92": "6", "93": "0"}[form.authority]
    return registration_number(division, first + f"{rng.randint(0, 9_999_999):07d}")


def _cancelled(rng: Random, established: date) -> date | None:
    if rng.random() > 0.08:
        return None
    return established + timedelta(rng.randint(30, max(31, (TODAY - established).days)))


def _office(form: Form) -> str:
    return {"9": "市场监督管理局", "5": "民政局", "1": "机构编制委员会办公室"}[form.authority[0]]


def _civil_industry(form: Form) -> str:
    return "83" if form.authority == "12" else "94" if form.authority == "51" else "85"


def other_character(rng: Random, character: str) -> str:
    """Any other character that a unified social credit code may hold."""
    return rng.choice(USCC_CHARACTERS.replace(character, ""))
