"""Characters that cannot be printed: which they are, and how text is cleaned, counted and escaped."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.printable import (
    CONTROL,
    INVISIBLE,
    NO_CHARACTER,
    cleaned,
    escaped,
    escaped_lines,
    json_text,
    unprintable,
)

VISIBLE_FORMATS = {
    *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)
}  # fmt: skip
"""Format characters (Cf) with a glyph of their own: signs before Arabic, Syriac and Kaithi numbers, and joiners that
place Egyptian hieroglyphs."""


def kind_of(code: int) -> str | None:
    """Return the kind of a code point, or None if it can be printed, by what Unicode says of it."""
    category = unicodedata.category(chr(code))
    if category in ("Cc", "Zl", "Zp"):
        return CONTROL
    if category == "Cs" or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
        return NO_CHARACTER
    name = unicodedata.name(chr(code), "")
    ignorable = "VARIATION SELECTOR" in name or ("HANGUL" in name and "FILLER" in name) or "VOWEL INHERENT" in name
    if (category == "Cf" and code not in VISIBLE_FORMATS) or ignorable or name == "COMBINING GRAPHEME JOINER":
        return INVISIBLE
    return None


def test_each_code_point_has_the_kind_that_unicode_gives_it():
    unassigned = {*range(0xFFF0, 0xFFF9), 0x2065, *range(0xE0000, 0xE1000)}  # reserved for invisible characters
    differing = {
        hex(code): kinds
        for code in each(range(sys.maxunicode + 1))
        if (kinds := dict(unprintable(chr(code)))) != ({kind: 1} if (kind := kind_of(code)) else {})
        and not (code == 0x0A or (code in unassigned and kinds == {INVISIBLE: 1}))
    }
    assert differing == {}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("alpha\x1b]0;owned\x07beta", "alpha ]0;owned beta"),
        ("tab\there", "tab here"),
        ("line\r\nend", "line \nend"),
        ("\x9b31mred", " 31mred"),
        ("abc\u202edef\u2066", "abcdef"),
        ("soft\xadhyphen\ufeff\u200b", "softhyphen"),
        ("tag\U000e0041", "tag"),
        ("lone\ud800surrogate\ufffe", "lone\ufffdsurrogate\ufffd"),
        ("Zr\xb2\xa0\u2009\u03b1 \u4e2d \U0001f9ec", "Zr\xb2\xa0\u2009\u03b1 \u4e2d \U0001f9ec"),
    ],
)
def test_control_characters_become_blanks_and_invisible_ones_vanish(text, clean):
    assert cleaned(text) == clean


@given(st.text(st.characters() | st.sampled_from("\x00\x1b\n\t\x85\u202e\ufeff\ud801\U000e0020")))
def test_cleaned_text_can_be_printed_and_stays_as_it_is(text):
    clean = cleaned(text)
    assert not unprintable(clean)
    assert cleaned(clean) == clean
    assert clean.count("\n") == text.count("\n")
    counts = unprintable(text)
    assert len(clean) == len(text) - counts[INVISIBLE]
    clean.encode()


@given(st.text(st.characters() | st.sampled_from("\x00\x1b\n\t\x85\u202e\ufeff\ud801\U000e0020")))
def test_escaped_text_is_one_printable_line_and_json_gives_the_value_back(text):
    line = escaped(text)
    assert not unprintable(line)
    assert "\n" not in line
    cells = [[escaped(cell) for cell in line.split("\t")] for line in text.split("\n")]
    assert escaped_lines(text) == "\n".join("\t".join(line) for line in cells)
    whole = json_text({"text": [text]}, indent=1)
    assert not unprintable(whole)
    assert json.loads(whole) == {"text": [text]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\u202e\U000e0041\x9b", r"\x1b[2J\u202e\U000e0041\x9b"),
        ("a\nb\tc", r"a\nb\tc"),
        ("C:\\x1b", r"C:\x1b"),
        ("\u03b1-helix", "\u03b1-helix"),
    ],
)
def test_escapes_are_those_of_python(text, shown):
    assert escaped(text) == shown
