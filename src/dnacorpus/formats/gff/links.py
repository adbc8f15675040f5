"""The features above each feature; a feature with parts in several parents of one name is divided among them."""

from array import array
from collections.abc import Container

from dnacorpus.formats.gff.attributes import value_of
from dnacorpus.formats.gff.entry import STRIDE, GffEntry, GffInterval, intervals
from dnacorpus.formats.gff.groups import Groups
from dnacorpus.formats.gff.lines import RNA

_POLYPEPTIDES = frozenset(("protein", "polypeptide"))


def link(groups: Groups, implied: Container[bytes], flaws: list[tuple[int, str]]) -> None:
    """Fill the parents of all features; ``implied`` are names of transcripts that have no line.

    Of several features with the name of a parent, a feature takes the one around it. If its parts lie in several, it is
    divided, which is the flaw shared_id. A parent without a line is the flaw parent.
    """
    for entry in groups.entries:
        for owner in entry.owners if entry.gtf else ():
            groups.above(owner)  # tells a transcript without gene_id the one that its other lines state
    transcripts = [entry for entry in groups.entries if entry.owners and entry.kind in RNA]
    for entry in transcripts:  # first, because what lies below those that are divided is divided too
        _link(groups, entry, implied, flaws)
    others = [entry for entry in groups.entries if entry.owners and entry.kind not in RNA]
    for entry in others:
        _link(groups, entry, implied, flaws)
    # These have the lines of a transcript's CDS, which name its protein as a second parent.
    gone = {id(entry) for entry in others if entry.shared and _is_of_protein(entry)}
    if gone:
        groups.entries = [entry for entry in groups.entries if id(entry) not in gone]


def _link(groups: Groups, entry: GffEntry, implied: Container[bytes], flaws: list[tuple[int, str]]) -> None:
    parents: list[GffEntry] = []
    missing = False
    for owner in entry.owners:
        found = groups.above(owner)
        missing |= not found or owner in implied
        if len(found) > 1 or entry in found:
            found = _among(groups, entry, [above for above in found if above is not entry], flaws)
        parents += found
    if missing and not entry.gtf:
        flaws.append((entry.line, "parent"))
    entry.parents = tuple(parents)


def _is_of_protein(entry: GffEntry) -> bool:
    return bool(entry.parents) and all(above.type in _POLYPEPTIDES for above in entry.parents)


def find_coding(entries: list[GffEntry]) -> None:
    """Fill the first CDS of all transcripts, and of all genes that have one without a transcript."""
    for entry in entries:
        if entry.kind == "CDS":
            for above in entry.parents:
                if above.coding is None and (above.kind in RNA or above.kind == "gene"):
                    above.coding = entry
                elif above.coding is not None and above.kind in RNA:
                    above.several_products |= _product(entry) != _product(above.coding)


def _product(entry: GffEntry) -> str | None:
    return value_of(entry.attributes, entry.gtf, "product")


def _among(groups: Groups, entry: GffEntry, found: list[GffEntry], flaws: list[tuple[int, str]]) -> list[GffEntry]:
    """Return which of several features a feature belongs to, and begin features for its parts in others."""
    wanted = ("gene",) if entry.kind in RNA else RNA
    found = [above for above in found if above.kind in wanted] or found
    if len(found) < 2 or not entry.spans:
        return [_around(span, found) for span in [*intervals(entry.exons or entry.spans)][:1] if found]
    parts: dict[int, tuple[GffEntry, array[int]]] = {}
    for span in intervals(entry.spans):
        above = _around(span, found)
        parts.setdefault(id(above), (above, array("q")))[1].extend(span)
    (first, kept), *others = parts.values()
    if others and groups.may_mix(entry):
        return [first]
    entries = [entry]
    for above, spans in others:
        part = entry.like(spans, entry.line, entry.attributes)
        part.parents = (above,)
        entries.append(part)
        groups.entries.append(part)
        if entry.name is not None:
            groups.give_name(part, entry.name)
        flaws.append((entry.line, "shared_id"))
    entry.keep(kept)
    if others and entry.exons:
        _divide_exons(entry, entries)
    return [first]


def _divide_exons(entry: GffEntry, entries: list[GffEntry]) -> None:
    exons = {id(part): array("q") for part in entries}
    for span in intervals(entry.exons or array("q")):
        exons[id(_around(span, entries))].extend(span)
    for part in entries:
        part.exons = exons[id(part)] or None


def _around(span: GffInterval, found: list[GffEntry]) -> GffEntry:
    """Return the feature on the strand of an interval that contains it, or else overlaps it, or else the first."""

    def distance(above: GffEntry) -> tuple[bool, bool, bool]:
        numbers = above.spans or above.exons or array("q", span)
        low, high = min(numbers[::STRIDE]), max(numbers[1::STRIDE])
        inside, common = low <= span.start and span.end <= high, low <= span.end and span.start <= high
        return above.strand != span.strand, not inside, not common

    return min(found, key=distance)
