"""Say why a file for a file resource is refused, as refusals.py does for every file."""

from collections.abc import Sequence

from ingest.refusals import Refusal


def no_file_name() -> Refusal:
    return Refusal(
        "file.no_name",
        "文件没有名称，文件类资源按名称识别文件。请在 Content-Disposition 中写明文件名后重新报送。",
        "The file has no name, by which the files of this resource are known. "
        "Name it in Content-Disposition and deliver again.",
    )


def file_name_too_long(limit: int) -> Refusal:
    return Refusal(
        "file.name_too_long",
        f"文件名超过 {limit} 个字符。请改短后重新报送。",
        f"The name of the file has more than {limit} characters. Shorten it and deliver again.",
    )


def other_content(
    ending: str, meant_zh: str, looks_zh: str, meant_en: str, looks_en: str
) -> Refusal:
    return Refusal(
        "file.other_content",
        f"扩展名 {ending} 表示{meant_zh}，文件内容看来却是{looks_zh}。"
        "请确认文件没有损坏、扩展名没有写错，再重新报送。",
        f"The ending {ending} stands for {meant_en}, while the content looks like {looks_en}. "
        "Check that the file is whole and rightly named, then deliver again.",
    )


def type_not_taken(looks_zh: str, looks_en: str, taken: Sequence[str]) -> Refusal:
    return Refusal(
        "file.type_not_taken",
        f"文件内容看来是{looks_zh}，该资源只接受：{'、'.join(taken)}。"
        "请核对文件和资源编号，或请目录管理员修订记录。",
        f"The content looks like {looks_en}; the resource takes only: {', '.join(taken)}. "
        "Check the file and the resource id, or have the record revised.",
    )


def rows_of_a_file(stated: int) -> Refusal:
    return Refusal(
        "totals.rows_of_a_file",
        f"声明了 {stated} 行，文件类资源不读取内容，无法核对行数。请去掉行数后重新报送。",
        f"{stated} rows are stated; the content of a file resource is not read, so they cannot be "
        "checked. Leave the number out and deliver again.",
    )


def no_files_taken(resource: str) -> Refusal:
    return Refusal(
        "resource.takes_no_files",
        f"资源“{resource}”是接口，没有文件可报送。请核对资源编号。",
        f"Resource {resource!r} is an interface; it takes no files. Check the resource id.",
    )
