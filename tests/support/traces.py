"""Looks for words, such as the path of a run, in all that a reader of a dataset can see."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def traces(dataset: Path, words: list[str]) -> list[tuple[str, str]]:
    """Return (file, word) of each word that a file holds, in its bytes or as Parquet in cells, metadata or names.

    The bytes of a Parquet file say nothing: its pages are compressed.
    """
    files = sorted(path for path in dataset.rglob("*") if path.is_file())
    assert files, f"{dataset}: no files"
    return [
        (path.relative_to(dataset).as_posix(), word)
        for path in files
        for content in [" ".join(_visible(path))]
        for word in words
        if word in content
    ]


def _visible(path: Path) -> Iterator[str]:
    """Yield what a reader sees of a file, as text."""
    if path.suffix != ".parquet":
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        yield content.decode("utf-8", "replace")
        return
    table = pq.read_table(path)
    yield from _metadata(table.schema.metadata)
    for field in table.schema:
        yield from _names(field)
    for column in table.columns:
        yield json.dumps(column.to_pylist(), ensure_ascii=False, default=str)


def _names(field: pa.Field) -> Iterator[str]:
    """Yield the name and metadata of a field and of all fields within it."""
    yield field.name
    yield from _metadata(field.metadata)
    for nested in field.flatten() if pa.types.is_struct(field.type) else []:
        yield from _names(nested)
    if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        yield from _names(field.type.value_field)


def _metadata(metadata: dict[bytes, bytes] | None) -> Iterator[str]:
    """Yield keys and values of the metadata of a schema or field."""
    for key, value in (metadata or {}).items():
        yield from (key.decode(), value.decode(errors="replace"))
