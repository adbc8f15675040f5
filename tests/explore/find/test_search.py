import contextlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise, product

import polars as pl
import pytest
from Bio import SeqIO
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record
from support.oracle import read
from support.repository import REPOSITORY
from support.smallrelease import PLANTS, VIRUSES, bases, plain
from support.stages import build, release

from dnacorpus.cli.main import parser
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.find.positions import clustered, in_region, near
from dnacorpus.explore.find.query import Query, length_of, near_of, region_of
from dnacorpus.explore.find.search import find

LONG = "This note says a great deal about the transfer of electrons in the membrane of the organelle."
CIRCLE = [  # 900 bases, circular
    ("source", "1..900", [("organism", "Zea mays"), ("mol_type", "genomic DNA"), ("country", "Peru: Cusco")]),
    ("gene", "10..99", [("gene", "psbA"), ("locus_tag", "ZM_1"), ("gene_synonym", "D1; qB protein")]),
    ("CDS", "10..99", [("gene", "psbA"), ("locus_tag", "ZM_1"), ("gene_synonym", "qB protein;D1"),
                       ("product", "photosystem II protein D1"),
                       ("protein_id", "NP_1.1"), ("translation", "MADE")]),
    ("CDS", "complement(join(200..259,300..329))", [("gene", "atpF"), ("product", "ATP synthase subunit")]),
    ("tRNA", "400..471", [("gene", "trnH"), ("product", "tRNA-His"), ("note", LONG)]),
    ("CDS", "join(850..900,1..6)", [("gene", "ycf1"), ("old_locus_tag", "old7"), ("product", "Ycf1 protein")]),
    ("CDS", "join(complement(600..629),700..729)", [("gene", "rps12"), ("trans_splicing", None)]),
    ("CDS", "join(500..519,519..530)", [("gene", "orf1ab"), ("ribosomal_slippage", None)]),
    ("CDS", "540..560", [("gene", "fake"), ("pseudo", None)]),
    ("misc_feature", "order(570..575,580..585)", [("note", f"two (2) stretches. {LONG}")]),
    ("variation", "590^591", []),
]  # fmt: skip
PARTIAL = [  # 900 bases, linear
    ("CDS", "<1..32", [("gene", "p1"), ("codon_start", "3")]),
    ("CDS", "41..>70", [("gene", "p2")]),
    ("CDS", "complement(<101..130)", [("gene", "p3")]),
    ("CDS", "141..172", [("gene", "p4"), ("transl_except", "(pos:171..172,aa:TERM)")]),
    ("CDS", "order(201..230,241..270)", [("gene", "p5")]),
    ("CDS", "join(AB000099.1:1..30,301..330)", [("gene", "p6")]),
]
PROTEINS = {"psbA": 29, "atpF": 29, "ycf1": 18, "rps12": 19, "orf1ab": 10, "p1": 9, "p2": 10, "p3": 10, "p4": 10}
"""Gene -> amino acids, by hand; fake is pseudo, and p5 and p6 are not all there."""

TEXT = record("NC_000001.1", bases("circle", 900), CIRCLE, organism="Zea mays", lineage=PLANTS, topology="circular")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A build of two divisions, one record in both, with its dataset."""
    folder = tmp_path_factory.mktemp("find")
    partial = record("NC_000002.2", bases("partial", 900), PARTIAL, organism="Test phage", lineage=VIRUSES)
    files = {
        "plastid.1.genomic.gbff.gz": TEXT,
        "plant.1.genomic.gbff.gz": TEXT + plain("NC_000003.1", "Pisum sativum", PLANTS),
        "viral.1.genomic.gbff.gz": plain("NC_000004.1", "Test phage two", VIRUSES),
        "viral.2.genomic.gbff.gz": partial,
    }
    mirror = release(folder / "mirror", files)
    build(folder / "results", mirror, ["plant", "plastid", "viral"])
    return folder / "results"


@pytest.fixture
def ask(results, capsys):
    """Run the verb and return stdout's lines and stderr; without a folder over the plastid division of the build."""

    def ask(*arguments, folder=None):
        where = [folder] if folder else [results, "--division", "plastid"]
        options = parser().parse_args(["find", *map(str, [*where, *arguments])])
        assert not options.run(options)
        captured = capsys.readouterr()
        return captured.out.splitlines(), captured.err

    return ask


def rows(ask, *arguments, folder=None):
    return [json.loads(line) for line in ask(*arguments, "--json", folder=folder)[0]]


def names(ask, *arguments, folder=None):
    return [(row["kind"], row["gene"]) for row in rows(ask, *arguments, folder=folder)]


@pytest.mark.parametrize("name", ["psbA", "PSBA", "d1", "qB protein", "zm_1"])
def test_a_gene_is_found_by_its_name_synonyms_and_locus_tag_in_any_case(ask, name):
    assert names(ask, "--gene", name) == [("gene", "psbA"), ("CDS", "psbA")]


def test_a_gene_is_found_whole_only(ask):
    assert names(ask, "--gene", "psb") == names(ask, "--gene", "protein") == names(ask, "--gene", "psb.") == []
    assert names(ask, "--gene", "old7") == [("CDS", "ycf1")]


def test_texts_are_parts_of_products_notes_and_all_but_translations(ask):
    assert names(ask, "--product", "SYNTHASE") == [("CDS", "atpF")]
    assert names(ask, "--note", "electrons") == [("tRNA", "trnH"), ("misc_feature", None)]
    assert names(ask, "--text", "peru: c") == [("source", None)]
    assert names(ask, "--text", "np_1.1") == [("CDS", "psbA")]
    assert names(ask, "--text", "MADE") == []


def test_texts_are_literal_without_the_option_regex(ask):
    assert names(ask, "--note", "(2)") == [("misc_feature", None)]
    assert names(ask, "--product", "^(ycf|atp)") == []
    assert names(ask, "--product", "^(ycf|atp)", "--regex") == [("CDS", "atpF"), ("CDS", "ycf1")]
    with pytest.raises(UsageError, match=r"--product \(: expected a regular expression, found error: unclosed group"):
        ask("--product", "(", "--regex")


def test_kind_strand_and_pseudo(ask):
    assert names(ask, "--kind", "trna,Gene") == [("gene", "psbA"), ("tRNA", "trnH")]
    assert names(ask, "--strand", "-") == [("CDS", "atpF")]
    assert names(ask, "--pseudo", "yes") == [("CDS", "fake")]
    assert len(names(ask, "--pseudo", "no")) == len(CIRCLE) - 1


def test_values_take_commas_or_repeats_and_the_folder_may_follow_them(ask, results):
    both = names(ask, "--kind", "trna,Gene")
    assert len(both) == 2
    assert names(ask, "--kind", "trna", "--kind", "Gene") == both
    chosen = parser().parse_args(["find", "--kind", "CDS", str(results)])
    assert (chosen.kind, chosen.results) == (["CDS"], results)


def test_records_are_chosen_by_organism_division_and_accession(ask, results):
    def records(*arguments):
        return {(row["division"], row["accession"]) for row in rows(ask, *arguments, folder=results)}

    copies = {("plant", "NC_000001.1"), ("plastid", "NC_000001.1")}
    assert records("--organism", "ZEA") == records("--record", "nc_000001") == copies
    assert records("--record", "NC_000001.2") == records("--record", "NC_00000") == set()
    assert records("--record", "NC_000002,NC_000004.1") == {("viral", "NC_000002.2"), ("viral", "NC_000004.1")}
    assert records("--division", "viral,plastid", "--organism", "^test|mays$", "--regex") == {
        ("plastid", "NC_000001.1"), ("viral", "NC_000002.2"), ("viral", "NC_000004.1"),
    }  # fmt: skip


def test_proteins_have_the_amino_acids_of_their_whole_codons(ask, results):
    for folder in (results, results / "dataset"):
        found = rows(ask, "--record", "NC_000001,NC_000002", "--kind", "CDS", folder=folder)
        assert {row["gene"]: row["protein"] for row in found} == PROTEINS | {"fake": None, "p5": None, "p6": None}
        chosen = names(ask, "--record", "NC_000001,NC_000002", "--min-protein", 10, "--max-protein", 19, folder=folder)
        assert {gene for _, gene in chosen} == {gene for gene, length in PROTEINS.items() if 10 <= length <= 19}


def test_a_region_counts_from_one_and_goes_across_the_origin(ask):
    def found(region):
        return [gene for kind, gene in names(ask, "--record", "NC_000001", "--region", region, "--kind", "CDS,tRNA")]

    assert found("99-199") == ["psbA"]
    assert found("100..199") == []
    assert found("260-299") == ["atpF"]  # its intron
    assert found("630-699") == []  # between the trans-spliced parts
    assert found("0.629k-630") == ["rps12"]
    assert found("7-9") == []
    assert found("880-2") == found("6-6") == found("899-905") == ["ycf1"]
    assert len(names(ask, "--record", "NC_000001", "--region", "1-900")) == len(CIRCLE) - 1  # no source
    assert names(ask, "--record", "NC_000001", "--region", "7-9", "--kind", "source") == [("source", None)]


def test_near_measures_the_shorter_way_round_a_circle(ask):
    found = {row["gene"]: row["distance"] for row in rows(ask, "--near", "psbA:110", "--kind", "CDS,tRNA")}
    assert found == {"psbA": 0, "atpF": 100, "ycf1": 3}
    assert rows(ask, "--near", "tRNA-HIS:27", "--kind", "CDS") == []
    assert [row["gene"] for row in rows(ask, "--near", "tRNA-HIS:28b", "--kind", "CDS")] == ["orf1ab"]
    assert "no gene or product nothing" in ask("--near", "nothing:5k")[1]


def test_clusters_go_across_the_origin_and_are_numbered(ask):
    found = rows(ask, "--cluster", 101, "--kind", "CDS", "--cluster-size", 3)
    groups = ((1, ("orf1ab", "fake", "rps12")), (2, ("ycf1", "psbA", "atpF")))
    assert [(row["cluster"], row["gene"]) for row in found] == [
        (number, gene) for number, genes in groups for gene in genes
    ]
    assert {row["gene"] for row in rows(ask, "--cluster", 99, "--kind", "CDS", "--cluster-size", 3)} == {
        "orf1ab", "fake", "rps12",
    }  # fmt: skip


SPANS = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 12), st.booleans()), max_size=8)


def frame(spans, circular, length=60):
    """Return features of one record; those of which the third value is true are two parts, 20 bases apart."""
    made = []
    for start, size, apart in spans:
        end = start + size if circular else min(start + size, length)
        parts = [{"accession": None, "start": start, "end": end}]
        if apart:
            other = (start + 20) % (length - 5)
            parts = [{"accession": None, "start": other, "end": other + 5}, *parts]
        made.append((parts, start, end, 0 if apart else 1))
    schema = {"parts": pl.List(pl.Struct({"accession": pl.String, "start": pl.Int64, "end": pl.Int64}))}
    schema |= {"start": pl.Int64, "end": pl.Int64, "strand": pl.Int8}
    return pl.DataFrame(made, schema, orient="row").with_columns(
        division=pl.lit("d"), part=pl.lit("d.1"), ordinal=pl.lit(3, pl.Int64), accession=pl.lit("A.1"),
        length=pl.lit(length, pl.Int64), circular=pl.lit(circular), trans_spliced=pl.lit(False),
    ).with_row_index("index")  # fmt: skip


def stretches(row):
    return [(part["start"], part["end"]) for part in row["parts"]]


def apart(one, other, circular, length=60):
    """Return the least bases between two lists of stretches, turn by turn."""
    return min(
        max(0, c + turn - b, a - d - turn)
        for (a, b), (c, d) in product(one, other)
        for turn in ([-length, 0, length] if circular else [0])
    )


@settings(max_examples=60, deadline=None)
@given(SPANS, SPANS, st.booleans(), st.integers(0, 15))
def test_near_is_what_every_pair_says(spans, others, circular, within):
    features, anchors = frame(spans, circular), frame(others, circular)
    expected = {}
    for row in features.iter_rows(named=True):
        reach = [apart(stretches(row), stretches(anchor), circular) for anchor in anchors.iter_rows(named=True)]
        if reach and min(reach) <= within:
            expected[row["index"]] = min(reach)
    found = near(features, anchors, within)
    assert dict(found.select("index", "distance").iter_rows()) == expected


@settings(max_examples=60, deadline=None)
@given(SPANS, st.booleans(), st.integers(1, 60), st.integers(1, 60))
def test_a_region_is_what_every_base_says(spans, circular, first, last):
    if first > last and not circular:
        first, last = last, first
    region = {at % 60 for at in range(first - 1, last if first <= last else last + 60)}
    features = frame(spans, circular)
    expected = [
        row["index"]
        for row in features.iter_rows(named=True)
        if region & {at % 60 for a, b in stretches(row) for at in range(a, b)}
    ]
    assert in_region(features, (first, last))["index"].to_list() == expected


@settings(max_examples=100, deadline=None)
@given(SPANS, st.booleans(), st.integers(0, 15), st.integers(2, 4))
def test_clusters_are_the_connected_components(spans, circular, within, size):
    features = frame(spans, circular)
    places = {row["index"]: stretches(row)[:1] for row in features.iter_rows(named=True)}
    groups = [{index} for index in places]
    for one, other in product(places, places):
        if apart(places[one], places[other], circular) <= within:
            joined = [group for group in groups if group & {one, other}]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    found = clustered(features, within, size)
    numbers = found["cluster"].to_list()
    assert {frozenset(index) for index in found.group_by("cluster").agg("index")["index"].to_list()} == {
        frozenset(group) for group in groups if len(group) >= size
    }
    assert all(after - before in (0, 1) for before, after in pairwise([0, *numbers]))


def test_sorting_puts_the_unknown_last_both_ways(ask):
    def proteins(*more):
        return [row["protein"] for row in rows(ask, "--kind", "CDS,tRNA", "--sort", "protein", *more)]

    assert proteins() == [10, 18, 19, 29, 29, None, None]
    assert proteins("--reverse") == [29, 29, 19, 18, 10, None, None]
    assert proteins("--reverse", "--limit", 2) == [29, 29]
    places = [row["start"] for row in rows(ask)]
    assert places == sorted(places)
    assert [row["start"] for row in rows(ask, "--reverse")] == places[::-1]


def test_ties_of_a_sort_by_organism_are_sorted_by_position(ask, results):
    found = [
        (row["organism"], row["division"], row["accession"], row["start"])
        for row in rows(ask, "--sort", "organism", folder=results)
    ]
    assert found == sorted(found)


def test_the_table_is_aligned_and_counts_on_stderr(ask):
    lines, notes = ask("--gene", "psbA")
    assert lines == [
        "record       position     kind  gene  product or note            bases  aa  organism",
        "NC_000001.1  10..99    +  gene  psbA                                90      Zea mays",
        "NC_000001.1  10..99    +  CDS   psbA  photosystem II protein D1     90  29  Zea mays",
    ]
    assert notes.splitlines()[-1] == "2 of 38 features"
    assert ask("--gene", "psbA", "--limit", 1)[1].splitlines()[-1] == "2 of 38 features, the first 1 shown"


def test_the_table_gives_way_to_a_narrow_window(results):
    query = Query(note="stretches", divisions=("plastid",))
    whole = max(map(len, find(results, query, width=500).lines))
    for width in (85, 100, whole - 1, whole):
        lines = find(results, query, width=width).lines
        assert max(map(len, lines)) == width
        assert ("…" in lines[1]) == (width < whole)
    least = find(results, query, width=20).lines
    assert "two (2) stretch…  " in least[1]
    assert least[1].endswith("Zea mays")


def test_no_match_is_no_error(ask):
    for form in ("table", "fasta", "bed", "json"):
        lines, notes = ask("--gene", "none", "--format", form)
        assert lines == []
        assert notes == "no feature matches, of 38\n"
    assert len(ask("--gene", "none", "--format", "tsv")[0]) == 1
    notes = ask("--record", "NC_9,NC_000002")[1].splitlines()
    assert re.fullmatch(r"no record NC_9 in .*; see `dnacorpus where`", notes[0])
    notes = ask("--kind", "CDSS,cds", "--gene", "none")[1].splitlines()
    assert re.fullmatch(r"no feature has the kind CDSS \(kinds here: CDS, .*\)", notes[0])
    assert len(notes) == 2
    assert ask("--organism", "Nobody")[1].startswith("no record matches\n")


def test_tsv_has_closed_places_and_one_line_a_feature(ask):
    lines, _ = ask("--format", "tsv")
    table = pl.read_csv("\n".join(lines).encode(), separator="\t", infer_schema=False)
    assert table.height == len(CIRCLE)
    across = table.filter(gene="ycf1").to_dicts()[0]
    assert (across["start"], across["end"], across["location"]) == ("850", "906", "join(850..900,1..6)")
    assert table.filter(gene="fake")["pseudo"].to_list() == ["yes"]
    assert table.filter(kind="tRNA")["note"].to_list() == [LONG]
    assert table["strand"].unique().sort().to_list() == ["+", "-", "."]


def test_json_lines_are_the_rows_of_the_table(ask, results):
    found = {(row["accession"], row["index"]): row for row in rows(ask)}
    for path in each(results.glob("tables/plastid/*/features.parquet")):
        for row in each(pl.read_parquet(path).drop("ordinal").iter_rows(named=True)):
            assert row.items() <= found[row["accession"], row["index"]].items()


def test_fasta_is_what_biopython_extracts(ask, results):
    theirs = read(TEXT)[0]
    for folder in (None, results / "dataset"):
        lines, notes = ask("--record", "NC_000001.1", "--format", "fasta", folder=folder)
        found = {entry.id: str(entry.seq) for entry in SeqIO.parse(io.StringIO("\n".join(lines)), "fasta")}
        expected = {
            f"NC_000001.1_{feature.type}_{index}": str(feature.extract(theirs.seq))
            for index, feature in enumerate(theirs.features)
            if feature.type not in ("misc_feature", "variation")
        }
        assert found == expected
        assert notes.splitlines()[:2] == ["1 left out: location between", "1 left out: location order"]
    assert lines[0] == ">NC_000001.1_source_0 [location=1..900] [organism=Zea mays]"
    assert max(map(len, lines[1:13])) == 70


def test_fasta_keeps_the_order_that_was_asked_for(ask, results):
    lines, _ = ask("--kind", "CDS", "--sort", "protein", "--format", "fasta", folder=results)
    ids = [line.split()[0][1:] for line in lines if line.startswith(">")]
    found = rows(ask, "--kind", "CDS", "--sort", "protein", folder=results)
    expected = [f"{row['accession']}_CDS_{row['index']}" for row in found if row["gene"] not in ("p5", "p6")]
    assert ids == expected


def test_proteins_are_the_annotated_ones(ask):
    lines, notes = ask("--gene", "psbA", "--format", "fasta", "--protein")
    assert lines[0].startswith(">NC_000001.1_CDS_2 [gene=psbA]")
    assert lines[1:] == ["MADE"]
    assert "1 left out: gene without /translation" in notes
    with pytest.raises(UsageError, match="--format fasta"):
        ask("--protein")


def test_bed_has_blocks_and_two_lines_across_the_origin(ask):
    def lines(gene):
        return [line.split("\t") for line in ask("--gene", gene, "--kind", "CDS", "--format", "bed")[0]]

    head = ["NC_000001.1"]
    assert lines("atpF") == [[*head, "199", "329", "atpF", "0", "-", "199", "329", "0", "2", "60,30", "0,100"]]
    assert lines("ycf1") == [
        [*head, "849", "900", "ycf1", "0", "+", "849", "900", "0", "1", "51", "0"],
        [*head, "0", "6", "ycf1", "0", "+", "0", "6", "0", "1", "6", "0"],
    ]
    assert lines("rps12") == [[*head, "599", "729", "rps12", "0", ".", "599", "729", "0", "2", "30,30", "0,100"]]
    assert lines("orf1ab") == [[*head, "499", "530", "orf1ab", "0", "+", "499", "530", "0", "1", "31", "0"]]
    place = ask("--kind", "variation,misc_feature", "--format", "bed")
    assert [line.split("\t")[1:3] for line in place[0]] == [["569", "585"]]
    assert "1 left out: location between" in place[1]


def test_a_record_in_two_divisions_gives_a_note(ask, results):
    lines, notes = ask("--gene", "atpF", folder=results)
    assert [line.split()[0] for line in lines] == ["division", "plant", "plastid"]
    assert "2 are on records that are in several divisions" in notes
    lines, notes = ask("--gene", "atpF", folder=results / "dataset")
    assert len(lines) == 2
    assert notes == "1 of 27 features\n"


def test_a_dataset_pulled_in_part_says_what_it_lacks(ask, results, tmp_path):
    folder = tmp_path / "a[b] c=d"
    shutil.copytree(results / "dataset", folder)
    shutil.rmtree(folder / "data" / "segments")
    assert names(ask, "--gene", "atpF", folder=folder) == [("CDS", "atpF")]
    with pytest.raises(UsageError, match=r"expected the table segments beside the features.*--config segments"):
        ask("--gene", "atpF", "--format", "fasta", folder=folder)
    shutil.rmtree(folder / "data" / "records")
    with pytest.raises(UsageError, match="expected the table records"):
        ask("--gene", "atpF", folder=folder)


def test_segments_of_one_division_alone_give_fasta_of_it(ask, results, tmp_path):
    shutil.copytree(results / "dataset", tmp_path / "dataset")
    shutil.rmtree(tmp_path / "dataset" / "data" / "segments" / "viral")
    lines, notes = ask("--gene", "abc1", "--kind", "CDS", "--format", "fasta", folder=tmp_path / "dataset")
    assert [line.split()[0] for line in lines if line[0] == ">"] == [">NC_000003.1_CDS_2"]
    assert "1 left out: the record has no sequence in these tables" in notes


def test_tables_that_are_gone_leave_the_dataset(ask, results, tmp_path):
    shutil.copytree(results / "dataset", tmp_path / "dataset")
    assert names(ask, "--gene", "atpF", folder=tmp_path) == [("CDS", "atpF")]


@pytest.mark.parametrize("damage", ["rubbish", "truncated", "columns"])
def test_a_damaged_table_is_named(ask, results, tmp_path, damage):
    shutil.copytree(results / "tables", tmp_path / "tables")
    path = tmp_path / "tables" / "viral" / "viral.2" / "features.parquet"
    if damage == "columns":
        pl.read_parquet(path).drop("product").write_parquet(path)
    else:
        path.write_bytes(b"rubbish" if damage == "rubbish" else path.read_bytes()[:-100])
    with pytest.raises(CorpusError, match=r"viral/viral\.2/features\.parquet: expected a table of features") as caught:
        ask("--gene", "abc1", folder=tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--division", "fungi"], "^--division: no division 'fungi'; choose from plant, plastid, viral$"),
        (["--region", "1-5"], "expected one --record"),
        (["--region", "1-5", "--record", "a,b"], "expected one --record"),
        (["--record", "NC_000002", "--region", "901-910"], "linear record of 900 bases"),
        (["--record", "NC_000002", "--region", "90-10"], "linear record of 900 bases"),
        (["--record", "NC_000002", "--region", "90"], "expected START-END"),
        (["--record", "NC_000002", "--region", "0-9"], "positions from 1"),
        (["--near", "psbA"], "expected GENE:N"),
        (["--near", "psbA:near"], "^--near psbA:near: expected a number of bases, found 'near'"),
        (["--cluster", "1.0001k"], "^--cluster: expected a number of bases, found '1.0001k'"),
        (["--record", "NC_000002", "--region", "1-x"], "^--region 1-x: expected a number of bases, found 'x'"),
        (["--cluster", "1k", "--cluster-size", "1"], "--cluster-size: expected 2 or more"),
        (["--limit", "0"], "--limit: expected 1 or more"),
    ],
)
def test_an_invalid_query_is_a_usage_error(ask, results, arguments, message):
    with pytest.raises(UsageError, match=message):
        ask(*arguments, folder=results)


def test_a_folder_without_tables_is_a_usage_error(ask, tmp_path):
    with pytest.raises(UsageError, match="found no features table"):
        ask(folder=tmp_path)


def test_lengths_regions_and_neighbours_are_read():
    assert [length_of(text) for text in ("5000", "5k", "5 kb", "1.5KB", "2Mb", "7bp", "1,000")] == [
        5000, 5000, 5000, 1500, 2_000_000, 7, 1000,
    ]  # fmt: skip
    assert region_of("1k..2k") == region_of("1000-2,000") == (1000, 2000)
    assert near_of("psbA:qB:5k") == ("psbA:qB", 5000)


PAGE = (REPOSITORY / "docs" / "find.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^dnacorpus find .*", PAGE, re.MULTILINE))
def test_the_commands_of_the_page_can_be_run(ask, results, command):
    words = shlex.split(command.split(" > ")[0])[3:]
    words = ["viral" if before == "--division" else word for before, word in pairwise(["", *words])]
    assert re.search(r"of 38( features|$)", ask(*words, folder=results)[1], re.MULTILINE)


def test_a_reader_that_stops_is_no_error(results):
    command = [sys.executable, "-m", "dnacorpus", "find", str(results), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        with contextlib.suppress(BrokenPipeError):
            running.stdout.close()
        errors = running.stderr.read().decode()
        assert running.wait() == 0
    assert "38 of 38 features" in errors
    assert "Broken" not in errors
