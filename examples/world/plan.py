"""The files of the sample world as data: who sends what, in which form, with how many errors."""

from dataclasses import dataclass
from typing import Final

from examples.world.errors import Spoil as S
from examples.world.spoil import Rule


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: the head it is delivered under, the item it belongs to."""

    head: str
    item: str


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One delivery. `form` is utf-8, utf-8-sig, gb18030, mixed (half and half), xlsx or parquet."""

    name: str
    resource: str
    department: str
    mode: str
    data_time: str
    form: str
    key: str
    columns: tuple[Column, ...]
    null_text: str = ""
    rules: tuple[Rule, ...] = ()


def _columns(heads: str) -> tuple[Column, ...]:
    return tuple(Column(*pair.split("=")) for pair in heads.split())


OCTOBER: Final = "2026-10-01T00:00:00+08:00"
NOVEMBER: Final = "2026-11-01T00:00:00+08:00"

_HUKOU: Final = _columns(
    "公民身份号码=id_number 姓名=name 曾用名=former_name 性别=sex 民族=ethnicity "
    "出生日期=birth_date 出生地=birth_place 籍贯=native_place 户籍地行政区划=hukou_division "
    "户籍地详址=hukou_address 户口性质=hukou_type 户号=household_no 与户主关系=relation_to_head "
    "居住地行政区划=residence_division 居住地址=residence_address 婚姻状况=marital_status "
    "文化程度=education 人员状态=status 操作员=operator"
)
_MARRIAGE: Final = _columns(
    "公民身份号码=id_number 姓名=name 婚姻状况=marital_status 登记日期=registered_on "
    "证件编号=certificate_no 登记机关=office 配偶姓名=spouse_name"
)
_ENTERPRISE: Final = _columns(
    "统一社会信用代码=uscc 注册号=reg_no 企业名称=name 曾用名称=former_name 机构类型=org_type "
    "企业类型=ent_type 经济类型=economic_type 行业代码=industry 法定代表人=legal_rep_name "
    "法定代表人证件号码=legal_rep_cert_no 住所=address 行政区划=division 经营范围=business_scope "
    "注册资本=capital 币种=currency 成立日期=established_on 经营期限自=valid_from "
    "经营期限至=valid_to 核准日期=approved_on 登记机关=reg_authority 登记状态=reg_status "
    "注销日期=cancelled_on 联系电话=phone 邮政编码=postcode"
)

FILES: Final[tuple[FilePlan, ...]] = (
    FilePlan(
        "hukou-2026-10.csv", "hukou-person", "gongan", "full", OCTOBER, "gb18030", "id_number",
        _HUKOU, "无",
        (
            Rule(S.WRONG_CHECK, "id_number", 12), Rule(S.BAD_DATE, "birth_date", 8),
            Rule(S.UNKNOWN_CODE, "ethnicity", 6), Rule(S.UNKNOWN_CODE, "marital_status", 4),
            Rule(S.MISSING, "name", 6), Rule(S.MOJIBAKE, "name", 5), Rule(S.RAGGED, "", 3),
            Rule(S.FIFTEEN_DIGITS, "id_number", 25), Rule(S.FULL_WIDTH, "id_number", 8),
            Rule(S.LOWER_CASE, "id_number", 12), Rule(S.NAME_TYPO, "name", 10),
            Rule(S.SEX_DIFFERS, "sex", 4),
            Rule(S.MARITAL_DIFFERS, "marital_status", 150, on_show=True),
            Rule(S.OLD_ADDRESS, "residence_address", 60), Rule(S.DUPLICATE_KEY, "id_number", 4),
            Rule(S.REPEATED_ROW, "id_number", 3),
        ),
    ),
    FilePlan(
        "social-insurance-2026-10.xlsx", "social-insurance", "renshe", "full", OCTOBER, "xlsx",
        "id_number",
        _columns(
            "身份证号=id_number 姓名=name 从业状况=employment_status 参保单位代码=insured_employer "
            "参保状态=insurance_status 参保日期=insured_since 缴费基数=payment_base 学历=education "
            "手机号=phone"
        ),
        "",
        (
            Rule(S.WRONG_CHECK, "id_number", 8), Rule(S.NUMBER_CELL, "id_number", 5),
            Rule(S.BAD_DATE, "insured_since", 5), Rule(S.NOT_A_NUMBER, "payment_base", 5),
            Rule(S.UNKNOWN_CODE, "employment_status", 4), Rule(S.MISSING, "name", 4),
            Rule(S.FIFTEEN_DIGITS, "id_number", 15), Rule(S.LOWER_CASE, "id_number", 8),
            Rule(S.NAME_TYPO, "name", 70), Rule(S.NAME_VARIANT, "name", 60, on_show=True),
            Rule(S.DEAD_BUT_INSURED, "insurance_status", 20),
        ),
    ),
    FilePlan(
        "marriage-2026-10.csv", "marriage-registration", "minzheng", "full", OCTOBER, "utf-8-sig",
        "id_number", _MARRIAGE, "",
        (
            Rule(S.WRONG_CHECK, "id_number", 5), Rule(S.BAD_DATE, "registered_on", 6),
            Rule(S.UNKNOWN_CODE, "marital_status", 5), Rule(S.MISSING, "certificate_no", 4),
            Rule(S.FULL_WIDTH, "id_number", 5), Rule(S.NAME_VARIANT, "name", 40),
            Rule(S.DUPLICATE_KEY, "id_number", 3),
            Rule(S.REPEATED_ROW, "id_number", 3),
        ),
    ),
    FilePlan(
        "marriage-2026-11.csv", "marriage-registration", "minzheng", "incremental", NOVEMBER,
        "mixed", "id_number", _MARRIAGE,
    ),
    FilePlan(
        "births-2026-10.parquet", "birth-certificate", "weijian", "full", OCTOBER, "parquet",
        "id_number",
        _columns(
            "公民身份号码=id_number 姓名=name 性别=sex 出生日期=birth_date 出生地=birth_place "
            "接生机构=hospital"
        ),
        "",
        (
            Rule(S.WRONG_CHECK, "id_number", 4), Rule(S.MISSING, "birth_place", 3),
            Rule(S.UNKNOWN_CODE, "sex", 3), Rule(S.NAME_TYPO, "name", 25),
            Rule(S.SEX_DIFFERS, "sex", 3),
        ),
    ),
    FilePlan(
        "deaths-2026-10.csv", "death-certificate", "weijian", "full", OCTOBER, "utf-8",
        "id_number",
        _columns(
            "公民身份号码=id_number 姓名=name 死亡日期=death_date 死亡原因=death_cause "
            "报告机构=reporter"
        ),
        "不详",
        (
            Rule(S.BAD_DATE, "death_date", 3), Rule(S.WRONG_CHECK, "id_number", 2),
            Rule(S.NAME_TYPO, "name", 5),
        ),
    ),
    FilePlan(
        "health-2026-10.parquet", "resident-health", "weijian", "full", OCTOBER, "parquet",
        "id_number",
        _columns(
            "公民身份号码=id_number 姓名=name 性别=sex 婚姻状况=marital_status "
            "居住地行政区划=residence_division 居住地址=residence_address 联系电话=phone "
            "建档日期=opened_on"
        ),
        "不详",
        (
            Rule(S.WRONG_CHECK, "id_number", 6), Rule(S.UNKNOWN_CODE, "marital_status", 5),
            Rule(S.MISSING, "name", 3), Rule(S.TOO_LONG, "residence_address", 3),
            Rule(S.FIFTEEN_DIGITS, "id_number", 10), Rule(S.NAME_TYPO, "name", 50),
            Rule(S.MARITAL_DIFFERS, "marital_status", 120),
            Rule(S.OLD_ADDRESS, "residence_address", 160, on_show=True),
        ),
    ),
    FilePlan(
        "enterprises-2026-10.csv", "enterprise-registration", "shichang", "full", OCTOBER,
        "gb18030", "uscc", _ENTERPRISE, "/",
        (
            Rule(S.WRONG_CHECK, "uscc", 6), Rule(S.BAD_DATE, "established_on", 4),
            Rule(S.NOT_A_NUMBER, "capital", 5), Rule(S.UNKNOWN_CODE, "reg_status", 3),
            Rule(S.MISSING, "name", 3), Rule(S.RAGGED, "", 2), Rule(S.MOJIBAKE, "name", 2),
            Rule(S.LOWER_CASE, "uscc", 10), Rule(S.OLD_ADDRESS, "address", 15),
            Rule(S.DUPLICATE_KEY, "uscc", 2),
            Rule(S.REPEATED_ROW, "uscc", 3),
        ),
    ),
    FilePlan(
        "social-organisations-2026-10.csv", "social-organisation", "minzheng", "full", OCTOBER,
        "utf-8", "uscc",
        _columns(
            "统一社会信用代码=uscc 名称=name 机构类型=org_type 法定代表人=legal_rep_name "
            "住所=address 行政区划=division 开办资金=capital 成立日期=established_on "
            "登记机关=reg_authority 登记状态=reg_status 业务主管单位=supervising_org"
        ),
        "",
        (Rule(S.WRONG_CHECK, "uscc", 2), Rule(S.MISSING, "name", 1)),
    ),
    FilePlan(
        "taxpayers-2026-10.xlsx", "tax-registration", "shuiwu", "full", OCTOBER, "xlsx",
        "taxpayer_id",
        _columns(
            "纳税人识别号=taxpayer_id 纳税人名称=name 登记地址=address 行业=industry "
            "法定代表人=legal_rep_name 纳税人状态=tax_status 主管税务机关=tax_authority 电话=phone"
        ),
        "—",
        (
            Rule(S.WRONG_CHECK, "taxpayer_id", 5), Rule(S.MISSING, "tax_status", 3),
            Rule(S.UNKNOWN_CODE, "industry", 3), Rule(S.LOWER_CASE, "taxpayer_id", 4),
            Rule(S.NAME_TYPO, "name", 15), Rule(S.NAME_VARIANT, "name", 40),
            Rule(S.OLD_ADDRESS, "address", 60),
            Rule(S.CANCELLED_BUT_TAX_ACTIVE, "tax_status", 25),
        ),
    ),
    FilePlan(
        "employers-2026-10.csv", "employer-insurance", "renshe", "full", OCTOBER, "utf-8-sig",
        "uscc",
        _columns(
            "统一社会信用代码=uscc 单位名称=name 社会保险登记号=ss_reg_no 参保人数=insured_count "
            "单位地址=address 联系电话=phone"
        ),
        "",
        (
            Rule(S.WRONG_CHECK, "uscc", 4), Rule(S.NOT_A_NUMBER, "insured_count", 4),
            Rule(S.NAME_VARIANT, "name", 25), Rule(S.OLD_ADDRESS, "address", 40, on_show=True),
        ),
    ),
    FilePlan(
        "hukou-2026-11.csv", "hukou-person", "gongan", "incremental", NOVEMBER, "utf-8",
        "id_number", _HUKOU, "无",
        (Rule(S.WRONG_CHECK, "id_number", 2), Rule(S.BAD_DATE, "birth_date", 1)),
    ),
    FilePlan(
        "enterprises-2026-11.csv", "enterprise-registration", "shichang", "incremental", NOVEMBER,
        "utf-8", "uscc", _ENTERPRISE, "/",
        (Rule(S.WRONG_CHECK, "uscc", 1), Rule(S.MISSING, "name", 1)),
    ),
)  # fmt: skip
