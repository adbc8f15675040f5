"""Checks claims about a window's location and the features on it, base by base, from Biopython's features."""

import itertools
import re
from typing import Any

from Bio.SeqFeature import SeqFeature
from Bio.SeqRecord import SeqRecord

Span = tuple[int, int]


def follows_on_window(shown: str, field: str, pair: dict[str, Any], record: SeqRecord, kinds: dict[str, str]) -> bool:
    """Return whether a claim follows from the annotation of a window; ``kinds``: singular noun -> feature key."""
    start, end, length = pair["start"], pair["end"], len(record.seq)
    if field == "span":
        return shown in (f"{start + 1:,}", f"{end:,}")
    if field == "length":
        return shown == f"{length:,}"
    if field == "span/features":
        present = [f.type for f in record.features if f.type != "source" and touches(f, start, end)]
        return not present if shown == "nothing" else counted(shown, present, kinds)
    feature = record.features[int(re.match(r"features\[(\d+)\]/location", field)[1])]
    return shown in words_of(feature, start, end, length)


def counted(shown: str, present: list[str], kinds: dict[str, str]) -> bool:
    number, _, noun = shown.partition(" ")
    if not re.fullmatch(r"\d{1,3}(,\d{3})*", number):
        return False
    singular = noun if number == "1" else noun.removesuffix("s")
    kind = kinds.get(singular) or singular.removesuffix(" feature")
    return present.count(kind) == int(number.replace(",", "")) > 0


def spans_of(feature: SeqFeature) -> list[Span]:
    parts = feature.location.parts if feature.location is not None else []
    return [(int(part.start), int(part.end)) for part in parts if part.ref is None]


def touches(feature: SeqFeature, start: int, end: int) -> bool:
    return any(low < end and max(high, low + 1) > start for low, high in spans_of(feature))


def sides_of(feature: SeqFeature, length: int) -> list[list[Span]]:
    """The parts in genomic order, in one list for each side of the origin."""
    spans = spans_of(feature)
    ordered = spans if feature.location.strand != -1 else spans[::-1]
    for place in range(1, len(ordered)):
        if ordered[place - 1][1] == length and ordered[place][0] == 0 and "trans_splicing" not in feature.qualifiers:
            return [ordered[:place], ordered[place:]]
    return [ordered]


def words_of(feature: SeqFeature, start: int, end: int, length: int) -> set[str]:
    """Every claim about a feature's location that is true of the window start..end of a record."""
    words = {{1: "forward strand", -1: "reverse strand"}.get(feature.location.strand, "")}
    sides = sides_of(feature, length)
    words.add(f"{sum(map(len, sides)) - (len(sides) - 1):,}")
    # the bases at both ends of the feature, in its own direction
    spans = spans_of(feature)
    ends = (spans[0][0], spans[-1][1] - 1)
    if feature.location.strand == -1:
        ends = (spans[0][1] - 1, spans[-1][0])
    for side in sides:
        inside = [(max(low, start), min(high, end)) for low, high in side if low < end and high > start]
        whole = len(sides) == 1 and all(start <= low and high <= end for low, high in side)
        if inside:
            words.add(f"{min(low for low, _ in inside) - start + 1:,}")
            words.add(f"{max(high for _, high in inside) - start:,}")
            words.add(f"{len(inside):,}")
        elif min(low for low, _ in side) < start and end < max(high for _, high in side):
            words.add("between segments")
        if inside and not whole:
            words.add(share_of(feature, side, ends, start, end))
    return words | open_ends(feature)


def share_of(feature: SeqFeature, side: list[Span], ends: Span, start: int, end: int) -> str:
    if feature.location.strand not in (1, -1):
        return "a part"
    first, last = (start <= base < end and any(low <= base < high for low, high in side) for base in ends)
    return {(1, 1): "a part", (1, 0): "the start", (0, 1): "the end", (0, 0): "a middle part"}[first, last]


def open_ends(feature: SeqFeature) -> set[str]:
    edges = list(itertools.chain.from_iterable((part.start, part.end) for part in feature.location.parts))
    low, high = ("".join(type(edge).__name__ for edge in edges).count(name) > 0 for name in ("Before", "After"))
    if low and high:
        return {"incomplete at both ends"}
    if not low and not high:
        return set()
    if feature.location.strand is None:
        return {"incomplete"}
    return {f"incomplete at the {5 if low == (feature.location.strand == 1) else 3}' end"}
