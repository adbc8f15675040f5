"""The pairs of one record: which spans get a row, what the row holds, and that no feature is lost."""

import itertools
import random
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.flatfile import record
from support.readrecord import read_record
from support.rederive import reverse_complement
from support.settings import pair_settings

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.rows import Exclusion, PairRow, mask_of_parts, pair_id, rows_of_record
from dnacorpus.schemas.pairs import PAIRS

BASES = "".join(random.Random(11).choices("ACGT", k=600))
SOURCE = ("source", "1..600", [("organism", "Escherichia coli")])
CDS = [("gene", "thrA"), ("locus_tag", "b0002"), ("product", "aspartate kinase")]


def results(*features, mask=(), max_bases=10_000, sequence=BASES, **options) -> list[PairRow | Exclusion]:
    found = read_record(record(sequence=sequence, features=features, **options).encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    return list(
        rows_of_record(
            Context(row, found.features, found.sequence, list(mask)), found.references, pair_settings(max_bases)
        )
    )


def gene(*features, **options) -> dict:
    """Values of the last feature's row."""
    row = results(*features, **options)[-1]
    assert isinstance(row, PairRow), row
    return row.values


def reasons(*features, **options) -> list[str | None]:
    found = results(*features, **options)[1:]
    return [result.reason if isinstance(result, Exclusion) else None for result in found]


def test_a_pair_id_is_32_hex_digits_of_kind_accession_feature_and_span():
    name = pair_id("gene", "NC_1.1", 3, 10, 20)
    assert re.fullmatch(r"[0-9a-f]{32}", name)
    others = [
        pair_id("record", "NC_1.1", 3, 10, 20), pair_id("gene", "NC_1.2", 3, 10, 20),
        pair_id("gene", "NC_1.1", None, 10, 20), pair_id("gene", "NC_1.1", 0, 10, 20),
        pair_id("gene", "NC_1.1", 3, 10, 21), pair_id("gene", "NC_1.1", 3, 1, 20),
        pair_id("gene", "NC_1.1", 3, 10, 20, "x"),
    ]  # fmt: skip
    assert len({name, *others}) == 8
    # The pair_id is part of every published row: a change here renames all pairs.
    assert name == "67075bfd1cd4348aaaddf09e4bf2c5eb"


def test_rows_have_the_columns_of_the_schema():
    rows = [
        result.values for result in results(SOURCE, ("CDS", "join(1..9,20..30)", CDS)) if isinstance(result, PairRow)
    ]
    missing = {"cluster": None, "copies": None, "copies_in": None, "biosafety": None}
    assert [set(row) | set(missing) for row in rows] == [set(PAIRS.names)] * 2
    table = pa.Table.from_pylist([row | missing for row in rows], schema=PAIRS)
    assert table.to_pylist() == [{name: (row | missing)[name] for name in PAIRS.names} for row in rows]


def test_the_record_row_is_the_whole_record():
    reference = {"title": "On it", "pubmed": "12345"}
    row = results(SOURCE, references=[reference, {**reference, "pubmed": "99"}], mask=[(0, 4), (4, 9), (20, 30)])[
        0
    ].values
    assert (row["kind"], row["level"], row["start"], row["end"], row["strand"]) == ("record", "genomic", 0, 600, 1)
    assert row["sequence"] == BASES
    assert row["mask"] == [{"start": 0, "end": 9}, {"start": 20, "end": 30}]
    assert row["pmids"] == [99, 12345]
    assert (row["feature_kind"], row["feature_index"], row["transl_table"], row["parts"]) == (None, None, None, [])
    assert row["licenses"] == ["LicenseRef-NCBI"]
    assert row["informative"] is True
    assert row["orientation_free"] is False


def test_a_long_record_gives_genes_and_no_record_row():
    found = results(SOURCE, ("CDS", "1..90", CDS), ("CDS", "1..500", [("product", "long protein L9")]), max_bases=300)
    assert found[0] == Exclusion("row", "too_long", 600)
    assert found[1] == Exclusion("feature", "source", 600, 0)
    assert found[2].values["sequence"] == BASES[:90]
    assert found[3] == Exclusion("feature", "too_long", 500, 2)


def test_a_record_as_long_as_the_limit_has_a_row():
    assert isinstance(results(SOURCE, max_bases=600)[0], PairRow)
    assert results(SOURCE, max_bases=599)[0] == Exclusion("row", "too_long", 600)


def test_bases_of_every_form_of_location():
    assert gene(SOURCE, ("CDS", "11..40", CDS))["sequence"] == BASES[10:40]
    assert gene(SOURCE, ("CDS", "complement(11..40)", CDS))["sequence"] == reverse_complement(BASES[10:40])
    spliced = gene(SOURCE, ("CDS", "complement(join(11..40,61..70))", CDS))
    assert spliced["sequence"] == reverse_complement(BASES[10:40] + BASES[60:70])
    assert spliced["parts"] == [{"start": 60, "end": 70, "strand": -1}, {"start": 10, "end": 40, "strand": -1}]
    assert (spliced["start"], spliced["end"], spliced["strand"]) == (10, 70, -1)
    mixed = gene(SOURCE, ("CDS", "join(11..40,complement(61..70))", CDS))
    assert mixed["sequence"] == BASES[10:40] + reverse_complement(BASES[60:70])
    assert mixed["strand"] == 0
    slipped = gene(SOURCE, ("CDS", "join(11..40,40..69)", [*CDS, ("ribosomal_slippage", None)]))
    assert slipped["sequence"] == BASES[10:40] + BASES[39:69]
    across = gene(SOURCE, ("CDS", "join(591..600,1..20)", CDS), topology="circular")
    assert (across["sequence"], across["start"], across["end"]) == (BASES[590:] + BASES[:20], 590, 620)
    assert len(across["parts"]) == 2
    assert gene(SOURCE, ("CDS", "11..40", CDS))["parts"] == []


def test_n_share_and_ambiguity():
    sequence = "ACGTNNNNRY" + BASES
    row = gene(SOURCE, ("CDS", "1..10", CDS), sequence=sequence)
    assert row["sequence"] == "ACGTNNNNRY"
    assert row["n_share"] == pytest.approx(0.4)


@given(st.data())
def test_the_mask_follows_the_bases(data):
    length = 60
    edges = sorted(data.draw(st.sets(st.integers(0, length), max_size=12)))
    mask = list(zip(edges[::2], edges[1::2], strict=False))
    soft = "".join("x" if any(low <= i < high for low, high in mask) else "." for i in range(length))
    span = st.tuples(st.integers(0, length), st.integers(0, length)).map(sorted).filter(lambda s: s[0] < s[1])
    parts = data.draw(st.lists(st.tuples(span, st.sampled_from([1, -1])), min_size=1, max_size=4))
    expected = "".join(soft[a:b][::strand] for (a, b), strand in parts)
    runs = mask_of_parts(mask, [(a, b, strand) for (a, b), strand in parts])
    shown = "".join("x" if any(low <= i < high for low, high in runs) else "." for i in range(len(expected)))
    assert shown == expected
    assert all(left[1] < right[0] for left, right in itertools.pairwise(runs))


def test_the_mask_of_a_gene():
    row = gene(SOURCE, ("CDS", "complement(join(11..40,61..70))", CDS), mask=[(0, 12), (35, 65)])
    assert row["mask"] == [{"start": 5, "end": 15}, {"start": 38, "end": 40}]


def test_genetic_codes_are_those_of_translated_features():
    assert gene(SOURCE, ("CDS", "1..30", [*CDS, ("transl_table", "11")]))["transl_table"] == 11
    assert gene(SOURCE, ("CDS", "1..30", CDS))["transl_table"] == 1
    assert gene(SOURCE, ("mat_peptide", "1..30", [("product", "nsp5")]))["transl_table"] is None
    assert gene(SOURCE, ("tRNA", "1..30", [("product", "tRNA-Ala")]))["transl_table"] is None


@pytest.mark.parametrize(
    ("kind", "level"),
    [("CDS", "cds"), ("mat_peptide", "cds"), ("sig_peptide", "cds"), ("mRNA", "transcript"), ("tRNA", "transcript"),
     ("rRNA", "transcript"), ("ncRNA", "transcript"), ("tmRNA", "transcript"), ("misc_RNA", "transcript"),
     ("precursor_RNA", "transcript"), ("gene", "genomic"), ("mobile_element", "genomic"), ("rep_origin", "genomic"),
     ("LTR", "genomic"), ("D-loop", "genomic")],
)  # fmt: skip
def test_levels(kind, level):
    row = gene(SOURCE, (kind, "1..30", [("gene", "x1")]))
    assert (row["level"], row["feature_kind"], row["feature_index"]) == (level, kind, 1)


def test_every_feature_has_one_result_with_its_reason():
    features = [
        SOURCE,
        ("gene", "1..90", [("gene", "thrA"), ("locus_tag", "b0002")]),
        ("CDS", "4..90", CDS),
        ("gene", "100..130", [("gene", "lone")]),
        ("variation", "1..10", []),
        ("misc_feature", "1..10", []),
        ("CDS", "order(1..9,20..30)", CDS),
        ("CDS", "join(J00194.1:1..9,20..30)", CDS),
        ("CDS", "590..700", CDS),
        ("repeat_region", "1..20", [("rpt_type", "tandem")]),
        ("repeat_region", "1..20", [("rpt_family", "Alu")]),
        ("repeat_region", "1..20", [("note", "a repeat of the left end")]),
        ("regulatory", "1..20", []),
        ("regulatory", "1..20", [("regulatory_class", "promoter")]),
        ("mRNA", "4..90", CDS),
    ]
    assert reasons(*features) == [
        "source", "has_product", None, None, "kind", "unnamed", "order", "remote", "out_of_bounds", "unnamed", None,
        None, "unnamed", None, None,
    ]  # fmt: skip
    indexes = [r.index if isinstance(r, Exclusion) else r.values["feature_index"] for r in results(*features)[1:]]
    assert indexes == list(range(15))


def test_a_gene_with_a_product_row_gets_no_row():
    def stands(gene_qualifiers, place, cds_qualifiers, cds_place) -> bool:
        return reasons(SOURCE, ("gene", place, gene_qualifiers), ("CDS", cds_place, cds_qualifiers))[1] == "has_product"

    assert stands([("locus_tag", "b1")], "1..50", [("locus_tag", "b1")], "300..350")
    assert stands([("gene", "cox1")], "1..50", [("gene", "COX1")], "40..90")
    assert not stands([("gene", "cox1")], "1..50", [("gene", "cox1")], "300..350")
    assert not stands([("gene", "cox1")], "1..50", [("gene", "cox2")], "40..90")
    assert stands([], "1..50", [("product", "x1")], "1..50")
    assert not stands([], "1..50", [("product", "x1")], "1..51")
    # a product without a row of its own stands for nothing
    assert not stands([("locus_tag", "b1")], "1..50", [("locus_tag", "b1")], "order(1..9,20..30)")


def test_pubmed_ids_of_a_gene_are_those_it_cites():
    references = [{"title": "a", "pubmed": "11"}, {"title": "b"}, {"title": "c", "pubmed": "33"}]
    assert gene(SOURCE, ("CDS", "1..30", CDS), references=references)["pmids"] == []
    cited = [*CDS, ("citation", "[3]"), ("citation", "[2]"), ("experiment", "EXISTENCE:assay [PMID:77, PMID: 55]")]
    assert gene(SOURCE, ("CDS", "1..30", cited), references=references)["pmids"] == [33, 55, 77]


def digest(*features, **options) -> bytes | None:
    return results(*features, **options)[-1].digest


def test_copies_have_the_same_digest_on_either_strand():
    base = digest(SOURCE, ("CDS", "11..40", CDS))
    assert len(base) == 16
    turned = digest(SOURCE, ("CDS", "complement(561..590)", []), sequence=reverse_complement(BASES))
    assert turned == base
    assert digest(SOURCE, ("CDS", "11..40", [*CDS, ("transl_table", "11")])) != base
    assert digest(SOURCE, ("mRNA", "11..40", CDS)) != base
    assert digest(SOURCE, ("CDS", "11..43", CDS)) != base
    assert results(SOURCE)[0].digest is None


def test_rows_are_the_same_each_time():
    def make() -> list[PairRow | Exclusion]:
        return results(SOURCE, ("CDS", "11..40", CDS), ("tRNA", "50..90", [("product", "tRNA-Ala")]))

    assert make() == make()


def test_a_record_without_bases_gives_no_row():
    found = read_record(record(sequence="", locus_length=50, features=[SOURCE]).encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    first = next(rows_of_record(Context(row, found.features, b""), [], pair_settings(100)))
    assert first == Exclusion("row", "no_sequence", 0)
