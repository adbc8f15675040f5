"""The annotation of all sequences of a part, from its GFF and GTF files, and what the ledger says of their lines."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.formats.gff.reader import FATAL_FLAWS, Annotation, read_gff
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error

_ACCESSION_VERSION = re.compile(r"\.\d+$")
_SHOWN = 3


class UnusedAnnotationError(CorpusError):
    """Annotation of which nothing is used, because its sequences have other names."""


class Annotations:
    """The annotation in the GFF and GTF files of a part, by sequence id, and which of it FASTA entries have claimed."""

    def __init__(self) -> None:
        self._free: dict[str, dict[str, Annotation]] = {}  # by sequence id without its version
        self._lines: Counter[tuple[str, str]] = Counter()
        self._files: dict[str, list[str]] = {}  # the sequence ids of each file
        self._file_of: dict[str, str] = {}
        self._used: set[str] = set()

    def read(self, handle: Source, name: str) -> str:
        """Read one file, and return the error that ended its stream, or "".

        If two files annotate a sequence, the first annotation is kept.
        Raises ForeignFormatError for a file in another format.
        """
        damage: list[str] = []
        seqids = self._files[name] = []
        for seqid, annotation in read_gff(_lines(handle, damage), name).items():
            for _, reason in annotation.flaws:
                self._lines["rejected" if reason in FATAL_FLAWS else "kept", reason] += 1
            self._lines["excluded", "no_feature"] += sum(annotation.omitted.values())
            if seqid in self._file_of:
                self._lines["excluded", "annotated_twice"] += len(annotation.entries)
                self._used.add(name)
            elif annotation.entries:
                seqids.append(seqid)
                self._file_of[seqid] = name
                self._free.setdefault(_ACCESSION_VERSION.sub("", seqid), {})[seqid] = annotation
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, and mark it as claimed; None if there is none.

        If the accession or the sequence id has no version, they match when only one such id is left.
        """
        seqid = self._match(accession)
        if seqid is None:
            return None
        self._used.add(self._file_of[seqid])
        return self._free[_ACCESSION_VERSION.sub("", seqid)].pop(seqid)

    def describe(self, accession: str) -> None:
        """Note that a flat file describes a sequence, so that its annotation is not used, but not in error."""
        seqid = self._match(accession)
        if seqid is not None:
            self._used.add(self._file_of[seqid])

    def refuse_unused(self, accessions: Sequence[str]) -> None:
        """Raise UnusedAnnotationError if a file annotates none of the sequences of a part, named by ``accessions``."""
        for name, seqids in self._files.items():
            if seqids and name not in self._used:
                raise UnusedAnnotationError(
                    f"{name}: expected annotation of the sequences beside it ({_some(accessions)}), found that of"
                    f" others ({_some(seqids)}); give sequences the same names in both files"
                )

    def _match(self, accession: str) -> str | None:
        bare = _ACCESSION_VERSION.sub("", accession)
        free = self._free.get(bare, {})
        if accession in free:
            return accession
        if accession == bare and len(free) == 1:
            return next(iter(free))
        return bare if bare in free else None

    def lines(self) -> Iterator[tuple[str, str, int]]:
        """Yield status, reason and number of the lines that have a flaw or, like features of no sequence, no row."""
        unclaimed = sum(len(each.entries) for free in self._free.values() for each in free.values())
        lines = self._lines + Counter({("rejected", "no_bases"): unclaimed})
        for (status, reason), count in sorted(lines.items()):
            yield status, reason, count


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list, for a message."""
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "") or "none"


def _lines(handle: Source, damage: list[str]) -> Iterator[bytes]:
    pieces: list[bytes] = []  # of the line that the next chunk continues
    held = number = 0
    while True:
        try:
            chunk = handle.read(CHUNK)
        except READ_ERRORS as error:
            damage.append(describe_error(error))
            chunk = b""
        if not chunk:
            break
        first, *lines = chunk.split(b"\n")
        pieces.append(first)
        held += len(first)
        number += len(lines)
        if number > limits.GFF_LINES:
            damage.append(limits.GFF_LINES.exceeded())
            return
        if max(held, *map(len, lines), 0) > limits.GFF_LINE:
            damage.append(f"a line: {limits.GFF_LINE.exceeded()}")
            return
        if lines:
            yield b"".join(pieces)
            *lines, last = lines
            yield from lines
            pieces, held = [last], len(last)
    rest = b"".join(pieces)
    if rest and not damage:  # an incomplete line would be read as a complete one with shorter names
        yield rest
