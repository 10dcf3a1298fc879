"""The errors of workbooks: what cannot be read as one."""

from catalog.errors import CatalogError


class WorkbookUnreadable(CatalogError):
    """The file is no .xlsx, or damaged, encrypted, cut off."""

    file: str

    ZH = "{file} 不能作为 .xlsx 工作簿打开，可能已损坏或加密；请用表格程序另存为 .xlsx 后重试"
    EN = (
        "{file} can not be opened as an .xlsx workbook, it may be damaged or encrypted; "
        "save it as .xlsx in a spreadsheet program and try again"
    )


class WorkbookTooLarge(CatalogError):
    """A workbook of records, or a sheet of it, beyond what a catalogue is written in."""

    file: str
    place: str
    limit: int

    ZH = "{file} 过大（{place}，上限 {limit}）；请删除多余的单元格，或分成几个工作簿"
    EN = "{file} is too large ({place}, at most {limit}); delete stray cells, or split the workbook"


class FileThere(CatalogError):
    """What would be written is there already, and may have been filled in."""

    file: str

    ZH = "文件 {file} 已存在，可能已经填写；请换一个文件名，或用 --force 覆盖"
    EN = "the file {file} is there already and may have been filled in; choose another, or --force"


class FileNotWritable(CatalogError):
    file: str
    reason: str

    ZH = "无法写入文件 {file}（{reason}）；请检查目录是否存在、权限，以及该文件是否正被打开"
    EN = "the file {file} can not be written ({reason}); check folder, rights, and who has it open"


class NothingToFillIn(CatalogError):
    """A resource without items: there are no columns to deliver."""

    resource: str

    ZH = "资源 {resource} 没有信息项，不以表格报送；只有库表类资源有报送模板"
    EN = "resource {resource} has no items and is not delivered as a table, so there is no template"
