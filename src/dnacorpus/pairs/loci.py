"""The loci of a record: a gene with its products as one unit, and which part of it lies on a stretch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from dnacorpus.pairs.feature_kinds import KINDS, skip_reason
from dnacorpus.sequence.location import Interval, problem
from dnacorpus.text.qualifiers import FeatureRow, has, value
from dnacorpus.text.wording import present

_PIECES_OF_GENES = frozenset(
    "exon intron 5'UTR 3'UTR sig_peptide transit_peptide propeptide polyA_site polyA_signal".split()
)
_APART = 9
"""The rank of a kind that is always a locus by itself."""
_RANK_OF_SUBJECT = {"subject.cds": 1, "subject.rna": 2, "subject.mrna": 3, "subject.transcript": 3}
_RANKS = {
    **{kind: _RANK_OF_SUBJECT.get(KINDS[kind].subject, _APART) for kind in KINDS},
    **dict.fromkeys(_PIECES_OF_GENES, 4),
    "gene": 0,
}
"""The rank of a kind within its locus: the gene first."""


@dataclass(frozen=True, slots=True)
class Locus:
    """Features that are described as one: a gene, its coding sequences, its RNAs and their pieces, the gene first."""

    features: tuple[FeatureRow, ...]

    @property
    def is_gene(self) -> bool:
        """Whether the locus has a gene feature, a coding sequence or an RNA."""
        return _rank(self.features[0]) <= 3

    @property
    def product(self) -> FeatureRow | None:
        """The coding sequence of the locus, or else its RNA."""
        return next((feature for feature in self.features if 1 <= _rank(feature) <= 3), None)


@dataclass(frozen=True, slots=True)
class Presence:
    """A locus on a stretch of the record: by which feature, with which of its parts, and how much of it.

    ``parts`` are the half-open intervals of that feature on the stretch, in the record's coordinates and
    order; none if the stretch lies between parts. ``share``: whole, start, end, middle, or part
    if none of these is known. A feature across the origin is present once on each side of it.
    """

    locus: Locus
    feature: FeatureRow
    parts: tuple[Interval, ...]
    share: str


class Loci:
    """What is annotated on any stretch of one record."""

    def __init__(self, features: Sequence[FeatureRow], length: int, bin_bases: int) -> None:
        """Sort the rows of a record's feature table into bins of ``bin_bases`` of its ``length`` bases."""
        self._features, self._length, self._bin_bases = features, length, bin_bases
        self._bins: dict[int, list[int]] = defaultdict(list)
        self._sides_of = [_sides(feature, length) for feature in features]
        for row, feature in enumerate(features):
            if feature["kind"] == "source":
                continue
            for side in self._sides_of[row]:
                start, end = min(start for start, _ in side), max(end for _, end in side)
                end = min(max(end, start + 1), length)  # a wrong location may lie anywhere
                for number in range(start // bin_bases, (end - 1) // bin_bases + 1):
                    self._bins[number].append(row)

    @cached_property
    def annotated(self) -> bool:
        """Whether the record has any feature but its source."""
        return any(feature["kind"] != "source" for feature in self._features)

    def kinds(self, start: int, end: int) -> Counter[str]:
        """Count the features, but the source, with a base on the half-open stretch, by kind."""
        return Counter(self._features[row]["kind"] for row in self._on(start, end))

    def all_in_loci(self, start: int, end: int) -> bool:
        """Return whether every feature that `kinds` counts on the stretch belongs to a locus."""
        return all(row in self._locus_of for row in self._on(start, end))

    def present(self, start: int, end: int) -> list[Presence]:
        """Return the loci of the half-open stretch, by first base, the longer one first.

        A locus without a base there is present if the stretch lies between the parts of one of its
        features. Only features with a plain location and some name belong to a locus.
        """
        rows_of: dict[int, list[int]] = defaultdict(list)
        locus_of = self._locus_of
        for row in self._near(start, end):
            if row in locus_of:
                rows_of[locus_of[row]].append(row)
        presences: list[Presence] = []
        for number, rows in rows_of.items():
            presences += self._of_locus(self._loci[number], rows, start, end)
        return sorted(presences, key=_position)

    def _of_locus(self, locus: Locus, rows: list[int], start: int, end: int) -> list[Presence]:
        """Return the presences of a locus's first feature with a base on the stretch, else its first one without."""
        without_bases: list[Presence] = []
        for row in sorted(rows, key=lambda row: _order(self._features[row])):
            presences = list(self._presences(locus, row, start, end))
            if with_bases := [presence for presence in presences if presence.parts]:
                return with_bases
            without_bases += presences
        return without_bases[:1]

    def _presences(self, locus: Locus, row: int, start: int, end: int) -> Iterator[Presence]:
        feature, sides = self._features[row], self._sides_of[row]
        for side in sides:
            clipped = tuple((max(low, start), min(high, end)) for low, high in side if low < end and high > start)
            if clipped:
                ordered = tuple(sorted(clipped))
                yield Presence(locus, feature, ordered, _share(feature, side, len(sides) > 1, start, end))
            elif _is_between(feature, side, start, end):
                yield Presence(locus, feature, (), "part")

    def _on(self, start: int, end: int) -> Iterator[int]:
        """Yield the rows of the feature table with a base, or a site between two bases, on the stretch."""
        for row in self._near(start, end):
            for low, high in chain.from_iterable(self._sides_of[row]):
                if low < end and max(high, low + 1) > start:
                    yield row
                    break

    def _near(self, start: int, end: int) -> list[int]:
        bins = range(start // self._bin_bases, (end - 1) // self._bin_bases + 1)
        return sorted({row for number in bins for row in self._bins.get(number, ())})

    @cached_property
    def _grouped(self) -> tuple[list[Locus], dict[int, int]]:
        groups: list[list[FeatureRow]] = []
        group_of: dict[int, int] = {}
        index = _Names()
        described = [
            (row, feature)
            for row, feature in enumerate(self._features)
            if skip_reason(feature) is None and problem(feature, self._length) is None
        ]
        for row, feature in sorted(described, key=lambda item: _order(item[1])):
            number = index.find(feature) if 0 < _rank(feature) < _APART else None
            if number is None:
                number = len(groups)
                groups.append([])
            if _rank(feature) < _APART:
                index.add(feature, number)
            groups[number].append(feature)
            group_of[row] = number
        return [Locus(tuple(group)) for group in groups], group_of

    @property
    def _loci(self) -> list[Locus]:
        return self._grouped[0]

    @property
    def _locus_of(self) -> dict[int, int]:
        return self._grouped[1]


def _sides(feature: FeatureRow, length: int) -> list[list[Interval]]:
    """Return the intervals of the local parts, in transcript order, one list for each side of the origin."""
    spans = [(part["start"], part["end"]) for part in feature["parts"] if part["accession"] is None]
    crosses = feature["end"] > length and all(end <= length for _, end in spans)
    if not crosses or not spans:
        return [spans] if spans else []
    after = [span for span in spans if span[1] <= feature["end"] - length]
    before = [span for span in spans if span[1] > feature["end"] - length]
    return [before, after]


class _Names:
    """Finds the locus of a feature: one with its locus tag or gene name and a base in common, or with its span."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        self._by_span: dict[tuple[int, int, int], int] = {}

    def add(self, feature: FeatureRow, number: int) -> None:
        for name in _names(feature):
            self._by_name[name].append((feature["start"], feature["end"], number))
        self._by_span.setdefault((feature["start"], feature["end"], feature["strand"]), number)

    def find(self, feature: FeatureRow) -> int | None:
        for name in _names(feature):
            for start, end, number in self._by_name.get(name, ()):
                if start < feature["end"] and feature["start"] < end:
                    return number
        return self._by_span.get((feature["start"], feature["end"], feature["strand"]))


def _names(feature: FeatureRow) -> Iterable[tuple[str, str]]:
    for key in ("locus_tag", "gene"):
        text = value(feature, key)
        if text and present(text):
            yield key, text.lower()


def _rank(feature: FeatureRow) -> int:
    return _RANKS[feature["kind"]]


def _order(feature: FeatureRow) -> tuple[int, int]:
    return _rank(feature), feature["index"]


def _position(presence: Presence) -> tuple[int, int, int]:
    """Return a key that sorts by the first base, the longer one first."""
    start = min((start for start, _ in presence.parts), default=0)
    return start, -max((end for _, end in presence.parts), default=0), presence.feature["index"]


def _share(feature: FeatureRow, side: Sequence[Interval], across: bool, start: int, end: int) -> str:
    if not across and all(start <= low and high <= end for low, high in side):
        return "whole"
    strand = feature["strand"]
    parts: list[dict[str, Any]] = feature["parts"]
    if strand == 0:
        return "part"
    first, last = parts[0]["start"], parts[-1]["end"] - 1
    if strand == -1:
        first, last = parts[0]["end"] - 1, parts[-1]["start"]

    def here(base: int) -> bool:
        return start <= base < end and any(low <= base < high for low, high in side)

    if here(first) == here(last):
        return "part" if here(first) else "middle"
    return "start" if here(first) else "end"


def _is_between(feature: FeatureRow, side: Sequence[Interval], start: int, end: int) -> bool:
    """Return whether a stretch without a base of the feature lies inside it, as a stretch of an intron does."""
    if feature["strand"] == 0 or has(feature, "trans_splicing"):
        return False
    return min(low for low, _ in side) < start and end < max(high for _, high in side)
