"""The structure score: how phrases are cut, and counts of pairs against all pairs looked at one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.views.documents.parallelism import Phrase, Score, phrases, score, score_document

PHRASES = st.builds(
    Phrase,
    st.sampled_from(["The {gene} codes", "A {product}", "{gene}", "Plain words"]),
    st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
)


def score_texts(texts) -> Score:
    """Score a context of which each member is a text with its evidence."""
    return score([phrases(text, evidence) for text, evidence in texts])


def told(template: str, **words: str) -> tuple[str, list[dict]]:
    """Return a text of ``{slot}``s filled in and the spans of what filled them."""
    text, spans = "", []
    for piece in template.replace("}", "{").split("{"):
        if piece in words:
            spans.append({"start": len(text), "end": len(text) + len(words[piece]), "field": piece})
        text += words.get(piece, piece)
    return text, spans


def skeletons(template: str, **words: str) -> list[str]:
    return [phrase.skeleton for phrase in phrases(*told(template, **words))]


@given(st.lists(st.lists(PHRASES, max_size=4), max_size=5))
def test_counts_are_those_of_brute_force(members):
    every = [(number, phrase) for number, member in enumerate(members) for phrase in member]
    pairs = [(one, other) for (m, one), (n, other) in combinations(every, 2) if m != n]
    worded = [(one, other) for one, other in pairs if one.skeleton != "{gene}"]
    parallel = [
        (one, other)
        for one, other in worded
        if one.contents and other.contents and one.skeleton == other.skeleton and one.contents != other.contents
    ]
    found = score(members)
    assert (found.parallel_pairs, found.phrase_pairs) == (len(parallel), len(pairs))
    assert found.share == (len(parallel) / len(pairs) if pairs else 0.0)


def test_one_template_with_distinct_content_scores_one_and_a_copy_zero():
    names = ("atpA", "cox1", "recA")
    assert score_texts(told("The gene {gene} is here.", gene=name) for name in names).share == 1.0
    assert score_texts(told("The gene {gene} is here.", gene="atpA") for _ in names).share == 0.0
    assert score_texts([told("The gene {gene} is here.", gene="a"), told("Here is {gene}.", gene="b")]).share == 0.0
    assert score_texts([told("The gene {gene}. The gene {gene}.", gene="a")]).phrase_pairs == 0


def test_the_kind_of_content_is_part_of_the_skeleton():
    mixed = [told("It is {gene}.", gene="atpA"), told("It is {product}.", product="ATP synthase")]
    assert score_texts(mixed).parallel_pairs == 0


def test_phrases_are_sentences_and_lines():
    assert skeletons("In {o}, it is {p}. Is it long? It is.", o="X", p="y") == [
        "In {o}, it is {p}",
        "Is it long?",
        "It is",
    ]
    assert skeletons("Organism: {o}\nProduct: {p}\n\n", o="X", p="y") == ["Organism: {o}", "Product: {p}"]


def test_no_phrase_ends_inside_a_span():
    assert skeletons("{title} It is long.", title="E. coli K-12. Complete.") == ["{title}", "It is long"]
    assert skeletons("Of {o} no more", o="Xus sp. 1") == ["Of {o} no more"]


def test_an_abbreviation_may_end_a_sentence():
    assert skeletons("It is from {o} The rest follows.", o="Bacillus sp.") == ["It is from {o}", "The rest follows"]
    assert skeletons("It is from {o} and grows.", o="Bacillus sp.") == ["It is from {o} and grows"]
    same = [told("It is {o}.", o="Vibrio"), told("It is {o}", o="Vibrio sp.")]
    assert score_texts(same).share == 1.0


def test_a_list_is_one_slot_and_overlapping_spans_are_one():
    text = "Here: 1 gene, 2 exons and 3 introns."
    spans = [{"start": start, "end": end, "field": "features"} for start, end in ((6, 12), (14, 21), (26, 35))]
    assert phrases(text, spans) == [Phrase("Here: {features}", ("1 gene", "2 exons", "3 introns"))]
    over = [{"start": 6, "end": 21, "field": "note"}, {"start": 8, "end": 12, "field": "gene"}]
    assert phrases(text[:21], over) == [Phrase("Here: {note}", ("1 gene, 2 exons",))]


def test_a_phrase_of_content_alone_is_not_parallel():
    assert score_texts([told("{abstract}", abstract=f"All we found is {n}.") for n in "abc"]).parallel_pairs == 0
    assert score_texts([told("{first}..{last}.", first=n, last="9") for n in "abc"]).parallel_pairs == 0


@pytest.mark.parametrize("shift", [0, 11])
def test_a_document_is_scored_by_the_text_of_its_members(shift):
    text, members, evidence = "#" * shift, [], []
    for name in ("atpA", "cox1"):
        words, spans = told("The gene {gene}.", gene=name)
        evidence += [{**span, "start": span["start"] + len(text), "end": span["end"] + len(text)} for span in spans]
        members.append({"text_start": len(text), "text_end": len(text) + len(words)})
        dna = {"start": len(text) + len(words) + 1, "end": len(text) + len(words) + 5, "field": "sequence"}
        evidence.append(dna)
        text += f"{words}\nACGT\n\n"
    found = score_document(text, members, evidence)
    assert (found.parallel_pairs, found.phrase_pairs) == (1, 1)
    assert score_document(text, members[::-1], evidence[::-1]) == found
