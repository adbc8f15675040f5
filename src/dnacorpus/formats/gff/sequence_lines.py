"""The lines of one sequence in a GFF3 or GTF file, combined into features.

`groups` decides which lines are one feature. When all lines are read, exons become transcripts (`exons`), features find
those above them (`links`), and coding sequences are completed (`coding`). In GTF the CDS line excludes the stop codon;
here it is part of the CDS.
"""

import re
from dataclasses import dataclass, field

from dnacorpus.formats.gff.attributes import gbkey
from dnacorpus.formats.gff.coding import check_exons, check_gaps, include_codons, join_segments, make_exons
from dnacorpus.formats.gff.damage import Damage
from dnacorpus.formats.gff.entry import GffEntry
from dnacorpus.formats.gff.exons import Exons
from dnacorpus.formats.gff.groups import Groups
from dnacorpus.formats.gff.lines import CODONS, EXONS, RNA, Line, read_line
from dnacorpus.formats.gff.links import find_coding, link
from dnacorpus.formats.gff.names import kind_of

_BIOTYPES = [
    re.compile(rb'(?<![\w-])%b(?:=| ")([^";]+)' % key)
    for key in (b"transcript_(?:bio)?type", b"gene_(?:bio)?type", b"biotype")
]
_OMITTED = frozenset("match match_part Selenocysteine five_prime_cis_splice_site three_prime_cis_splice_site".split())
_CIRCULAR = re.compile(rb"\bIs_circular=true", re.I)
_WHOLE = frozenset(("region", "chromosome", "scaffold", "contig", "supercontig", "plasmid"))


@dataclass(slots=True, eq=False)
class SequenceLines:
    """The features of one sequence while its lines are read.

    ``flaws`` are (line number, reason). ``omitted`` counts lines by type for which a flat file has no feature.
    ``length`` is that of ##sequence-region, ``species`` the taxid and name of ##species.
    """

    species: tuple[int | None, str | None]
    length: int | None = None
    flaws: list[tuple[int, str]] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)
    _groups: Groups = field(init=False)
    _exons: Exons = field(init=False)
    _damage: Damage = field(default_factory=Damage)
    _waiting: list[Line] = field(default_factory=list)
    _codons: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._groups = Groups(self.flaws)
        self._exons = Exons(self._groups, self.flaws)

    @property
    def entries(self) -> list[GffEntry]:
        """The features, in file order once all lines are read."""
        return self._groups.entries

    def take(self, number: int, columns: list[bytes]) -> str | None:
        """Add the columns of one line; return why the line is invalid, or None."""
        line = read_line(number, columns)
        if isinstance(line, str):
            self._damage.reject(columns)
            return line
        if line.flaws:
            self.flaws.extend((number, flaw) for flaw in line.flaws)
        self._damage.pass_by(line)
        if line.end < line.start:
            self._waiting.append(line)  # valid only if the molecule turns out to be circular
        else:
            self._add(line, last=False)
        return None

    def miss(self, columns: list[bytes]) -> None:
        """Note that a line without column 9, perhaps of this sequence, is left out here."""
        self._damage.reject(columns)

    def close(self) -> None:
        """Complete the features once all lines are read; ``entries`` are then in file order."""
        length = (self.length or self._end_of_whole()) if self.circular() else 0
        for line in self._waiting:
            if line.end >= line.start:
                self._add(line, last=True)
            elif length and line.start <= length:
                self._add(line._replace(end=line.end + length), last=True)
            else:
                self.flaws.append((line.number, "reversed"))
                self._damage.add(line.type, line.id, line.parents)
        self._groups.settle(length)
        self._exons.close()
        link(self._groups, self._exons.implied, self.flaws)
        self._damage.mark(self._groups)
        check_gaps(self.entries, self.flaws)
        join_segments(self._groups, self.flaws)
        check_exons(self._groups, length, self.flaws)
        find_coding(self.entries)
        include_codons(self._groups, self._codons, self.flaws)
        self._name_transcripts()
        make_exons(self.entries, self._damage.doubtful, self.flaws)
        self.entries.sort(key=lambda entry: entry.line)
        for entry in self.entries:
            if self._is_whole(entry):
                entry.kind = "source"
            if entry.damaged:
                self.flaws.append((entry.line, "incomplete"))
        self.flaws = sorted(set(self.flaws))

    def circular(self) -> bool:
        """Return whether a line declares the molecule circular."""
        return any(
            (entry.kind == "source" or entry.type in _WHOLE) and _CIRCULAR.search(entry.attributes)
            for entry in self.entries
        )

    def _end_of_whole(self) -> int:
        """Return the length that a line of the whole circular molecule states, or 0."""
        ends = (
            entry.spans[1]
            for entry in self.entries
            if (entry.kind == "source" or entry.type in _WHOLE) and _CIRCULAR.search(entry.attributes)
            if entry.spans and entry.spans[0] == 1
        )
        return next(ends, 0)

    def _add(self, line: Line, last: bool) -> None:
        if line.type.endswith("_match") or line.type in _OMITTED:
            self.omitted[line.type] = self.omitted.get(line.type, 0) + 1
        elif line.type in CODONS and (line.gtf or (line.parents and line.gbkey is None)):
            self._codons.append(line)
        elif line.type in EXONS and line.parents:
            later = self._exons.add(line, last)
            if later:
                self._waiting.append(line._replace(parents=later))
        else:
            self._groups.add(line)

    def _name_transcripts(self) -> None:
        """Name what column 3 calls a transcript or exon: mRNA if it has a CDS, otherwise by its biotype."""
        for entry in self.entries:
            if (entry.type == "transcript" or not entry.spans) and gbkey(entry.attributes) is None:
                types = [match[1] for match in (pattern.search(entry.attributes) for pattern in _BIOTYPES) if match]
                entry.type = "mRNA" if entry.coding else types[0].decode("utf-8", "replace") if types else "transcript"
                kind = kind_of(entry.type, None)
                entry.kind = kind if kind in RNA else "misc_RNA"

    def _is_whole(self, entry: GffEntry) -> bool:
        if entry.type not in _WHOLE or entry.kind != "misc_feature" or gbkey(entry.attributes):
            return False
        return entry.spans[0] == 1 and entry.spans[1] == (self.length or entry.spans[1])
