"""The annotation of all sequences of a part, from its GFF and GTF files, and the ledger of the lines that gave none."""

import re
from collections import Counter
from collections.abc import Iterator

from dnacorpus import limits
from dnacorpus.formats.gff.reader import FATAL_FLAWS, Annotation, read_gff
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error

_ACCESSION_VERSION = re.compile(r"\.\d+$")


class Annotations:
    """The annotation in the GFF and GTF files of a part, by sequence id, and which of it FASTA entries have claimed."""

    def __init__(self) -> None:
        self._seqids: set[str] = set()
        self._free: dict[str, dict[str, Annotation]] = {}  # by sequence id without its version
        self._lost: Counter[tuple[str, str]] = Counter()

    def read(self, handle: Source, name: str) -> str:
        """Read one file, and return the error that ended its stream, or "".

        If two files annotate a sequence, the first annotation is kept.
        Raises ForeignFormatError for a file in another format.
        """
        damage: list[str] = []
        for seqid, annotation in read_gff(_lines(handle, damage), name).items():
            for _, reason in annotation.flaws:
                self._lost["rejected", reason] += reason in FATAL_FLAWS
            self._lost["excluded", "no_feature"] += sum(annotation.omitted.values())
            if seqid in self._seqids:
                self._lost["excluded", "annotated_twice"] += len(annotation.entries)
            elif annotation.entries:
                self._seqids.add(seqid)
                self._free.setdefault(_ACCESSION_VERSION.sub("", seqid), {})[seqid] = annotation
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, and mark it as claimed; None if there is none.

        If the accession or the sequence id has no version, they match when only one such id is left.
        """
        bare = _ACCESSION_VERSION.sub("", accession)
        free = self._free.get(bare, {})
        if accession not in free:
            if accession == bare and len(free) == 1:
                accession = next(iter(free))
            elif bare in free:
                accession = bare
            else:
                return None
        return free.pop(accession)

    def lost(self) -> Iterator[tuple[str, str, int]]:
        """Yield status, reason and number of the lines and features that gave no row."""
        unclaimed = sum(len(each.entries) for free in self._free.values() for each in free.values())
        lost = self._lost + Counter({("rejected", "no_bases"): unclaimed})
        for (status, reason), count in sorted(lost.items()):
            yield status, reason, count


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
