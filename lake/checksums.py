"""Remembers the SHA-256 of the files that a commit adds, so that a flipped byte is found later."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lake.objects import BLOCK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lake.objects import ObjectStore

# Parquet as DuckDB writes it carries no checksum, and Iceberg records size and rows alone.
FILES_PROPERTY = "datong.files"


def put_hashed(store: ObjectStore, bucket: str, key: str, path: Path) -> str:
    """Store a local file and give its SHA-256 in hex, worked out while it travels."""
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(sha256_of_file, path)
        store.put_file(bucket, key, path)
        return hashing.result()


def files_property(sums: Mapping[str, str]) -> dict[str, str]:
    """The snapshot property that holds SHA-256 by URL."""
    return {FILES_PROPERTY: json.dumps({short_name(url): sums[url] for url in sorted(sums)})}


def recorded_sums(properties: Mapping[str, str]) -> dict[str, str]:
    """What `files_property` holds, by `short_name`; nothing for a commit made without."""
    found = json.loads(properties.get(FILES_PROPERTY, "{}"))
    return {str(name): str(digest) for name, digest in found.items()}


def short_name(url: str) -> str:
    """What tells a file from the others of its table: its folder and its name."""
    return "/".join(url.rsplit("/", 2)[-2:])


def sealed(sums: Mapping[str, str]) -> bytes:
    """A list of SHA-256 by name of file, with one over itself: a flipped byte in it shows."""
    files = dict(sorted(sums.items()))
    return json.dumps({"files": files, "sha256_of_files": _seal(files)}).encode()


def unsealed(content: bytes) -> dict[str, str]:
    """What `sealed` holds; ValueError where it is not as it was written."""
    found = json.loads(content)
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict) or found.get("sha256_of_files") != _seal(files):
        raise ValueError("the list of checksums is damaged")
    return files


def _seal(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hash a local file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(BLOCK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of_object(
    store: ObjectStore, bucket: str, key: str, on_bytes: Callable[[int], None] | None = None
) -> str:
    """Hash an object without holding it in memory; ObjectNotFound."""
    digest = hashlib.sha256()
    with store.open(bucket, key) as stream:
        while chunk := stream.read(BLOCK_BYTES):
            digest.update(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))
    return digest.hexdigest()
