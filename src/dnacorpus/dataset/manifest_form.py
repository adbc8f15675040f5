"""The form of manifest.json and pull.json: JSON whose keys and types are checked before any value is used.

Both come with a dataset, which may be a stranger's. What passes has no path outside the dataset folder, and no name
that cannot be one component of a path.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import CorpusError
from dnacorpus.printable import is_printable
from dnacorpus.schemas.types import FORMAT_VERSION
from dnacorpus.storage.names import name_flaw, path_flaw, shown

MANIFEST = "manifest.json"
PULLED = "pull.json"
"""Present beside a manifest if only part of the dataset was pulled."""

KEYS = ("config", "files", "inputs", "ledger", "versions")
"""Keys of every manifest, besides ``format``."""
FILE_KEYS = ("path", "bytes", "sha256")
COUNT_KEYS = ("rows", "bases")
SHARD_KEYS = ("config", "division", "split", *COUNT_KEYS)
MAX_COUNT = 1 << 62
"""Largest number of bytes, rows or bases."""

_AGAIN = "build or pull the dataset again"
_SHOWN = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")


def manifest_document(content: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object of a manifest, in which every value that a verb reads has its type.

    Raises CorpusError, which ``name`` begins, for anything else, and for a path that is not plain, occurs twice, or
    goes through another file of the manifest.
    """
    document = _object(content, name)
    # True is 1 in Python.
    if (found := document.get("format")) != FORMAT_VERSION or not _is_count(found):
        raise CorpusError(
            f"{name}: expected format {FORMAT_VERSION}, found {_short(found)}; use the dnacorpus that wrote it"
        )
    if missing := [key for key in KEYS if key not in document]:
        raise CorpusError(f"{name}: expected the keys {', '.join(KEYS)}, found no {', '.join(missing)}; {_AGAIN}")
    if flaw := next(_flaws(document), ""):
        raise CorpusError(f"{name}: {flaw}; {_AGAIN}")
    if flaw := _path_flaw([file["path"] for file in document["files"]]):
        raise CorpusError(f"{name}: {flaw}; do not use this dataset")
    return document


def pulled_document(content: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object of a pull.json; raises CorpusError, which ``name`` begins, if it is not one."""
    document = _object(content, name)
    files = document.get("files")
    if not (_is_text(document.get("repo")) and _is_text(document.get("commit")) and _all(files, _is_text)):
        raise CorpusError(f"{name}: expected repo, commit and files, found {_short(document)}; pull the dataset again")
    return document


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        document = read_json(content, _refuse)
    except JsonError as error:
        raise CorpusError(f"{name}: expected JSON, found: {error}; {_AGAIN}") from error
    if not isinstance(document, dict):
        raise CorpusError(f"{name}: expected a JSON object, found {_short(document)}; {_AGAIN}")
    return document


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is not JSON")


def _flaws(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the values of a manifest."""
    config = document["config"]
    if not isinstance(config, dict) or not _all(config.get("divisions"), _is_text):
        yield f"config: expected the names of divisions, found {_short(config)}"
    if not isinstance(document["versions"], dict) or not _all(document["versions"].values(), _is_text):
        yield f"versions: expected the version of each package, found {_short(document['versions'])}"
    lists: dict[str, tuple[Callable[[Any], bool], str]] = {
        "inputs": (_is_input, "an object with the release of an input"),
        "ledger": (_is_total, "an object with unit, status, reason, count and bases"),
        "files": (_is_file, f"an object with {', '.join(FILE_KEYS)} (and for a shard {', '.join(SHARD_KEYS)})"),
    }
    for key, (fits, expected) in lists.items():
        if not isinstance(document[key], list):
            yield f"{key}: expected a list, found {_short(document[key])}"
        else:
            wrong = ((number, value) for number, value in enumerate(document[key]) if not fits(value))
            yield from (f"{key}[{number}]: expected {expected}, found {_short(value)}" for number, value in wrong)


def _is_input(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("release"))


def _is_total(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    names, counts = ("unit", "status", "reason"), ("count", "bases")
    return all(isinstance(value.get(key), str) for key in names) and all(_is_count(value.get(key)) for key in counts)


def _is_file(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("path"), str) or not _is_count(value.get("bytes")):
        return False
    if not isinstance(value.get("sha256"), str) or not _SHA256.fullmatch(value["sha256"]):
        return False
    # A file that is not a shard may have some of the keys, e.g. the rows of ledger.parquet.
    keys = SHARD_KEYS if "config" in value else [key for key in SHARD_KEYS if key in value]
    return all(_is_count(value.get(key)) if key in COUNT_KEYS else _is_name(value.get(key)) for key in keys)


def _path_flaw(paths: Iterable[str]) -> str:
    """Return what is wrong with the paths of a manifest's files, or ""."""
    seen: set[str] = set()
    for path in paths:
        # On some disks MANIFEST.JSON is the same file as manifest.json.
        if path_flaw(path) or path.partition("/")[0].casefold() in (MANIFEST, PULLED):
            return f"expected a plain relative path, found {shown(path)!r}"
        if path in seen:
            return f"expected each path once, found {path!r} again"
        seen.add(path)
    for path in seen:
        if above := next((folder for folder in map(str, PurePosixPath(path).parents) if folder in seen), ""):
            return f"expected the file {above!r}, found {path!r} below it"
    return ""


def _all(values: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(values, Iterable) and not isinstance(values, (str, dict)) and all(map(fits, values))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and is_printable(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and not name_flaw(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
