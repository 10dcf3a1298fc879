"""Tell by its key what an object in incoming/ is: a file, a manifest, or something unfinished."""

from lake.errors import UnsafeKey
from lake.layout import INCOMING
from lake.objects import check_key

MANIFEST_ENDINGS = ("json", "yaml", "yml")
_MANIFEST = tuple(f".manifest.{ending}" for ending in MANIFEST_ENDINGS)
# What programs call a file while they are still writing it.
_UNFINISHED = (".partial", ".part", ".tmp", ".filepart", ".crdownload", "~")


def folder_of(key: str) -> str | None:
    """Return the folder right below incoming/, which names the resource, or None."""
    folder, _, rest = key.removeprefix(INCOMING).partition("/")
    return folder if rest else None


def file_name_of(key: str) -> str:
    """Return the last part of a key, whatever folders it lies in."""
    return key.rpartition("/")[2]


def described_by(key: str) -> str | None:
    """Return the key of the file that a manifest is about; None for what is no manifest."""
    for ending in _MANIFEST:
        if key.endswith(ending):
            return key.removesuffix(ending)
    return None


def is_unfinished(key: str) -> bool:
    """Whether the name says that somebody is still writing: hidden, as rsync does, or partial."""
    parts = key.removeprefix(INCOMING).split("/")
    return any(part.startswith(".") for part in parts) or key.lower().endswith(_UNFINISHED)


def is_nameable(key: str) -> bool:
    """Whether the store lets a key be named; another program may have made any name."""
    try:
        check_key(key)
    except UnsafeKey:
        return False
    return True
