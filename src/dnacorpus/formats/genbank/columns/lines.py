"""The feature tables of many records, line by line, as columns: kinds, locations, keys and values at once.

Format: the INSDC Feature Table Definition as NCBI writes it: a key in column 6, its location from
column 22, ``/key``, ``/key=value`` or ``/key="value"`` in column 22, continuation lines from column 22.
A table that departs from that in anything is left out and named as odd, for `annotation` to read; what
is read here has the values that `annotation` would give it: lines joined with a blank, a translation
without blanks, doubled quotes undone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.formats.genbank.columns.ragged import Ints, ranges, strings

_COLUMN = 21  # where locations and qualifiers begin, from 0
_KIND = slice(5, 20)
_PADDING = bytes(32)  # so that a look at column 22 never leaves the text
_EIGHT_BLANKS = int.from_bytes(b" " * 8, "little")
_FIVE_BLANKS = int.from_bytes(b" " * 5, "little")
_FIVE_BYTES = (1 << 40) - 1
_LOW_BYTES = np.array([(1 << 8 * size) - 1 for size in range(9)], "<u8")
_KEY_WORDS = 3
_BLANK, _QUOTE, _COMMA, _SLASH, _EQUALS, _NEWLINE = b' ",/=\n'
_GOOD_KIND = re.compile(r"[A-Za-z0-9_'*-]+")
_GOOD_KEY = re.compile(r"[A-Za-z0-9_]+")
_GOOD_LOCATION = r"^(?:[<>(0-9]|[A-Za-z0-9_.|-]+[(:])[A-Za-z0-9_.,:|^<>()-]*$"
_TRANSLATION = "translation"

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """The features and qualifiers of the tables that are not odd, in order.

    ``odd`` is a flag a table; ``table`` and ``qualifiers`` are, of each feature, the number of its table and
    how many qualifiers it has; ``kinds`` and ``locations`` are as written, ``keys`` and ``values`` are those of
    the qualifiers, a value null where there is none. ``kinds`` and ``keys`` are dictionary-encoded.
    """

    odd: Flags
    table: Ints
    qualifiers: Ints
    kinds: pa.DictionaryArray
    locations: pa.StringArray
    keys: pa.DictionaryArray
    values: pa.StringArray


@dataclass(frozen=True, slots=True)
class _Text:
    """Tables end to end, and where their quotes are."""

    data: Bytes
    quotes: Ints


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines from ``starts`` to their newline at ``ends``; ``first`` flags those that open a feature or a qualifier.

    ``equals`` is the place of the first ``=`` that no quote precedes, or the end; ``low`` and ``high`` are how
    many quotes of the text stand before the line and before the next.
    """

    starts: Ints
    ends: Ints
    equals: Ints
    low: Ints
    high: Ints
    table: Ints
    key: Flags
    first: Flags

    def only(self, kept: Flags) -> "_Lines":
        return _Lines(*(getattr(self, name)[kept] for name in self.__slots__))


def read_tables(tables: Sequence[bytes]) -> Columns:
    """Read feature tables, each the lines between FEATURES and what follows them; see `Columns`."""
    odd = np.array([bool(table) and table[-1] != _NEWLINE for table in tables], np.bool_)
    whole = [b"" if bad else table for table, bad in zip(tables, odd.tolist(), strict=True)]
    data = np.frombuffer(bytearray().join([*whole, _PADDING]), np.uint8)
    text, lines = _lines(data, np.cumsum([0, *map(len, whole)]), odd)
    while not isinstance(found := _items(text, lines, odd), Columns):
        odd[found] = True
        lines = lines.only(~odd[lines.table])
    return found


def _lines(data: Bytes, bounds: Ints, odd: Flags) -> tuple[_Text, _Lines]:
    """Find the lines of all tables, name the odd ones of them in ``odd``, and return those of the others."""
    held = data[: bounds[-1]]
    marks = np.flatnonzero((held - np.uint8(_BLANK) > 94) | (held == _QUOTE) | (held == _EQUALS))  # 94: to ~
    mark = held[marks]
    quote = mark == _QUOTE
    strange = marks[(mark != _NEWLINE) & (mark != _EQUALS) & ~quote]
    odd[np.searchsorted(bounds, strange, "right") - 1] = True
    closing = np.flatnonzero(mark == _NEWLINE)
    opening = np.append(0, closing[:-1] + 1)[: len(closing)]
    ends = marks[closing]
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    high = np.cumsum(quote)[closing]
    low = np.append(0, high[:-1])[: len(high)]
    counts = np.diff(np.searchsorted(ends, bounds))
    table = np.repeat(np.arange(len(counts)), counts)
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    word, column = words[starts], data[starts + _COLUMN]
    indented = (word == _EIGHT_BLANKS) & (words[starts + 8] == _EIGHT_BLANKS)
    indented &= words[starts + _COLUMN - 8] == _EIGHT_BLANKS
    key = (word & _FIVE_BYTES == _FIVE_BLANKS) & (data[starts + 5] != _BLANK) & (data[starts + 20] == _BLANK)
    full = (ends - starts > _COLUMN) & (column != _BLANK) & (data[ends - 1] != _BLANK)
    top = np.diff(table, prepend=-1) > 0
    odd[table[~full | ~(key | indented) | (top & ~key)]] = True
    inside = (low - np.repeat(low[top], counts[counts > 0])) % 2 == 1  # text, even if it begins with a slash
    equals = np.where(mark[opening] == _EQUALS, marks[opening], ends)
    lines = _Lines(starts, ends, equals, low, high, table, key, key | (column == _SLASH) & ~inside)
    return _Text(data, marks[quote]), lines.only(~odd[table]) if odd.any() else lines


def _items(text: _Text, lines: _Lines, odd: Flags) -> Columns | Ints:
    """Read lines of tables whose form is right; return the numbers of tables that prove odd, if there are any."""
    first = np.flatnonzero(lines.first)
    count = np.diff(first, append=len(lines.starts))
    is_key = lines.key[first]
    table = lines.table[first]
    kinds, bad_kinds = _kinds(text.data, lines.starts[first[is_key]])
    locations, bad_places = _locations(text.data, lines, first[is_key], count[is_key])
    values = _Values(text, lines, first[~is_key], count[~is_key])
    wrong = np.concatenate((table[is_key][bad_kinds | bad_places], table[~is_key][values.odd]))
    if len(wrong):
        return np.unique(wrong)
    read = values.read()
    broken = table[~is_key][values.translations[_having_blanks(read.take(pa.array(values.translations)))]]
    if len(broken):
        return np.unique(broken)
    owner = np.cumsum(is_key)[~is_key] - 1
    features = int(is_key.sum())
    return Columns(
        odd=odd,
        table=table[is_key],
        qualifiers=np.bincount(owner, minlength=features),
        kinds=kinds,
        locations=locations,
        keys=values.keys,
        values=read,
    )


def _kinds(data: Bytes, starts: Ints) -> tuple[pa.DictionaryArray, Flags]:
    """Return the feature keys of lines, and flags of those that are none."""
    fields = data[starts[:, None] + np.arange(_KIND.start, _KIND.stop)]
    return _named(fields, _GOOD_KIND, " ")


def _keys(data: Bytes, starts: Ints, lengths: Ints) -> tuple[pa.DictionaryArray, Flags]:
    """Return the qualifier keys of such places and lengths, and flags of those that are none."""
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    fields = np.empty((len(starts), _KEY_WORDS), "<u8")
    for place in range(_KEY_WORDS):
        kept = np.clip(lengths - 8 * place, 0, 8)
        fields[:, place] = words[np.minimum(starts + 8 * place, len(words) - 1)] & _LOW_BYTES[kept]
    keys, bad = _named(fields.view(np.uint8), _GOOD_KEY, "\0")
    return keys, bad | (lengths > 8 * _KEY_WORDS)


def _named(fields: Bytes, good: re.Pattern[str], filler: str) -> tuple[pa.DictionaryArray, Flags]:
    """Return the words in rows of equal width, filled up with ``filler``, and flags of those not ``good``."""
    raw = pa.Array.from_buffers(pa.binary(fields.shape[1]), len(fields), [None, pa.py_buffer(fields)])
    encoded = raw.dictionary_encode()
    names = [name.decode("ascii").rstrip(filler) for name in encoded.dictionary.to_pylist()]
    bad = np.array([not good.fullmatch(name) for name in names], np.bool_)
    codes = encoded.indices.to_numpy()
    flags = bad[codes] if len(codes) else np.zeros(0, np.bool_)
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(names, pa.string())), flags


def _locations(data: Bytes, lines: _Lines, first: Ints, count: Ints) -> tuple[pa.StringArray, Flags]:
    """Return locations of so many lines each, and flags of those that are none, or go on without a comma."""
    picked = ranges(first, count)
    starts = lines.starts[picked] + _COLUMN
    lengths = lines.ends[picked] - starts
    opening = np.cumsum(count) - count
    totals = np.add.reduceat(lengths, opening) if len(count) else count
    locations = strings(data[ranges(starts, lengths)], totals)
    bad = ~pc.match_substring_regex(locations, _GOOD_LOCATION).to_numpy(zero_copy_only=False)
    broken = data[lines.ends[picked] - 1] != _COMMA
    broken[opening + count - 1] = False
    bad[np.repeat(np.arange(len(count)), count)[broken]] = True
    return locations, bad


class _Values:
    """The qualifiers that begin at the lines ``first`` and have ``count`` lines each.

    ``odd`` flags those that are not of the plain forms; `read` is for when there are none.
    """

    def __init__(self, text: _Text, lines: _Lines, first: Ints, count: Ints) -> None:
        self._text, self._lines, self._first, self._count = text, lines, first, count
        slash, line_end, equals = lines.starts[first] + _COLUMN, lines.ends[first], lines.equals[first]
        self._end = lines.ends[first + count - 1]
        self._valued = equals < line_end
        self._start = np.where(self._valued, equals + 1, line_end)
        self._quoted = self._valued & (text.data[self._start] == _QUOTE)
        self.keys, self.odd = _keys(text.data, slash + 1, equals - slash - 1)
        code = self.keys.dictionary.index(_TRANSLATION).as_py()
        self.translations = np.flatnonzero(self.keys.indices.to_numpy() == code)
        self.odd |= self._bad_quotes(lines.low[first], lines.high[first + count - 1])
        self.odd |= (self._start == line_end) & ~self._quoted & (self._valued | (count > 1))

    def _bad_quotes(self, low: Ints, high: Ints) -> Flags:
        """Flag values whose quotes are not one before, one behind, and pairs between; remember the pairs."""
        data, quotes = self._text.data, self._text.quotes
        count = high - low
        last = np.append(quotes, -1)[high - 1]
        bad = np.where(self._quoted, (count < 2) | (count % 2 == 1) | (last != self._end - 1), count > 0)
        more = np.flatnonzero(~bad & (count > 2))
        inner = quotes[ranges(low[more] + 1, count[more] - 2)].reshape(-1, 2)
        owner = np.repeat(more, count[more] // 2 - 1)
        # Behind a pair at the end of a line Biopython would see the value's end.
        bad[owner[(inner[:, 1] != inner[:, 0] + 1) | (data[inner[:, 1] + 1] == _NEWLINE)]] = True
        bad[more[quotes[low[more] + 1] == self._start[more] + 1]] = True  # a value that begins with a quote
        self._dropped = inner[:, 0]
        self._drops = np.bincount(owner, minlength=len(count))
        return bad

    def read(self) -> pa.StringArray:
        """Return the values; null where there is none."""
        data, lines = self._text.data, self._lines
        picked = ranges(self._first, self._count)
        opening = np.cumsum(self._count) - self._count
        closing = opening + self._count - 1
        starts, ends = lines.starts[picked] + _COLUMN, lines.ends[picked]
        starts[opening] = self._start + self._quoted
        blank = np.ones(len(self._count), np.bool_)
        blank[self.translations] = False
        blank = np.repeat(blank, self._count)
        blank[closing] = False
        data[ends[blank]] = _BLANK
        ends[blank] += 1
        ends[closing] -= self._quoted
        lengths = np.add.reduceat(ends - starts, opening) if len(opening) else opening
        kept = np.repeat(np.arange(2 * len(starts) + 1) % 2 == 1, np.diff(_interleaved(starts, ends, len(data))))
        kept[self._dropped] = False
        return strings(data[kept], lengths - self._drops, self._valued)


def _having_blanks(values: pa.StringArray) -> Flags:
    flags: Flags = pc.match_substring(values, " ").fill_null(False).to_numpy(zero_copy_only=False)
    return flags


def _interleaved(starts: Ints, ends: Ints, size: int) -> Ints:
    places = np.empty(2 * len(starts) + 2, np.int64)
    places[0], places[-1] = 0, size
    places[1:-1:2], places[2:-1:2] = starts, ends
    return places
