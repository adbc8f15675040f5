"""The ledger: what balances, what is reported if it does not, totals and their order."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.schemas.parts import LEDGER
from dnacorpus.schemas.reasons import in_words
from dnacorpus.storage import ledger
from dnacorpus.storage.ledger import entry

ENTRIES = [
    entry("viral", "viral.1", "file", "in", count=2),
    entry("viral", "viral.1", "file", "kept", count=1),
    entry("viral", "viral.1", "file", "rejected", "unreadable", count=1, detail="viral.1.1.genomic.fna.gz: ends early"),
    entry("viral", "viral.1", "record", "in", count=3, bases=30),
    entry("viral", "viral.1", "record", "kept", count=2, bases=20),
    entry("viral", "viral.1", "record", "duplicate", "exact", count=1, bases=10),
]


def test_a_balanced_ledger_has_no_imbalance():
    assert ledger.imbalances(ledger.merge(ENTRIES)) == []


@pytest.mark.parametrize("field", ["count", "bases"])
def test_an_imbalance_names_part_and_unit(field):
    short = [dict(row) for row in ENTRIES]
    short[4][field] -= 1
    (problem,) = ledger.imbalances(ledger.merge(short))
    assert "viral.1" in problem
    assert "record" in problem


@given(st.permutations(range(len(ENTRIES))), st.integers(1, 5))
def test_merging_adds_up_and_sorts(order, cut):
    whole = ledger.merge(ENTRIES)
    halves = [dict(ENTRIES[place]) for place in order]
    split = halves[0]
    first = {**split, "count": split["count"] - min(cut, split["count"])}
    second = {**split, "count": min(cut, split["count"]), "bases": 0}
    assert ledger.merge([first, second, *halves[1:]]).equals(whole)
    assert ledger.merge(pa.concat_tables([whole.slice(2), whole.slice(0, 2)])).equals(whole)


def test_totals_add_up_parts_in_the_order_of_units_and_statuses():
    other = [{**row, "part": "viral.2"} for row in ENTRIES]
    rows = ledger.totals(ledger.merge(ENTRIES + other))
    assert [(row["unit"], row["status"], row["count"]) for row in rows] == [
        ("file", "in", 4),
        ("file", "kept", 2),
        ("file", "rejected", 2),
        ("record", "in", 6),
        ("record", "kept", 4),
        ("record", "duplicate", 2),
    ]


def test_totals_by_division():
    other = [{**row, "division": "plant", "part": "plant.1"} for row in ENTRIES]
    rows = ledger.totals(ledger.merge(ENTRIES + other), "division")
    assert {row["division"] for row in rows} == {"viral", "plant"}


def test_damaged_files_are_named():
    assert ledger.unreadable(ledger.merge(ENTRIES)) == [("viral", "viral.1", "viral.1.1.genomic.fna.gz: ends early")]


def test_summary_names_units_counts_and_reasons():
    text = ledger.summary(ledger.merge(ENTRIES))
    assert "3 records in, 30 bases" in text
    assert "1 duplicate (exact), 10 bases" in text


SPECIES = [
    entry("viral", "viral.1", "species", "in", count=4),
    entry("viral", "viral.1", "species", "kept", "taxonomy", count=2),
    entry("viral", "viral.1", "species", "kept", "name", count=1),
    entry("viral", "viral.1", "species", "excluded", "no_species", count=1),
]


def test_species_balance_follow_the_records_and_have_explained_reasons():
    merged = ledger.merge(SPECIES + ENTRIES)
    assert ledger.imbalances(merged) == []
    assert ledger.summary(merged).splitlines()[-4:] == [
        "           4 species of records in",
        "             1 kept (name)",
        "             2 kept (taxonomy)",
        "             1 excluded (no_species)",
    ]
    (problem,) = ledger.imbalances(ledger.merge([*SPECIES[:-1], *ENTRIES]))
    assert problem == "part viral.1 (viral): species of records in - out = 1 (0 bases), expected 0"
    assert all(in_words(row["reason"]) for row in each(SPECIES[1:]))


def test_units_are_counted_in_words():
    assert [ledger.counted("row", count) for count in (0, 1, 2)] == ["rows", "row", "rows"]
    assert ledger.counted("species", 1) == "species of a record"


def test_entries_are_rows_of_the_schema():
    assert pa.Table.from_pylist(ENTRIES, schema=LEDGER).num_rows == len(ENTRIES)
