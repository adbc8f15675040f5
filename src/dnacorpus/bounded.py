"""Reading files and JSON from outside up to a limit of `dnacorpus.limits`.

Only the standard library is imported: Snakemake reads catalogs while it parses the workflow.
"""

import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, Protocol

from dnacorpus import limits
from dnacorpus.limits import Limit, LimitError

_PIECE = 1 << 20
_NUMBER = re.compile(r"[0-9]{1,18}")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, or the rest of the document after a quote that is never closed."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Readable(Protocol):
    """An open file, of which only `read` is used."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most ``size``; b"" at the end."""


class JsonError(ValueError):
    """Content that is not JSON, or JSON that exceeds a limit."""


def whole_number(text: str) -> int | None:
    """Return a number of 1 to 18 ASCII digits, which fits into int64; None for any other text."""
    return int(text) if _NUMBER.fullmatch(text) else None


def content_of(file: Readable, limit: Limit) -> bytes:
    """Return the rest of an open file; raises LimitError once there are more than ``limit`` bytes."""
    content = io.BytesIO()
    while piece := file.read(_PIECE):
        if content.tell() + len(piece) > limit:
            raise LimitError(f"{limit.exceeded()}; remove the file")
        content.write(piece)
    return content.getvalue()


def file_content(path: Path | str, limit: Limit | None = None) -> bytes:
    """Return the bytes of a file.

    Raises OSError, and LimitError, naming the file, if it has more than ``limit`` or `limits.TEXT_FILE`.
    """
    try:
        with Path(path).open("rb") as file:
            return content_of(file, limits.TEXT_FILE if limit is None else limit)
    except LimitError as error:
        raise LimitError(f"{path}: {error}") from None


def file_text(path: Path | str, limit: Limit | None = None, encoding: str = "utf-8") -> str:
    """Return the text of a file with line ends ``\\n``; raises UnicodeDecodeError, and the errors of `file_content`."""
    return io.TextIOWrapper(io.BytesIO(file_content(path, limit)), encoding=encoding).read()


def lines_of(chunks: Iterable[bytes], limit: Limit, where: str) -> Iterator[bytes]:
    """Yield the lines of a stream, given in chunks, without their line ends.

    Raises LimitError, naming ``where``, for a line of more than ``limit`` bytes.
    """
    rest: list[bytes] = []
    held = 0
    for chunk in chunks:
        first, *lines = chunk.split(b"\n")
        rest.append(first)
        held += len(first)
        if held > limit or any(len(line) > limit for line in lines):
            raise LimitError(f"{where}: a line: {limit.exceeded()}; fetch it again")
        if lines:
            yield b"".join(rest)
            yield from lines[:-1]
            rest, held = [lines[-1]], len(lines[-1])
    yield b"".join(rest)


def short_lines(file: IO[bytes], limit: Limit, where: str) -> Iterator[bytes]:
    """Yield the lines of an open file with their line ends; raises LimitError as `lines_of` does."""
    while line := file.readline(limit + 1):
        if len(line) > limit:
            raise LimitError(f"{where}: a line: {limit.exceeded()}; fetch it again")
        yield line


def file_json(path: Path | str) -> Any:
    """Return the JSON document in a file.

    Raises OSError, JsonError, and LimitError, naming the file, if it has more than `limits.JSON_BYTES`.
    """
    return read_json(file_content(path, limits.JSON_BYTES))


def read_json(content: bytes, constant: Callable[[str], Any] | None = None) -> Any:
    """Return a JSON document; raises JsonError for anything else and for one that exceeds a limit.

    ``constant`` is called for NaN, Infinity and -Infinity, which Python reads although JSON does not have them.
    """
    if len(content) > limits.JSON_BYTES:
        raise JsonError(limits.JSON_BYTES.found_more())
    # Each value but the first of its object or list follows a comma.
    if sum(map(content.count, (b",", b"[", b"{"))) > limits.JSON_VALUES:
        raise JsonError(limits.JSON_VALUES.found_more())
    brackets = _STRING.sub(b"", content).translate(None, _NO_BRACKETS)
    if max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0) > limits.JSON_DEPTH:
        raise JsonError(limits.JSON_DEPTH.found_more())
    try:
        return json.loads(content, parse_constant=constant)
    except (MemoryError, RecursionError) as error:
        raise JsonError(f"a document that does not fit in memory: {type(error).__name__}") from None
    except ValueError as error:
        raise JsonError(str(error)) from None


def refuse_large_parquet(metadata: Any, where: str) -> None:
    """Raise LimitError, naming ``where``, for a Parquet file whose footer states more than the limits.

    ``metadata`` is a pyarrow.parquet.FileMetaData; nothing but the footer is read.
    """
    groups = [metadata.row_group(number) for number in range(min(metadata.num_row_groups, limits.PARQUET_GROUPS))]
    lists = [number for number in range(metadata.num_columns) if metadata.schema.column(number).max_repetition_level]
    for limit, found in (
        (limits.PARQUET_GROUPS, metadata.num_row_groups),
        (limits.PARQUET_COLUMNS, metadata.num_columns),
        (limits.PARQUET_ROWS, max((group.num_rows for group in groups), default=0)),
        (limits.PARQUET_VALUES, max((group.column(n).num_values for group in groups for n in lists), default=0)),
        (limits.PARQUET_GROUP, max((group.total_byte_size for group in groups), default=0)),
    ):
        if found > limit:
            raise LimitError(f"{where}: {limit.exceeded(found)}; do not use this file")


def repeated_texts(metadata: Any, columns: Collection[str]) -> list[str]:
    """Return the text columns inside lists, as paths, of which a single row could exceed `limits.PARQUET_GROUP`.

    The items of a row may all be one text that a dictionary stores once. ``columns`` are those that will be read, and
    ``metadata`` is as in `refuse_large_parquet`.
    """
    schema = metadata.schema
    lists = [
        number
        for number in range(metadata.num_columns)
        if schema.column(number).max_repetition_level
        and schema.column(number).physical_type == "BYTE_ARRAY"
        and schema.column(number).path.partition(".")[0] in columns
    ]
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)] if lists else []
    most = {number: max((_most_bytes(group.column(number)) for group in groups), default=0) for number in lists}
    return [schema.column(number).path for number in lists if most[number] > limits.PARQUET_GROUP]


def _most_bytes(chunk: Any) -> int:
    return int(chunk.total_uncompressed_size * chunk.num_values) if chunk.has_dictionary_page else 0


def parquet_rows_at_once(metadata: Any, columns: Collection[str], wanted: int) -> int:
    """Return how many rows of some columns of a Parquet file can be decoded together, at most ``wanted``.

    A text that is stored once, in a dictionary, may be that of every row, so a row can be as large as a column of its
    row group. ``metadata`` is as in `refuse_large_parquet`.
    """
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    chunks = (group.column(index) for group in groups for index in range(group.num_columns))
    texts = (chunk for chunk in chunks if chunk.physical_type == "BYTE_ARRAY")
    read = (chunk for chunk in texts if chunk.path_in_schema.partition(".")[0] in columns)
    largest = max((chunk.total_uncompressed_size for chunk in read if chunk.has_dictionary_page), default=1)
    return max(1, min(wanted, limits.PARQUET_GROUP // max(largest, 1)))
