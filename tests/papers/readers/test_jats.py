"""JATS: front matter and paragraphs, in small documents with one difficulty each."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.errors import CorpusError
from dnacorpus.papers.readers.jats import read_jats

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:ali="http://www.niso.org/schemas/ali/1.0/"'
BODY_HEAD = '<article xmlns:xlink="x" xmlns:mml="http://www.w3.org/1998/Math/MathML"><front><article-meta/></front>'


def article(
    meta="", journal="<journal-title>Plants</journal-title>", attributes="", rest="<body><p>x</p></body>"
) -> str:
    front = f"<front><journal-meta>{journal}</journal-meta><article-meta>{meta}</article-meta></front>"
    return f"<article {XLINK} {attributes}>{front}{rest}</article>"


def one(*meta: str, **parts: str):
    (paper,) = read_jats(article("".join(meta), **parts).encode())
    return paper


def test_a_plain_article():
    paper = one(
        '<article-id pub-id-type="pmcid">PMC77</article-id><article-id pub-id-type="pmid">12</article-id>',
        '<article-id pub-id-type="doi">10.3390/x1</article-id>',
        "<title-group><article-title>On <italic>E. coli</italic><xref>*</xref></article-title></title-group>",
        """<contrib-group><contrib contrib-type="author"><name><surname>Ng</surname>
        <given-names>Ann-Marie B.</given-names></name></contrib>
        <contrib contrib-type="author"><name><surname>Li</surname><given-names initials="C">Chen</given-names></name>
        </contrib><contrib contrib-type="editor"><name><surname>Ed</surname></name></contrib>
        <contrib><collab>The Group<contrib-group><contrib><name><surname>In</surname></name></contrib></contrib-group>
        </collab></contrib></contrib-group>""",
        '<pub-date pub-type="epub"><year>2019</year></pub-date>',
        '<pub-date pub-type="collection"><year>2020</year></pub-date>',
    )
    assert (paper.source, paper.pmid, paper.pmcid, paper.doi) == ("jats", 12, "PMC77", "10.3390/x1")
    assert (paper.title, paper.journal, paper.year) == ("On E. coli", "Plants", 2020)
    assert paper.authors == ("Ng AMB", "Li C", "The Group")
    assert (paper.abstract, paper.license, paper.retracted) == (None, None, False)


@pytest.mark.parametrize(("kind", "text"), [("pmc", "77"), ("pmcid", "PMC77"), ("pmc", "PMC77.2")])
def test_spellings_of_a_pmcid(kind, text):
    assert one(f'<article-id pub-id-type="{kind}">{text}</article-id>').pmcid == "PMC77"


def test_abstracts():
    structured = """<abstract><title>Abstract</title><sec><title>Background:</title><p>One <sup>2</sup>.</p>
      <p>Two.</p></sec><sec><title>Results</title><p>Three.</p></sec></abstract>"""
    assert one(structured).abstract == "Background: One 2. Two. Results: Three."
    teaser = '<abstract abstract-type="teaser"><p>Look!</p></abstract>'
    digest = '<abstract abstract-type="executive-summary"><title>Digest</title><p>For all.</p></abstract>'
    assert one(teaser, digest, "<abstract><p>Real.</p></abstract>").abstract == "Real."
    assert one(teaser, digest).abstract is None
    doi = "<p><bold>DOI:</bold> <ext-link>http://dx.doi.org/10.7554/eLife.00005.001</ext-link></p>"
    assert one(f"<abstract><object-id>10.7554/e.1</object-id><p>Real.</p>{doi}</abstract>").abstract == "Real."
    assert one("<abstract><p>No abstract available.</p></abstract>").abstract is None
    assert one("<abstract><sec><sec><title>Aim</title><p>Deep.</p></sec></sec></abstract>").abstract == "Aim: Deep."


def test_figures_and_tables_are_no_text_of_an_abstract():
    figure = "<fig><label>Figure</label><caption><p>Caption.</p></caption></fig>"
    table = "<table-wrap><caption><p>Caption.</p></caption><table><tr><td>1</td></tr></table></table-wrap>"
    for float_ in each([figure, table, f"<fig-group>{figure}</fig-group>"]):
        assert (
            one(f"<abstract><p>Real {float_} text.</p>{float_}<p>More.</p></abstract>").abstract == "Real text. More."
        )
        assert one(f"<abstract>{float_}</abstract><abstract><p>Real.</p></abstract>").abstract == "Real."


def test_the_abstract_is_in_the_language_of_the_article():
    french, english = '<abstract xml:lang="fr"><p>Un.</p></abstract>', '<abstract xml:lang="en"><p>One.</p></abstract>'
    unnamed = "<abstract><p>None.</p></abstract>"
    assert one(french, english, attributes='xml:lang="en"').abstract == "One."
    assert one(french, english, attributes='xml:lang="fr"').abstract == "Un."
    assert one(french, unnamed, english, attributes='xml:lang="en"').abstract == "None."
    assert one(french, attributes='xml:lang="en"').abstract == one(french, english).abstract == "Un."


def test_an_abstract_without_paragraphs_is_read():
    assert one("<abstract>Bare <italic>text</italic>.</abstract>").abstract == "Bare text."
    assert one("<abstract> </abstract>").abstract is None


def permissions(grant="", statement="", attributes="") -> str:
    return (
        f"<permissions><copyright-statement>{statement}</copyright-statement>"
        f"<license {attributes}>{grant}</license></permissions>"
    )


BY = "http://creativecommons.org/licenses/by/4.0/"
NC = "http://creativecommons.org/licenses/by-nc/4.0/"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (permissions(attributes=f'xlink:href="{BY}"'), "CC-BY-4.0"),
        (permissions(f"<ali:license_ref>{BY}</ali:license_ref>"), "CC-BY-4.0"),
        (permissions('<ali:license_ref content-type="ccbyncndlicense">http://x.org</ali:license_ref>'), "CC-BY-NC-ND"),
        (permissions(f'<license-p>See <ext-link xlink:href="{BY}">the deed</ext-link>.</license-p>'), "CC-BY-4.0"),
        (permissions("<p>the Creative Commons Attribution License</p>"), "CC-BY"),
        (permissions(attributes='license-type="cc-by"'), "CC-BY"),
        (permissions(attributes='license-type="open-access"'), None),
        (permissions(f"<license-p>{NC}</license-p>", attributes=f'xlink:href="{BY}"'), "CC-BY-NC-4.0"),
        (permissions(statement="under the terms of the Creative Commons Attribution License"), "CC-BY"),
        ("<copyright-statement>the Creative Commons Attribution License</copyright-statement>", "CC-BY"),
        (permissions(statement="© 2010 Cancer Research UK"), None),
        ("", None),
    ],
)
def test_licences(statement, expected):
    assert one(statement).license == expected


def test_the_licence_of_a_figure_is_ignored():
    figure = f'<body><fig><permissions><license xlink:href="{BY}"/></permissions></fig></body>'
    assert one(rest=figure).license is None


def test_retractions():
    forward = '<related-article related-article-type="retraction-forward"/>'
    notice = '<related-article related-article-type="retracted-article"/>'
    assert one(forward).retracted
    assert not one(notice, attributes='article-type="retraction"').retracted
    assert one(attributes='article-type="retracted-article"').retracted


def test_sets_namespaces_and_sub_articles():
    meta = '<article-id pub-id-type="pmid">{}</article-id>'
    reply = "<sub-article><front><article-meta><article-id/></article-meta></front></sub-article>"
    together = f"<pmc-articleset>{article(meta.format(1), rest=reply)}{article(meta.format(2))}</pmc-articleset>"
    assert [paper.pmid for paper in read_jats(together.encode())] == [1, 2]
    harvested = article(meta.format(3)).replace(
        "<article ", '<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" '
    )
    answer = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><record>{harvested}</record></OAI-PMH>'
    assert [paper.pmid for paper in read_jats(answer.encode())] == [3]
    assert read_jats(b"<root><article><body/></article></root>") == []


def test_the_error_of_a_damaged_document_has_its_position():
    with pytest.raises(CorpusError, match=r"found: .*line \d+, column \d+"):
        read_jats(article().encode()[:-12])


def section_texts(body: str, rest: str = "") -> list[tuple[str, str]]:
    (paper,) = read_jats(f"{BODY_HEAD}<body>{body}</body>{rest}</article>".encode())
    assert [paragraph.paragraph for paragraph in paper.paragraphs] == list(range(len(paper.paragraphs)))
    assert {paragraph.page for paragraph in paper.paragraphs} <= {None}
    return [(paragraph.section, paragraph.text) for paragraph in paper.paragraphs]


def test_the_section_is_the_path_of_titles():
    body = """<p>Before.</p><sec><title>Methods</title><p>One.</p>
      <sec><label>1.1</label><title>DNA <italic>extraction</italic><xref>*</xref></title><p>Two.</p></sec>
      <sec><p>Untitled.</p></sec></sec><sec><title>Results</title><p>Three.</p></sec>"""
    assert section_texts(body) == [
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
    assert section_texts(body) == [("S", "One."), ("S", "Two."), ("S", "Said."), ("S", "With an item inside.")]


@pytest.mark.parametrize(
    ("label", "name"),
    [("Fig. 2.", "Figure 2"), ("Figure 2", "Figure 2"), ("2", "Figure 2"), ("", "Figure"), ("Scheme 2", "Scheme 2"),
     ("Figure 1—figure supplement 3.", "Figure 1—figure supplement 3"), ("FIG 4", "Figure 4"), ("A1", "Figure A1")],
)  # fmt: skip
def test_a_caption_is_one_paragraph(label, name):
    figure = f"""<fig><label>{label}</label><caption><title>A tree.</title><p>Of <bold>owls</bold>.</p><p>B.</p>
      </caption><graphic/></fig>"""
    assert section_texts(f"<sec><title>S</title><p>One{figure}two.</p>{figure}</sec>") == [
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
    assert section_texts(f"<p>A.</p>{box}<p>B.</p>", f"<floats-group>{table}</floats-group>") == [
        ("", "A."),
        ("Box 1 > Why", "Because."),
        ("Box 1 > Why > More", "Inside."),
        ("", "B."),
        ("Table 3", "Counts."),
    ]


def test_tables_references_and_footnotes_are_left_out():
    body = """<p>Kept<fn><p>a note</p></fn> text.</p><disp-formula><p>x</p></disp-formula>
      <p><inline-formula><alternatives><mml:math><mml:mi>y</mml:mi></mml:math><tex-math>\\gamma</tex-math></alternatives></inline-formula>.</p>
      <ref-list><ref><p>Ref.</p></ref></ref-list><fn-group><fn><p>N</p></fn>
      </fn-group><supplementary-material><caption><p>File.</p></caption></supplementary-material><p> </p>"""
    after = "<back><ack><p>Thanks.</p></ack></back><sub-article><body><p>A reply.</p></body></sub-article>"
    assert section_texts(body, after) == [("", "Kept text."), ("", "y.")]


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
def test_superscript_citations_are_removed(text, read):
    assert section_texts(f"<p>{text}</p>") == [("", read)]


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, st.lists(st.tuples(WORDS, st.booleans()), max_size=4)), max_size=5))
def test_every_paragraph_occurs_once_and_in_order(sections):
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
    assert section_texts(body) == expected


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "nightly", reason="takes 30 s: only nightly")
def test_an_article_of_60_mb_is_within_the_limits():
    paragraph = b"<p>Text with <italic>E. coli</italic> and <xref ref-type='bibr' rid='b1'>1</xref>, to its end.</p>\n"
    count = 60_000_000 // len(paragraph)
    front = b"<front><article-meta><article-id pub-id-type='pmid'>7</article-id></article-meta></front>"
    (paper,) = read_jats(b"<article>" + front + b"<body>" + paragraph * count + b"</body></article>")
    assert len(paper.paragraphs) == count
