"""What views refuse: too many sources, a number kind they do not know, nothing served yet."""

from __future__ import annotations

from lake.errors import LakeError


class ViewError(LakeError):
    """Base of what building and serving views refuse."""


class TooManySources(ViewError):
    """More records are mapped to one view than its masks can tell apart."""

    view_id: str
    found: int
    most: int

    ZH = "视图 {view_id} 有 {found} 个来源资源，最多 {most} 个；请减少映射到该视图的资源"
    EN = "view {view_id} has {found} source records, at most {most} can be; map fewer to it"


class SchemeNotInView(ViewError):
    """A view was asked for a kind of number that it does not know subjects by."""

    view_id: str
    scheme: str
    known: tuple[str, ...]

    ZH = "视图 {view_id} 不能按 {scheme} 查询；可用的号码类型：{known}"
    EN = "view {view_id} is not looked up by {scheme}; use one of {known}"


class ViewNotServed(ViewError):
    """A view has no version that is served."""

    view_id: str

    ZH = "视图 {view_id} 还没有可查询的版本；请先生成该视图"
    EN = "view {view_id} has no version to look up in; build it first"


class ServingFilesMissing(ViewError):
    """A pointer was to be moved to a version whose serving files are not there."""

    view_id: str
    version: int

    ZH = "视图 {view_id} 第 {version} 版没有服务文件；请重新生成该视图"
    EN = "version {version} of view {view_id} has no serving files; build the view again"


class VersionIsServed(ViewError):
    """A build was given the number of the version that is served now."""

    view_id: str
    version: int

    ZH = "视图 {view_id} 第 {version} 版正在服务，不能覆盖；请用新的版本号生成"
    EN = "version {version} of view {view_id} is served now and never changed; use a new number"


class CorruptServingRow(ViewError):
    """A row names a source that gave nothing: the serving files are not what was built."""

    view_id: str
    version: int

    ZH = "视图 {view_id} 第 {version} 版的服务文件已损坏；请重新生成该视图"
    EN = "the serving files of version {version} of view {view_id} are damaged; build it again"
