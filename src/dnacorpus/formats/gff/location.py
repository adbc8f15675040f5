"""The location of a GFF3 or GTF feature: its parts in transcript order, and the text of a flat file.

Format: the INSDC Feature Table Definition, section 3.4.
"""

from itertools import pairwise

from dnacorpus.formats.gff.attributes import is_ordered, keeps_order
from dnacorpus.formats.gff.entry import GffEntry, GffInterval, intervals


def ordered(entry: GffEntry, length: int) -> list[GffInterval]:
    """Return the feature's parts in transcript order; ``length`` is that of a circular molecule, otherwise 0.

    Numbered parts are sorted by number. Parts keep the order of their lines in trans-splicing and rearrangements, on
    both strands, and across the origin; otherwise they are sorted by coordinates.
    """
    spans = list(intervals(entry.exons or entry.spans))
    if len(spans) == 1:
        return spans
    if all(span.part > 0 for span in spans):
        return sorted(spans, key=lambda span: span.part)
    strands = {span.strand for span in spans}
    if len(strands) > 1 or keeps_order(entry.attributes) or (length and meet_at_origin(spans, length)):
        return spans
    if strands == {-1}:
        return sorted(spans, key=lambda span: (-span.end, -span.start))
    return sorted(spans)


def meet_at_origin(spans: list[GffInterval], length: int) -> bool:
    """Tell whether two parts in succession meet at the origin of a circular molecule of ``length`` bases."""
    for before, after in pairwise(spans):
        first, second = (before, after) if before.strand == 1 else (after, before)
        if first.end == length and second.start == 1:
            return True
    return False


def location_of(entry: GffEntry, spans: list[GffInterval], length: int) -> str:
    """Return the text of a location from its parts in order; ``length`` is that of a circular molecule, otherwise 0.

    The location of a damaged feature is ``order(...)``, even of one part: its parts are certain, what they make is not.
    """
    lows, highs = entry.open or (set(), set())
    if lows and not any(span.start in lows for span in spans):
        lows = {min(span.start for span in spans)}
    if highs and not any(span.end in highs for span in spans):
        highs = {max(span.end for span in spans)}
    pieces: list[tuple[str, int]] = []
    for span in spans:
        texts = _texts(span, length, "<" * (span.start in lows), ">" * (span.end in highs))
        pieces += [(text, span.strand) for text in (texts if span.strand == 1 else texts[::-1])]
    operator = "order" if entry.damaged or is_ordered(entry.attributes) else "join"
    if all(strand == -1 for _, strand in pieces):
        return f"complement({_joined([text for text, _ in reversed(pieces)], operator, entry.damaged)})"
    texts = [text if strand == 1 else f"complement({text})" for text, strand in pieces]
    return _joined(texts, operator, entry.damaged)


def _texts(span: GffInterval, length: int, low: str, high: str) -> list[str]:
    start, end = span.start, span.end
    if length and start > length:
        start, end = start - length, end - length
    if length and end > length:
        return [_range(start, length, low, ""), _range(1, end - length, "", high)]
    return [_range(start, end, low, high)]


def _range(start: int, end: int, low: str, high: str) -> str:
    return str(start) if start == end and not low + high else f"{low}{start}..{high}{end}"


def _joined(texts: list[str], operator: str, damaged: bool) -> str:
    return texts[0] if len(texts) == 1 and not damaged else f"{operator}({','.join(texts)})"
