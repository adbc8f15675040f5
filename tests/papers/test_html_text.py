"""Plain text from HTML and from markup that was escaped again: by example, by round trip, and as Python's parser."""

import html
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.papers.html_text import text_of_html, unescaped, with_label
from dnacorpus.papers.markup import parse_xml, text_of
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.pubmed import read_pubmed


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h4>Background</h4>Text <i>in</i> vivo.<h4>Results:</h4>More.", "Background: Text in vivo. Results: More."),
        ("<h4 class='x'>Aim <i>in</i> vivo</h4>Text", "Aim in vivo: Text"),
        ("<h4>Open heading", "Open heading"),
        ("mesotrophic (<100 g C m(-2)), p<0.05 and a>b", "mesotrophic (<100 g C m(-2)), p<0.05 and a>b"),
        ("10<sup>3</sup> CO<sub>2</sub> <b>bold</b>", "103 CO2 bold"),
        ("5 &lt; 6 &amp; &#x3b1;", "5 < 6 & α"),
        ("one<br/>two<p>three</p>", "one two three"),
        ("<p>one<p>two", "one two"),
        ("&lt;i&gt; is a tag", "<i> is a tag"),
        ("", None),
        (None, None),
        ("<p> </p>", None),
    ],
)
def test_text_of_html(html, text):
    assert text_of_html(html) == text


MATHS = [
    "a<b and c>d", "n<i or j>k", "x<s or t>u", "I<p, q>r", "if a<b, c>d", "P<u and v>w", "p<0.05 and n>5", "<5%> of a",
    "a < b > c", "1<a<2", "a<b c d e>f", "i<j>", "<100 g", "a<=b and c>=d", "E<1e-10>x", "µ<σ and σ>0", "<-> and ->",
]  # fmt: skip


@pytest.mark.parametrize("text", MATHS)
def test_less_than_and_greater_than_are_no_tags(text):
    assert text_of_html(text) == text
    assert text_of_html(f"<p>We saw <i>{text}</i> here.</p>") == f"We saw {text} here."
    assert text_of_html(html.escape(text)) == unescaped(text) == text


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ('<a href="https://example.org/x?a=1">link</a>', "link"),
        ("<p class=x>text</p>", "text"),
        ("<td nowrap>cell</td>", "cell"),
        ("<I>E. coli</I>", "E. coli"),
        ("<italic toggle='yes'>E. coli</italic>", "E. coli"),
        ("<jats:title>Aim</jats:title><jats:p>One.</jats:p><jats:p>Two.</jats:p>", "Aim: One. Two."),
        ("<title>Aim</title><sec>One.</sec>", "Aim: One."),
        ('see <xref ref-type="bibr" rid="b1">12</xref>', "see 12"),
        ("<styled-content style='x'>red</styled-content>", "red"),
        ('<mml:math><mml:mi>x</mml:mi><mml:mspace width="1em"/><mml:mn>2</mml:mn></mml:math>', "x2"),
        ("<math><semantics><mi>x</mi><annotation>\\x</annotation></semantics></math>", "x"),
        ("rate <tex-math>\\documentclass{x} k<b</tex-math>k", "rate k"),
        ("a<!-- not seen <b> -->b", "ab"),
    ],
)
def test_tags_of_html_jats_and_mathml(fragment, text):
    assert text_of_html(fragment) == text
    assert text_of_html(f"<b>{fragment}</b>") == text


WORDS = st.text(alphabet="abip &<>;#0.αé/\N{NO-BREAK SPACE}", max_size=30).filter(
    lambda text: not re.search(r"</?[a-z]|&#?\w+;|&(?:amp|lt|gt)", text)
)
"""Text with all signs of markup, but without tags and entities."""


def collapsed(text: str) -> str | None:
    return " ".join(text.split()) or None


@given(WORDS)
def test_text_without_tags_or_entities_is_unchanged(text):
    assert text_of_html(text) == collapsed(text)
    assert collapsed(unescaped(text)) == collapsed(text)


def numbered(text: str) -> str:
    """Return a text in which every sign of markup is a character reference."""
    return re.sub(r"[<>&]", lambda match: f"&#{ord(match[0])};", text)


@given(WORDS, st.integers(0, 2), st.sampled_from([html.escape, numbered]))
def test_text_comes_back_however_often_it_was_escaped(text, more, escape):
    escaped, marked = text, f"<i>{html.escape(text)}</i>"
    for _ in range(more):
        escaped, marked = escape(escaped), escape(marked)
    assert text_of_html(escape(escaped)) == collapsed(text)
    assert text_of_html(marked) == collapsed(text)
    assert text_of(parse_xml(f"<x>{escape(escaped)}</x>".encode())) == collapsed(text)
    if more:
        assert text_of(parse_xml(f"<x>{marked}</x>".encode())) == collapsed(text)


class Reader(HTMLParser):
    """Python's HTML parser, keeping the text alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


TREES = st.recursive(
    st.text(alphabet="ab é0.", max_size=8),
    lambda inner: st.builds(
        lambda name, attribute, parts: f"<{name}{attribute}>{''.join(parts)}</{name}>",
        st.sampled_from(["i", "b", "SUP", "sub", "em", "strong", "span", "italic", "font", "u", "xref", "mml:mi"]),
        st.sampled_from(["", ' id="a b"', " title='x'", " x=1 y = 2", "\n"]),
        st.lists(inner | st.sampled_from(["&alpha;", "&#946;", "&lt;", "&amp;", "a<1 b", "<br/>"]), max_size=4),
    ),
    max_leaves=12,
)


@given(TREES)
def test_python_reads_the_same_text(fragment):
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    assert "".join((text_of_html(fragment) or "").split()) == "".join(reader.text.split())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Role of <i>BRCA1</i> in cancer", "Role of BRCA1 in cancer"),
        ("&lt;i&gt;BRCA1&lt;/i&gt;", "BRCA1"),
        ("&amp;lt;i&amp;gt;BRCA1&amp;lt;/i&amp;gt;", "BRCA1"),
        ("&#946;-globin, &#x3B2;, &beta; and &amp;beta;", "β-globin, β, β and β"),
        ("H<sub>2</sub>O", "H2O"),
        ("one<br>two", "one two"),
        ("the tags <b> and <entry>x</entry>", "the tags <b> and <entry>x</entry>"),
        ("R&D, AT&T; &notaname; &copy &lt", "R&D, AT&T; &notaname; &copy &lt"),
        ("&#0; &#xD800; &#9999999;", "\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_markup_that_was_escaped_again(text, plain):
    assert collapsed(unescaped(text)) == plain


def test_every_source_reads_the_same_text():
    once, twice = "&lt;i&gt;x&lt;/i&gt; &amp;alpha;", "&amp;lt;i&amp;gt;x&amp;lt;/i&amp;gt; &amp;#945;"
    for form in each(["<i>x</i> &#945;", once, twice]):
        result = {"id": "1", "source": "MED", "title": form, "abstractText": form}
        (europe,) = read_europepmc(json.dumps(result).encode())
        (pubmed,) = read_pubmed(
            f"""<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>{form}</ArticleTitle><Abstract>
            <AbstractText>{form}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>""".encode()
        )
        assert (europe.title, europe.abstract) == (pubmed.title, pubmed.abstract) == ("x α", "x α"), form


def test_with_label():
    assert with_label("METHODS", "We did.") == "METHODS: We did."
    assert with_label("Methods:", "We did.") == "Methods: We did."
    assert with_label("What next?", "We do.") == "What next? We do."
    assert with_label(None, "We did.") == with_label(" ", "We did.") == "We did."
