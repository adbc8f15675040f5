"""The locations of many features at once: location text to the coordinate columns of the features table.

Spans, joins of spans and their complements are read as columns. All other text, and joins that may cross the origin of
a circular molecule, are read one by one by `sequence.location`, whose rules apply here too.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus import limits
from dnacorpus.formats.genbank.columns.ragged import Ints, ranges
from dnacorpus.schemas.types import PART
from dnacorpus.sequence import location

_SPAN = r"[<>]?[0-9]+(?:\.\.[<>]?[0-9]+)?"
_JOIN = rf"join\({_SPAN}(?:,{_SPAN})*\)"
_PLAIN = rf"^(?:{_SPAN}|{_JOIN}|complement\({_SPAN}\)|complement\({_JOIN}\))$"
_COMPLEMENT = len("complement(")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Molecules:
    """For each feature: its molecule's length in bases, whether that is circular, and whether it is trans-spliced."""

    length: Ints
    circular: Flags
    trans_spliced: Flags


@dataclass(slots=True)
class _Spans:
    """The parts of plain locations, text after text in transcript order; ``text`` is the index of a part's text."""

    text: Ints
    start: Ints
    end: Ints
    strand: npt.NDArray[np.int8]


def read_locations(texts: pa.StringArray, molecules: Molecules) -> dict[str, pa.Array]:
    """Return the columns start, end, strand, operator, parts, partial_start and partial_end of locations.

    Blanks must have been removed from ``texts``. The values equal those of `location.read`.
    """
    plain = pc.match_substring_regex(texts, _PLAIN).to_numpy(zero_copy_only=False).copy()
    rows = np.flatnonzero(plain)
    spans, joined, bad = _plain_spans(texts.filter(pa.array(plain)))
    bad |= _may_cross_origin(spans, joined, rows, molecules)
    plain[rows[bad]] = False
    kept = ~bad[spans.text]
    spans = _Spans(spans.text[kept], spans.start[kept], spans.end[kept], spans.strand[kept])
    renumbered = rows[spans.text]

    start, end = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    strand, operator = np.zeros(len(texts), np.int8), np.zeros(len(texts), np.int8)
    counts = np.bincount(renumbered, minlength=len(texts))
    first = np.cumsum(counts) - counts
    if len(renumbered):
        start[plain] = np.minimum.reduceat(spans.start, first[plain])
        end[plain] = np.maximum.reduceat(spans.end, first[plain])
        strand[plain] = spans.strand[first[plain]]
    operator[rows[joined]] = 1
    strange = np.flatnonzero(~plain)
    parts: list[location.Part] = []
    for row, text in zip(strange.tolist(), texts.take(pa.array(strange)).to_pylist(), strict=True):
        parsed = location.read(
            text, int(molecules.length[row]), bool(molecules.circular[row]), bool(molecules.trans_spliced[row])
        )
        start[row], end[row], strand[row] = parsed.start, parsed.end, parsed.strand
        operator[row] = location.OPERATORS.index(parsed.operator)
        first[row], counts[row] = len(spans.text) + len(parts), len(parsed.parts)
        parts += parsed.parts
    names = pa.array(location.OPERATORS, pa.string())
    return {
        "start": pa.array(start),
        "end": pa.array(end),
        "strand": pa.array(strand),
        "operator": names.take(pa.array(operator)),
        "parts": _parts(spans, parts, first, counts, ordered=not len(strange)),
        "partial_start": pc.match_substring(texts, "<"),
        "partial_end": pc.match_substring(texts, ">"),
    }


def _plain_spans(texts: pa.StringArray) -> tuple[_Spans, Flags, Flags]:
    """Return the parts of plain locations, flags of joins, and flags of locations whose numbers are no valid span."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    data = np.concatenate((data[offsets[0] : offsets[-1]] if len(texts) else data[:0], np.zeros(16, np.uint8)))
    opening = offsets[:-1] - offsets[0]
    complement = data[opening] == ord("c")
    joined = data[opening + np.where(complement, _COMPLEMENT, 0)] == ord("j")
    digit = data - np.uint8(ord("0")) < 10
    # Texts are concatenated: a digit at the start of a text does not continue the number before it.
    begins = digit & ~np.concatenate(([False], digit[:-1]))
    begins[opening] = digit[opening]
    starts = np.flatnonzero(begins)
    stops = digit & ~np.concatenate((digit[1:], [False]))
    stops[opening[1:] - 1] = digit[opening[1:] - 1]
    lengths = np.flatnonzero(stops) + 1 - starts
    numbers = _numbers(data, starts, lengths)
    text = np.searchsorted(opening, starts, "right") - 1
    sign = np.isin(data[starts - 1], (ord("<"), ord(">")))
    high = data[starts - 1 - sign] == ord(".")
    low = np.flatnonzero(~high)
    ends = numbers[np.minimum(low + np.append(high, False)[low + 1], len(numbers) - 1)] if len(low) else low
    bad = np.zeros(len(texts), np.bool_)
    bad[text[lengths > limits.POSITION_DIGITS]] = True
    bad[text[low][(numbers[low] < 1) | (ends < numbers[low])]] = True
    text = text[low]
    count = np.bincount(text, minlength=len(texts))
    first = np.cumsum(count) - count
    position = np.arange(len(low))
    order = np.where(complement[text], 2 * first[text] + count[text] - 1 - position, position)
    strand = np.where(complement[text], -1, 1).astype(np.int8)
    return _Spans(text, numbers[low][order] - 1, ends[order], strand), joined, bad


def _numbers(data: npt.NDArray[np.uint8], starts: Ints, lengths: Ints) -> Ints:
    values = np.zeros(len(starts), np.int64)
    for digit in range(min(int(lengths.max(initial=0)), limits.POSITION_DIGITS)):
        longer = lengths > digit
        values[longer] = values[longer] * 10 + (data[starts[longer] + digit] - np.uint8(ord("0")))
    return values


def _may_cross_origin(spans: _Spans, joined: Flags, rows: Ints, molecules: Molecules) -> Flags:
    """Flag joins on circular molecules in which one part ends at the last base and the next begins at the first."""
    length = molecules.length[rows][spans.text]
    same = spans.text[1:] == spans.text[:-1]
    forward = (spans.end[:-1] == length[:-1]) & (spans.start[1:] == 0)
    backward = (spans.end[1:] == length[1:]) & (spans.start[:-1] == 0)
    crossing = np.zeros(len(joined), np.bool_)
    crossing[spans.text[1:][same & (forward | backward)]] = True
    return crossing & joined & (molecules.circular & ~molecules.trans_spliced)[rows]


def _parts(spans: _Spans, others: list[location.Part], first: Ints, counts: Ints, *, ordered: bool) -> pa.ListArray:
    strand = np.concatenate((spans.strand, np.array([part.strand for part in others], np.int8)))
    fields = [
        pa.concat_arrays(
            [pa.nulls(len(spans.text), pa.string()), pa.array([part.accession for part in others], pa.string())]
        ),
        pa.array(np.concatenate((spans.start, np.array([part.start for part in others], np.int64)))),
        pa.array(np.concatenate((spans.end, np.array([part.end for part in others], np.int64)))),
        pa.array(strand),
    ]
    values = pa.StructArray.from_arrays(fields, fields=list(PART))
    if not ordered:
        values = values.take(pa.array(ranges(first, counts)))
    offsets = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=pa.list_(PART))
