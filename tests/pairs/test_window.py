"""Windows: how records are cut, what lies on each stretch by brute force, and what is said of it."""

import gzip
import itertools
import random
import re

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import oracle
from support.described import everywhere, nowhere
from support.each import each
from support.flatfile import record
from support.readrecord import read_record
from support.rederive import problems
from support.settings import pair_settings
from support.stages import make_pairs

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.rows import Exclusion, PairRow, rows_of_record
from dnacorpus.pairs.window import WindowSettings, evenly, tiles
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.text.templates import Templates

BASES = "".join(random.Random(5).choices("ACGT", k=1000))
SOURCE = ("source", "1..1000", [("organism", "Escherichia coli")])
GENE = [("gene", "thrA"), ("locus_tag", "b0002")]
CDS = [*GENE, ("product", "aspartate kinase")]


def settings(bases=250, stride=0, *, min_share=0.5, max_n_share=0.05, max_features=12, max_windows=0, short=False):
    return WindowSettings(
        bases=bases,
        stride=stride,
        min_share=min_share,
        max_n_share=max_n_share,
        max_features=max_features,
        max_windows=max_windows,
        short_records=short,
    )


def results(*features, mask=(), sequence=BASES, number=1, options=None, **about) -> list[PairRow | Exclusion]:
    """What the windows of a made record come to, all other rows left out."""
    text = record(f"NC_000001.{number}", sequence=sequence, features=features, **about)
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    context = Context(row, found.features, found.sequence, list(mask))
    made = list(rows_of_record(context, found.references, pair_settings(10_000), options or settings()))
    first_feature = next(place for place, one in enumerate(made) if _is_of_feature(one))
    return made[1:first_feature]


def _is_of_feature(result: PairRow | Exclusion) -> bool:
    return result.unit == "feature" if isinstance(result, Exclusion) else result.values["kind"] == "gene"


def texts(*features, window: int, **options) -> set[str]:
    """Every text that one window gets under forty versions of its record."""
    return {results(*features, number=number, **options)[window].values["text"] for number in range(1, 41)}


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 60), st.floats(0, 1), st.booleans())
def test_tiles(length, bases, stride, min_share, short):
    found = tiles(length, settings(bases, stride, min_share=min_share, short=short))
    if length <= bases:
        assert found == ([(0, length)] if short else [])
        return
    step = stride or bases
    assert all(0 <= start < end <= length and end - start <= bases for start, end in found)
    assert all(end - start >= min_share * bases for start, end in found)
    assert [start for start, _ in found[:-1]] == [step * number for number in range(len(found) - 1)]
    assert all(end - start == bases for start, end in found[:-1])
    assert len(set(found)) == len(found)
    if step <= bases:
        covered = {base for start, end in found for base in range(start, end)}
        assert covered == set(range(length))
        assert found[-1][1] == length


def test_a_short_tail_is_replaced_by_a_whole_window():
    assert tiles(25, settings(10, min_share=0.5)) == [(0, 10), (10, 20), (20, 25)]
    assert tiles(25, settings(10, min_share=0.6)) == [(0, 10), (10, 20), (15, 25)]
    assert tiles(20, settings(10)) == [(0, 10), (10, 20)]
    assert tiles(23, settings(10, stride=5)) == [(0, 10), (5, 15), (10, 20), (15, 23)]
    assert tiles(100, settings(10, stride=40)) == [(0, 10), (40, 50), (80, 90)]


@given(st.integers(0, 200), st.integers(0, 50))
def test_evenly(count, most):
    found = evenly(count, most)
    assert len(found) == (min(count, most) if most else count)
    assert found == sorted(set(found))
    assert not found or (found[0] >= 0 and found[-1] < count)
    gaps = [right - left for left, right in itertools.pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1


# --- rows ---------------------------------------------------------------------------------------------------


def test_windows_are_slices_of_the_record():
    found = [one.values for one in results(SOURCE, mask=[(10, 20), (240, 260)])]
    assert [(row["start"], row["end"]) for row in found] == [(0, 250), (250, 500), (500, 750), (750, 1000)]
    assert [row["sequence"] for row in found] == [BASES[at : at + 250] for at in range(0, 1000, 250)]
    assert [row["mask"] for row in found[:3]] == [
        [{"start": 10, "end": 20}, {"start": 240, "end": 250}],
        [{"start": 0, "end": 10}],
        [],
    ]
    assert all(one.digest is None for one in each(results(SOURCE)))


def test_the_columns_of_a_window():
    row = results(SOURCE, ("CDS", "1..90", CDS), references=[{"title": "On it", "pubmed": "12"}])[0].values
    assert (row["kind"], row["level"], row["strand"], row["parts"]) == ("window", "genomic", 1, [])
    assert (row["feature_kind"], row["feature_index"], row["transl_table"], row["pmids"]) == (None, None, None, [])
    assert (row["orientation_free"], row["informative"]) == (False, True)
    assert row["licenses"] == ["LicenseRef-NCBI"]
    whole = row | {"cluster": None, "copies": None, "copies_in": None, "biosafety": None}
    assert set(whole) == set(PAIRS.names)
    assert pa.Table.from_pylist([whole], schema=PAIRS).num_rows == 1
    # part of every published row: a change here renames the corpus
    assert row["pair_id"] == "ccb8edd7af27d692039b2490a96e8415"


def test_windows_follow_the_record_row_or_its_exclusion():
    text = record(sequence=BASES, features=[SOURCE])
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}

    def kinds(max_bases: int, windows: WindowSettings | None = None) -> list[str]:
        made = rows_of_record(Context(row, found.features, found.sequence), [], pair_settings(max_bases), windows)
        return [one.reason if isinstance(one, Exclusion) else one.values["kind"] for one in made]

    assert kinds(1000, settings(500)) == ["record", "window", "window", "source"]
    assert kinds(600, settings(500)) == ["too_long", "window", "window", "source"]
    assert kinds(600) == ["too_long", "source"]
    assert kinds(1000, settings(1000)) == ["record", "source"]
    assert kinds(1000, settings(1000, short=True)) == ["record", "window", "source"]


def test_a_stretch_of_unknown_bases_is_a_gap():
    sequence = "N" * 13 + BASES[13:250] + "N" * 12 + BASES[262:510] + "R" * 200 + BASES[710:]
    found = results(SOURCE, sequence=sequence)
    assert found[0] == Exclusion("row", "gap", 250)
    assert [one.values["start"] for one in found[1:]] == [250, 500, 750]
    assert found[1].values["n_share"] == pytest.approx(12 / 250)
    assert [isinstance(one, PairRow) for one in results(SOURCE, sequence=sequence, options=settings(max_n_share=1))]


def test_windows_beyond_the_cap_are_counted():
    found = results(SOURCE, options=settings(100, max_windows=3))
    kept = [one.values["start"] for one in found if isinstance(one, PairRow)]
    assert kept == [100, 500, 800]
    assert [one for one in found if isinstance(one, Exclusion)] == [Exclusion("row", "cap", 100)] * 7
    # a gap takes no place under the cap
    gaps = results(SOURCE, sequence="N" * 500 + BASES[500:], options=settings(100, max_windows=4))
    assert [one.reason for one in gaps if isinstance(one, Exclusion)] == ["gap"] * 5 + ["cap"]
    assert sum(isinstance(one, PairRow) for one in gaps) == 4


def test_the_ledger_counts_every_window(built, tmp_path):
    options = settings(200, max_windows=3)
    out = tmp_path / "plant" / "plant.1"
    make_pairs(
        built / "tables" / "plant" / "plant.1",
        built / "decisions" / "plant.parquet",
        pair_settings(1000),
        out,
        windows=options,
    )
    rows = pl.concat(pl.read_parquet(path) for path in out.glob("t*.parquet"))
    windows = rows.filter(pl.col("kind") == "window")
    lengths = rows.filter(pl.col("kind") == "record")["sequence"].str.len_bytes()
    assert len(windows) == 3 * len(lengths) > 0
    entries = pl.read_parquet(out / "ledger.parquet").filter(pl.col("unit") == "row")
    total = dict(entries.group_by("status").agg(pl.col("count").sum()).iter_rows())
    assert total["in"] == len(rows) + total["excluded"]
    assert total["excluded"] == sum(len(tiles(length, options)) - 3 for length in lengths)
    keys = pl.read_parquet(out / "keys.parquet").join(windows.select("pair_id"), on="pair_id")
    assert keys["digest"].to_list() == [None] * len(windows)
    assert keys["bases"].sum() == windows["sequence"].str.len_bytes().sum()


def test_the_same_windows_each_time():
    assert results(SOURCE, ("CDS", "1..90", CDS)) == results(SOURCE, ("CDS", "1..90", CDS))


# --- what lies on a stretch, base by base -----------------------------------------------------------------


# --- what is said -------------------------------------------------------------------------------------------


def test_a_window_text_names_its_record_and_location():
    found = texts(SOURCE, window=1, definition="Escherichia coli K-12, complete genome.", topology="circular")
    gc = f"{100 * sum(map(BASES[250:500].count, 'GC')) / 250:.1f}%"
    assert everywhere(found, "Escherichia coli K-12, complete genome", "NC_000001.", "251", "500", "1,000", "250 bases")
    assert everywhere(found, "circular", "DNA", gc)
    assert everywhere(texts(SOURCE, window=1, definition="Unnamed isolate."), "Escherichia coli")
    assert nowhere(texts(SOURCE, window=1), "None", "circular")


def test_positions_count_from_the_start_of_the_window():
    found = texts(SOURCE, ("gene", "complement(301..390)", GENE), ("CDS", "complement(301..390)", CDS), window=1)
    assert all(re.search(r"\b51(\.\.| to | and )140\b", text) for text in each(found))
    assert everywhere(found, "reverse strand", "thrA", "b0002", "aspartate kinase", "predicted")
    assert all(text.count("thrA") == 1 for text in each(found))
    assert nowhere(found, "the start of", "the end of")


@pytest.mark.parametrize(
    ("place", "window", "first", "last", "words"),
    [
        ("201..300", 0, 201, 250, "the start"),
        ("201..300", 1, 1, 50, "the end"),
        ("complement(201..300)", 0, 201, 250, "the end"),
        ("complement(201..300)", 1, 1, 50, "the start"),
        ("201..600", 1, 1, 250, "a middle part"),
        ("join(991..1000,1..30)", 0, 1, 30, "the end"),
        ("join(991..1000,1..30)", 3, 241, 250, "the start"),
        ("join(201..220,complement(240..260))", 0, 201, 250, "a part"),
    ],
)
def test_a_feature_cut_by_an_edge_is_called_partial(place, window, first, last, words):
    found = texts(SOURCE, ("CDS", place, CDS), window=window, topology="circular")
    assert everywhere(found, words)
    assert all(re.search(rf"\b{first}(\.\.| to | and ){last}\b", text) for text in each(found))


def test_a_feature_of_one_base_has_one_position():
    assert all(
        re.search(r"position 10\b", text.lower()) for text in each(texts(SOURCE, ("rep_origin", "260", []), window=1))
    )


def test_segments_are_counted():
    spliced = ("CDS", "join(201..210,231..260,301..310)", CDS)
    assert all(re.search(r"\b2 of (its )?3\b|whose 3 segments the stretch touches 2\b", text)
               for text in each(texts(SOURCE, spliced, window=0)))  # fmt: skip
    assert everywhere(texts(SOURCE, ("CDS", "join(301..310,331..360)", CDS), window=1), "2 segments")
    between = texts(SOURCE, ("CDS", "join(201..210,801..850)", CDS), window=1)
    assert everywhere(between, "between segments of", "thrA")


def test_parts_that_meet_at_the_origin_are_one_segment():
    for place in ("join(901..1000,1..30)", "join(301..1000,1..400)", "complement(join(901..1000,1..30))"):
        found = texts(SOURCE, ("CDS", place, CDS), window=0, topology="circular", options=settings(1000, short=True))
        assert everywhere(found, "thrA")
        assert nowhere(found, "segment")
    assert everywhere(texts(SOURCE, ("CDS", "join(1..9,901..1000)", CDS), window=0), "segments")


def test_windows_keep_predicted_and_encodes_apart():
    plain = texts(SOURCE, ("CDS", "1..90", CDS), window=0)
    assert everywhere(plain, "predicted")
    assert nowhere(plain, "encodes")
    sure = texts(SOURCE, ("CDS", "1..90", [*CDS, ("experiment", "seen")]), window=0)
    assert everywhere(sure, "encodes aspartate kinase")
    assert nowhere(sure, "predicted")
    pseudo = texts(SOURCE, ("gene", "1..90", [*GENE, ("pseudo", None)]), window=0)
    assert everywhere(pseudo, "pseudogene", "thrA")
    assert nowhere(pseudo, "encode")
    assert everywhere(texts(SOURCE, ("CDS", "<1..90", CDS), window=0), "incomplete at the 5' end")
    for product, experiment in (("hypothetical protein", "seen"), ("aspartate kinase", "Curator Inference")):
        doubtful = texts(SOURCE, ("CDS", "1..90", [("product", product), ("experiment", experiment)]), window=0)
        assert everywhere(doubtful, "predicted", product)
        assert nowhere(doubtful, "encodes")
    for tagged in ([], GENE):
        doubted = texts(SOURCE, ("CDS", "1..90", [*tagged, ("product", "putative kinase")]), window=0)
        assert everywhere(doubted, "putative kinase")
        assert nowhere(doubted, "predicted", "encodes")


def test_a_product_is_incomplete_if_its_own_feature_is():
    gene = ("gene", "<1..>120", GENE)
    assert nowhere(texts(SOURCE, gene, ("CDS", "11..100", CDS), window=0), "incomplete")
    assert everywhere(texts(SOURCE, gene, ("CDS", "<11..100", CDS), window=0), "incomplete at the 5' end")
    assert everywhere(texts(SOURCE, gene, window=0), "incomplete at both ends")


def test_a_locus_whose_rna_is_one_of_several_is_no_rna_gene():
    gene = ("gene", "1..120", [("gene", "thrA")])
    rna = ("product", "aspartate kinase, transcript variant X2"), ("gene", "thrA")
    mrna = ("mRNA", "1..90", CDS)
    for kind, others in (("misc_RNA", []), ("misc_RNA", [mrna]), ("ncRNA", [mrna]), ("ncRNA", [])):
        found = texts(SOURCE, gene, *others, (kind, "1..100", rna), window=0)
        assert everywhere(found, "thrA", "aspartate kinase")
        assert nowhere(found, "RNA gene") == (kind != "ncRNA" or bool(others)), (kind, others)


def test_rna_genes_and_elements():
    assert everywhere(texts(SOURCE, ("tRNA", "1..90", [("product", "tRNA-Ala")]), window=0), "tRNA gene", "tRNA-Ala")
    mobile = ("mobile_element", "1..90", [("mobile_element_type", "insertion sequence:IS1")])
    assert everywhere(texts(SOURCE, mobile, window=0), "insertion sequence", "IS1")
    assert everywhere(texts(SOURCE, ("repeat_region", "1..90", [("rpt_family", "Alu")]), window=0), "Alu", "repeat")
    site = ("regulatory", "1..90", [("regulatory_class", "TATA_box"), ("gene", "thrA")])
    assert everywhere(texts(SOURCE, site, window=0), "TATA box", "thrA")
    peptide = ("mat_peptide", "1..90", [("product", "protein NS5"), ("gene", "POLY")])
    assert everywhere(texts(SOURCE, peptide, window=0), "mature peptide", "protein NS5", "POLY")
    assert everywhere(texts(SOURCE, ("mRNA", "1..90", CDS), window=0), "mRNA", "thrA", "aspartate kinase")
    assert everywhere(texts(SOURCE, ("CDS", "1..90", []), window=0), "coding sequence")
    noted = ("misc_feature", "1..90", [("note", "attachment site of the phage")])
    assert everywhere(texts(SOURCE, noted, window=0), "attachment site of the phage")
    for long in (f"{'site of it ' * 13}(of the phage)", f"{'site of it ' * 8}(of the phage; {'x y ' * 10})"):
        assert nowhere(texts(SOURCE, ("misc_feature", "1..90", [("note", long)]), window=0), "site")
    assert everywhere(texts(SOURCE, ("mRNA", "1..90", [("product", "mRNA-pl")]), window=0), "mRNA-pl")
    assert nowhere(texts(SOURCE, ("mRNA", "1..90", [*GENE, ("product", "mRNA-pl")]), window=0), "mRNA mRNA")


def test_a_window_without_annotation_is_uninformative():
    found = results(SOURCE, ("CDS", "1..90", CDS))
    assert [one.values["informative"] for one in found] == [True, False, False, False]
    assert everywhere(texts(SOURCE, ("CDS", "1..90", CDS), window=1), "nothing")
    nameless = results(SOURCE, ("CDS", "1..90", [("product", "hypothetical protein"), ("locus_tag", "b1")]))
    assert not nameless[0].values["informative"]
    # where nobody annotated anything, nothing can be said
    assert nowhere(texts(SOURCE, window=1), "nothing", "annot")
    assert not results(SOURCE)[0].values["informative"]
    # what is not told is counted
    untold = texts(SOURCE, ("misc_difference", "260..270", []), window=1)
    assert everywhere(untold, "1 misc_difference feature")
    assert nowhere(untold, "nothing")


def test_of_many_features_some_are_described_and_all_are_counted():
    genes = [
        ("CDS", f"{10 * number + 1}..{10 * number + 9}", [("product", f"kinase {number}" if number % 2 else "unknown")])
        for number in range(20)
    ]
    options = settings(max_features=4)
    found = texts(SOURCE, *genes, ("tRNA", "241..249", []), window=0, options=options)
    assert everywhere(found, "20 coding sequences and 1 tRNA", "kinase 3", "kinase 9", "kinase 13", "kinase 19")
    assert all(text.count("kinase") == 4 for text in each(found))
    fewer = texts(SOURCE, *genes[:4], window=0, options=options)
    assert nowhere(fewer, "4 coding sequences")
    assert all(text.count("kinase") == 2 for text in each(fewer))


def test_every_window_clause_has_enough_phrasings():
    sets: dict[tuple[str, frozenset[str]], int] = {}
    for clause, slots, _ in Templates.load().phrasings():
        if clause.startswith("window."):
            sets[clause, slots] = sets.get((clause, slots), 0) + 1
    assert [key for key, count in each(sets.items()) if count < 4] == []
    clauses = {clause for clause, _ in sets}
    few = [c for c in clauses if sum(count for (clause, _), count in sets.items() if clause == c) < 8]
    assert few == []
    assert len(clauses) == 19


# --- all of it, derived again -----------------------------------------------------------------------------

ODD = record(
    sequence=BASES,
    topology="circular",
    organism="Candidatus Ängström sp.",
    definition="Plasmid pÅ-1, complete sequence.",
    features=[
        ("source", "1..1000", [("organism", "Candidatus Ängström sp.")]),
        ("gene", "1..90", [("gene", "tufα"), ("locus_tag", "T_0001")]),
        ("CDS", "1..90", [("gene", "tufα"), ("locus_tag", "T_0001"), ("product", "α-amylase"), ("experiment", "x")]),
        ("CDS", "complement(join(<101..130,161..290))", [("product", "ABC transporter permease")]),
        ("CDS", "join(921..930,951..1000,1..50)", [("gene", "wrp"), ("product", "wrap protein W")]),
        ("CDS", "join(201..230,complement(251..280))", [("trans_splicing", None), ("product", "mixed protein 2")]),
        ("gene", "300..700", [("locus_tag", "T_0009")]),
        ("mRNA", "join(300..330,650..700)", [("locus_tag", "T_0009"), ("product", "old kinase")]),
        ("CDS", "join(310..330,640..>690)", [("locus_tag", "T_0008"), ("pseudo", None), ("product", "old kinase")]),
        ("tRNA", "500..570", [("gene", "trnF"), ("product", "tRNA-Phe")]),
        ("ncRNA", "600..640", [("ncRNA_class", "antisense_RNA")]),
        ("rep_origin", "705", []),
        ("misc_difference", "706..710", []),
        ("CDS", "order(720..730,740..745)", [("product", "kinase B")]),
        ("LTR", "complement(800..1000)", []),
    ],
)


def windows(text: str, options: WindowSettings):
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    limits = pair_settings(options.bases), options
    made = rows_of_record(Context(row, [], found.sequence), found.references, *limits) if not found.features else (
        rows_of_record(Context(row, found.features, found.sequence), found.references, *limits)
    )  # fmt: skip
    return [one.values for one in made if isinstance(one, PairRow) and one.values["kind"] == "window"]


def test_every_claim_is_rederived_independently():
    said = set()
    for number in range(1, 31):
        text = ODD.replace("NC_000001.1", f"NC_000001.{number}")
        seen = oracle.read(text)[0]
        for bases in (40, 130, 250, 700, 1000):
            for row in each(windows(text, settings(bases, bases // 2, max_features=3 + number % 9, short=True))):
                assert problems(row, seen) == [], row["text"]
                said.add(row["text"])
                assert re.search(r"\s\s|\.\.(?!\d)| [.,;]|None|\(\)", row["text"]) is None, row["text"]
                assert row["text"].endswith(".")
    assert len(said) > 1000


def test_the_rederivation_reports_a_false_claim():
    seen = oracle.read(ODD)[0]
    for row in each(windows(ODD, settings())):
        assert problems({**row, "start": row["start"] + 1, "sequence": row["sequence"][1:]}, seen)
        for number, span in each(enumerate(row["evidence"])):
            if span["field"].startswith(("span", "length")) or span["field"].endswith("/location"):
                shown = row["text"][span["start"] : span["end"]]
                turned = {"forward strand": "reverse strand", "reverse strand": "forward strand"}
                lie = turned.get(shown, "4,321")
                text = row["text"][: span["start"]] + lie + row["text"][span["end"] :]
                longer = len(lie) - len(shown)
                shifted = [
                    one
                    | {
                        "start": one["start"] + longer * (place > number),
                        "end": one["end"] + longer * (place >= number),
                    }
                    for place, one in enumerate(row["evidence"])
                ]
                found = problems({**row, "text": text, "evidence": shifted}, seen)
                assert len(found) == 1, (number, shown)
                assert lie in found[0]


@pytest.mark.mirror
def test_windows_of_real_records_are_rederived_independently(mirror):
    checked, longest = 0, 0
    for path in each(sorted(mirror.glob("*/*.gbff.gz"))):
        for text in each(
            re.findall(r"^LOCUS .*?^//\n", gzip.decompress(path.read_bytes()).decode("utf-8", "replace"), re.M | re.S)
        ):
            if len(text) > 15_000 and "\n        1 " in text and "_REF" not in text[:200]:
                rows = windows(text, settings(8192, max_windows=40))
                seen = oracle.read(text)[0] if rows else None
                for row in rows:
                    assert problems(row, seen) == [], row["text"]
                checked += len(rows)
                longest = max(longest, len(seen.seq) if seen else 0)
    assert checked > 1000
    assert longest > 4_000_000
