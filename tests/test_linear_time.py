"""Text from outside takes time linear in its size: every pattern of the package, and every reader of such text.

The one test that compares times: processor time of growing texts, never of one against a limit of the machine. Run
with ``-s`` to see the time of each module; `HYPOTHESIS_PROFILE=nightly` adds texts of a million characters.
"""

import io
import json
import re
import sys
import time
from collections import Counter
from functools import partial

import pytest
from support.each import each
from support.hostile import Hostile, hostile
from support.patterns import Found, made_in_functions, module_patterns
from support.timing import flaw, slowest_flaw

from dnacorpus.dataset import manifest
from dnacorpus.errors import CorpusError
from dnacorpus.formats.fasta import accession_of, index_fasta
from dnacorpus.formats.genbank.features import read_features
from dnacorpus.formats.genbank.header import read_header
from dnacorpus.formats.genbank.locus import read_locus
from dnacorpus.formats.genbank.reader import FlatFile, sections_of
from dnacorpus.formats.gff.reader import read_gff
from dnacorpus.papers.html_text import text_of_html
from dnacorpus.papers.licenses import licenses_in
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.sequence import location
from dnacorpus.sources.http import redacted
from dnacorpus.sources.release import genomic_file, listed_names, md5_sums
from dnacorpus.text import wording

SHORT = {"dnacorpus.papers.retraction"}
"""Modules whose patterns take time in the square of the size, and are given at most 400 characters."""


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


def test_patterns_are_constants_of_their_modules():
    """Otherwise the scan would not see them; a pattern of escaped words is scanned with a word."""
    assert made_in_functions()[1] == []


@pytest.mark.parametrize(
    "planted",
    [r"(a+)+$", r"\s+$", r"<[^>]*>x", r"\s*\(.*\)$", r"x=.*?;end", r"<(b\d)>(.*?)</\1>", r"\w+\d*;", r"(?:a|b|ab)*c"],
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


def jats(text):
    return read_jats(
        f"<article><front><article-meta><abstract>{text}</abstract></article-meta></front></article>".encode()
    )


def europepmc(text):
    result = {"id": "1", "source": "MED", "pmid": "1", "title": "A", "abstractText": text}
    return read_europepmc(json.dumps({"resultList": {"result": [result]}}).encode())


READERS = {
    "records": flat_file,
    "sections": lambda text: sections_of(text.encode()),
    "locus line": lambda text: read_locus(f"LOCUS       {text}"),
    "header": read_header,
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
    "licences": licenses_in,
    "manifest": lambda text: manifest.parse(json.dumps({"files": [{"path": text}]}).encode(), "made"),
    "listing": listed_names,
    "MD5 sums": lambda text: md5_sums(text, "made"),
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
    "%", "\t",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_linear_time(reader):
    run = refused(READERS[reader])
    assert slowest_flaw(run, [Hostile((unit,), "", "x") for unit in UNITS]) is None


def records(line, size):
    return "LOCUS       A 5 bp DNA\n" + line * (size // len(line))


@pytest.mark.parametrize("line", ["//x\n", "x\n//\n", "LOCUS       A 5 bp DNA\n", "LOCUS   \n", "\n"])
def test_lines_like_the_ends_of_records_take_linear_time(line):
    assert flaw(flat_file, partial(records, line)) is None
