"""Text and evidence are composed together: spans slice back to their claims, in any nesting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.claims import claim

from dnacorpus.errors import CorpusError
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import compose, join, quote
from dnacorpus.text.evidence import Claim, ComposedText

NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)


CLAIMS = NAMES.map(lambda text: Claim(text, "NC_1.1", "definition", "verbatim", "LicenseRef-NCBI"))


def shown(passage: ComposedText) -> list[str]:
    return [passage.text[span["start"] : span["end"]] for span in passage.evidence]


@given(st.lists(CLAIMS, min_size=1, max_size=6), CLAIMS, CLAIMS)
def test_spans_slice_back_to_their_claims(several, first, last):
    inner = compose("of {b} and more", {"b": last})
    passage = compose("The {a} with {list} {inner}.", {"a": first, "list": several, "inner": inner})
    assert shown(passage) == [first.text, *(one.text for one in several), last.text]
    both = join([passage, compose("Ends: {a}.", {"a": first})])
    assert shown(both) == [*shown(passage), first.text]
    assert both.text.startswith(f"{passage.text} Ends: ")


@given(st.lists(CLAIMS, min_size=1, max_size=6))
def test_outside_the_spans_is_literal(several):
    passage = compose("Held: {list}!", {"list": several})
    outside, end = "", 0
    for span in passage.evidence:
        outside += passage.text[end : span["start"]] + "\0"
        end = span["end"]
    outside += passage.text[end:]
    middle = "".join(", \0" for _ in several[1:-1]) + (" and \0" if len(several) > 1 else "")
    assert outside == f"Held: \0{middle}!"


def test_evidence_names_source_field_how_and_license():
    passage = compose("Ångström’s {name}.", {"name": Claim("φX174", "NC_001422.1", "organism", "verbatim", "X")})
    assert passage.evidence == (
        {"start": 11, "end": 16, "source": "NC_001422.1", "field": "organism", "how": "verbatim", "license": "X"},
    )


def test_a_list_reads_as_one():
    three = [claim("a"), claim("b"), claim("c")]
    assert [compose("{x}", {"x": three[:n]}).text for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_an_abbreviation_ends_a_sentence_with_one_full_stop():
    passage = compose("It is {name}.", {"name": claim("Bacillus sp.")})
    assert passage.text == "It is Bacillus sp."
    assert shown(passage) == ["Bacillus sp."]


def test_a_missing_slot_is_an_error():
    with pytest.raises(CorpusError, match=r"\{organism\}"):
        compose("Of {organism}", {"gene": claim("a")})


def test_an_empty_list_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        compose("{x}", {"x": []})
    with pytest.raises(ValueError, match="at least one"):
        join([])


@pytest.mark.parametrize("template", ["{}", "{a!r}", "{a:>9}"])
def test_other_kinds_of_slots_are_refused(template):
    with pytest.raises(CorpusError, match="slot"):
        compose(template, {"a": claim("x")})


@given(NAMES, st.data())
def test_a_quotation_has_spans_for_its_words_besides_its_own(text, data):
    whole = compose("It says: {x}", {"x": quote(claim(text, "abstract"))})
    assert shown(whole) == [text]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if text[start:end].strip() == text[start:end]:
        quoted = compose("It says: {x}", {"x": quote(claim(text, "abstract"), (start, end))})
        assert quoted.text == whole.text
        assert shown(quoted) == [text, text[start:end]]
        assert {span["field"] for span in quoted.evidence} == {"abstract"}


@pytest.mark.parametrize("run", [(0, 0), (-1, 2), (2, 1), (0, 8), (1, 3), (2, 5)])
def test_an_interval_that_is_no_run_of_words_is_refused(run):
    with pytest.raises(ValueError, match="expected a run of words"):
        quote(claim("ab cd e"), run)


def test_spans_of_nested_texts_slice_to_their_claims():
    source = ClaimSource("NC_1.1")
    inner = compose("the gene {gene}.", {"gene": source.verbatim("thrA sp.", "features[1]/gene")})
    told = quote(source.verbatim("a long note", "features[1]/note"), (2, 6))
    whole = join([compose("({it})", {"it": [inner, told]}), inner])
    assert whole.text == "(the gene thrA sp. and a long note) the gene thrA sp."
    words = [whole.text[span["start"] : span["end"]] for span in whole.evidence]
    assert words == ["thrA sp.", "a long note", "long", "thrA sp."]
    assert whole == ComposedText(whole.text, whole.evidence)
    assert whole != ComposedText(whole.text, whole.evidence[1:])
    assert [claim.text for claim in whole.claims] == ["thrA sp.", "thrA sp."]


@pytest.mark.parametrize("outer", ["{it}.", "{it}. More"])
def test_a_full_stop_is_not_doubled_after_a_text_that_left_it_out(outer):
    inner = compose("{name}.", {"name": ClaimSource("NC_1.1").verbatim("Bacillus sp.", "organism")})
    assert compose(outer, {"it": inner}).text == outer.format(it="Bacillus sp")
