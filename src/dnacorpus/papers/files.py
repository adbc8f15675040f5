"""Reading a folder of papers: what each file holds, and on disk all that is told of the papers that are wanted."""

import gzip
import io
import pickle
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tqdm import tqdm

from dnacorpus.errors import CorpusError
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.papers.markup import root_name
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.pdf.paper import named_by_file
from dnacorpus.papers.readers.pdf.process import PdfReader
from dnacorpus.papers.readers.pmc import read_pmc_metadata
from dnacorpus.papers.readers.pubmed import ROOTS, read_pubmed

SUFFIXES = (".xml", ".nxml", ".json", ".pdf")
"""What a file must end in, `.gz` apart, to be looked into; what it holds then decides its kind."""
MAX_BYTES = 2 << 30
"""What unpacks to more is no file of papers: PubMed's own stay below a tenth of that."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Files below ``root`` that may tell of the wanted papers, what could not be had, and counts for people.

    ``withdrawn``: PMIDs that PubMed has taken back.
    """

    root: Path
    files: Sequence[Path] = ()
    unreadable: Sequence[str] = ()
    withdrawn: frozenset[int] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)


def in_directory(source: Path) -> Gathered:
    """Return the files of a directory tree."""
    return Gathered(source, sorted(path for path in source.rglob("*") if path.is_file()))


def read_files(gathered: Gathered, keep: Callable[[Paper], None]) -> tuple[dict[str, int], list[str]]:
    """Give each paper of the files to ``keep``, and return the number of files by kind and what is damaged.

    Kinds are jats, europepmc, pmc, pubmed, pdf, other and unreadable; of a damaged file nothing is taken,
    and it is named ("<place>: <what is wrong>"). Memory holds the papers of one file.
    """
    kinds: Counter[str] = Counter()
    damaged: list[str] = []
    with PdfReader() as pdfs:
        for path in tqdm(gathered.files, desc="papers", unit="file", disable=None):
            try:
                kind, entries = read_file(path, pdfs)
                for paper in entries:
                    keep(paper)
            except CorpusError as error:
                kind = "unreadable"
                damaged.append(f"{path.relative_to(gathered.root).as_posix()}: {error}")
            kinds[kind] += 1
    return dict(kinds), damaged


def read_file(path: Path, pdfs: PdfReader | None = None) -> tuple[str, list[Paper]]:
    """Return the kind of a file (jats, europepmc, pmc, pubmed, pdf or other) and its papers.

    ``pdfs`` reads the PDFs; without it a reader is started for this file alone. Raises CorpusError when the
    file is damaged, or is a PDF that cannot be read.
    """
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(SUFFIXES):
        return "other", []
    try:
        content = _unpacked(path.read_bytes())
        if name.endswith(".pdf"):
            with nullcontext(pdfs) if pdfs else PdfReader() as reader:
                return "pdf", [named_by_file(reader.read(content), path.name)]
        if name.endswith(".json"):
            return _read_json(content)
        if root_name(content) in ROOTS:
            return "pubmed", list(read_pubmed(content))
        articles = [named_by_file(article, path.name) for article in read_jats(content)]
        return ("jats" if articles else "other"), articles
    except OSError as error:
        raise CorpusError(f"expected a file that can be read, found: {error.strerror}; get it anew") from error
    except RecursionError as error:
        raise CorpusError("expected elements some levels deep, found hundreds; leave the file out") from error


def _read_json(content: bytes) -> tuple[str, list[Paper]]:
    answer = read_europepmc(content)
    if answer is not None:
        return "europepmc", answer
    paper = read_pmc_metadata(content)
    return ("other", []) if paper is None else ("pmc", [paper])


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"expected a whole gzip file, found: {error}; get the file anew") from error
    if len(unpacked) > MAX_BYTES:
        raise CorpusError(f"expected at most {MAX_BYTES} bytes unpacked, found more; leave the file out")
    return unpacked


class PaperSpool:
    """What several files tell of the wanted papers, on disk until all files are read; use as a context manager.

    The file is in ``folder`` and has no name, so that it vanishes with the process. In memory are, for each
    paper, its ids and places in the file.
    """

    def __init__(self, folder: Path, wanted: Collection[int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._wanted = frozenset(wanted)
        self._places: dict[int, list[int]] = {}
        self._unnamed: list[tuple[tuple[str, ...], int]] = []
        self._owners: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, paper: Paper) -> None:
        """Keep a paper if its PMID is wanted, or if it has none but a PMC id or DOI that may tell it."""
        names = tuple(name.lower() for name in (paper.pmcid, paper.doi) if name)
        if paper.pmid in self._wanted:
            self._places.setdefault(paper.pmid or 0, []).append(self._write(paper))
            for name in names:
                # Two papers that claim one name: it tells neither.
                self._owners[name] = paper.pmid if self._owners.get(name, paper.pmid) == paper.pmid else None
        elif paper.pmid is None and names:
            self._unnamed.append((names, self._write(paper)))

    def papers(self) -> Iterator[tuple[int, list[Paper]]]:
        """Yield each PMID, ascending, with all papers of it.

        A paper that states no PMID gets that of the one wanted paper with its PMC id or DOI.
        """
        places = {pmid: list(found) for pmid, found in self._places.items()}
        for names, place in self._unnamed:
            owners = {self._owners[name] for name in names if name in self._owners}
            if len(owners) == 1 and (pmid := owners.pop()) is not None:
                places[pmid].append(place)
        for pmid in sorted(places):
            yield pmid, [replace(self._read(place), pmid=pmid) for place in places[pmid]]

    def _write(self, paper: Paper) -> int:
        place = self._file.seek(0, io.SEEK_END)
        pickle.dump(paper, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        return place

    def _read(self, place: int) -> Paper:
        self._file.seek(place)
        paper: Paper = pickle.load(self._file)  # noqa: S301 - written by ourselves, into a file without a name
        return paper
