"""Reading files and JSON from outside up to a limit of `dnacorpus.limits`.

Only the standard library is imported: Snakemake reads catalogs while it parses the workflow.
"""

import io
import json
import re
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

from dnacorpus import limits
from dnacorpus.limits import Limit, LimitError

_PIECE = 1 << 20
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Readable(Protocol):
    """An open file, of which only `read` is used."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most ``size``; b"" at the end."""


class JsonError(ValueError):
    """Content that is not JSON, or JSON that exceeds a limit."""


def content_of(file: Readable, limit: Limit) -> bytes:
    """Return the rest of an open file; raises LimitError once there are more than ``limit`` bytes."""
    content = io.BytesIO()
    while piece := file.read(_PIECE):
        if content.tell() + len(piece) > limit:
            raise LimitError(f"{limit.exceeded()}; remove the file")
        content.write(piece)
    return content.getvalue()


def file_content(path: Path | str, limit: Limit = limits.TEXT_FILE) -> bytes:
    """Return the bytes of a file; raises OSError, and LimitError, naming the file, if it is larger than ``limit``."""
    try:
        with Path(path).open("rb") as file:
            return content_of(file, limit)
    except LimitError as error:
        raise LimitError(f"{path}: {error}") from None


def file_text(path: Path | str, limit: Limit = limits.TEXT_FILE, encoding: str = "utf-8") -> str:
    """Return the text of a file with line ends ``\\n``.

    Raises OSError, UnicodeDecodeError, and LimitError, naming the file, if it is larger than ``limit``.
    """
    return io.TextIOWrapper(io.BytesIO(file_content(path, limit)), encoding=encoding).read()


def file_json(path: Path | str) -> Any:
    """Return the JSON document in a file.

    Raises OSError, JsonError, and LimitError, naming the file, if it has more than `limits.JSON_BYTES`.
    """
    return read_json(file_content(path, limits.JSON_BYTES))


def read_json(content: bytes) -> Any:
    """Return a JSON document; raises JsonError for anything else and for one that exceeds a limit."""
    if len(content) > limits.JSON_BYTES:
        raise JsonError(limits.JSON_BYTES.found_more())
    # Each value but the first of its object or list follows a comma.
    if sum(map(content.count, (b",", b"[", b"{"))) > limits.JSON_VALUES:
        raise JsonError(limits.JSON_VALUES.found_more())
    brackets = _STRING.sub(b"", content).translate(None, _NO_BRACKETS)
    if max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0) > limits.JSON_DEPTH:
        raise JsonError(limits.JSON_DEPTH.found_more())
    try:
        return json.loads(content)
    except (MemoryError, RecursionError) as error:
        raise JsonError(f"a document that does not fit in memory: {type(error).__name__}") from None
    except ValueError as error:
        raise JsonError(str(error)) from None
