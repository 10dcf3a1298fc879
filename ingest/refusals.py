"""Say why a file is refused whole: each reason once, with code and sentence in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a file was loaded.

    `place` says where in the file (row, byte, sheet, column), empty where the reason has none.
    """

    code: str
    zh: str
    en: str
    place: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the refusal as the JSON object that reports, answers and the register carry."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "place": self.place}


def _zh(place: str) -> str:
    """Return the Chinese half of a place such as `第 3 行 / line 3`."""
    return place.split(" / ")[0]


def _en(place: str) -> str:
    """Return the English half of a place."""
    return place.split(" / ")[-1]


class FileRefused(Exception):
    """Carries a refusal out of the reading of one file; caught where the delivery is decided."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal

    def __str__(self) -> str:
        return f"{self.refusal.zh} · {self.refusal.en}"


def empty_file() -> Refusal:
    return Refusal(
        "file.empty",
        "文件是空的。请确认导出成功后重新报送。",
        "The file is empty. Check the export and deliver again.",
    )


def header_only() -> Refusal:
    return Refusal(
        "file.no_rows",
        "文件只有表头，没有数据行。请确认导出条件后重新报送。",
        "The file has a header and no rows. Check the export and deliver again.",
        "row 1",
    )


def undecodable(place: str, tried: Sequence[str]) -> Refusal:
    names = "、".join(tried)
    return Refusal(
        "file.undecodable",
        f"文件在{_zh(place)}处无法解码（已按 {names} 严格解码）。"
        "请从业务系统重新导出为 UTF-8 或 GB18030。",
        f"The file cannot be decoded at {_en(place)} (tried strictly: {', '.join(tried)}). "
        "Export it again as UTF-8 or GB18030.",
        place,
    )


def mixed_encodings(place: str) -> Refusal:
    return Refusal(
        "file.mixed_encodings",
        f"文件前后使用了不同的编码，在{_zh(place)}处改变。"
        "请统一为一种编码（UTF-8 或 GB18030）后重新报送。",
        f"The file changes its encoding at {_en(place)}. "
        "Save it in one encoding (UTF-8 or GB18030) and deliver again.",
        place,
    )


def not_text(place: str) -> Refusal:
    return Refusal(
        "file.not_text",
        f"文件不是文本，也不是 .xlsx 或 Parquet：在{_zh(place)}处有二进制零字节。"
        "请检查文件是否损坏或扩展名有误。",
        f"The file is neither text nor .xlsx nor Parquet: a NUL byte at {_en(place)}. "
        "Check whether it is damaged or misnamed.",
        place,
    )


def truncated(place: str) -> Refusal:
    return Refusal(
        "file.truncated",
        f"文件不完整：在{_zh(place)}处中断。请重新导出并完整上传。",
        f"The file is cut off at {_en(place)}. Export it again and send all of it.",
        place,
    )


def unreadable(kind: str) -> Refusal:
    return Refusal(
        "file.unreadable",
        f"文件不能作为 {kind} 打开，可能已损坏、加密或未传完。请用原程序打开确认后重新报送。",
        f"The file cannot be opened as {kind}: damaged, encrypted or cut off. "
        "Open it in its own program, then deliver again.",
    )


def too_large(kind: str, limit: int) -> Refusal:
    return Refusal(
        "file.too_large",
        f"{kind} 文件超过上限 {limit} 字节。请分批报送，或改用 CSV、Parquet。",
        f"A {kind} file may have at most {limit} bytes. Deliver in parts, or use CSV or Parquet.",
    )


def line_too_long(place: str, limit: int) -> Refusal:
    return Refusal(
        "file.line_too_long",
        f"{_zh(place)}超过 {limit} 字节，可能缺少收尾的引号。请检查该行后重新报送。",
        f"The line at {_en(place)} is over {limit} bytes, perhaps for want of a closing quote. "
        "Check it and deliver again.",
        place,
    )


def nested_column(name: str) -> Refusal:
    return Refusal(
        "file.nested_column",
        f"列“{name}”是嵌套结构，只接受每格一个值的表。请展开后重新报送。",
        f"Column {name!r} is nested; a table has one value in a cell. Flatten it, deliver again.",
        f"column {name}",
    )


def float_identifier(name: str) -> Refusal:
    return Refusal(
        "file.number_column",
        f"列“{name}”应为文本，文件中却是浮点数，号码可能已丢失数字。请以文本类型重新导出。",
        f"Column {name!r} must be text, yet the file stores floating-point numbers: digits may be "
        "lost. Export it as text.",
        f"column {name}",
    )


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """What is wrong with a header: columns nobody declared, declared ones that lack, repeats."""

    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    expected: tuple[str, ...]
    found: tuple[str, ...]


def wrong_header(fault: HeaderFault) -> Refusal:
    """Show expected against found, with the nearest declared name for each stranger."""
    near = {
        name: get_close_matches(name, fault.expected, n=1, cutoff=0.5) for name in fault.unknown
    }
    zh = [f"多出“{n}”" + (f"（是否为“{near[n][0]}”？）" if near[n] else "") for n in fault.unknown]
    zh += [f"缺少“{n}”" for n in fault.missing] + [f"“{n}”重复出现" for n in fault.repeated]
    en = [
        f"unknown {n!r}" + (f" (is it {near[n][0]!r}?)" if near[n] else "") for n in fault.unknown
    ]
    en += [f"missing {n!r}" for n in fault.missing] + [f"repeated {n!r}" for n in fault.repeated]
    code = "header.unknown_columns" if fault.unknown else "header.missing_columns"
    if fault.repeated and not fault.unknown:
        code = "header.repeated_columns"
    return Refusal(
        code,
        f"表头与元数据记录不符：{'；'.join(zh)}。应有：{'、'.join(fault.expected)}。"
        f"文件中：{'、'.join(fault.found)}。请改正表头，或请目录管理员在记录中登记别名或忽略列。",
        f"The header does not match the record: {'; '.join(en)}. "
        f"Expected: {', '.join(fault.expected)}. Found: {', '.join(fault.found)}. "
        "Correct the header, or have the steward declare an alias or an ignored column.",
        "row 1",
    )


def rows_differ(*, stated: int, found: int) -> Refusal:
    return Refusal(
        "totals.rows",
        f"清单声明 {stated} 行，文件中有 {found} 行。请核对导出是否完整后重新报送。",
        f"The manifest states {stated} rows, the file has {found}. "
        "Check that the export is complete, then deliver again.",
    )


def sha256_differs(*, stated: str, found: str) -> Refusal:
    return Refusal(
        "totals.sha256",
        f"清单声明的 SHA-256 为 {stated}，收到的文件为 {found}。传输可能出错，请重新报送。",
        f"The manifest states SHA-256 {stated}, the file received has {found}. "
        "The transfer may have failed: deliver again.",
    )


def future_data_time(stated: str, received: str) -> Refusal:
    return Refusal(
        "totals.data_time",
        f"数据时间 {stated} 晚于收到文件的时间 {received}。请核对数据时间后重新报送。",
        f"The data time {stated} lies after the moment the file came, {received}. "
        "Check it and deliver again.",
    )


def no_such_resource(resource: str) -> Refusal:
    return Refusal(
        "resource.unknown",
        f"没有编号为“{resource}”的信息资源。请用 datong record list 查看可报送的资源。",
        f"There is no resource {resource!r}. See `datong record list` for those you may deliver.",
    )


def not_published(resource: str, state: str) -> Refusal:
    return Refusal(
        "record.not_published",
        f"资源“{resource}”的元数据记录尚未发布（当前状态：{state}），发布后方可报送。",
        f"The record of {resource!r} is not published (state: {state}); "
        "files are taken once it is.",
    )


def not_yours(resource: str) -> Refusal:
    return Refusal(
        "resource.not_yours",
        f"资源“{resource}”由其他部门提供，本部门不能报送。请核对资源编号。",
        f"Resource {resource!r} is provided by another department. Check the resource id.",
    )


def no_key(resource: str) -> Refusal:
    return Refusal(
        "record.no_key",
        f"资源“{resource}”没有定义主键，不能增量报送。请改用全量（full），或由目录管理员修订记录。",
        f"Resource {resource!r} has no key, so it takes no increments. Deliver it in full, "
        "or have the record revised.",
    )


def unexplained_rows(*, counted: int, read: int) -> Refusal:
    return Refusal(
        "file.rows_disagree",
        f"逐字节清点有 {counted} 行，读取得到 {read} 行，两者不一致，为免错漏整份退回。"
        "请检查引号与换行后重新报送。",
        f"{counted} rows were counted in the bytes and {read} were read; the file is refused "
        "rather than half-read. Check quotes and line ends, then deliver again.",
    )


def no_header(expected: Sequence[str]) -> Refusal:
    return Refusal(
        "header.none",
        f"第一行像是数据而不是表头。请在第一行写上列名：{'、'.join(expected)}。",
        f"The first row looks like data, not like a header. "
        f"Put the names of the columns into it: {', '.join(expected)}.",
        "row 1",
    )


def malformed_header(place: str) -> Refusal:
    return Refusal(
        "header.malformed",
        f"表头的引号不成对或位置不对（{_zh(place)}），无法分清各列。请改正表头后重新报送。",
        f"The quotes of the header do not pair ({_en(place)}), its columns cannot be told apart. "
        "Correct the header and deliver again.",
        place,
    )


def too_many_columns(found: int, limit: int) -> Refusal:
    return Refusal(
        "header.too_many_columns",
        f"表头有 {found} 列，最多 {limit} 列。请检查分隔符后重新报送。",
        f"The header has {found} columns; at most {limit} are taken. Check the delimiter.",
        "row 1",
    )


def broken_quotes(place: str) -> Refusal:
    return Refusal(
        "file.quotes",
        f"从{_zh(place)}起引号错乱，无法确定行的边界。请改正引号后重新报送。",
        f"From {_en(place)} on the quotes are broken and no row border is certain. "
        "Correct them and deliver again.",
        place,
    )


def stray_cell(place: str, cells: int) -> Refusal:
    return Refusal(
        "file.stray_cell",
        f"工作表的范围一直到 {_zh(place)}，超过 {cells} 个单元格。"
        "请删除远处多余的单元格后重新报送。",
        f"The sheet reaches as far as {_en(place)}, over {cells} cells. "
        "Delete the stray cells far from the data and deliver again.",
        place,
    )


def no_folder(key: str) -> Refusal:
    return Refusal(
        "drop.no_folder",
        f"文件“{key}”不在资源的文件夹里。请放入 incoming/<资源标识>/ 后重新投放。",
        f"The file {key!r} lies in no folder of a resource. "
        "Drop it again into incoming/<resource id>/.",
    )


def invalid_manifest(place: str, zh: str, en: str) -> Refusal:
    return Refusal(
        "manifest.invalid",
        f"清单有误：{zh}。请改正清单，连同文件重新投放。",
        f"The manifest has errors: {en}. Correct it and drop it again together with the file.",
        place,
    )


def manifest_of_another(field: str, stated: str, found: str) -> Refusal:
    return Refusal(
        "manifest.another",
        f"清单的 {field} 写的是“{stated}”，文件却是“{found}”。请核对清单，连同文件重新投放。",
        f"The manifest says {field} {stated!r}, the file is {found!r}. "
        "Check the manifest and drop it again together with the file.",
        field,
    )


def key_used(delivery_id: str) -> Refusal:
    return Refusal(
        "manifest.key_used",
        f"清单中的幂等键已用于批次 {delivery_id}，内容不同。请换一个键后重新投放。",
        f"The idempotency key of the manifest was used for delivery {delivery_id} with other "
        "bytes. Use another key and drop the file again.",
        "idempotency_key",
    )


def platform_failed(kind: str, attempts: int) -> Refusal:
    return Refusal(
        "platform.failed",
        f"平台处理该文件 {attempts} 次均告失败（{kind}），原始文件已保存。请联系平台运维。",
        f"The platform failed {attempts} times on this file ({kind}); its bytes are kept. "
        "Call the operator.",
    )


def workers_died(deaths: int) -> Refusal:
    return Refusal(
        "platform.worker_died",
        f"处理该文件的进程 {deaths} 次意外终止，原始文件已保存。请联系平台运维。",
        f"The process at work on this file died {deaths} times; its bytes are kept. "
        "Call the operator.",
    )


def bytes_lost() -> Refusal:
    return Refusal(
        "file.interrupted",
        "传输中断，文件没有完整保存。请重新报送。",
        "The transfer was cut off before the file was kept. Deliver it again.",
    )


def cancelled() -> Refusal:
    return Refusal(
        "delivery.cancelled",
        "该批次已按要求取消，未入库；原始文件已保存。需要时请重新报送。",
        "The delivery was cancelled on request and not loaded; its bytes are kept. "
        "Deliver it again if it is wanted.",
    )
