"""Coding sequences and their transcripts: segments, codons, and transcripts without exon lines."""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

from dnacorpus.formats.gff.attributes import gbkey, keeps_order, value_of
from dnacorpus.formats.gff.entry import STRIDE, GffEntry, GffInterval, intervals
from dnacorpus.formats.gff.groups import SLIPPAGE, Groups, overlap
from dnacorpus.formats.gff.lines import CDS_OF, RNA, Line

_MAX_CODONS = 100  # of a CDS, which has six lines of codons at most; each is compared with all its parts
_UNTRANSLATED = frozenset(("5'UTR", "3'UTR"))
_NAMES = ("protein_id", "product", "locus_tag", "gene")


def join_segments(groups: Groups, flaws: list[tuple[int, str]]) -> None:
    """Make one CDS of those with one line each that are segments of one.

    Those of a transcript are if the phases go on, none overlaps another, and the gaps between them are introns. If the
    phases do not go on, they are damaged, and the flaw is segments. If they overlap, or differ in product or protein,
    they are several proteins of the transcript. Those of a gene or of a parent without a line are segments only if
    the phase of one behind the first is not 0.
    """
    joined: Counter[int] = Counter()
    for above, found in _by_parent(groups.entries):
        if len(found) < 2 or not _are_segments(found):
            continue
        if above is None or above.kind not in RNA:
            if not _split_a_codon(found):
                continue
            runs = [found]
        else:
            runs = _runs(above, found)
        if not all(_phases_go_on([entry.spans for entry in run]) for run in runs) or _split_a_codon(
            [run[0] for run in runs]
        ):
            flaws.extend((entry.line, "segments") for entry in found)
            for entry in found:
                entry.damaged = True
            continue
        for run in runs:
            if len(run) > 1:
                joined.update(map(id, run))
                groups.entries.append(_joined(run, above))
    if joined:
        groups.entries = [entry for entry in groups.entries if joined[id(entry)] < max(len(entry.parents), 1)]


def _joined(found: Sequence[GffEntry], above: GffEntry | None) -> GffEntry:
    first = min(found, key=lambda entry: entry.line)
    made = first.like(array("q"), first.line, first.attributes)
    made.owners, made.parents = (), (above,) if above else ()
    for entry in sorted(found, key=lambda entry: entry.line):
        made.spans.extend(entry.spans)
        made.damaged |= entry.damaged
        _open_too(made, entry)
    return made


def _by_parent(entries: Sequence[GffEntry]) -> Iterable[tuple[GffEntry | None, list[GffEntry]]]:
    """Return transcripts, genes, and None for parents without a line, with the CDS that have an ID, of GFF3."""
    found: dict[int | bytes, tuple[GffEntry | None, list[GffEntry]]] = {}
    for entry in entries:
        if entry.kind != "CDS" or entry.gtf or not entry.name or entry.name.startswith(CDS_OF):
            continue
        for above in entry.parents:
            if above.kind in RNA or (above.kind == "gene" and gbkey(entry.attributes) is None):
                found.setdefault(id(above), (above, []))[1].append(entry)
        if not entry.parents and len(entry.owners) == 1 and gbkey(entry.attributes) is None:
            found.setdefault(entry.owners[0], (None, []))[1].append(entry)
    return found.values()


def _in_transcript_order(found: Iterable[GffEntry]) -> list[GffEntry]:
    return sorted(found, key=lambda entry: entry.spans[0] * entry.spans[2])


def _split_a_codon(found: Sequence[GffEntry]) -> bool:
    """Tell whether one behind the first begins within a codon."""
    return any(entry.spans[3] > 0 for entry in _in_transcript_order(found)[1:])


def _runs(above: GffEntry, found: Sequence[GffEntry]) -> list[list[GffEntry]]:
    """Return the segments in transcript order, divided where the gap between two is not an intron.

    If the transcript has no exon lines, or lines of it are lost, any gap may be an intron.
    """
    entries = _in_transcript_order(found)
    if above.exons is None or above.damaged or any(entry.damaged for entry in found):
        return [entries]
    introns = _gaps(above.exons)
    runs = [entries[:1]]
    for before, after in pairwise(entries):
        if _may_go_on(_gaps(before.spans + after.spans), introns):
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs


def _gaps(numbers: "array[int]") -> set[tuple[int, int]]:
    """Return the end and the start on both sides of each gap between intervals."""
    spans = sorted((span.start, span.end) for span in intervals(numbers))
    return {(before[1], after[0]) for before, after in pairwise(spans)}


def _may_go_on(gaps: set[tuple[int, int]], introns: set[tuple[int, int]]) -> bool:
    """Tell whether gaps between coding parts are introns or ribosomal slippage."""
    return all(gap in introns or abs(gap[1] - gap[0] - 1) <= SLIPPAGE for gap in gaps)


def check_gaps(entries: Sequence[GffEntry], flaws: list[tuple[int, str]]) -> None:
    """Mark CDS without ID as damaged if a gap between their lines is not an intron: they may be several proteins."""
    for entry in entries:
        if entry.kind != "CDS" or entry.gtf or len(entry.spans) == STRIDE or keeps_order(entry.attributes):
            continue
        if not (entry.name and entry.name.startswith(CDS_OF)) or any(span.part > 0 for span in intervals(entry.spans)):
            continue
        for above in entry.parents:
            if above.exons and not above.damaged and not _may_go_on(_gaps(entry.spans), _gaps(above.exons)):
                flaws.append((entry.line, "segments"))
                entry.damaged = True


def _open_too(made: GffEntry, entry: GffEntry) -> None:
    if entry.open:
        lows, highs = made.open or (set(), set())
        made.open = (lows | entry.open[0], highs | entry.open[1])


def _are_segments(found: Sequence[GffEntry]) -> bool:
    if any(len(entry.spans) > STRIDE for entry in found) or len({entry.strand for entry in found}) > 1:
        return False
    if len({value_of(entry.attributes, entry.gtf, "Derives_from") for entry in found}) > 1:
        return False
    for key in _NAMES:
        if len({value for entry in found if (value := value_of(entry.attributes, entry.gtf, key))}) > 1:
            return False
    return not overlap(array("q", [number for entry in found for number in entry.spans]))


def _phases_go_on(found: Iterable["array[int]"]) -> bool:
    """Tell whether the phases that are given continue each other; so do those of tools that count the other way."""
    spans = sorted(span for numbers in found for span in intervals(numbers))
    if spans[0].strand == -1:
        spans.reverse()
    pairs = [(one, other) for one, other in pairwise(spans) if one.phase >= 0 and other.phase >= 0]
    bases = [one.end - one.start + 1 for one, _ in pairs]
    return any(
        all(
            (sign * one.phase - size) % 3 == sign * other.phase % 3
            for (one, other), size in zip(pairs, bases, strict=True)
        )
        for sign in (1, -1)
    )


def check_exons(groups: Groups, length: int, flaws: list[tuple[int, str]]) -> None:
    """Mark CDS as damaged that lie on another strand than their transcripts or partly outside their exons.

    The flaw is outside. ``length`` is that of a circular molecule, otherwise 0. NCBI's files, and transcripts that lack
    a line, are not checked.
    """
    united: dict[int, list[list[int]]] = {}  # the exons of a transcript, which may have many CDS
    for entry in groups.entries:
        if entry.kind != "CDS" or gbkey(entry.attributes) is not None:
            continue
        found = [above for above in entry.parents if above.kind in RNA]
        for above in found:
            if id(above) not in united:
                united[id(above)] = _exons_of(above, length)
        if not found or any(_contains_all(above, united[id(above)], entry) for above in found):
            continue
        if not any(groups.may_mix(each) for each in (entry, *found)):
            flaws.append((entry.line, "outside"))
            entry.damaged = True


def _exons_of(above: GffEntry, length: int) -> list[list[int]]:
    """Return the stretches that the exon lines cover, on a circular molecule also those in its second round."""
    spans = [*intervals(above.exons or array("q"))]
    if length:
        spans += [span._replace(start=span.start + length, end=span.end + length) for span in spans]
    return _united(spans)


def _contains_all(above: GffEntry, exons: list[list[int]], entry: GffEntry) -> bool:
    if above.strand != entry.strand:
        return False
    if not exons or above.damaged:
        return True
    places = ((bisect_right(exons, span.start, key=itemgetter(0)) - 1, span.end) for span in intervals(entry.spans))
    return all(at >= 0 and end <= exons[at][1] for at, end in places)


def include_codons(groups: Groups, lines: Sequence[Line], flaws: list[tuple[int, str]]) -> None:
    """Extend each CDS to contain its stop codon; a codon without a CDS round it is a flaw."""
    codons: Counter[bytes | None] = Counter()
    for line in lines:
        name = line.id if line.gtf else line.parents[0]
        codons[name] += 1
        found = _coding(groups, line) if codons[name] <= _MAX_CODONS else []
        if not _belongs(found, line):
            flaws.append((line.number, "codon"))


def _belongs(found: Sequence[GffEntry], line: Line) -> bool:
    """Tell whether one of several CDS contains a codon, or can be extended to contain a stop codon."""
    if any(_contains(entry.spans, line) for entry in found):
        return True
    if line.type == "start_codon":
        return False
    if any(_extend(entry.spans, line) for entry in found):
        return True
    apart = next((entry for entry in found if line.gtf and entry.strand == line.strand), None)
    if apart is not None:
        apart.spans.extend((line.start, line.end, line.strand, -1, -1))
    return apart is not None


def _coding(groups: Groups, line: Line) -> list[GffEntry]:
    found: list[GffEntry | None]
    if line.gtf:
        name = (line.id or b"").removeprefix(CDS_OF)
        found = [*groups.named(CDS_OF + name)] or [above.coding for above in groups.above(name)]
    else:
        found = [above if above.kind == "CDS" else above.coding for above in groups.named(line.parents[0])]
    return [entry for entry in found if entry is not None and entry.spans]


def _contains(spans: "array[int]", line: Line) -> bool:
    return any(
        span.strand == line.strand and span.start <= line.start and line.end <= span.end for span in intervals(spans)
    )


def _extend(spans: "array[int]", line: Line) -> bool:
    """Extend a part of a CDS by a stop codon directly behind it; tell whether there is one."""
    for at in range(0, len(spans), STRIDE):
        if spans[at + 2] == line.strand == 1 and spans[at + 1] + 1 == line.start:
            spans[at + 1] = line.end
            return True
        if spans[at + 2] == line.strand == -1 and spans[at] - 1 == line.end:
            spans[at] = line.start
            return True
    return False


def make_exons(entries: Sequence[GffEntry], doubtful: set[int], flaws: list[tuple[int, str]]) -> None:
    """Give transcripts without exon lines the exons that their CDS and UTR form, if these are several.

    If they do not reach the ends of the transcript, the transcript is damaged, and the flaw is exons. ``doubtful`` are
    transcripts, by ``id()``, that lack a line of a CDS or UTR.
    """
    pieces: dict[int, tuple[GffEntry, list[GffInterval]]] = {}
    for entry in entries:
        if entry.kind == "CDS" or entry.kind in _UNTRANSLATED:
            for above in entry.parents:
                if above.exons is None and above.kind in RNA and len(above.spans) == STRIDE:
                    pieces.setdefault(id(above), (above, []))[1].extend(intervals(entry.spans))
    for number, (above, spans) in pieces.items():
        if gbkey(above.attributes) is not None or any(span.strand != above.strand for span in spans):
            continue
        exons = _united(spans)
        if len(exons) == 1:
            continue
        low, high = above.spans[0], above.spans[1]
        if exons[0][0] > low or exons[-1][1] < high:
            flaws.append((above.line, "exons"))
            above.damaged = True
            exons[0][0], exons[-1][1] = min(low, exons[0][0]), max(high, exons[-1][1])
        above.damaged |= number in doubtful
        above.exons = array("q", [number for exon in exons for number in (*exon, above.strand, -1, -1)])


def _united(spans: Sequence[GffInterval]) -> list[list[int]]:
    """Return the stretches that intervals cover, in order: those that touch or overlap are one."""
    united: list[list[int]] = []
    for span in sorted(spans):
        if united and span.start <= united[-1][1] + 1:
            united[-1][1] = max(united[-1][1], span.end)
        else:
            united.append([span.start, span.end])
    return united
