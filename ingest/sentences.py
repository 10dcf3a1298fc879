"""Say each violation of a row so that a clerk knows what to do: rule code → Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from standards.identifiers.kinds import REASONS
from standards.records import Item

# {name} item label · {value} the cell as delivered · {length} {scale} {minimum} {maximum}
# {pattern} {code_list} as the record declares them.
RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "null.required": (
            "“{name}”不能为空，请补填",
            "{name} must not be empty: fill it in",
        ),
        "key.missing": (
            "主键“{name}”为空，无法确定是哪一条记录，请补填",
            "the key {name} is empty, so the row belongs to nobody: fill it in",
        ),
        "key.duplicate": (
            "主键“{value}”在本批次中出现多次且内容不同，请只保留正确的一行",
            "the key {value!r} occurs several times with different content: keep the right row",
        ),
        "key.repeated": (
            "与前面的一行完全相同，已保留第一行，请删除重复行",
            "the row repeats an earlier one, which was kept: delete the copy",
        ),
        "type.number": (
            "“{name}”应为数字（至多 {length} 位，小数 {scale} 位，不带千分位逗号和单位），"
            "实为“{value}”",
            "{name} must be a number (at most {length} digits, {scale} of them decimals, "
            "no commas, no unit), it is {value!r}",
        ),
        "type.integer": (
            "“{name}”应为整数，实为“{value}”",
            "{name} must be a whole number, it is {value!r}",
        ),
        "type.date": (
            "“{name}”应为真实存在的日期，写作 2024-01-31 或 20240131（GB/T 7408），实为“{value}”",
            "{name} must be a date that exists, as 2024-01-31 or 20240131 (GB/T 7408), "
            "it is {value!r}",
        ),
        "type.datetime": (
            "“{name}”应为日期时间，写作 2024-01-31 08:30:00，实为“{value}”",
            "{name} must be a moment such as 2024-01-31 08:30:00, it is {value!r}",
        ),
        "type.boolean": (
            "“{name}”应为 1/0、是/否 或 true/false，实为“{value}”",
            "{name} must be 1/0, 是/否 or true/false, it is {value!r}",
        ),
        "type.binary": (
            "“{name}”应为 Base64 编码的内容",
            "{name} must be Base64",
        ),
        "length.max": (
            "“{name}”至多 {length} 个字符，实为“{value}”，请核对是否错列",
            "{name} has at most {length} characters, it is {value!r}: is the column shifted?",
        ),
        "pattern": (
            "“{name}”不符合规定格式 {pattern}，实为“{value}”",
            "{name} must match {pattern}, it is {value!r}",
        ),
        "range.minimum": (
            "“{name}”不得小于 {minimum}，实为“{value}”",
            "{name} must not be below {minimum}, it is {value!r}",
        ),
        "range.maximum": (
            "“{name}”不得大于 {maximum}，实为“{value}”",
            "{name} must not be above {maximum}, it is {value!r}",
        ),
        "text.mojibake": (
            "“{name}”含乱码或私用区字符：“{value}”，请在业务系统中改正后重新导出",
            "{name} holds replacement or private-use characters: {value!r}: "
            "correct it at the source",
        ),
        "text.trimmed": (
            "“{name}”首尾有多余空格，已去除后入库：“{value}”",
            "{name} had blanks around it, loaded without them: {value!r}",
        ),
        "code.unknown": (
            "“{name}”的代码“{value}”不在代码表 {code_list} 中，请改用表内代码",
            "{value!r} is no code of {code_list} for {name}: use one of the list",
        ),
        "code.alias": (
            "“{name}”使用了旧称或简写“{value}”，已按代码表 {code_list} 换为标准代码",
            "{name} used an old or short form {value!r}, loaded as the code of {code_list}",
        ),
        "identifier.normalised": (
            "“{name}”的写法“{value}”已规范（去空格、全角转半角、大写、15 位升 18 位）后入库",
            "{name} was written {value!r}; it was loaded in its standard form "
            "(no blanks, half width, capitals, 15 digits made 18)",
        ),
        "identifier.region_unknown": (
            "“{name}”中的行政区划代码不在代码表中，仅作提示，请留意：“{value}”",
            "the division within {name} is in no revision of the list; only a hint: {value!r}",
        ),
        "cell.not_text": (
            "“{name}”在工作簿中是数字或日期格式，可能已丢失数字（显示为“{value}”），"
            "请将该列设为文本格式并重新填写",
            "{name} is a number or date cell in the workbook, digits may be lost "
            "(shown as {value!r}): format the column as text and fill it in again",
        ),
        "cell.error": (
            "“{name}”的公式出错（显示为“{value}”），请改为正确的值后重新报送",
            "the formula of {name} failed (it shows {value!r}): put in the right value",
        ),
        "row.ragged": (
            "该行的列数与表头不同，可能缺少或多出分隔符：{value}",
            "the row has another number of cells than the header; a delimiter lacks or is "
            "too many: {value}",
        ),
        "row.quotes": (
            "该行的引号不成对，无法分清各列：{value}",
            "the quotes of the row do not pair, its cells cannot be told apart: {value}",
        ),
    }
)


def sentence(rule: str, item: Item | None, value: str | None) -> tuple[str, str]:
    """Return what to tell the clerk about one violation, in Chinese and English."""
    if rule in RULES:
        zh, en = RULES[rule]
    else:
        zh, en = _identifier_sentence(rule)
    words = _Words(_facts(item), value="" if value is None else value)
    return zh.format_map(words), en.format_map(words)


def _identifier_sentence(rule: str) -> tuple[str, str]:
    # The reasons are the standards' own, written there once.
    zh, en = REASONS[rule].split(" / ", 1)
    return f"“{{name}}”的号码“{{value}}”有误：{zh}", f"the number {{value!r}} of {{name}}: {en}"


def _facts(item: Item | None) -> dict[str, object]:
    if item is None:
        return {"name": "整行"}
    names = ("name", "length", "scale", "minimum", "maximum", "pattern", "code_list")
    return {name: getattr(item, name) for name in names if getattr(item, name) is not None}


class _Words(dict[str, object]):
    def __init__(self, facts: Mapping[str, object], *, value: str) -> None:
        super().__init__(facts, value=value)

    def __missing__(self, name: str) -> object:
        return 0 if name == "scale" else 38
