"""Reading a folder of papers: the kind of each file, by its content, the papers in it, and what it withdraws."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from dnacorpus import limits
from dnacorpus.bounded import content_of
from dnacorpus.errors import CorpusError
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.limits import within_memory
from dnacorpus.papers.documents import documents
from dnacorpus.papers.markup import root_name
from dnacorpus.papers.paper import Paper, cleaned
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.medline import read_medline
from dnacorpus.papers.readers.pdf.paper import identified_by_file_name
from dnacorpus.papers.readers.pdf.process import PdfReader
from dnacorpus.papers.readers.pmc import read_pmc_metadata
from dnacorpus.papers.readers.pubmed import ROOTS, deleted_pmids, read_pubmed
from dnacorpus.papers.unread import HEAD_BYTES, MEDLINE, kind_of
from dnacorpus.papers.withdrawals import Withdrawals, in_reading_order
from dnacorpus.storage.progress import hidden

SUFFIXES = (".xml", ".nxml", ".json", ".pdf")
"""Endings, ``.gz`` aside, of the files whose content decides their kind; of others only MEDLINE text is read."""
READ = ("jats", "europepmc", "pmc", "pubmed", MEDLINE, "pdf")
"""Kinds of files that papers are read from."""


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


class PaperFile(NamedTuple):
    """What one file holds: its kind, its papers, and the PMIDs that it deletes."""

    kind: str
    papers: list[Paper]
    deleted: frozenset[int] = frozenset()


class FilesRead(NamedTuple):
    """What was read: the number of files by kind, a line for each damaged file, and the PMIDs that are withdrawn."""

    kinds: dict[str, int]
    damaged: list[str]
    withdrawn: frozenset[int]


def in_directory(source: Path) -> Gathered:
    """Return all files of a directory tree."""
    return Gathered(source, sorted(path for path in source.rglob("*") if path.is_file()))


def read_files(gathered: Gathered, keep: Callable[[Paper], None]) -> FilesRead:
    """Pass every paper of the files to ``keep``, those of withdrawn PMIDs included.

    The kinds are those of `read_file` and unreadable; a file of a kind in `READ` that has nothing to say counts as
    "<kind> without papers". A damaged file is skipped whole and listed as "<path>: <what is wrong>". Memory holds the
    papers of one file.
    """
    kinds: Counter[str] = Counter()
    damaged: dict[Path, str] = {}
    withdrawals = Withdrawals()
    with PdfReader() as pdfs:
        for path in tqdm(in_reading_order(gathered.files), desc="papers", unit="file", disable=hidden()):
            try:
                file = read_file(path, pdfs)
            except CorpusError as error:
                kinds["unreadable"] += 1
                damaged[path] = f"{path.relative_to(gathered.root).as_posix()}: {error}"
                continue
            for paper in file.papers:
                keep(paper)
            withdrawals.add(path.name, (paper.pmid for paper in file.papers), file.deleted)
            says_nothing = file.kind in READ and not file.papers and not file.deleted
            kinds[f"{file.kind} without papers" if says_nothing else file.kind] += 1
    return FilesRead(dict(kinds), [damaged[path] for path in sorted(damaged)], withdrawals.pmids())


def unread(kinds: Mapping[str, int]) -> str:
    """Return the numbers of files that no papers were read from, by kind ("1 bibtex, 2 ris"); empty if there are none.

    ``kinds`` are those of `FilesRead`; unreadable files are not named, because they are listed one by one.
    """
    others = sorted(kind for kind in kinds if kind not in READ and kind != "unreadable")
    return ", ".join(f"{kinds[kind]} {kind}" for kind in others)


def read_file(path: Path, pdfs: PdfReader | None = None) -> PaperFile:
    """Return the kind of a file, its papers and its deletions.

    The kinds are those of `READ`, and for files without papers "other xml", "other json" and those of
    `unread.kind_of`. ``pdfs`` reads PDFs; without it a reader is started for this file alone. The text of the papers
    is `cleaned`. Raises CorpusError when the file is damaged, too large, or a PDF that cannot be read.
    """
    try:
        with within_memory():
            file = _read(path, pdfs)
            return file._replace(papers=[cleaned(paper) for paper in file.papers])
    except OSError as error:
        raise CorpusError(f"expected a readable file, found: {error.strerror}; get it again") from error


def _read(path: Path, pdfs: PdfReader | None) -> PaperFile:
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(SUFFIXES):
        kind = kind_of(_head(path))
        return PaperFile(kind, list(read_medline(_content(path))) if kind == MEDLINE else [])
    content = _content(path)
    if name.endswith(".pdf"):
        with nullcontext(pdfs) if pdfs else PdfReader() as reader:
            return PaperFile("pdf", [identified_by_file_name(reader.read(content), path.name)])
    return _read_json(content) if name.endswith(".json") else _read_xml(content, path.name)


def _read_xml(content: bytes, name: str) -> PaperFile:
    """Return what all documents of a file hold; the kind is that of the first document of a known kind."""
    kind, papers, deleted = "other xml", list[Paper](), set[int]()
    for place, (line, document) in enumerate(documents(content)):
        try:
            file = _read_document(document, name)
        except CorpusError as error:
            if line == 1:
                raise
            raise CorpusError(f"document {place + 1}, which begins on line {line}: {error}") from error
        kind = kind if kind in READ else file.kind
        papers += file.papers
        deleted |= file.deleted
    return PaperFile(kind, papers, frozenset(deleted))


def _read_document(document: bytes, name: str) -> PaperFile:
    if root_name(document) in ROOTS:
        return PaperFile("pubmed", list(read_pubmed(document)), deleted_pmids(document))
    articles = [identified_by_file_name(article, name) for article in read_jats(document)]
    return PaperFile("jats" if articles else "other xml", articles)


def _read_json(content: bytes) -> PaperFile:
    papers = read_europepmc(content)
    if papers is not None:
        return PaperFile("europepmc", papers)
    paper = read_pmc_metadata(content)
    return PaperFile("other json", []) if paper is None else PaperFile("pmc", [paper])


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed if it is gzip; of a damaged one nothing."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head.startswith(GZIP_MAGIC):
            return head
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as decompressed:
                return decompressed.read(HEAD_BYTES)
        except (OSError, EOFError, zlib.error):
            return b""


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
