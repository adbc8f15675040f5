"""Characters that cannot be printed: replaced in text that is read, shown as escapes in text that is written.

Three kinds, by the name that the ledger counts them under. Any module may import this one.

- ``control``: C0, DEL and C1 controls, among them tab, line ends and the escape character of terminals, and the line
  and paragraph separators U+2028 and U+2029.
- ``invisible``: characters without a glyph, i.e. Unicode's property Default_Ignorable_Code_Point (changes of direction,
  zero-width characters, joiners, variation selectors, tags, byte order mark), and interlinear annotation U+FFF9-FFFB.
- ``no_character``: lone surrogates, which UTF-8 cannot encode, and the 66 noncharacters.

The code points are listed here, because the properties that Python knows depend on its version. Source:
https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt. Private-use and unassigned code points stay:
they have a glyph, if only a box.
"""

import json
import re
from collections import Counter
from typing import Any

CONTROL, INVISIBLE, NO_CHARACTER = KINDS = ("control", "invisible", "no_character")

_CLASSES = {
    CONTROL: r"\x00-\x1f\x7f-\x9f\u2028\u2029",
    INVISIBLE: (
        r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
        r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    ),
    NO_CHARACTER: r"\ud800-\udfff\ufdd0-\ufdef"
    + "".join(rf"\U{plane << 16 | 0xFFFE:08x}\U{plane << 16 | 0xFFFF:08x}" for plane in range(17)),
}
_ANY = re.compile(f"[{''.join(_CLASSES.values())}]")
_IN_TEXT = re.compile(rf"(?!\n){_ANY.pattern}")
_IN_TABLE = re.compile(rf"(?![\n\t]){_ANY.pattern}")
_REPLACEMENTS = {CONTROL: " ", INVISIBLE: "", NO_CHARACTER: "\N{REPLACEMENT CHARACTER}"}
_KINDS = [(re.compile(f"[{characters}]"), kind) for kind, characters in _CLASSES.items()]


def cleaned(text: str) -> str:
    """Return a text that was read from a source, with what cannot be printed replaced; ``\\n`` stays.

    A control character becomes a blank, so that words stay apart and columns keep their place; an invisible one is
    left out, so that the text looks as before; what is no character becomes U+FFFD, as bytes that are not UTF-8 do.
    """
    return text if _plain(text) else _IN_TEXT.sub(lambda match: _REPLACEMENTS[_kind(match[0])], text)


def is_printable(text: str) -> bool:
    """Return whether a text can stand in one line as it is: `escaped` changes nothing in it."""
    return escaped(text) == text


def unprintable(text: str) -> Counter[str]:
    """Return how many characters of each kind `cleaned` replaces in a text."""
    return Counter() if _plain(text) else Counter(_kind(match[0]) for match in _IN_TEXT.finditer(text))


def escaped(text: str) -> str:
    """Return a text for one line of a terminal, a log or a table: what cannot be printed is shown as an escape.

    The escapes are those of Python: ``\\x1b``, ``\\u202e``, ``\\n``. A backslash of the text itself stays as it is.
    """
    return text if text.isascii() and text.isprintable() else _ANY.sub(_escape, text)


def escaped_lines(text: str) -> str:
    """Return a text of lines and columns, each cell as `escaped` shows it; line ends and tabs stay."""
    return text if _plain(text) else _IN_TABLE.sub(_escape, text)


def one_line(text: str) -> str:
    """Return a message as one line: its line ends are blanks, other characters are as in `escaped`."""
    return escaped(text.replace("\n", " "))


def json_text(value: Any, **options: Any) -> str:
    """Return a value as JSON in which other alphabets are readable and what cannot be printed is an escape.

    ``options`` are those of `json.dumps`. Reading it gives the same value.
    """
    text = json.dumps(value, ensure_ascii=False, **options)
    return text if _plain(text) else _IN_TEXT.sub(_json_escape, text)


def _plain(text: str) -> bool:
    return text.isascii() and text.replace("\n", "").isprintable()


def _kind(character: str) -> str:
    return next(kind for pattern, kind in _KINDS if pattern.match(character))


def _escape(match: re.Match[str]) -> str:
    return ascii(match[0])[1:-1]


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
