"""Joining the lines of a text: divided words, control characters."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pdflines import column

from dnacorpus.papers.readers.pdf.lines import clean, count_words, join_lines


@pytest.mark.parametrize(
    ("ends", "elsewhere", "whole"),
    [
        (("mito-", "chondrial owls"), "", "mitochondrial owls"),
        (("open-", "source owls"), "open-source", "open-source owls"),
        (("open-", "source owls"), "opensource open-source", "opensource owls"),
        (("RNA-", "binding owls"), "", "RNA-binding owls"),
        (("COVID-", "19 owls"), "", "COVID-19 owls"),
        (("anti-", "Darwin owls"), "", "anti-Darwin owls"),
        (("BIOINFOR-", "MATICS"), "", "BIOINFORMATICS"),
        (("medium-", "and large owls"), "", "medium- and large owls"),
        (("co\u00ad", "operate"), "co-operate", "cooperate"),
        (("2001–", "2004"), "", "2001–2004"),
        (("owls –", "they fly"), "", "owls – they fly"),
        (("night", "owls"), "", "night owls"),
    ],
)
def test_divided_words_are_joined(ends, elsewhere, whole):
    lines = column([*ends, elsewhere], 60, 100)
    assert join_lines(lines[:2], count_words([lines])) == whole
    assert "mito" not in count_words([column(["a mito-", "chondrial owl"], 0, 0)])


def test_clean_removes_control_characters():
    assert clean("e\ufb03cient \ufb01sh\u00a0a\u0301\u200b\x00\ud800\ue000") == "efficient fish\u0020\u00e1"


WORDS = st.text("abcdefghij", min_size=4, max_size=9)


@given(st.lists(WORDS, min_size=30, max_size=80), st.integers(20, 45), st.data())
def test_joining_restores_a_divided_text(words, width, data):
    """Any text whose words all stand whole somewhere is set in lines at random, and comes back."""
    text = " ".join(words)
    lines, rest = [], text
    while len(rest) > width:
        at = data.draw(st.integers(width // 2, width))
        inside = rest[at - 1] != " " and rest[at] != " " and rest[at - 2 : at + 2].isalpha()
        at = at if inside else rest.rindex(" ", 0, at + 1) if " " in rest[: at + 1] else rest.index(" ")
        lines.append(rest[:at] + ("-" if inside else ""))
        rest = rest[at:].lstrip(" ")
    assert join_lines(column([*lines, rest], 0, 0), Counter(words)) == text
