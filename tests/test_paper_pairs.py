"""The paper rows of a record: what they hold, why there is none, and that every claim can be derived again."""

import io
import random

import pytest
from Bio import SeqIO
from flatfile import record
from rederive import problems, template_literals

from dnacorpus.pairs import Exclusion, Limits, Row, pair_id
from dnacorpus.paper_pairs import paper_rows
from dnacorpus.record import read_record

BASES = "".join(random.Random(5).choices("ACGT", k=300))
SOURCE = ("source", "1..300", [("organism", "Escherichia coli")])
PAPER = {
    "pmid": 11, "title": "A study of E. coli.", "journal": "Journal of Tests", "year": 2001, "license": "CC-BY-4.0",
    "abstract": "METHODS: We read 3 genomes. RESULTS: 42% of p<0.05.", "open": True, "retracted": False,
    "split": "train",
}  # fmt: skip


def results(*papers, split="train", max_bases=10_000, pubmed=(11,), mask=(), **options) -> tuple[list, str]:
    references = [{"title": f"title {number}", "pubmed": str(number)} for number in pubmed]
    text = record(sequence=BASES, features=[SOURCE], references=references, **options)
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    known = {paper["pmid"]: paper for paper in papers}
    limits = Limits(max_bases)
    return list(paper_rows(row, found.features, found.sequence, list(mask), limits, known, split)), text


def one(**changes) -> dict:
    (row,), _ = results(PAPER | changes)
    assert isinstance(row, Row)
    return row.values


def test_a_row_holds_the_record_and_the_paper():
    (row,), _ = results(PAPER, mask=[(10, 20)])
    assert row.digest is None
    values = row.values
    assert values["kind"] == "paper"
    assert values["pair_id"] == pair_id("paper", "NC_000001.1", None, 0, 300, "PMID:11")
    assert (values["sequence"], values["start"], values["end"], values["strand"]) == (BASES, 0, 300, 1)
    assert (values["feature_kind"], values["feature_index"], values["transl_table"]) == (None, None, None)
    assert (values["parts"], values["mask"], values["level"]) == ([], [{"start": 10, "end": 20}], "genomic")
    assert (values["pmids"], values["licenses"]) == ([11], ["CC-BY-4.0", "LicenseRef-NCBI"])
    assert values["orientation_free"]
    assert values["informative"]
    assert PAPER["abstract"] in values["text"]
    assert "A study of E. coli." in values["text"]
    assert "A study of E. coli.." not in values["text"]
    fields = {(span["source"], span["field"], span["how"], span["license"]) for span in values["evidence"]}
    assert fields == {
        ("NC_000001.1", "accession", "verbatim", "LicenseRef-NCBI"),
        ("NC_000001.1", "organism", "verbatim", "LicenseRef-NCBI"),
        ("NC_000001.1", "references", "verbatim", "LicenseRef-NCBI"),
        *(("PMID:11", field, "verbatim", "CC-BY-4.0") for field in ("title", "journal", "year", "abstract")),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"title": None}, {"title": "Why?"}, {"title": "[Le titre.]"}, {"title": "[The title]."}, {"title": "."},
        {"title": "[A] and [B]"}, {"journal": None}, {"year": None}, {"journal": None, "year": None},
        {"license": "CC0-1.0"}, {"abstract": "Αβγ — naïve 𝒳"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("organism", ["Escherichia coli", None])
@pytest.mark.parametrize("number", [11, 12, 13, 14, 15, 16])
def test_every_claim_can_be_derived_again(changes, organism, number):
    paper = PAPER | {"pmid": number} | changes
    (row, other), text = results(paper, pubmed=[number, 99], organism=organism)
    assert other == Exclusion("paper", "no_paper", 0)
    biopython = SeqIO.read(io.StringIO(text), "genbank")
    assert problems(row.values, biopython, {number: paper}) == []
    wrong = {number: paper | {"abstract": "Something else."}}
    assert len(problems(row.values, biopython, wrong)) == 1
    assert len(problems(row.values, biopython, {number: paper | {"license": "CC-BY-NC"}})) >= 1
    assert problems(row.values | {"sequence": "A"}, biopython, {number: paper})
    assert "None" not in row.values["text"]
    assert "  " not in row.values["text"]


def test_brackets_and_stops_of_a_title():
    def shown(title: str) -> str | None:
        values = one(title=title)
        spans = [span for span in values["evidence"] if span["field"] == "title"]
        return values["text"][spans[0]["start"] : spans[0]["end"]] if spans else None

    assert shown("A title.") == "A title"
    assert shown("[A title.]") == shown("[A title].") == shown("[A title]") == "A title"
    assert shown("[A] and [B]") == "[A] and [B]"
    assert shown("Why?") == "Why?"
    assert shown("") is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"retracted": True, "open": False, "abstract": None}, "retracted"),
        ({"open": False, "abstract": None}, "license"),
        ({"abstract": None, "split": "test"}, "no_abstract"),
        ({"split": "test"}, "leak"),
    ],
)
def test_why_there_is_no_row(changes, reason):
    assert results(PAPER | changes)[0] == [Exclusion("paper", reason, 0)]


def test_every_citation_has_one_result_in_the_records_order():
    found, _ = results(PAPER, pubmed=[33, 11, 22, 11])
    shown = [result.reason if isinstance(result, Exclusion) else result.values["pmids"] for result in found]
    assert shown == ["no_paper", [11], "no_paper"]
    assert results(PAPER, pubmed=[])[0] == []


def test_a_long_record_gives_its_first_bases():
    (row,), text = results(PAPER, max_bases=100, mask=[(90, 120), (150, 160)])
    assert (row.values["sequence"], row.values["end"]) == (BASES[:100], 100)
    assert row.values["mask"] == [{"start": 90, "end": 100}]
    assert row.values["pair_id"] != one()["pair_id"]
    assert problems(row.values, SeqIO.read(io.StringIO(text), "genbank"), {11: PAPER}) == []


def test_the_words_around_the_spans_are_template_literals():
    texts = set()
    for number in range(1, 60):
        (row,), _ = results(PAPER | {"pmid": number}, pubmed=[number])
        spans = sorted(row.values["evidence"], key=lambda span: span["start"])
        edges = [0, *(edge for span in spans for edge in (span["start"], span["end"])), len(row.values["text"])]
        outside = [row.values["text"][low:high] for low, high in zip(edges[::2], edges[1::2], strict=True)]
        texts.add(tuple(outside))
        assert all(not any(character.isdigit() for character in piece) for piece in outside)
    assert len(texts) > 20  # phrasings vary with the pair
    assert template_literals()
