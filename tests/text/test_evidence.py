"""A claim needs a text and a known way to support it; a text knows where its pieces start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.claims import claim

from dnacorpus.text.compose import compose


@pytest.mark.parametrize("text", ["", " ", " a", "a\n"])
def test_an_empty_claim_or_one_with_outer_blanks_is_refused(text):
    with pytest.raises(ValueError, match="needs a text"):
        claim(text)


def test_how_is_one_of_four():
    with pytest.raises(ValueError, match="expected how"):
        claim("a", how="guessed")


@given(st.lists(st.sampled_from(["a", "bc", "d e."]), min_size=1, max_size=5))
def test_a_text_knows_where_its_pieces_start(words):
    parts = [compose("({it})", {"it": claim(word)}).as_one_piece() for word in words]
    whole = compose("So: {parts}!", {"parts": parts})
    starts = {id(piece): start for piece, start in whole.piece_starts()}
    for part in parts:
        start = starts[id(part)]
        assert whole.text[start : start + len(part.text)] == part.text
    assert [starts[id(part)] for part in parts] == sorted({starts[id(part)] for part in parts})


def test_one_piece_is_the_same_text():
    text = compose("the {gene} gene", {"gene": claim("thrA")})
    assert text.as_one_piece() == text
    assert list(text.as_one_piece().piece_starts()) == [(text, 0)]
