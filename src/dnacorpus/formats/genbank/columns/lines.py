"""The feature tables of many records, read line by line as columns of kinds, locations, keys and values.

Format: the INSDC Feature Table Definition as NCBI writes it: a key in column 6, its location from column 22; ``/key``,
``/key=value`` or ``/key="value"`` in column 22; continuation lines from column 22. A table that departs from this in
any way is flagged as odd and left to `genbank.features`. The values are the same as there: lines joined with a blank,
translations without blanks, doubled quotes reduced to one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.formats.genbank.columns.ragged import Ints, ranges, strings

_COLUMN = 21  # 0-based column where locations and qualifiers begin
_KIND = slice(5, 20)
_PADDING = bytes(32)  # so that column 22 of a short last line is inside the buffer
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

    ``odd`` has a flag per table. ``table``, ``qualifiers``, ``kinds`` and ``locations`` have one value per feature: the
    index of its table, the number of its qualifiers, its key and its location as written. ``keys`` and ``values`` have
    one value per qualifier; a value is null if there is none. ``kinds`` and ``keys`` are dictionary-encoded.
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
    """Concatenated tables, and the positions of their quotes."""

    data: Bytes
    quotes: Ints


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines from ``starts`` to their newline at ``ends``.

    ``key`` flags the lines of feature keys, ``first`` those that begin a feature or a qualifier. ``equals`` is the
    position of the first ``=`` without a quote before it, or the end. ``low`` and ``high`` are the numbers of quotes
    in the text before the line and before the next line. ``table`` is the index of the table.
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
    """Read feature tables, each the lines after FEATURES up to the next section; see `Columns`."""
    odd = np.array([bool(table) and table[-1] != _NEWLINE for table in tables], np.bool_)
    whole = [b"" if bad else table for table, bad in zip(tables, odd.tolist(), strict=True)]
    data = np.frombuffer(bytearray().join([*whole, _PADDING]), np.uint8)
    text, lines = _lines(data, np.cumsum([0, *map(len, whole)]), odd)
    while True:
        columns = _items(text, lines, odd)
        if isinstance(columns, Columns):
            return columns
        odd[columns] = True
        lines = lines.only(~odd[lines.table])


def _lines(data: Bytes, bounds: Ints, odd: Flags) -> tuple[_Text, _Lines]:
    """Find the lines of all tables, flag tables of odd form in ``odd``, and return the lines of the others."""
    held = data[: bounds[-1]]
    printable = held - np.uint8(_BLANK) <= ord("~") - _BLANK
    marks = np.flatnonzero(~printable | (held == _QUOTE) | (held == _EQUALS))
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
    # A line that begins inside quotes is text, even if it begins with a slash.
    inside = (low - np.repeat(low[top], counts[counts > 0])) % 2 == 1
    equals = np.where(mark[opening] == _EQUALS, marks[opening], ends)
    lines = _Lines(starts, ends, equals, low, high, table, key, key | (column == _SLASH) & ~inside)
    return _Text(data, marks[quote]), lines.only(~odd[table]) if odd.any() else lines


def _items(text: _Text, lines: _Lines, odd: Flags) -> Columns | Ints:
    """Read lines of tables of the right form; return the indices of tables that turn out odd, if there are any."""
    first = np.flatnonzero(lines.first)
    count = np.diff(first, append=len(lines.starts))
    is_key = lines.key[first]
    table = lines.table[first]
    kinds, bad_kinds = _kinds(text.data, lines.starts[first[is_key]])
    locations, bad_locations = _locations(text.data, lines, first[is_key], count[is_key])
    values = _Values(text, lines, first[~is_key], count[~is_key])
    wrong = np.concatenate((table[is_key][bad_kinds | bad_locations], table[~is_key][values.odd]))
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
    """Return the feature keys of lines, and flags of invalid ones."""
    fields = data[starts[:, None] + np.arange(_KIND.start, _KIND.stop)]
    return _named(fields, _GOOD_KIND, " ")


def _keys(data: Bytes, starts: Ints, lengths: Ints) -> tuple[pa.DictionaryArray, Flags]:
    """Return the qualifier keys at these positions and of these lengths, and flags of invalid ones."""
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    fields = np.empty((len(starts), _KEY_WORDS), "<u8")
    for word in range(_KEY_WORDS):
        kept = np.clip(lengths - 8 * word, 0, 8)
        fields[:, word] = words[np.minimum(starts + 8 * word, len(words) - 1)] & _LOW_BYTES[kept]
    keys, bad = _named(fields.view(np.uint8), _GOOD_KEY, "\0")
    return keys, bad | (lengths > 8 * _KEY_WORDS)


def _named(fields: Bytes, good: re.Pattern[str], filler: str) -> tuple[pa.DictionaryArray, Flags]:
    """Return the words in rows of equal width, padded with ``filler``, and flags of those that are not ``good``."""
    raw = pa.Array.from_buffers(pa.binary(fields.shape[1]), len(fields), [None, pa.py_buffer(fields)])
    encoded = raw.dictionary_encode()
    names = [name.decode("ascii").rstrip(filler) for name in encoded.dictionary.to_pylist()]
    bad = np.array([not good.fullmatch(name) for name in names], np.bool_)
    codes = encoded.indices.to_numpy()
    flags = bad[codes] if len(codes) else np.zeros(0, np.bool_)
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(names, pa.string())), flags


def _locations(data: Bytes, lines: _Lines, first: Ints, count: Ints) -> tuple[pa.StringArray, Flags]:
    """Return locations of ``count`` lines each, and flags of invalid ones and of lines continued without a comma."""
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

    ``odd`` flags those of other than the plain forms; `read` may be called only if there are none.
    """

    def __init__(self, text: _Text, lines: _Lines, first: Ints, count: Ints) -> None:
        self._text, self._lines, self._first, self._count = text, lines, first, count
        slash, line_end, equals = lines.starts[first] + _COLUMN, lines.ends[first], lines.equals[first]
        self._end = lines.ends[first + count - 1]
        self._valued = equals < line_end
        self._start = np.where(self._valued, equals + 1, line_end)
        self._quoted = self._valued & (text.data[self._start] == _QUOTE)
        self.keys, self.odd = _keys(text.data, slash + 1, equals - slash - 1)
        self.odd |= self._valued & (text.data[self._start] == _BLANK)
        code = self.keys.dictionary.index(_TRANSLATION).as_py()
        self.translations = np.flatnonzero(self.keys.indices.to_numpy() == code)
        self.odd |= self._bad_quotes(lines.low[first], lines.high[first + count - 1])
        self.odd |= (self._start == line_end) & ~self._quoted & (self._valued | (count > 1))

    def _bad_quotes(self, low: Ints, high: Ints) -> Flags:
        """Flag values whose quotes are not one before, one after, and pairs in between; remember the pairs."""
        data, quotes = self._text.data, self._text.quotes
        count = high - low
        last = np.append(quotes, -1)[high - 1]
        bad = np.where(self._quoted, (count < 2) | (count % 2 == 1) | (last != self._end - 1), count > 0)
        more = np.flatnonzero(~bad & (count > 2))
        inner = quotes[ranges(low[more] + 1, count[more] - 2)].reshape(-1, 2)
        owner = np.repeat(more, count[more] // 2 - 1)
        # Biopython takes a pair of quotes at the end of a line for the end of the value.
        bad[owner[(inner[:, 1] != inner[:, 0] + 1) | (data[inner[:, 1] + 1] == _NEWLINE)]] = True
        bad[more[quotes[low[more] + 1] == self._start[more] + 1]] = True  # a value that begins with a quote
        self._dropped = inner[:, 0]
        self._drops = np.bincount(owner, minlength=len(count))
        return bad

    def read(self) -> pa.StringArray:
        """Return the values; null for qualifiers without one."""
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
    bounds = np.empty(2 * len(starts) + 2, np.int64)
    bounds[0], bounds[-1] = 0, size
    bounds[1:-1:2], bounds[2:-1:2] = starts, ends
    return bounds
