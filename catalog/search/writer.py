"""Writes an index: takes records in and out, and makes what was written visible."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from catalog.search.indexed import IndexedRecord, fields_of
from catalog.search.schema import ID, open_index

MEMORY = 100_000_000  # bytes that tantivy fills before it writes a segment


class IndexWriter:
    """The one writer of a folder; what was not saved when it is let go of is forgotten.

    ValueError and OSError are what a damaged index or a full disk leads to.
    """

    def __init__(self, folder: Path, *, new: bool = False) -> None:
        self._writer = open_index(folder, new=new).writer(heap_size=MEMORY, num_threads=1)
        self.unsaved = 0
        """Records taken in or out since the last commit."""
        if new:
            self._writer.commit()

    def add(self, published: Iterable[IndexedRecord]) -> None:
        """Take records in that are not there yet."""
        import tantivy

        for record in published:
            self._writer.add_document(tantivy.Document.from_dict(fields_of(record)))
            self.unsaved += 1

    def replace(self, resource_ids: Iterable[str], published: Iterable[IndexedRecord]) -> None:
        """Take these records out, and in again those of them that are published."""
        for resource_id in resource_ids:
            self._writer.delete_documents_by_term(ID, resource_id)
            self.unsaved += 1
        self.add(published)

    def save(self) -> None:
        """Commit: whoever looks at the index from now on sees it."""
        self._writer.commit()
        self.unsaved = 0

    def finish(self) -> None:
        """Wait for the segments that are being merged; nothing can be written after that."""
        self._writer.wait_merging_threads()
