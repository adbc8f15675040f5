"""The GFF and GTF files of a part: which annotation belongs to which sequence, and what is lost of them."""

import re
from collections import Counter
from collections.abc import Iterator

from dnacorpus.formats.gff.reader import Annotation, read_gff
from dnacorpus.formats.gunzip import CHUNK, READ_ERRORS, Source, describe_error

_VERSION = re.compile(r"\.\d+$")
COSTLY = frozenset({"columns", "coordinates", "reversed", "strand", "phase", "directive"})
"""The flaws that cost their line; the others are noted, and the line counts."""


class Annotations:
    """Annotation by sequence id, as files bring it and FASTA records claim it."""

    def __init__(self) -> None:
        self._found: dict[str, Annotation] = {}
        self._by_number: dict[str, list[str]] = {}
        self._claimed: set[str] = set()
        self._lost: Counter[tuple[str, str]] = Counter()

    def read(self, handle: Source, name: str) -> str:
        """Read one file and return where its stream broke, or "".

        Raises ForeignFormatError for a file in another format. A sequence that two files annotate keeps the
        first annotation.
        """
        damage: list[str] = []
        for seqid, annotation in read_gff(_lines(handle, damage), name).items():
            for _, reason in annotation.flaws:
                self._lost["rejected", reason] += reason in COSTLY
            self._lost["excluded", "no_feature"] += sum(annotation.omitted.values())
            if seqid in self._found:
                self._lost["excluded", "annotated_twice"] += len(annotation.entries)
            elif annotation.entries:
                self._found[seqid] = annotation
                self._by_number.setdefault(_VERSION.sub("", seqid), []).append(seqid)
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, and call it taken.

        An accession without a version finds the one with a version and the other way round, where just one is there.
        """
        bare = _VERSION.sub("", accession)
        kin = [seqid for seqid in self._by_number.get(bare, ()) if seqid not in self._claimed]
        near = [seqid for seqid in kin if bare in (accession, seqid)]
        chosen = accession if accession in kin else near[0] if len(near) == 1 else None
        if chosen is None:
            return None
        self._claimed.add(chosen)
        return self._found[chosen]

    def lost(self) -> Iterator[tuple[str, str, int]]:
        """Yield status, reason and number of the lines, or features without a sequence, that gave nothing."""
        unclaimed = sum(len(found.entries) for seqid, found in self._found.items() if seqid not in self._claimed)
        lost = self._lost + Counter({("rejected", "no_bases"): unclaimed})
        for (status, reason), count in sorted(lost.items()):
            yield status, reason, count


def _lines(handle: Source, damage: list[str]) -> Iterator[bytes]:
    rest = b""
    while True:
        try:
            chunk = handle.read(CHUNK)
        except READ_ERRORS as error:
            damage.append(describe_error(error))
            chunk = b""
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest and not damage:  # half a line would be read as a whole one with shorter names
        yield rest
