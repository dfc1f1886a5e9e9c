"""Files with rows of decision tables, released with what names them: by their digest, and a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.base.read import Document, PolicyFile
from engine.loading.table_file import archived_rows, digest_of_rows
from engine.versioning.release.edits import Edit, quoted, set_value


def rows_files_of(source: Document, contents: Mapping[str, bytes]) -> Mapping[str, PolicyFile]:
    """Table -> the file with its rows, of those that have one."""
    tables: Mapping[str, Any] = source.data.get("tables") or {}
    named = {name: table.get("rows") for name, table in tables.items()}
    return {
        name: PolicyFile(rows, contents[rows])
        for name, rows in named.items()
        if isinstance(rows, str) and rows in contents
    }


def copies(files: Mapping[str, PolicyFile]) -> Iterator[tuple[str, bytes]]:
    """The copies of such files in the archive: path and content."""
    for file in files.values():
        yield archived_rows(file), file.content


def edits_of(source: Document, files: Mapping[str, PolicyFile], expected: Any) -> Iterator[Edit]:
    """The edits by which a policy knows the digests of its files; `expected` are its data with them."""
    for name, file in files.items():
        digest = digest_of_rows(file)
        yield set_value(source, ("tables", name, "rows_digest"), quoted(digest))
        table = expected["tables"][name]
        expected["tables"][name] = {**table, "rows_digest": digest}
