"""The pieces of a text: they join to the text, and each has the evidence that covers it."""

from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.explore.report.highlight import pieces, shortened


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8))
def test_pieces_join_to_the_text_and_know_all_that_covers_them(text, bounds):
    spans = [{"start": min(pair), "end": max(pair), "field": str(place)} for place, pair in enumerate(bounds)]
    cut = pieces(text, spans)
    assert "".join(piece.text for piece in cut) == text
    at = 0
    for piece in cut:
        for place in range(at, at + len(piece.text)):
            covering = {span["field"] for span in spans if span["start"] <= place < span["end"]}
            assert {span["field"] for span in piece.evidence} == covering
        lengths = [span["end"] - span["start"] for span in piece.evidence]
        assert lengths == sorted(lengths)
        at += len(piece.text)


@given(st.text(), st.integers(1, 30))
def test_a_shortened_text_is_a_beginning(text, limit):
    shown = shortened(text, limit)
    assert text.startswith(shown)
    assert len(shown) <= limit
    assert shown == text or len(text) > limit
