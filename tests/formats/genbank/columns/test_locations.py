"""Locations read as columns, against the same locations read one by one."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnacorpus.formats.genbank.columns.locations import Molecules, read_locations
from dnacorpus.sequence import location

LENGTH = 100
NUMBERS = st.one_of(st.integers(0, 120), st.sampled_from([1, 99, 100, 101])).map(str)
POSITIONS = st.builds(str.__add__, st.sampled_from(["", "", "<", ">"]), NUMBERS)
SPANS = st.one_of(
    POSITIONS, st.builds("{}..{}".format, POSITIONS, POSITIONS), st.sampled_from(["99..100", "1..5", "90..100"])
)
TREES = st.recursive(
    SPANS,
    lambda inner: st.one_of(
        inner.map("complement({})".format),
        st.builds(
            lambda word, parts: f"{word}({','.join(parts)})",
            st.sampled_from(["join", "join", "order"]),
            st.lists(inner, min_size=1, max_size=4),
        ),
    ),
    max_leaves=6,
)
TEXTS = st.one_of(TREES, st.text("0123456789.,<>()joincmplet^:-", max_size=30))


def row(text, circular, trans_spliced):
    place = location.read(text, LENGTH, circular, trans_spliced)
    parts = [{"accession": p.accession, "start": p.start, "end": p.end, "strand": p.strand} for p in place.parts]
    return {
        "start": place.start, "end": place.end, "strand": place.strand, "operator": place.operator, "parts": parts,
        "partial_start": place.partial_start, "partial_end": place.partial_end,
    }  # fmt: skip


def rows(cases):
    texts = pa.array([text for text, _, _ in cases], pa.string())
    flags = np.array([case[1:] for case in cases], np.bool_).reshape(-1, 2)
    columns = read_locations(texts, Molecules(np.full(len(cases), LENGTH), flags[:, 0], flags[:, 1]))
    return pa.Table.from_pydict(columns).to_pylist()


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.booleans(), st.booleans()), max_size=8))
def test_location_columns_equal_locations_read_one_by_one(cases):
    assert rows(cases) == [row(*case) for case in cases]


def test_only_odd_locations_are_read_one_by_one(monkeypatch):
    asked = []
    read = location.read
    monkeypatch.setattr(location, "read", lambda text, *rest: asked.append(text) or read(text, *rest))
    plain = [
        "1..9",
        "<3..>7",
        "5",
        "complement(1..9)",
        "join(1..2,4..5)",
        "complement(join(<1..2,9,20..21))",
        "join(7..9)",
    ]
    odd = [
        "join(90..100,1..5)",
        "complement(join(90..100,1..5))",
        "9..1",
        "0..5",
        "1^2",
        "X1.1:1..2",
        "order(1,2)",
        "9" * 20,
    ]
    found = rows([(text, True, False) for text in plain + odd])
    assert asked == odd
    monkeypatch.setattr(location, "read", read)
    assert found == [row(text, True, False) for text in plain + odd]


@pytest.mark.parametrize("text", ["join(90..100,1..5)", "complement(join(90..100,1..5))"])
def test_spans_across_the_origin(text):
    circular, linear, spliced = rows([(text, True, False), (text, False, False), (text, True, True)])
    assert (circular["start"], circular["end"]) == (89, 105)
    assert linear == spliced
    assert (linear["start"], linear["end"]) == (0, 100)
