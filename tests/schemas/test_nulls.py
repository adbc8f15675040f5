"""Nulls where none may be: found at any depth, and where they may be not."""

import pyarrow as pa
import pytest
from support.each import each

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.nulls import NEVER_NULL, NULLABLE_FIELDS, never_null, null_rows, refuse_nulls
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import FEATURES, SEGMENTS

SPAN = {"start": 0, "end": 1, "source": "X.1", "field": "organism", "how": "verbatim", "license": "CC0-1.0"}


def evidence(*rows: list) -> pa.Table:
    return pa.table({"evidence": pa.array(rows, PAIRS.field("evidence").type)})


def test_every_listed_column_is_in_its_schema() -> None:
    for schema, columns in each(NEVER_NULL):
        assert set(columns) <= set(schema.names)
    for struct, fields in each(NULLABLE_FIELDS.items()):
        assert set(fields) <= {field.name for field in struct}
    assert never_null(pa.schema({"x": pa.int64()})) == ()


def test_rows_without_nulls_and_with_nulls_where_they_may_be() -> None:
    assert null_rows(evidence([SPAN], []), PAIRS) == {}
    assert null_rows(pa.table({"organism": pa.array([None], pa.string())}), PAIRS) == {}
    qualifiers = pa.array([[{"key": "pseudo", "value": None}]], FEATURES.field("qualifiers").type)
    assert null_rows(pa.table({"qualifiers": qualifiers}), FEATURES) == {}


@pytest.mark.parametrize("name", sorted(SPAN))
def test_a_null_in_a_span_is_found_in_its_row(name: str) -> None:
    found = null_rows(evidence([SPAN], [SPAN, SPAN | {name: None}], []), PAIRS)
    assert found == {1: f"evidence[].{name}"}


def test_null_lists_items_and_columns() -> None:
    rows = evidence([None], [SPAN], None)
    assert null_rows(rows, PAIRS) == {0: "evidence[]", 2: "evidence"}
    assert null_rows(rows.slice(1, 1).to_batches()[0], PAIRS) == {}
    with pytest.raises(CorpusError, match=r"x: row 7: expected a value in evidence\[\], found none"):
        refuse_nulls(rows, PAIRS, "x", first=7)
    starts = pa.table({"start": pa.array([0, None], pa.int64())})
    assert null_rows(starts, SEGMENTS) == {1: "start"}
