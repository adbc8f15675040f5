"""Which features lack a line that was rejected."""

from dnacorpus.formats.gff.entry import STRIDE, GffEntry
from dnacorpus.formats.gff.groups import Groups
from dnacorpus.formats.gff.lines import CDS_OF, CODONS, EXONS, RNA, Line, links_of

_SEVERAL_LINES = EXONS | CODONS | {"CDS"}
_Lost = tuple[str, bytes | None, tuple[bytes, ...]]


class Damage:
    """The rejected lines of one sequence, and the features that lack them.

    A line without column 9 is one of the feature before it or behind it, if that is of the same type and may have
    several lines.
    """

    def __init__(self) -> None:
        self.doubtful: set[int] = set()
        """The transcripts, by ``id()``, that lack a line of a CDS or UTR."""
        self._lost: dict[_Lost, None] = {}
        self._beside: dict[_Lost, None] = {}
        self._before: Line | None = None
        self._gap: str | None = None

    def reject(self, columns: list[bytes]) -> None:
        """Note the columns of a rejected line."""
        kind = columns[2].decode("utf-8", "replace") if len(columns) > 2 else ""
        if len(columns) > 8:
            self.add(kind, *links_of(kind, columns[8]))
            return
        self._gap = kind
        if self._before:
            self._add_beside(self._before, kind)

    def pass_by(self, line: Line) -> None:
        """Note a valid line."""
        if self._gap is not None:
            if self._gap not in CODONS:
                self._add_beside(line, self._gap)
            self._gap = None
        self._before = line

    def add(self, kind: str, name: bytes | None, parents: tuple[bytes, ...]) -> None:
        """Note a rejected line by its type, name and parents."""
        self._lost[kind, name, parents] = None

    def _add_beside(self, line: Line, kind: str) -> None:
        if line.type in _SEVERAL_LINES and (kind in (line.type, "") or kind in CODONS):
            self._beside[line.type, line.id, line.parents] = None

    def mark(self, groups: Groups) -> None:
        """Mark the features that lack a line as damaged; call this when all features are linked."""
        if not (self._lost or self._beside):
            return
        below: dict[int, list[GffEntry]] = {}
        for entry in groups.entries:
            if entry.kind == "CDS":
                for above in entry.parents:
                    below.setdefault(id(above), []).append(entry)
        for kind, name, parents in self._lost:
            for entry in self._lacking(groups, below, kind, name, parents):
                entry.damaged = True
        for kind, name, parents in self._beside:
            for entry in self._lacking(groups, below, kind, name, parents):
                entry.damaged |= entry.exons is not None or bool(entry.owners) or len(entry.spans) > STRIDE

    def _lacking(
        self,
        groups: Groups,
        below: dict[int, list[GffEntry]],
        kind: str,
        name: bytes | None,
        parents: tuple[bytes, ...],
    ) -> list[GffEntry]:
        above = [entry for parent in parents for entry in groups.above(parent)]
        transcripts = [entry for entry in above if entry.kind in RNA]
        if kind in EXONS and parents:
            return transcripts
        if kind in CODONS:
            return [entry for each in above for entry in below.get(id(each), ())] or groups.named(name or b"")
        self.doubtful |= {id(entry) for entry in transcripts}
        names = [name] if name else [CDS_OF + parent for parent in parents]
        same = [entry for each in names for entry in groups.named(each) if entry.type == kind]
        if same or kind != "CDS":
            return same
        return [entry for each in transcripts for entry in below.get(id(each), ())]
