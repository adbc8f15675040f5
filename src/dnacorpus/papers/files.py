"""Reading a folder of papers: the kind of each file, by its content, and the papers in it."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.limits import within_memory
from dnacorpus.papers.markup import root_name
from dnacorpus.papers.paper import Paper, cleaned
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.pdf.paper import identified_by_file_name
from dnacorpus.papers.readers.pdf.process import PdfReader
from dnacorpus.papers.readers.pmc import read_pmc_metadata
from dnacorpus.papers.readers.pubmed import ROOTS, read_pubmed
from dnacorpus.storage.bounded import content_of
from dnacorpus.storage.progress import hidden

SUFFIXES = (".xml", ".nxml", ".json", ".pdf")
"""Endings, ``.gz`` aside, of the files that are opened; their content then decides their kind."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files below ``root`` that may describe the wanted papers.

    ``unreadable`` are lines on what could not be fetched; ``withdrawn`` the PMIDs that PubMed has deleted;
    ``counts`` the number of papers by service, for the summary.
    """

    root: Path
    files: Sequence[Path] = ()
    unreadable: Sequence[str] = ()
    withdrawn: frozenset[int] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)


def in_directory(source: Path) -> Gathered:
    """Return all files of a directory tree."""
    return Gathered(source, sorted(path for path in source.rglob("*") if path.is_file()))


def read_files(gathered: Gathered, keep: Callable[[Paper], None]) -> tuple[dict[str, int], list[str]]:
    """Pass every paper of the files to ``keep``; return the number of files by kind, and the damaged files.

    The kinds are jats, europepmc, pmc, pubmed, pdf, other and unreadable. A damaged file is skipped whole and
    listed as "<path>: <what is wrong>". Memory holds the papers of one file.
    """
    kinds: Counter[str] = Counter()
    damaged: list[str] = []
    with PdfReader() as pdfs:
        for path in tqdm(gathered.files, desc="papers", unit="file", disable=hidden()):
            try:
                kind, papers = read_file(path, pdfs)
                for paper in papers:
                    keep(paper)
            except CorpusError as error:
                kind = "unreadable"
                damaged.append(f"{path.relative_to(gathered.root).as_posix()}: {error}")
            kinds[kind] += 1
    return dict(kinds), damaged


def read_file(path: Path, pdfs: PdfReader | None = None) -> tuple[str, list[Paper]]:
    """Return the kind of a file (jats, europepmc, pmc, pubmed, pdf or other) and its papers.

    ``pdfs`` reads PDFs; without it a reader is started for this file alone. The text of the papers is `cleaned`.
    Raises CorpusError when the file is damaged, too large, or a PDF that cannot be read.
    """
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(SUFFIXES):
        return "other", []
    try:
        with within_memory():
            kind, papers = _read(_content(path), name, path.name, pdfs)
            return kind, [cleaned(paper) for paper in papers]
    except OSError as error:
        raise CorpusError(f"expected a readable file, found: {error.strerror}; get it again") from error


def _read(content: bytes, kind: str, name: str, pdfs: PdfReader | None) -> tuple[str, list[Paper]]:
    """Return what `read_file` does; ``kind`` ends with the suffix, ``name`` is that of the file."""
    if kind.endswith(".pdf"):
        with nullcontext(pdfs) if pdfs else PdfReader() as reader:
            return "pdf", [identified_by_file_name(reader.read(content), name)]
    if kind.endswith(".json"):
        return _read_json(content)
    if root_name(content) in ROOTS:
        return "pubmed", list(read_pubmed(content))
    articles = [identified_by_file_name(article, name) for article in read_jats(content)]
    return ("jats" if articles else "other"), articles


def _read_json(content: bytes) -> tuple[str, list[Paper]]:
    papers = read_europepmc(content)
    if papers is not None:
        return "europepmc", papers
    paper = read_pmc_metadata(content)
    return ("other", []) if paper is None else ("pmc", [paper])


def _content(path: Path) -> bytes:
    """Return the bytes of a file, decompressed if it is gzip."""
    with path.open("rb") as file:
        gzipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        if not gzipped:
            return content_of(file, limits.PAPER_FILE)
        try:
            with gzip.GzipFile(fileobj=file) as decompressed:
                return content_of(decompressed, limits.PAPER_FILE)
        except (OSError, EOFError, zlib.error) as error:
            raise CorpusError(f"expected a complete gzip file, found: {error}; get the file again") from error
