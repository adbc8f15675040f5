"""Loci: every base of every feature is found on any stretch, genes with their products."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.formats.genbank.features import GenBankFeature, feature_row
from dnacorpus.pairs.loci import Loci, Presence

GENE = [("gene", "thrA"), ("locus_tag", "b0002")]


CDS = [*GENE, ("product", "aspartate kinase")]


@st.composite
def locations(draw: st.DrawFn, length: int = 60) -> str:
    edges = sorted(draw(st.lists(st.integers(1, length), min_size=2, max_size=8, unique=True)))
    spans = [f"{low}..{high}" for low, high in zip(edges[::2], edges[1::2], strict=False)]
    if draw(st.booleans()) and edges[0] > 4 and edges[-1] < length - 3:  # across the origin of a circular molecule
        spans = [f"{length - 2}..{length}", f"1..{draw(st.integers(1, 3))}"]
        spans = [f"{edges[-1]}..{edges[-1]}", *spans] if draw(st.booleans()) else spans
    joined = spans[0] if len(spans) == 1 else f"join({','.join(spans)})"
    return f"complement({joined})" if draw(st.booleans()) else joined


def bases_of(feature: dict) -> list[int]:
    """Every base of a feature, in its own direction."""
    return [
        base
        for part in feature["parts"]
        for base in range(part["start"], part["end"])[:: part["strand"]]
    ]  # fmt: skip


def span_of(feature) -> tuple[int, int, int]:
    return feature["start"], feature["end"], feature["strand"]


@given(st.lists(locations(), min_size=1, max_size=8), st.integers(0, 59), st.integers(1, 60), st.integers(1, 70))
def test_every_base_of_every_feature_is_found(places, start, size, bin_bases):
    features = [feature_row(GenBankFeature("tRNA", place, []), index, 60, True) for index, place in enumerate(places)]
    end = min(start + size, 60)
    loci = Loci(features, 60, bin_bases)
    found: dict[int, list[Presence]] = {}
    for one in loci.present(start, end):
        found.setdefault(one.feature["index"], []).append(one)
    distinct = {span_of(f): f["index"] for f in reversed(features)}
    for feature in features:
        inside = [base for base in bases_of(feature) if start <= base < end]
        told = found.get(feature["index"], [])
        if feature["index"] not in distinct.values():
            # another with this very span stands for it, if it has a base here as well
            others = [other for other in features[: feature["index"]] if span_of(other) == span_of(feature)]
            if not any(start <= base < end for other in others for base in bases_of(other)):
                assert [bool(one.parts) for one in told] == [True] * bool(inside)
            else:
                assert not told
            continue
        assert sorted(base for one in told for low, high in one.parts for base in range(low, high)) == sorted(inside)
        if inside:
            own = bases_of(feature)
            shares = {one.share for one in told}
            assert ("whole" in shares) == (len(inside) == len(own) and feature["end"] <= 60)
            assert ("start" in shares) <= (own[0] in inside)
            assert ("end" in shares) <= (own[-1] in inside)
            assert (shares == {"middle"}) <= (own[0] not in inside and own[-1] not in inside)
        elif told:
            around = [base - start for base in bases_of(feature)]
            assert told[0].parts == ()
            assert min(around) < 0 < max(around) or feature["end"] > 60
    touching = sum(any(start <= base < end for base in bases_of(feature)) for feature in features)
    assert sum(loci.kinds(start, end).values()) == touching
    assert loci.all_in_loci(start, end)


def presences(*features: tuple[str, str, list], start: int, end: int) -> list[tuple[int, tuple, str]]:
    rows = [feature_row(GenBankFeature(*feature), index, 100, True) for index, feature in enumerate(features)]
    found = Loci(rows, 100, 10).present(start, end)
    return [(one.feature["index"], one.parts, one.share) for one in found]


def test_loci_are_sorted_by_position():
    features = [("tRNA", "50..60", []), ("tRNA", "complement(1..60)", []), ("tRNA", "40..90", [])]
    assert [index for index, _, _ in presences(*features, start=0, end=100)] == [1, 2, 0]
    assert [index for index, _, _ in presences(*features, start=45, end=100)] == [2, 1, 0]


def test_a_gene_and_its_products_are_one_locus():
    tagged = [("gene", "1..50", GENE), ("mRNA", "join(1..10,30..50)", GENE), ("CDS", "join(5..10,30..45)", CDS)]
    assert presences(*tagged, start=0, end=100) == [(0, ((0, 50),), "whole")]
    # an intron of the gene is of the gene
    assert presences(*tagged, start=12, end=20) == [(0, ((12, 20),), "middle")]
    named = [("gene", "1..50", [("gene", "thrA")]), ("CDS", "2..40", [("gene", "ThrA")])]
    assert len(presences(*named, start=0, end=100)) == 1
    exons = [*named, ("exon", "2..9", [("gene", "thrA")]), ("mat_peptide", "2..9", [("gene", "thrA")])]
    assert [index for index, _, _ in presences(*exons, start=0, end=100)] == [0, 3]
    # of one name, but apart
    assert len(presences(named[0], ("CDS", "60..90", [("gene", "thrA")]), start=0, end=100)) == 2
    assert len(presences(("gene", "1..50", []), ("CDS", "1..50", []), start=0, end=100)) == 1
    assert len(presences(("gene", "1..50", []), ("CDS", "1..49", []), start=0, end=100)) == 2


def test_a_locus_is_present_by_the_form_with_bases_on_the_stretch():
    forms = [("CDS", "1..20", [("gene", "x1")]), ("CDS", "10..60", [("gene", "x1")])]
    assert presences(*forms, start=0, end=30) == [(0, ((0, 20),), "whole")]
    assert presences(*forms, start=30, end=100) == [(1, ((30, 60),), "end")]


def test_a_stretch_between_parts_has_the_locus_without_bases():
    spliced = ("CDS", "join(1..20,80..90)", CDS)
    assert presences(spliced, start=30, end=60) == [(0, (), "part")]
    assert presences(spliced, start=0, end=60) == [(0, ((0, 20),), "start")]
    assert presences(("CDS", "join(1..20,80..90)", [("trans_splicing", None)]), start=30, end=60) == []
    assert presences(("CDS", "join(1..20,complement(80..90))", CDS), start=30, end=60) == []


def test_a_feature_across_the_origin_is_present_on_both_sides():
    across = ("CDS", "join(91..100,1..20)", CDS)
    assert presences(across, start=0, end=50) == [(0, ((0, 20),), "end")]
    assert presences(across, start=50, end=100) == [(0, ((90, 100),), "start")]
    assert presences(across, start=0, end=100) == [(0, ((0, 20),), "end"), (0, ((90, 100),), "start")]
    assert presences(("CDS", "complement(join(91..100,1..20))", CDS), start=0, end=50) == [(0, ((0, 20),), "start")]
    assert presences(across, start=30, end=50) == []


@pytest.mark.parametrize(
    "place", ["order(5..9,20..30)", "join(J00194.1:1..9,5..30)", "5..100000000000000000", "10^11", "one-of(5..9,5..12)"]
)
def test_a_feature_without_a_plain_location_is_counted_and_in_no_locus(place):
    rows = [feature_row(GenBankFeature("CDS", place, []), 0, 100, False)]
    loci = Loci(rows, 100, 10)
    assert loci.present(0, 50) == []
    assert loci.kinds(0, 50) == {"CDS": 1}
    assert not loci.all_in_loci(0, 50)
    assert loci.kinds(0, 4) == {}
