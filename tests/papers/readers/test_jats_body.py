"""Passages of JATS: which paragraphs count, in which order, below which titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.papers.readers.jats import read_jats

HEAD = '<article xmlns:xlink="x" xmlns:mml="http://www.w3.org/1998/Math/MathML"><front><article-meta/></front>'


def passages(body: str, rest: str = "") -> list[tuple[str, str]]:
    (paper,) = read_jats(f"{HEAD}<body>{body}</body>{rest}</article>".encode())
    assert [paragraph.paragraph for paragraph in paper.paragraphs] == list(range(len(paper.paragraphs)))
    assert {paragraph.page for paragraph in paper.paragraphs} <= {None}
    return [(paragraph.section, paragraph.text) for paragraph in paper.paragraphs]


def test_sections_give_their_path():
    body = """<p>Before.</p><sec><title>Methods</title><p>One.</p>
      <sec><label>1.1</label><title>DNA <italic>extraction</italic><xref>*</xref></title><p>Two.</p></sec>
      <sec><p>Untitled.</p></sec></sec><sec><title>Results</title><p>Three.</p></sec>"""
    assert passages(body) == [
        ("", "Before."),
        ("Methods", "One."),
        ("Methods > DNA extraction", "Two."),
        ("Methods", "Untitled."),
        ("Results", "Three."),
    ]


def test_lists_and_quotes_are_paragraphs_of_their_section():
    body = """<sec><title>S</title><list><list-item><label>1</label><p>One.</p></list-item>
      <list-item><p>Two.</p></list-item></list><disp-quote><p>Said.</p></disp-quote>
      <p>With <list><list-item><p>an item</p></list-item></list> inside.</p></sec>"""
    assert passages(body) == [("S", "One."), ("S", "Two."), ("S", "Said."), ("S", "With an item inside.")]


@pytest.mark.parametrize(
    ("label", "name"),
    [("Fig. 2.", "Figure 2"), ("Figure 2", "Figure 2"), ("2", "Figure 2"), ("", "Figure"), ("Scheme 2", "Scheme 2"),
     ("Figure 1—figure supplement 3.", "Figure 1—figure supplement 3"), ("FIG 4", "Figure 4"), ("A1", "Figure A1")],
)  # fmt: skip
def test_captions_are_passages_of_their_own(label, name):
    figure = f"""<fig><label>{label}</label><caption><title>A tree.</title><p>Of <bold>owls</bold>.</p><p>B.</p>
      </caption><graphic/></fig>"""
    assert passages(f"<sec><title>S</title><p>One{figure}two.</p>{figure}</sec>") == [
        ("S", "One two."),
        (name, "A tree. Of owls. B."),
        (name, "A tree. Of owls. B."),
    ]


def test_boxes_groups_and_floats_at_the_end():
    box = """<boxed-text><label>Box 1</label><caption><title>Why</title></caption><p>Because.</p>
      <sec><title>More</title><p>Inside.</p></sec></boxed-text>"""
    table = """<table-wrap-group><table-wrap><label>Table 3</label><caption><p>Counts.</p></caption>
      <table><tr><td><p>5</p></td></tr></table><table-wrap-foot><fn><p>Note.</p></fn></table-wrap-foot></table-wrap>
      </table-wrap-group>"""
    assert passages(f"<p>A.</p>{box}<p>B.</p>", f"<floats-group>{table}</floats-group>") == [
        ("", "A."),
        ("Box 1 > Why", "Because."),
        ("Box 1 > Why > More", "Inside."),
        ("", "B."),
        ("Table 3", "Counts."),
    ]


def test_what_is_left_out():
    body = """<p>Kept<fn><p>a note</p></fn> text.</p><disp-formula><p>x</p></disp-formula>
      <p><inline-formula><alternatives><mml:math><mml:mi>y</mml:mi></mml:math><tex-math>\\gamma</tex-math></alternatives></inline-formula>.</p>
      <ref-list><ref><p>Ref.</p></ref></ref-list><fn-group><fn><p>N</p></fn>
      </fn-group><supplementary-material><caption><p>File.</p></caption></supplementary-material><p> </p>"""
    after = "<back><ack><p>Thanks.</p></ack></back><sub-article><body><p>A reply.</p></body></sub-article>"
    assert passages(body, after) == [("", "Kept text."), ("", "y.")]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('owl<sup><xref ref-type="bibr">1</xref>,<xref ref-type="bibr">2</xref></sup> flies', "owl flies"),
        ('owl<xref ref-type="bibr"><sup>1</sup></xref> flies', "owl flies"),
        ('10<sup>2</sup> owls [<xref ref-type="bibr">3</xref>]', "102 owls [3]"),
        ('see<sup><xref ref-type="fig">1</xref></sup>', "see1"),
        ('<sup><xref ref-type="bibr">1</xref></sup>Owls', "Owls"),
        ('a<sup><xref ref-type="bibr">1</xref> and more</sup>', "a1 and more"),
    ],
)
def test_a_raised_citation_is_no_part_of_a_word(text, read):
    assert passages(f"<p>{text}</p>") == [("", read)]


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, st.lists(st.tuples(WORDS, st.booleans()), max_size=4)), max_size=5))
def test_every_paragraph_comes_out_once_and_in_order(sections):
    body = "".join(
        f"<sec><title>{title}</title>"
        + "".join(
            f"<p>{text}<fig><caption><p>{text} seen</p></caption></fig></p>" if figure else f"<p>{text}</p>"
            for text, figure in paragraphs
        )
        + "</sec>"
        for title, paragraphs in sections
    )
    expected = []
    for title, paragraphs in sections:
        for text, figure in paragraphs:
            expected += [(title, text)] + ([("Figure", f"{text} seen")] if figure else [])
    assert passages(body) == expected
