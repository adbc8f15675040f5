"""Rules that every schema keeps, in every module and at every depth of a type."""

import importlib
import pkgutil
from collections.abc import Iterator

import pyarrow as pa
import pytest

from dnacorpus import schemas
from dnacorpus.schemas.types import QUALIFIER, column

SCHEMAS = {
    f"{module.name}.{name}": schema
    for module in pkgutil.iter_modules(schemas.__path__)
    for name, schema in vars(importlib.import_module(f"dnacorpus.schemas.{module.name}")).items()
    if isinstance(schema, pa.Schema)
}


def nested(name: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    """Yield a type and all types inside it, each with its path."""
    yield name, kind
    if kind.num_fields:
        for field in (kind.field(index) for index in range(kind.num_fields)):
            yield from nested(f"{name}.{field.name}", field.type)


def refused(schema: pa.Schema) -> list[str]:
    """Return the paths of the types that ``datasets`` refuses."""
    return [
        path
        for field in schema
        for path, kind in nested(field.name, field.type)
        if pa.types.is_map(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_fixed_size_list(kind)
    ]


def test_the_schemas_of_all_modules_are_found():
    modules = {name.partition(".")[0] for name in SCHEMAS}
    assert {"parts", "pairs", "curation", "index", "views"} <= modules
    assert {"pairs.PAIRS", "parts.FEATURES", "curation.NEAR"} <= set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_schema_has_a_map_or_a_fixed_size_type(name):
    """``datasets`` refuses them."""
    assert refused(SCHEMAS[name]) == []


@pytest.mark.parametrize("kind", [pa.map_(pa.string(), pa.string()), pa.binary(16), pa.list_(pa.int64(), 2)])
def test_a_refused_type_is_found_at_every_depth(kind):
    inside = pa.list_(pa.struct({"key": pa.string(), "value": kind}))
    assert refused(pa.schema({"plain": pa.list_(QUALIFIER), "top": kind})) == ["top"]
    assert [path.split(".")[0::2] for path in refused(pa.schema({"deep": inside}))] == [["deep", "value"]]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_column_is_described(name):
    described = [field.name for field in SCHEMAS[name] if (field.metadata or {}).get(b"description")]
    assert described == SCHEMAS[name].names
    assert column("n", pa.int64(), "how many").metadata == {b"description": b"how many"}
