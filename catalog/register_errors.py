"""What the registers of elements, systems and departments refuse."""

from __future__ import annotations

from catalog.errors import CatalogError, InvalidDocument


class ElementNotFound(CatalogError):
    element: str

    ZH = "没有数据元 {element}；请用 datong element list 查看已采用的数据元"
    EN = "there is no data element {element}; see datong element list"


class ElementShipped(CatalogError):
    """Its definition comes with the platform, and the base views are built on it."""

    element: str

    ZH = "数据元 {element} 随平台发布，只随平台升级变动；请另取标识提议新的数据元"
    EN = (
        "the data element {element} is shipped with the platform and changes with it alone; "
        "propose a new one under another id"
    )


class InvalidElement(InvalidDocument):
    """A data element with errors."""


class SystemNotFound(CatalogError):
    system: str

    ZH = "没有信息系统 {system}；请用 datong system list 核对标识或名称，或先登记"
    EN = (
        "there is no information system {system}; check its id or name by datong system list, "
        "or register it"
    )


class SystemNameShared(CatalogError):
    """Several departments have a system of this name."""

    name: str
    systems: tuple[str, ...]

    ZH = "名为 {name} 的信息系统不止一个：{systems}；请写系统标识"
    EN = "several information systems are called {name}: {systems}; write the id of one"


class SystemNameTaken(CatalogError):
    """The department has registered this name under another id."""

    name: str
    department: str

    ZH = "部门 {department} 已登记名为 {name} 的信息系统；请修改名称，或沿用原来的标识"
    EN = (
        "department {department} has registered a system called {name} already; change the name, "
        "or keep its id"
    )


class InvalidSystem(InvalidDocument):
    """A registration of a system with errors."""


class DepartmentNameShared(CatalogError):
    """A name, an alias or an abbreviation that several departments go by."""

    name: str
    departments: tuple[str, ...]

    ZH = "“{name}”可指多个部门：{departments}；请写部门标识"
    EN = "{name} may mean several departments: {departments}; write the id of one"


class DepartmentCodeFixed(CatalogError):
    """Its records and their resource codes stand under the code."""

    department: str
    credit_code: str

    ZH = "部门 {department} 已有元数据记录，信用代码 {credit_code} 不能再改；新机构请另行登记"
    EN = (
        "department {department} has records, so its code {credit_code} can not change any more; "
        "register a new department instead"
    )


class DepartmentCycle(CatalogError):
    """A department would stand above itself."""

    department: str
    parent: str

    ZH = "{parent} 是 {department} 自己或其下属，不能作它的上级；请另选上级部门"
    EN = (
        "{parent} is {department} itself or stands below it and can not be its parent; "
        "choose another one"
    )
