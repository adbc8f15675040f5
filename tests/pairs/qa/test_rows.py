"""Questions about a stretch: answered anew from Biopython's reading of the same flat file, on made and real records."""

import gzip
import io
import itertools
import random
import re
import tomllib
import warnings
from collections import Counter
from importlib.resources import files

import pyarrow as pa
import pytest
from Bio import SeqIO
from Bio.Data import CodonTable
from Bio.Seq import UndefinedSequenceError
from hypothesis import given, settings
from hypothesis import strategies as st
from support import rederive
from support.each import each
from support.flatfile import record
from support.readrecord import read_record
from support.rederive_qa import exchanges
from support.settings import qa_settings

from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.qa.rows import families, question_rows, stretches_of
from dnacorpus.pairs.qa.stretch import Stretch
from dnacorpus.pairs.rows import Exclusion, PairRow
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.sequence.genetic_code import STARTS, STOPS

SETTINGS = qa_settings(8192, 2, (3, 6))
BASES = "".join(random.Random(7).choices("ACGT", k=3000))
SOURCE = ("source", "1..3000", [("organism", "Escherichia coli"), ("mol_type", "genomic DNA")])
ALL = qa_settings(8192, 1, (1, 13))


def made(*features, sequence=BASES, **options) -> tuple[dict, list[dict], bytes, str]:
    """Return rows of the records and features tables, bases and the flat file's text."""
    text = record(sequence=sequence, features=features, **options)
    read = read_record(text.encode(), lambda accession: None)
    row = {**read.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    return row, read.features, read.sequence, text


def rows(*features, limits=SETTINGS, mask=(), **options) -> list[dict]:
    """Return the values of a made record's rows, all of them answered anew."""
    row, table, sequence, text = made(*features, **options)
    found = [
        result.values
        for result in question_rows(Context(row, table, sequence, mask), limits)
        if isinstance(result, PairRow)
    ]
    for values in found:
        assert rederive.problems(values, biopython(text)) == [], values["text"]
    return found


def biopython(text: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return next(SeqIO.parse(io.StringIO(text), "genbank"))


def gene(number: int, place: str, *extra, name: str | None = None, kind: str = "CDS") -> list:
    """Return a gene and its product."""
    tags = [("gene", name or f"abc{chr(65 + number)}"), ("locus_tag", f"B_{number:04}")]
    plain = place.replace("join(", "").rstrip(")") if "join" in place else place
    span = re.sub(r"\.\..*\.\.", "..", plain.replace("complement(", "").rstrip(")"))
    span = f"complement({span})" if "complement" in place else span
    return [("gene", span, tags), (kind, place, [*tags, ("product", f"kinase {chr(65 + number)}"), *extra])]


FIVE = [
    SOURCE,
    *gene(0, "101..400", ("transl_table", "11")), *gene(1, "450..800", ("transl_table", "11")),
    *gene(2, "complement(900..1400)", ("transl_table", "11")), *gene(3, "complement(1450..1600)"),
    *gene(4, "2000..2100", kind="tRNA"),
]  # fmt: skip


def asked(values: dict) -> dict[str, tuple[str, str]]:
    """Return clause of the answer and its words by clause of the question."""
    lines = values["text"].split("\n")[1::2]
    return {ask: (tell, line) for (ask, _, tell, _), line in zip(exchanges(values), lines, strict=True)}


def test_a_row_is_a_stretch_of_the_forward_strand_with_the_columns_of_the_schema():
    values = rows(*FIVE, mask=[(50, 60)])[0]
    assert values["sequence"] == BASES
    assert (values["kind"], values["level"], values["strand"], values["parts"]) == ("qa", "genomic", 1, [])
    assert (values["feature_kind"], values["feature_index"], values["pmids"]) == (None, None, [])
    assert (values["orientation_free"], values["informative"]) == (False, True)
    assert values["mask"] == [{"start": 50, "end": 60}]
    full = values | {"cluster": None, "copies": None, "copies_in": None, "biosafety": None}
    assert pa.Table.from_pylist([full], schema=PAIRS).to_pylist() == [{name: full[name] for name in PAIRS.names}]


def test_the_text_alternates_questions_and_answers():
    for values in each(rows(*FIVE)):
        lines = values["text"].split("\n")
        assert 6 <= len(lines) <= 12
        assert all(line.startswith(("Question: ", "Answer: ")[place % 2]) for place, line in each(enumerate(lines)))
        assert all(line.endswith("?") for line in each(lines[::2]))
        assert all(line.endswith(".") for line in each(lines[1::2]))


def test_every_family_is_asked_if_it_can_be():
    features = [*FIVE, ("CDS", "<2200..2500", [("gene", "cutA"), ("product", "ligase A")]), *gene(5, "2600..2900")]
    features.insert(-3, ("gene", "<2200..2500", [("gene", "cutA")]))
    sequence = BASES[:100] + "ATG" + BASES[103:397] + "TAA" + BASES[400:]
    found: Counter[str] = Counter()
    for number in range(60):
        row, table, molecule, _ = made(*features, sequence=sequence, accession=f"NC_{number:06}.1")
        for values in rows(*features, sequence=sequence, accession=f"NC_{number:06}.1", limits=ALL):
            found.update(asked(values).keys())
        stretch = Stretch(Context(row, table, molecule), 0, 3000)
        assert [name for name, family in each(families(ALL).items()) if not next(family(stretch, "k"), None)] == []
    assert set(found) >= {
        "count", "place", "strand", "product", "at", "longest", "shortest", "after", "before", "cluster",
        "start_codon", "stop_codon", "code", "gc", "length", "organism", "lineage",
    }  # fmt: skip


def test_a_name_that_two_genes_have_is_in_no_question():
    twins = [SOURCE, *gene(0, "101..400", name="twin"), *gene(1, "complement(500..799)", name="twin")]
    for number in range(20):
        for values in each(rows(*twins, accession=f"NC_{number:06}.1", limits=ALL)):
            assert "twin" not in values["text"]


def test_another_spelling_of_the_answer_is_not_in_a_question():
    tags = [("gene", "16S-rRNA"), ("locus_tag", "B_1")]
    rna = [("gene", "101..400", tags), ("rRNA", "101..400", [*tags, ("product", "16S ribosomal RNA")])]
    coding = [
        ("gene", "501..800", [("gene", "lacZ")]),
        ("CDS", "501..800", [("gene", "lacZ"), ("product", "LacZ kinase")]),
    ]
    made_of = (SOURCE, *rna, *coding)
    found = [exchanges(v) for n in range(60) for v in rows(*made_of, accession=f"NC_{n:06}.1", limits=ALL)]
    products = [(asked, told) for row in found for ask, asked, _, told in row if ask == "product"]
    assert len(products) > 20
    assert not any("gene" in asked for asked, _ in each(products))


def test_with_a_pseudogene_there_is_no_question_for_the_longest_or_shortest():
    features = [SOURCE, *gene(0, "101..400"), *gene(1, "501..560", ("pseudo", None))]
    for number in range(20):
        for values in each(rows(*features, accession=f"NC_{number:06}.1", limits=ALL)):
            assert asked(values).keys().isdisjoint({"longest", "shortest"})


@pytest.mark.parametrize(
    "extra",
    [("exception", "RNA editing"), ("transl_except", "(pos:101..103,aa:Met)"), ("ribosomal_slippage", None),
     ("trans_splicing", None), ("pseudo", None), ("codon_start", "2"), ("transl_table", "99")],
)  # fmt: skip
def test_codons_of_exceptional_coding_sequences_are_not_asked(extra):
    sequence = BASES[:100] + "ATG" + BASES[103:397] + "TAA" + BASES[400:]
    plain = Stretch(Context(*made(*FIVE[:3], sequence=sequence)[:2], sequence.encode()), 0, 3000)
    assert list(families(ALL)["codon"](plain, "k"))
    row, table, molecule, _ = made(SOURCE, *gene(0, "101..400", extra), sequence=sequence)
    assert not list(families(ALL)["codon"](Stretch(Context(row, table, molecule), 0, 3000), "k"))


def test_with_a_gene_across_the_origin_there_are_no_questions_about_genes():
    tags = [("gene", "oriA")]
    row, table, molecule, _ = made(
        *FIVE, ("gene", "join(2900..3000,1..50)", tags), ("CDS", "join(2900..3000,1..50)", tags), topology="circular"
    )
    stretch = Stretch(Context(row, table, molecule), 0, 3000)
    assert stretch.doubtful == {"gene", "CDS"}
    assert stretch.genes == []
    assert stretch.within("CDS") == []
    assert len(stretch.within("tRNA")) == 1


def test_features_cut_by_the_edge_are_not_counted():
    small = qa_settings(700, 4, (1, 13))
    found = [values for n in range(20) for values in rows(*FIVE, limits=small, accession=f"NC_{n:06}.1")]
    assert {len(values["sequence"]) for values in found} == {700}
    assert sum("count" in asked(values) for values in found) > 10


def test_stretches_lie_around_genes_and_never_overlap():
    genes = [item for n in range(20) for item in gene(n, f"{100 + 1000 * n}..{700 + 1000 * n}")]
    row, table, sequence, _ = made(SOURCE, *genes, sequence=BASES * 8, accession="NC_000009.1")
    limits = qa_settings(1500, 5, (3, 6))
    found = stretches_of(row["accession"], table, len(sequence), limits)
    assert len(found) == 5
    assert all(start >= 0 and end <= len(sequence) and end - start == 1500 for start, end in each(found))
    assert all(left[1] <= right[0] for left, right in each(itertools.pairwise(found)))
    inside = [
        any(start <= f["start"] and f["end"] <= end for f in table if f["kind"] == "gene") for start, end in found
    ]
    assert all(inside)
    others = stretches_of("NC_000010.1", table, len(sequence), limits)
    assert others != found


def test_a_row_holds_the_start_of_a_gene_longer_than_itself():
    row, table, sequence, _ = made(SOURCE, *gene(0, "1001..2900"))
    limits = qa_settings(500, 1, (1, 6))
    ((start, end),) = stretches_of(row["accession"], table, len(sequence), limits)
    assert start <= 1000 < end


def test_reasons_why_a_stretch_has_no_row():
    row, table, sequence, _ = made(SOURCE, ("misc_feature", "1..10", []))
    assert list(question_rows(Context(row, table, sequence), SETTINGS)) == []
    row, table, sequence, _ = made(*FIVE, sequence="N" * 500 + BASES[500:])
    assert list(question_rows(Context(row, table, sequence), SETTINGS)) == [Exclusion("row", "gap", 3000)]
    row, table, sequence, _ = made(("gene", "1..40", []), sequence=BASES[:50], organism=None)
    many = qa_settings(100, 1, (6, 6))
    assert list(question_rows(Context(row, table, sequence), many)) == [Exclusion("row", "few_questions", 50)]


def test_an_unanswerable_question_is_answered_as_such():
    small = qa_settings(700, 4, (1, 13))
    told = [
        tell
        for n in range(20)
        for v in rows(*FIVE, limits=small, accession=f"NC_{n:06}.1")
        for tell, _ in asked(v).values()
    ]
    assert told.count("absent") > 5
    cut = [
        SOURCE,
        *gene(0, "<101..400"),
        *gene(1, "complement(500..>900)"),
        ("CDS", "<1000..>1300", [("gene", "both")]),
    ]
    told = [
        tell
        for n in range(20)
        for v in rows(*cut, limits=ALL, accession=f"NC_{n:06}.1")
        for tell, _ in asked(v).values()
    ]
    assert told.count("untold") > 5
    assert told.count("codon") == 0


def test_rows_are_the_same_each_time_and_differ_between_records():
    assert rows(*FIVE) == rows(*FIVE)
    assert rows(*FIVE)[0]["text"] != rows(*FIVE, accession="NC_000002.1")[0]["text"]


PLACES = st.tuples(
    st.integers(1, 2900), st.integers(2, 700), st.sampled_from("+-"), st.sampled_from(["", "<", ">", "<>"])
)
TAGS = st.sampled_from(["abcA", "abcB", "xyzC", "ND1", "trnL", None])
NAMES = st.sampled_from(["kinase A", "tRNA-Leu", "hypothetical protein", "ligase", None])
EXTRA = st.sampled_from([[], [("pseudo", None)], [("transl_table", "11")], [("exception", "RNA editing")]])
KIND = st.sampled_from(["gene", "CDS", "CDS", "tRNA", "rRNA", "misc_feature", "mat_peptide"])
TABLE = st.lists(st.tuples(KIND, PLACES, TAGS, NAMES, EXTRA, st.booleans()), min_size=1, max_size=14)


def written(kind, place, tag, name, extra, with_gene) -> list:  # noqa: PLR0917 - the parts of one feature
    low, size, strand, partial = place
    high = min(low + size, 3000)
    span = f"{'<' if '<' in partial else ''}{low}..{'>' if '>' in partial else ''}{high}"
    if kind == "CDS" and high - low > 300:
        span = f"join({span.split('..', maxsplit=1)[0]}..{low + 99},{low + 150}..{span.split('..')[1]})"
    span = f"complement({span})" if strand == "-" else span
    tags = [("gene", tag)] if tag else []
    products = [("product", name)] if name and kind != "gene" else []
    own = [(kind, span, [*tags, ("locus_tag", f"T_{low}"), *products, *extra])]
    whole = span.replace("join(", "").replace(f"{low + 99},{low + 150}..", "") if "join" in span else span
    whole = whole.replace("))", ")") if strand == "-" else whole.rstrip(")")
    return (
        [("gene", whole, [*tags, ("locus_tag", f"T_{low}")])] if with_gene and kind in ("CDS", "tRNA") else []
    ) + own


@settings(max_examples=150, deadline=None)
@given(TABLE, st.sampled_from([800, 1500, 8192]), st.sampled_from(["linear", "circular"]), st.integers(0, 999))
def test_answers_are_true_for_any_feature_table(table, size, topology, number):
    limits = qa_settings(size, 3, (1, 13), (2, 50))
    features = [SOURCE, *(item for entry in table for item in written(*entry))]
    rows(*features, limits=limits, topology=topology, accession=f"NC_{number:06}.1")


def changed_answers(values: dict) -> list[dict]:
    """Return the row again and again, each time with one number or strand of an answer changed."""
    found, text = [], values["text"]
    for span in values["evidence"]:
        held = text[span["start"] : span["end"]]
        if text[: span["start"]].rpartition("\n")[2].startswith("Answer: "):
            turned = {"forward strand": "reverse strand", "reverse strand": "forward strand"}.get(held, held)
            other = re.sub(r"^\d", lambda digit: str((int(digit[0]) + 1) % 10), turned)
            if other != held:
                found.append(values | {"text": text[: span["start"]] + other + text[span["end"] :]})
    return found


def test_the_check_of_answers_catches_a_wrong_one():
    changed = 0
    for number in range(20):
        row, table, sequence, text = made(*FIVE, accession=f"NC_{number:06}.1")
        (result,) = question_rows(Context(row, table, sequence), ALL)
        right, renamed = biopython(text), biopython(text)
        for feature in renamed.features[1:]:
            feature.qualifiers = {key: [f"not {held}" for held in values] for key, values in feature.qualifiers.items()}
        assert rederive.problems(result.values, right) == []
        assert rederive.answer_problems(result.values, renamed)
        for wrong in changed_answers(result.values):
            assert rederive.problems(wrong, right), wrong["text"]
            changed += 1
    assert changed > 60


def test_genetic_codes_are_those_of_biopython():
    tables = CodonTable.unambiguous_dna_by_id
    assert {n: frozenset(table.start_codons) for n, table in tables.items()} == STARTS
    assert {n: frozenset(table.stop_codons) for n, table in tables.items()} == STOPS


def test_questions_have_many_phrasings_and_answers_mention_the_annotation():
    data = tomllib.loads(files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8"))["clause"]
    clauses = {name: clause["phrasings"] for name, clause in data.items() if name.startswith("qa.")}
    assert min(map(len, clauses.values())) >= 8
    assert not any(clause["orientation_free"] for name, clause in each(data.items()) if name in clauses)
    for name, phrasings in each(clauses.items()):
        if name.endswith(".ask"):
            assert all(text.endswith("?") for text in each(phrasings))
        elif name.endswith(".tell") and name not in ("qa.gc.tell", "qa.length.tell", "qa.absent.tell"):
            assert [text for text in each(phrasings) if "annotat" not in text.lower()] == [], name


def test_a_negative_answer_is_a_sentence():
    data = tomllib.loads(files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8"))["clause"]
    for name, slot in (("qa.count.tell", "{count}"), ("qa.at.tell", "{none}")):
        said = [text for text in data[name]["phrasings"] if slot in text]
        assert [text for text in each(said) if re.search(rf"number: |^By the annotation, {slot}\.$", text)] == [], name


@pytest.fixture(scope="module")
def real(mirror) -> list[tuple[dict, list[str]]]:
    """Every qa row of the mirror's flat files that have bases, with what Biopython finds wrong in it."""
    found = []
    for path in sorted(mirror.glob("*/*.genomic.gbff.gz")):
        with gzip.open(path) as file:
            for raw in FlatFile(file, path.name):
                try:
                    read = read_record(raw.data, lambda accession: None)
                except RefusalError:
                    continue
                about = {"division": path.parent.name, "part": "x", "release": "1", "ordinal": 0}
                got = list(question_rows(Context(read.row | about, read.features, read.sequence, read.mask), SETTINGS))
                kept = [result.values for result in got if isinstance(result, PairRow)]
                if kept:
                    try:
                        bytes((other := biopython(raw.data.decode())).seq)
                    except UndefinedSequenceError:
                        continue
                    other.id = read.row["accession"]
                    found += [(values, rederive.problems(values, other)) for values in kept]
    return found


@pytest.mark.mirror
def test_every_answer_on_real_records_is_rederived(real):
    wrong = {values["pair_id"]: (found, values["text"]) for values, found in real if found}
    assert not wrong, (len(wrong), list(wrong.items())[:5])
    assert len(real) > 600
    assert max(len(values["sequence"]) for values, _ in real) == 8192
    assert all(3 <= len(exchanges(values)) <= 6 for values, _ in each(real))


@pytest.mark.mirror
def test_families_are_balanced_on_real_records(real):
    counted: Counter[str] = Counter()
    for values, _ in real:
        for ask, _, tell, _ in exchanges(values):
            counted[tell if tell in ("absent", "untold") else ask] += 1
    shares = {clause: count / counted.total() for clause, count in counted.items()}
    assert len(shares) == 19
    assert max(shares.values()) < 0.2, shares
    assert min(shares.values()) > 0.005
    assert 0.03 < shares["absent"] + shares["untold"] < 0.2
