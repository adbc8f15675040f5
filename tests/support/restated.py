"""Tables of a dataset that somebody changed, with a manifest that states the changed files."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def restate(dataset: Path, path: Path) -> None:
    """State the bytes, the SHA-256 and, if it is Parquet, the rows of a file in the manifest as they are now."""
    manifest = json.loads((dataset / "manifest.json").read_bytes())
    (entry,) = (file for file in manifest["files"] if dataset / file["path"] == path)
    content = path.read_bytes()
    entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with contextlib.suppress(OSError, ValueError, pa.ArrowException):
        entry["rows"] = pq.read_metadata(path).num_rows
    (dataset / "manifest.json").write_text(json.dumps(manifest))


def change_rows(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the rows of a Parquet file."""
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    change(rows)
    path.unlink()  # it may be a link
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def odd_value(random: Random, path: Path) -> None:
    """Replace one value of a Parquet file, at any depth, by null or by an odd value of its type."""
    schema = pq.read_schema(path)

    def change(rows: list[dict[str, Any]]) -> None:
        row = random.choice(rows)
        name = random.choice(schema.names)
        row[name] = _odd(random, row[name], schema.field(name).type)

    change_rows(path, change)


def _odd(random: Random, value: Any, kind: pa.DataType) -> Any:
    if value is None or random.random() < 0.25:
        return random.choice((None, _other(random, kind)))
    if pa.types.is_list(kind):
        if not value:
            return [_odd(random, None, kind.value_type)]
        at = random.randrange(len(value))
        return [*value[:at], _odd(random, value[at], kind.value_type), *value[at + 1 :]]
    if pa.types.is_struct(kind):
        field = random.choice(list(kind))
        return value | {field.name: _odd(random, value[field.name], field.type)}
    return random.choice((None, _other(random, kind)))


def _other(random: Random, kind: pa.DataType) -> Any:
    """Return an odd value of an Arrow type; None for a type that has none here."""
    if pa.types.is_list(kind):
        return random.choice(([], [_other(random, kind.value_type)], [None]))
    if pa.types.is_struct(kind):
        return {field.name: random.choice((None, _other(random, field.type))) for field in kind}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return random.choice(("", " ", "x", "ä\x1b[2J", "../../x", "a-0.parquet", "PMID:x", "sequence", "9" * 30))
    if pa.types.is_int8(kind):
        return random.choice((0, -1, 5, 127))
    if pa.types.is_integer(kind):
        return random.choice((0, -1, 5, 2**63 - 1, -(2**63)))
    if pa.types.is_floating(kind):
        return random.choice((float("nan"), float("inf"), -1.0))
    if pa.types.is_boolean(kind):
        return random.choice((True, False))
    return random.choice((b"", b"\xff")) if pa.types.is_binary(kind) else None
