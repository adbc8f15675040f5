"""The paper rows of a record: what they hold, why there is none, and that every claim can be derived again."""

import gzip
import io
import random
import re
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from Bio import SeqIO
from support.each import each
from support.flatfile import record
from support.papered import PAPERS, papered_dataset
from support.readrecord import read_record
from support.rederive import problems, template_literals
from support.settings import passage_settings
from support.stages import published

from dnacorpus.dataset.verify import verify
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.paper.passages import describing_records
from dnacorpus.pairs.paper.rows import paper_rows
from dnacorpus.pairs.rows import Exclusion, PairRow, pair_id
from dnacorpus.papers.files import in_directory, read_files
from dnacorpus.papers.paper import merged
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.ledger import imbalances

BASES = "".join(random.Random(5).choices("ACGT", k=300))
SOURCE = ("source", "1..300", [("organism", "Escherichia coli")])
PAPER = {
    "pmid": 11, "title": "A study of E. coli.", "journal": "Journal of Tests", "year": 2001, "license": "CC-BY-4.0",
    "abstract": "METHODS: We read 3 genomes. RESULTS: 42% of p<0.05.", "open": True, "retracted": False,
    "split": "train", "passages": [], "records": 1, "records_with_rows": ["NC_000001.1"],
}  # fmt: skip


def results(
    *papers, split="train", max_bases=10_000, pubmed=(11,), mask=(), features=(SOURCE,), limits=None, **options
) -> tuple[list, str]:
    references = [{"title": f"title {number}", "pubmed": str(number)} for number in pubmed]
    text = record(sequence=BASES, features=features, references=references, **options)
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    known = {paper["pmid"]: paper for paper in papers}
    rows = paper_rows(Context(row, found.features, found.sequence, list(mask)), max_bases, known, split, limits)
    return list(rows), text


def one(**changes) -> dict:
    (row,), _ = results(PAPER | changes)
    assert isinstance(row, PairRow)
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
def test_every_claim_of_a_paper_row_is_rederived(changes, organism, number):
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
        ({"split": "test"}, "other_split"),
    ],
)
def test_reasons_why_a_paper_has_no_row(changes, reason):
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


def test_the_text_outside_spans_is_template_literals():
    texts = set()
    for number in range(1, 60):
        (row,), _ = results(PAPER | {"pmid": number}, pubmed=[number])
        spans = sorted(row.values["evidence"], key=lambda span: span["start"])
        edges = [0, *(edge for span in spans for edge in (span["start"], span["end"])), len(row.values["text"])]
        outside = [row.values["text"][low:high] for low, high in zip(edges[::2], edges[1::2], strict=True)]
        texts.add(tuple(outside))
        assert all(not any(character.isdigit() for character in piece) for piece in each(outside))
    assert len(texts) > 20  # phrasings vary with the pair
    assert template_literals()


LIMITS = passage_settings(4, 5, 200, 10)
NAMED = [SOURCE, ("gene", "10..90", [("gene", "rpoB"), ("locus_tag", "TST_1")])]


def passages(*texts: str | tuple[str, str]) -> dict:
    return {
        "passages": [dict(zip(("section", "text"), t if isinstance(t, tuple) else ("", t), strict=True)) for t in texts]
    }


def test_a_passage_that_names_a_gene_is_a_row_of_its_own():
    told = passages("Nothing here.", ("2. Results > 2.1. Genes", "We saw rpoB in all of them."))
    (first, second), text = results(PAPER | told, features=NAMED, limits=LIMITS)
    assert (first.counts_as, second.counts_as) == ("paper", None)
    values = second.values
    assert values["pair_id"] == pair_id("paper", "NC_000001.1", None, 0, 300, "PMID:11/passages[1]")
    assert {key for key in values if values[key] != first.values[key]} == {"pair_id", "text", "evidence"}
    spans = {(values["text"][s["start"] : s["end"]], s["source"], s["field"], s["how"]) for s in values["evidence"]}
    assert spans == {
        ("NC_000001.1", "NC_000001.1", "accession", "verbatim"),
        ("Escherichia coli", "NC_000001.1", "organism", "verbatim"),
        ("11", "NC_000001.1", "references", "verbatim"),
        ("A study of E. coli", "PMID:11", "title", "verbatim"),
        ("Genes", "PMID:11", "passages[1]/section", "verbatim"),
        ("rpoB", "NC_000001.1", "features[1]/gene", "verbatim"),
        ("We saw rpoB in all of them.", "PMID:11", "passages[1]", "verbatim"),
        ("rpoB", "PMID:11", "passages[1]", "verbatim"),
    }
    assert problems(values, SeqIO.read(io.StringIO(text), "genbank"), {11: PAPER | told}) == []
    assert "We saw rpoB" not in first.values["text"]


KINDS = {
    "record": "It is NC_000001 here.", "locus": "It is TST_1 here.", "gene": "It is rpoB here.",
    "strain": "It is MG1655 here.", "isolate": "It is IS-100 here.", "cultivar": "It is Cv77 here.",
    "substrain": "It is SUB9 here.", "organism": "It is ESCHERICHIA COLI here.",
    "product": "It is subunit Beta two here.",
}  # fmt: skip
SOURCES = ("source", "1..300", [
    ("organism", "Escherichia coli"), ("strain", "MG1655"), ("isolate", "IS-100"), ("cultivar", "Cv77"),
    ("sub_strain", "SUB9"),
])  # fmt: skip


@pytest.mark.parametrize("number", range(11, 18))
@pytest.mark.parametrize("section", ["", "Results", "Figure 2"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_claim_of_a_passage_row_is_rederived(kind, section, number):
    paper = PAPER | passages((section, KINDS[kind])) | {"pmid": number}
    cds = ("CDS", "10..90", [("locus_tag", "TST_1"), ("gene", "rpoB"), ("product", "Subunit beta two")])
    (_, row), text = results(paper, pubmed=[number], features=[SOURCES, cds], limits=LIMITS)
    biopython = SeqIO.read(io.StringIO(text), "genbank")
    assert problems(row.values, biopython, {number: paper}) == []
    assert f"the {kind} " in row.values["text"]
    assert row.values["text"].endswith(KINDS[kind])
    assert row.values["orientation_free"]
    other = paper | passages((section, "Something else."))
    assert len(problems(row.values, biopython, {number: other})) == 2  # the passage and the words in it
    assert len(problems(row.values, biopython, {number: paper | passages(("Other", KINDS[kind]))})) == bool(section)


def test_without_limits_or_names_there_is_no_passage():
    paper = PAPER | passages("We saw rpoB in all of them.")
    assert len(results(paper, features=NAMED)[0]) == 1
    assert len(results(paper, limits=LIMITS)[0]) == 1
    assert len(results(paper, features=NAMED, limits=LIMITS)[0]) == 2


def test_a_paper_without_abstract_counts_once_by_its_first_passage():
    paper = PAPER | passages("We saw rpoB once.", "We saw TST_1 twice.") | {"abstract": None}
    (first, second), _ = results(paper, features=NAMED, limits=LIMITS)
    assert [row.counts_as for row in (first, second)] == ["paper", None]
    assert results(paper | passages("Nothing."), features=NAMED, limits=LIMITS)[0] == [
        Exclusion("paper", "no_abstract", 0)
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"open": False}, "license"), ({"retracted": True}, "retracted"), ({"split": "test"}, "other_split"),
        ({"records_with_rows": ["NC_000002.1"], "records": 2}, "many_records"),
    ],
)  # fmt: skip
def test_reasons_why_a_passage_has_no_row(changes, reason):
    paper = PAPER | passages("We saw rpoB and NC_000001.1 once.") | changes
    assert results(paper, features=NAMED, limits=LIMITS)[0] == [Exclusion("paper", reason, 0)]


def test_a_gene_beyond_the_rows_bases_links_no_passage():
    paper = PAPER | passages("We saw rpoB once.", "We saw MG1655 once.")
    features = [("source", "1..300", [("organism", "Escherichia coli"), ("strain", "MG1655")]), *NAMED[1:]]
    (_, *rows), _ = results(paper, features=features, limits=LIMITS, max_bases=50)
    assert [row.values["evidence"][-1]["field"] for row in rows] == ["passages[1]"]
    assert len(results(paper, features=features, limits=LIMITS, max_bases=90)[0]) == 3


def test_passages_of_several_papers_share_the_limit_and_stay_with_their_paper():
    other = PAPER | {"pmid": 12} | passages("Of rpoB.", "Of NC_000001.", "Of TST_1.")
    found, _ = results(
        PAPER | passages("Of rpoB too.", "Of TST_1 too."), other, pubmed=[12, 11], features=NAMED, limits=LIMITS
    )
    assert [(row.values["pmids"], row.counts_as) for row in found] == [
        ([12], "paper"), ([12], None), ([12], None), ([11], "paper"), ([11], None), ([11], None),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def papered(tmp_path_factory) -> Path:
    return papered_dataset(tmp_path_factory.mktemp("papered"))


def paper_rows_of(dataset: Path) -> pl.DataFrame:
    return published(dataset, "pairs").filter(pl.col("kind") == "paper")


def places(row: dict) -> str:
    found = {re.match(r"passages\[\d+\]|abstract$", span["field"]) for span in row["evidence"]} - {None}
    return next(iter({match[0] for match in found}))


def test_a_dataset_holds_the_passages_that_name_its_records(papered):
    found = {
        (row["accession"], row["pmids"][0], places(row), row["split"]) for row in paper_rows_of(papered).to_dicts()
    }
    assert found == {
        ("NC_000101.1", 11, "abstract", "train"), ("NC_000101.1", 11, "passages[1]", "train"),
        ("NC_000101.1", 11, "passages[5]", "train"), ("NC_000101.1", 12, "abstract", "train"),
        ("NC_000101.1", 12, "passages[0]", "train"), ("NC_000102.1", 15, "abstract", "train"),
        ("NC_000102.1", 15, "passages[0]", "train"), ("NC_000103.1", 12, "abstract", "train"),
        ("NC_000103.1", 12, "passages[0]", "train"), ("NC_000104.1", 15, "abstract", "train"),
        ("NC_000104.1", 15, "passages[0]", "train"), ("NC_000105.1", 13, "abstract", "test"),
        ("NC_000105.1", 13, "passages[0]", "test"), ("NC_000106.1", 14, "passages[0]", "validation"),
    }  # fmt: skip


def test_no_text_of_a_paper_is_in_two_splits(papered):
    of_paper: dict[str, set[str]] = {}
    for row in paper_rows_of(papered).to_dicts():
        for span in row["evidence"]:
            if span["source"].startswith("PMID:"):
                of_paper.setdefault(span["source"], set()).add(row["split"])
    assert {pmid: len(splits) for pmid, splits in of_paper.items()} == {
        f"PMID:{pmid}": 1 for pmid in (11, 12, 13, 14, 15)
    }
    assert {split for splits in of_paper.values() for split in splits} == {"train", "validation", "test"}


def test_every_claim_of_a_dataset_is_rederived(papered):
    records = {}
    for path in (papered.parents[1] / "mirror").rglob("*.gbff.gz"):
        with gzip.open(path, "rt") as file:
            records |= SeqIO.to_dict(SeqIO.parse(file, "genbank"))
    rows = paper_rows_of(papered).to_dicts()
    assert [problem for row in each(rows) for problem in problems(row, records[row["accession"]], PAPERS)] == []
    assert len(rows) == 14


def test_the_ledger_counts_each_citation_once_and_balances(papered):
    assert imbalances(tables.read(papered / "ledger.parquet", LEDGER)) == []
    entries = pl.read_parquet(papered / "ledger.parquet").filter(pl.col("unit") == "paper")
    counts = {(row["division"], row["status"], row["reason"]): row["count"] for row in entries.to_dicts()}
    assert counts == {
        ("plant", "in", ""): 9, ("plant", "kept", ""): 6, ("plant", "excluded", "other_split"): 1,
        ("plant", "excluded", "license"): 1, ("plant", "excluded", "many_records"): 1,
        ("viral", "in", ""): 2, ("viral", "kept", ""): 1, ("viral", "excluded", "no_abstract"): 1,
    }  # fmt: skip
    assert verify(papered)["rows"] > 14


def test_the_papers_table_lists_citing_and_describing_records(papered):
    rows = pl.concat(pl.read_parquet(path) for path in (papered / "data" / "papers").rglob("*.parquet"))
    told = {row["pmid"]: (row["records"], row["records_with_rows"]) for row in rows.to_dicts()}
    one, two, four, five = (f"NC_00010{number}.1" for number in (1, 2, 4, 5))
    assert told == {
        11: (1, [one]), 12: (2, [one, "NC_000103.1"]), 13: (1, [five]), 14: (1, ["NC_000106.1"]), 15: (3, [two, four]),
        16: (1, [one]), 17: (1, ["NC_000106.1"]),
    }  # fmt: skip


def test_without_limits_all_records_describe_a_paper_and_none_its_passages(tmp_path):
    rows = paper_rows_of(papered_dataset(tmp_path, None, None)).to_dicts()
    assert {places(row) for row in rows} == {"abstract"}
    assert {row["accession"] for row in rows if row["pmids"] == [15]} == {f"NC_00010{number}.1" for number in (2, 3, 4)}


def real_papers(folder: Path, pmids: set[int] | None) -> dict[int, dict]:
    """The papers of a folder as rows: of some PMIDs, or else all with full text, numbered anew and held to be open."""
    found: dict[int, list] = {}

    def keep(paper) -> None:
        if pmids is None:
            pmid = len(found) + 1
            found[pmid] = [replace(paper, license="CC-BY-4.0", pmid=pmid)] if paper.paragraphs else []
        elif paper.pmid in pmids:
            found.setdefault(paper.pmid, []).append(paper)

    read_files(in_directory(folder), keep)
    return {
        pmid: merged(papers, frozenset({"CC-BY"})) | {"split": "train"}
        for pmid, papers in sorted(found.items())
        if papers
    }


def real_records(path: Path) -> list[tuple[str, dict, list, bytes]]:
    """Flat file text, row, features and bases of each record of a file that holds its bases."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found = []
    for text in re.findall(r"^LOCUS .*?^//$", content.decode(), re.MULTILINE | re.DOTALL):
        if "\nORIGIN" in text and len(text) < 500_000:
            read = read_record(text.encode(), lambda accession: None)
            row = {**read.row, "division": "x", "part": "x.1", "release": "1", "ordinal": 0}
            found.append((text, row, read.features, read.sequence))
    return found


@pytest.mark.mirror
def test_real_records_that_cite_real_papers(mirror):
    records = real_records(mirror.parent / "local" / "zika.gb")
    citing: dict[int, list[str]] = {}
    for _, row, *_ in records:
        for pmid in {pmid for pmid in row["pmids"] if pmid}:
            citing.setdefault(pmid, []).append(row["accession"])
    known = real_papers(mirror.parent / "papers" / "europepmc", set(citing))
    for pmid, paper in known.items():
        paper |= {"records": len(citing[pmid]), "records_with_rows": describing_records(paper, citing[pmid], 20)}
    told: dict[int, set[str]] = {}
    for text, row, features, sequence in each(records):
        for result in paper_rows(Context(row, features, sequence), 131072, known, "train", LIMITS):
            if isinstance(result, PairRow):
                assert problems(result.values, SeqIO.read(io.StringIO(text), "genbank"), known) == []
                told.setdefault(result.values["pmids"][0], set()).add(row["accession"])
    assert {pmid: len(found) for pmid, found in told.items()} == {
        pmid: min(20, len(citing[pmid])) for pmid, paper in known.items() if paper["open"] and paper["abstract"]
    }
    assert max(map(len, told.values())) == 20 < max(map(len, citing.values()))


@pytest.mark.mirror
def test_real_passages_beside_real_records_as_if_they_cited_them(mirror):
    known = real_papers(mirror.parent / "papers" / "jats", None)
    limits = passage_settings(8, 60, 500, 10)
    kinds = set()
    records = [found for path in sorted(mirror.glob("mitochondrion/*.gbff.gz")) for found in real_records(path)]
    for text, row, features, sequence in each(records[::8]):
        row["pmids"] = sorted(known)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            biopython = SeqIO.read(io.StringIO(text), "genbank")
        biopython.annotations["references"] = [SimpleNamespace(pubmed_id=str(pmid)) for pmid in known]
        cited = {pmid: paper | {"records": 1, "records_with_rows": [row["accession"]]} for pmid, paper in known.items()}
        for result in paper_rows(Context(row, features, sequence), 131072, cited, "train", limits):
            if isinstance(result, PairRow) and result.counts_as is None:
                assert problems(result.values, biopython, known) == []
                kinds |= {span["field"].rpartition("/")[2] for span in result.values["evidence"][2:]}
    assert kinds & {"gene", "product", "strain", "isolate"}
