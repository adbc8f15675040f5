"""Text from outside takes time linear in its size or is cut: each pattern of the package, and each reader of such text.

The one test that compares times: processor time of growing texts. A short text that takes half a second is a flaw, too,
because a longer one might never end. Keys of TOML with many dots are left out: Python's reader takes the square of
their number. Run with ``-s`` to see the time of each module; `HYPOTHESIS_PROFILE=nightly` adds texts of a million
characters.
"""

import html
import io
import json
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from itertools import starmap
from tempfile import NamedTemporaryFile

import pytest
from support.each import each
from support.hostile import Hostile, hostile
from support.manifests import manifest_json
from support.patterns import Found, made_in_functions, module_patterns
from support.timing import flaw, longer, slowest_flaw

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.dataset import manifest
from dnacorpus.errors import CorpusError
from dnacorpus.formats.fasta import accession_of, index_fasta
from dnacorpus.formats.genbank.features import read_features
from dnacorpus.formats.genbank.header import read_header
from dnacorpus.formats.genbank.locus import read_locus
from dnacorpus.formats.genbank.reader import FlatFile, sections_of
from dnacorpus.formats.gff.reader import read_gff
from dnacorpus.formats.taxonomy.taxdump import read_dmp
from dnacorpus.papers.documents import documents
from dnacorpus.papers.html_text import text_of_html
from dnacorpus.papers.licenses import licenses_in
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.medline import read_medline
from dnacorpus.papers.readers.pmc import read_article_version, read_pmc_metadata
from dnacorpus.papers.readers.pubmed import read_pubmed
from dnacorpus.papers.retraction import is_retracted
from dnacorpus.sequence import location
from dnacorpus.sources.assembly_summary import read_summary
from dnacorpus.sources.http import redacted
from dnacorpus.sources.release import genomic_file, listed_names, md5_sums
from dnacorpus.storage.catalog import COLUMNS, read_parts
from dnacorpus.text import wording

SHORT = {"dnacorpus.papers.retraction"}
"""Modules whose patterns take more than linear time, and are given at most 400 characters."""
CUT = 400


def scan(found: Found) -> list[str]:
    """Return the flaws of a pattern, by method."""
    flaws, texts = [], hostile(found.pattern)
    for method in found.methods:
        empty = found.pattern.pattern[:0]

        def run(text: str, method: str = method, empty: str | bytes = empty) -> object:
            given = text.encode("latin-1", "replace") if isinstance(empty, bytes) else text
            return found.pattern.sub(empty, given) if method == "sub" else getattr(found.pattern, method)(given)

        if problem := slowest_flaw(run, texts):
            flaws.append(f"{found.module}.{found.name}.{method}: {problem}")
    return flaws


def test_every_pattern_takes_linear_time():
    flaws, spent, counts = [], Counter[str](), Counter[str]()
    for found in each([*module_patterns(), *made_in_functions()[0]], at_least=200):
        if found.module in SHORT:
            continue
        started = time.process_time()
        flaws += scan(found)
        spent[found.module] += time.process_time() - started
        counts[found.module] += 1
    rows = [*spent.most_common(), ("all", spent.total())]
    lines = [f"{taken:7.2f}  {counts[module] or counts.total():8}  {module}" for module, taken in rows]
    sys.stdout.write("\n".join(("\nseconds  patterns  module", *lines, "")))
    assert flaws == []


def test_a_long_title_or_abstract_takes_no_longer_than_what_is_looked_at():
    found = [found for found in module_patterns() if found.module in SHORT]
    texts = list(dict.fromkeys(text for one in each(found, at_least=4) for text in hostile(one.pattern)))

    def run(text):
        return is_retracted(text, text)

    pairs = each([(text, size) for size in (4_000, 100_000) for text in texts], at_least=100)
    slow = (longer(run, text.text(CUT), text.text(size), 1) for text, size in pairs)
    assert next(filter(None, slow), None) is None


def test_patterns_are_constants_of_their_modules():
    """Otherwise the scan would not see them; a pattern of escaped words is scanned with a word."""
    assert made_in_functions()[1] == []


@pytest.mark.parametrize(
    "planted",
    [
        r'"(?:[^"\\]++|\\.)*+"',
        r"(a+)+$",
        r"\s+$",
        r"<[^>]*>x",
        r"\s*\(.*\)$",
        r"x=.*?;end",
        r"<(b\d)>(.*?)</\1>",
        r"\w+\d*;",
        r"(?:a|b|ab)*c",
    ],
)
def test_a_slow_pattern_is_found(planted):
    assert scan(Found("planted", planted, re.compile(planted), ("search",)))


@pytest.mark.parametrize("sound", [r"(?<!\s)\s++x", r"(?<!a)a++$", r"<[^<>]*+>x", r"\d{1,18}", r"^ *a"])
def test_a_linear_pattern_is_not(sound):
    assert scan(Found("sound", sound, re.compile(sound), ("search", "sub"))) == []


GFF = "S.1\tx\t{}\t1\t9\t.\t+\t.\t{}\n"


def gff(kind, text):
    lines = [GFF.format(kind, text).encode()] * 2
    return [list(annotation.features(90)) for annotation in read_gff(lines, "made.gff").values()]


def flat_file(text):
    return sum(1 for _ in FlatFile(io.BytesIO(text.encode()), "made.gbff"))


def refused(run):
    """Return the function with its refusals as results: a refusal takes linear time, too."""

    def answered(text):
        try:
            return run(text)
        except (CorpusError, ValueError) as error:
            return error

    return answered


def header(text):
    """Read a header that has the text in each of its fields, first as it is, then indented."""
    inside = text.replace("\n", "\n            ")
    fields = (
        "DEFINITION ", "ACCESSION   A", "DBLINK      BioProject:", "KEYWORDS   ", "SOURCE     ", "  ORGANISM ",
        "REFERENCE   1 (bases 1 to 5)", "  AUTHORS  ", "  TITLE    ", "  JOURNAL  ", "   PUBMED   1", "  REMARK   ",
        "COMMENT     ##A-START##\n            B ::", "CONTIG     ",
    )  # fmt: skip
    whole = "".join(f"{field} {inside}\n" for field in fields)
    return read_header(f"LOCUS       A 5 bp DNA\n{whole}{text}\n")


def jats(text):
    return read_jats(
        f"<article><front><article-meta><abstract>{text}</abstract></article-meta></front></article>".encode()
    )


def europepmc(text):
    result = {"id": "1", "source": "MED", "pmid": "1", "title": "A", "abstractText": text}
    return read_europepmc(json.dumps({"resultList": {"result": [result]}}).encode())


def medline(text):
    fields = ("TI  ", "AB  ", "AU  ", "PT  ", "LR  ", "CI  ", "AID ")
    return list(read_medline("".join(["PMID- 1\n", *(f"{field}- {text}\n" for field in fields)]).encode()))


def pubmed(text):
    inside = html.escape(text)
    abstract = "".join(f"<{name}>{inside}</{name}>" for name in ("AbstractText", "CopyrightInformation"))
    article = f"<ArticleTitle>{inside}</ArticleTitle><Abstract>{abstract}</Abstract>"
    citation = f"<MedlineCitation><PMID>1</PMID><Article>{article}</Article></MedlineCitation>"
    return list(read_pubmed(f"<PubmedArticleSet><PubmedArticle>{citation}</PubmedArticle></PubmedArticleSet>".encode()))


def pmc(text):
    names = ("license_code", "doi", "title", "xml_url", "pdf_url")
    content = json.dumps({"pmcid": "PMC1", "version": 1} | dict.fromkeys(names, text)).encode()
    with suppress(CorpusError):  # of an address
        read_article_version(content)
    return read_pmc_metadata(content)


def json_texts(text):
    with suppress(JsonError):
        read_json(f'["{text}'.encode())
    return read_json(f'["{text}"]'.encode())


def manifest_of_texts(text):
    values = {"unit": text, "status": text, "reason": text, "count": 1, "bases": 1}
    keys = {"config": {"divisions": [text]}, "inputs": [{"release": text}], "versions": {"a": text}}
    return manifest.parse(manifest_json(ledger=[values], **keys).encode(), "made")


def manifest_of_paths(*paths):
    files = [{"path": path, "bytes": 1, "sha256": "0" * 64} for path in paths]
    return manifest.parse(manifest_json(files).encode(), "made")


def catalog(text):
    row = ("7", "viral", "viral.1", "00000", "gbff", "viral.1.genomic.gbff.gz", text, "", "")
    with NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n")
        file.flush()
        return read_parts(file.name)


def summary(text):
    header = "#assembly_accession\torganism_name\tasm_submitter\tftp_path\n"
    row = f"GCF_000000001.1\tA\t{text}\thttps://host/GCF_000000001.1_A\n"
    if (table := read_summary([header.encode(), row.encode()], "made")).is_empty():
        raise ValueError(text)
    return table


READERS = {
    "records": flat_file,
    "sections": lambda text: sections_of(text.encode()),
    "locus line": lambda text: read_locus(f"LOCUS       {text} 5 bp DNA {text}"),
    "header": header,
    "header comment": lambda text: read_header(f"LOCUS       A 5 bp DNA\nCOMMENT     {text}\n"),
    "location": lambda text: location.read(text, 1000, circular=False),
    "features": lambda text: read_features(f'     gene            1..9\n                     /note="{text}"\n'),
    "FASTA": lambda text: index_fasta(io.BytesIO(b">" + text.encode()), io.BytesIO(), "made.fna"),
    "FASTA title": accession_of,
    "GFF": partial(gff, "gene"),
    "GFF note": lambda text: gff("CDS", f"ID=c;Note={text}"),
    "GFF parents": lambda text: gff("exon", f"Parent={text}"),
    "GTF": lambda text: gff("gene", f'gene_id "a"; {text}'),
    "HTML": text_of_html,
    "JATS": jats,
    "Europe PMC": europepmc,
    "MEDLINE": medline,
    "PubMed": pubmed,
    "PMC": pmc,
    "XML documents": lambda text: list(documents(f"<?xml version='1.0'?>{text}<PubmedArticleSet>{text}".encode())),
    "JSON": json_texts,
    "licences": licenses_in,
    "manifest": manifest_of_texts,
    "manifest's path": manifest_of_paths,
    "manifest's paths": lambda text: manifest_of_paths(*starmap("{}/{}".format, enumerate(text.split("/")))),
    "listing": listed_names,
    "MD5 sum": lambda text: md5_sums(f"{'0' * 32}\t{text}\n", "made"),
    "MD5 sums": lambda text: md5_sums("".join(f"{n:032}\t{n}{line}\n" for n, line in enumerate(text.split("\n"))), "a"),
    "taxdump": lambda text: read_dmp("names.dmp", f"1\t|\t{text}\t|\t\t|\tscientific name\t|\n".encode(), "made"),
    "catalog": catalog,
    "assembly summary": summary,
    "file name": genomic_file,
    "redacted": redacted,
    "prose": wording.prose,
    "remark": lambda text: wording.remark(text, ("kinase",)),
    "article": wording.article.__wrapped__,
    "uninformative": wording.is_uninformative.__wrapped__,
    "readable": wording.readable.__wrapped__,
    "hedged": wording.is_hedged,
    "cut": lambda text: wording.cut(text, 300),
}
UNITS = (
    " ", ";", "; ", ". ", ",", "a,", "a", "a ", "1", "(", ")", "[", '"', 'a "', "<", "<h1>", "<p>", ":", "://", "=",
    "a=b;", "/", "\n", "\n//x", "\n//\n", "\nLOCUS       ", "\n>", "\n ", "\n     gene            1..9", "complement(",
    "join(1,", "1..2,", "exception=", "Summary: ", "pos:", "<pre>", "href=\"", "{", "Derived by ", "-like", "ACGT",
    "%", "\t", "a/", '\\"', "\\", "<a>", "<Delete", "<?xml ", "<PubmedArticleSet>", "</a>", "&", "&amp;", "PMID- 1\n",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_linear_time(reader):
    run = refused(READERS[reader])
    assert not all(isinstance(run(Hostile((unit,)).text(300)), Exception) for unit in UNITS)
    assert slowest_flaw(run, [Hostile((unit,), "", "x") for unit in UNITS]) is None


def records(line, size):
    return "LOCUS       A 5 bp DNA\n" + line * (size // len(line))


@pytest.mark.parametrize("line", ["//x\n", "x\n//\n", "LOCUS       A 5 bp DNA\n", "LOCUS   \n", "\n"])
def test_lines_like_the_ends_of_records_take_linear_time(line):
    assert flaw(flat_file, partial(records, line)) is None
