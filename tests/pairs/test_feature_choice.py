"""How many rows a record may spend on what is not known, and what of its surroundings a feature's row holds."""

import random
import re

import pytest
from Bio.Seq import Seq
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record
from support.readrecord import read_record
from support.settings import pair_settings

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_choice import skip_reasons
from dnacorpus.pairs.rows import Exclusion, PairRow, rows_of_record
from dnacorpus.settings.pairs import PairSettings

BASES = "".join(random.Random(5).choices("ACGT", k=1_000))
SOURCE = ("source", "1..1000", [("organism", "Escherichia coli")])
BOUNDS = (1, 1_000)


def coding(start: int, product: str) -> tuple[str, str, list[tuple[str, str]]]:
    return "CDS", f"{start}..{start + 8}", [("product", product), ("locus_tag", f"b{start:04}")]


def read(*features, **options):
    return read_record(record(sequence=BASES, features=features, **options).encode(), lambda accession: None)


def rows(*features, limits: PairSettings, **options) -> list[PairRow | Exclusion]:
    found = read(*features, **options)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    return list(rows_of_record(Context(row, found.features, found.sequence), found.references, limits))


@given(known=st.integers(0, 12), unknown=st.integers(0, 30), share=st.floats(0, 1))
def test_no_more_than_the_share_is_uninformative(known, unknown, share):
    named = [coding(10 * n + 1, f"kinase K{n}") for n in range(known)]
    nameless = [coding(10 * n + 501, "hypothetical protein") for n in range(unknown)]
    features = read(SOURCE, *named, *nameless).features
    reasons = skip_reasons(features, len(BASES), BOUNDS, share, "NC_1.1")
    assert set(reasons.values()) <= {"source", "uninformative"}
    capped = sum(reason == "uninformative" for reason in reasons.values())
    left = unknown - capped
    assert {features[index]["product"] for index, reason in reasons.items() if reason == "uninformative"} <= {
        "hypothetical protein"
    }
    if share == 1:
        assert capped == 0
    else:
        assert left <= share * (left + known) + 1e-6
        assert capped == 0 or left + 1 > share * (left + 1 + known) - 1e-6  # and not one fewer than may stay


def test_which_uninformative_features_stay_depends_on_the_record_only():
    features = read(
        SOURCE, *(coding(10 * n + 1, "hypothetical protein") for n in range(40)), coding(901, "lyase L")
    ).features
    chosen = skip_reasons(features, len(BASES), BOUNDS, 0.5, "NC_1.1")
    assert chosen == skip_reasons(list(reversed(features)), len(BASES), BOUNDS, 0.5, "NC_1.1")
    assert chosen != skip_reasons(features, len(BASES), BOUNDS, 0.5, "NC_2.1")


def test_features_left_out_by_the_cap_are_in_the_ledger():
    found = rows(SOURCE, *(coding(10 * n + 1, "hypothetical protein") for n in range(9)), coding(901, "lyase L"),
                 limits=pair_settings(1_000, max_uninformative_share=0.25))  # fmt: skip
    capped = [result for result in found if isinstance(result, Exclusion) and result.reason == "uninformative"]
    assert len(capped) == 9
    assert {(result.unit, result.bases) for result in capped} == {("feature", 9)}
    assert sum(isinstance(result, PairRow) and result.values["kind"] == "gene" for result in found) == 1


@pytest.mark.parametrize("flank", [1, 30, 5_000])
@pytest.mark.parametrize(
    ("location", "start", "end"),
    [("101..190", 100, 190), ("complement(101..190)", 100, 190), ("join(101..130,201..230)", 100, 230),
     ("complement(join(101..130,201..230))", 100, 230), ("1..30", 0, 30), ("complement(961..1000)", 960, 1_000)],
)  # fmt: skip
def test_flanks_are_the_bases_on_either_side(location, start, end, flank):
    feature = ("CDS", location, [("product", "lyase L"), ("locus_tag", "b1")])
    limits = pair_settings(20_000, flank=flank)
    row = rows(SOURCE, feature, limits=limits)[-1].values
    bare = rows(SOURCE, feature, limits=pair_settings(20_000))[-1].values
    before, beyond = min(flank, start), min(flank, len(BASES) - end)
    left, right = BASES[start - before : start], BASES[end : end + beyond]
    if row["strand"] == -1:
        left, right = str(Seq(right).reverse_complement()), str(Seq(left).reverse_complement())
    assert row["sequence"] == left + bare["sequence"] + right
    assert (row["start"], row["end"]) == (start - before, end + beyond)
    molecule = Seq(BASES)
    spans = row["parts"] or [{key: row[key] for key in ("start", "end", "strand")}]
    pieces = [molecule[span["start"] : span["end"]] for span in spans]
    assert "".join(str(p if row["strand"] == 1 else p.reverse_complement()) for p in pieces) == row["sequence"]
    assert row["pair_id"] != bare["pair_id"] or not before + beyond


def test_the_text_gives_the_length_of_the_flanks():
    for tag in range(24):
        feature = ("CDS", f"{tag + 101}..{tag + 160}", [("product", "lyase L"), ("locus_tag", f"b{tag}")])
        row = rows(SOURCE, feature, limits=pair_settings(20_000, flank=25))[-1].values
        assert "60 bases" not in row["text"]
        assert "110 bases" not in row["text"]
        told = re.findall(r"\b25 bases", row["text"])
        assert len(told) == 2
        assert not row["orientation_free"]
        for span in each(row["evidence"]):
            if row["text"][span["start"] : span["end"]] == "25":
                assert (span["field"], span["how"]) == ("features[1]/location", "annotation")


@pytest.mark.parametrize("location", ["join(981..1000,1..20)", "join(101..130,complement(201..230))"])
def test_a_feature_without_sides_has_no_flanks(location):
    feature = ("CDS", location, [("product", "lyase L"), ("locus_tag", "b1")])
    found = [
        rows(SOURCE, feature, topology="circular", limits=pair_settings(20_000, flank=flank))[-1] for flank in (0, 50)
    ]
    assert found[0] == found[1]


def test_a_row_with_flanks_is_within_max_bases():
    feature = ("CDS", "101..190", [("product", "lyase L"), ("locus_tag", "b1")])
    assert rows(SOURCE, feature, limits=pair_settings(109, flank=10))[-1].reason == "too_long"
    assert isinstance(rows(SOURCE, feature, limits=pair_settings(110, flank=10))[-1], PairRow)
