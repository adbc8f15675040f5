"""The GFF and GTF files of a part: which annotation belongs to which sequence, and what is lost of them."""

from collections import Counter
from collections.abc import Iterator

from dnacorpus.genbank import CHUNK, DAMAGE, Source, damage_of
from dnacorpus.gff import Annotation, read_gff

COSTLY = frozenset({"columns", "coordinates", "reversed", "strand", "phase", "directive"})
"""The flaws that cost their line; the others are noted, and the line counts."""


class Annotations:
    """Annotation by sequence id, as files bring it and FASTA records claim it."""

    def __init__(self) -> None:
        self._found: dict[str, Annotation] = {}
        self._claimed: set[str] = set()
        self._twice = 0
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
        return damage[0] if damage else ""

    def claim(self, accession: str) -> Annotation | None:
        """Return the annotation of a sequence, by its accession with version, else without, and call it taken."""
        for seqid in (accession, accession.rpartition(".")[0]):
            if seqid in self._found and seqid not in self._claimed:
                self._claimed.add(seqid)
                return self._found[seqid]
        return None

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
        except DAMAGE as error:
            damage.append(damage_of(error))
            chunk = b""
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest
