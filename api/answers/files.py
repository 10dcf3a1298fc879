"""The files of a file resource."""

from api.answers.base import Answer, Moment


class FileAnswer(Answer):
    """A current file: its id stays, its version grows with each delivery of the same name.

    `name` is as it was sent for those who may fetch the file; for others numbers in it are hidden.
    """

    file_id: str
    name: str
    version: int
    size: int
    media_type: str
    sha256: str
    data_time: Moment
    loaded_at: Moment
    delivery_id: str


class FetchedFile(Answer):
    """A file that was written to a place of the caller's choice."""

    file_id: str
    name: str
    version: int
    size: int
    media_type: str
    sha256: str
    data_time: Moment
    out: str
