"""A temporary file of the papers that are wanted, until all files of a folder have been read."""

import io
import pickle
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from dnacorpus.papers.paper import Paper


class PaperSpool:
    """The wanted papers of several files, kept on disk until all files are read; use as a context manager.

    The temporary file is created in ``folder`` without a name, so it disappears with the process. Memory holds
    only the ids of each paper and its offsets in the file.
    """

    def __init__(self, folder: Path, wanted: Collection[int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._wanted = frozenset(wanted)
        self._offsets: dict[int, list[int]] = {}
        self._without_pmid: list[tuple[tuple[str, ...], int]] = []
        self._pmid_of_name: dict[str, int | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, paper: Paper) -> None:
        """Keep a paper if its PMID is wanted, or if it has no PMID but a PMC id or DOI to look it up by."""
        names = tuple(name.lower() for name in (paper.pmcid, paper.doi) if name)
        if paper.pmid is not None and paper.pmid in self._wanted:
            self._offsets.setdefault(paper.pmid, []).append(self._write(paper))
            for name in names:
                # A PMC id or DOI stated by two papers identifies neither.
                known = self._pmid_of_name.get(name, paper.pmid)
                self._pmid_of_name[name] = paper.pmid if known == paper.pmid else None
        elif paper.pmid is None and names:
            self._without_pmid.append((names, self._write(paper)))

    def papers(self) -> Iterator[tuple[int, list[Paper]]]:
        """Yield each PMID, ascending, with all entries of that paper.

        An entry without a PMID is given the PMID of the one wanted paper that has its PMC id or DOI.
        """
        offsets = {pmid: list(known) for pmid, known in self._offsets.items()}
        for names, offset in self._without_pmid:
            pmids = {self._pmid_of_name[name] for name in names if name in self._pmid_of_name}
            if len(pmids) == 1 and (pmid := pmids.pop()) is not None:
                offsets[pmid].append(offset)
        for pmid in sorted(offsets):
            yield pmid, [replace(self._read(offset), pmid=pmid) for offset in offsets[pmid]]

    def _write(self, paper: Paper) -> int:
        offset = self._file.seek(0, io.SEEK_END)
        pickle.dump(paper, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        return offset

    def _read(self, offset: int) -> Paper:
        self._file.seek(offset)
        paper: Paper = pickle.load(self._file)  # noqa: S301 - written by this process into an unnamed file
        return paper
