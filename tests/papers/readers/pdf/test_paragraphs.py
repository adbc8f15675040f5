"""From placed lines to passages: columns, running heads, divided words, headings, captions, references."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import CorpusError
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.pdf.layout import Line, Page, columns_of
from dnacorpus.papers.readers.pdf.lines import clean, count_words, join_lines
from dnacorpus.papers.readers.pdf.paper import Document, identified_by_file_name, paper_of_pdf
from dnacorpus.papers.readers.pdf.paragraphs import paragraphs_of_columns

HEIGHT, LEADING = 800.0, 12.0
SENTENCE = "The owl of this forest flies by night and sleeps by day in old trees."


def column(texts: list[str], x0: float, y0: float, width: float = 220.0, page: int = 1, **more: object) -> list[Line]:
    """Lines of a column; the last line, and those that end a sentence, are as long as their text asks for."""
    size = float(more.pop("size", 10.0))  # type: ignore[arg-type]
    return [
        Line(page, x0, y0 + n * LEADING, x0 + (width if len(text) > 30 else 5.0 * len(text)), y0 + n * LEADING + size,
             size, text, font="Body", **more)  # type: ignore[arg-type]
        for n, text in enumerate(texts)
    ]  # fmt: skip


def prose(name: str, count: int) -> list[str]:
    """A paragraph of so many lines that names itself in each."""
    lines = [f"{name} line {n} goes on over the whole of the" for n in range(count)]
    lines[0] = lines[0][0].upper() + lines[0][1:]
    return [*lines[:-1], f"{name} ends here."]


def read(*pages: list[Line]) -> list[tuple[str, str, int | None]]:
    made = [Page(HEIGHT, tuple(lines)) for lines in pages]
    return [
        (paragraph.section, paragraph.text, paragraph.page) for paragraph in paragraphs_of_columns(columns_of(made))
    ]


def order(lines: list[Line]) -> list[str]:
    return [line.text for found in columns_of([Page(HEIGHT, tuple(lines))]) for line in found]


@pytest.mark.parametrize("columns", [1, 2, 3])
@given(st.randoms(use_true_random=False))
def test_columns_are_read_one_after_another(columns, chance):
    width = 480.0 / columns - 15
    stacks = [
        column([f"column {c} row {r} of this page and more" for r in range(20)], 60 + c * (width + 15), 150, width)
        for c in range(columns)
    ]
    expected = [line.text for stack in stacks for line in stack]
    lines = [line for stack in stacks for line in stack]
    chance.shuffle(lines)
    assert order(lines) == expected


def test_a_full_width_abstract_stands_above_two_columns():
    abstract = column([f"abstract row {n} is as wide as the page is, margins apart" for n in range(25)], 60, 100, 480)
    abstract += column(["its last line."], 60, 100 + 25 * LEADING)
    left = column([f"left row {n} of a column with some words" for n in range(8)], 60, 440)
    right = column([f"right row {n} of a column with some words" for n in range(8)], 320, 440)
    caption = column([f"caption row {n} is as wide as the page is, margins apart" for n in range(3)], 60, 560, 480)
    below = [column([f"{side} end {n} of a column with some words" for n in range(6)], x, 610)
             for side, x in (("left", 60), ("right", 320))]  # fmt: skip
    parts = [abstract, left, right, caption, *below]
    assert order([line for part in reversed(parts) for line in part]) == [line.text for part in parts for line in part]


def test_words_spread_out_over_a_line_make_no_columns():
    spread = []
    for row in (3, 7, 8):
        for n in range(4):
            x, y = 60 + 60 * n, 100 + row * LEADING
            spread.append(Line(1, x, y, x + 35 + 3 * ((row * 7 + n * 5) % 4), y + 10, 10, f"w{row}{n}"))
    rest = [line for line in column([f"row {n} fills the column from edge to edge" for n in range(40)], 60, 100, 230)
            if line.y0 not in {piece.y0 for piece in spread}]  # fmt: skip
    texts = order(spread + rest)
    assert texts[3] == "w30 w31 w32 w33"
    assert [text.split()[1] for text in texts if text.startswith("row")] == [
        str(n) for n in range(40) if n not in (3, 7, 8)
    ]


def test_running_heads_and_numbers_go_but_text_at_their_height_stays():
    pages = []
    for n in range(1, 4):
        head = [
            Line(n, 60, 30, 200, 38, 8, f"Owls 12 ({n})"),
            Line(n, 400, 31, 500, 39, 8, "Ng" if n > 1 else "Li et al."),
        ]
        foot = [Line(n, 290, 770, 300, 780, 8, str(n)), Line(n, 60, 760, 180, 768, 8, f"Once only {'abc'[n - 1]}")]
        pages.append(Page(HEIGHT, (*column(prose(f"page {'abc'[n - 1]}", 5), 60, 60, page=n), *head, *foot)))
    texts = [line.text for found in columns_of(pages) for line in found]
    assert [text for text in texts if "age" not in text] == [f"Once only {letter}" for letter in "abc"]
    assert sum("age" in text for text in texts) == 15


def test_line_numbers_of_a_manuscript_go():
    body = column([f"row {n} of a manuscript that is not printed" for n in range(12)], 90, 100)
    numbers = [Line(1, 60, line.y0, 70, line.y1, 7, str(n)) for n, line in enumerate(body, 1)]
    assert order(numbers + body) == [line.text for line in body]


def test_paragraphs_are_told_by_indents_gaps_and_short_last_lines():
    first, second, third = prose("Alpha", 4), prose("Beta", 3), prose("Gamma", 3)
    indented = column(first, 60, 100) + column(second[:1], 72, 148) + column(second[1:], 60, 160)
    apart = column(third, 60, 220)
    texts = [text for _, text, _ in read(indented + apart)]
    assert texts == [" ".join(paragraph) for paragraph in (first, second, third)]


def test_a_sentence_runs_on_over_a_column_a_figure_and_a_page():
    one = column([*prose("alpha", 6)[:-1], "and by night they hunt for mice and also for"], 60, 100)
    caption = column(["Figure 1. An owl that hunts a mouse in the night."], 320, 100, size=8.0)
    two = column(
        ["voles, and of all the sounds they hear the softest,", "and are heard by none but the", "Of"], 320, 136
    )
    two[2:] = column(["the mice of the forest, so that a genus such as"], 320, 160)
    three = column(["Tyto needs it least, and a face like a heart is it."], 60, 100, page=2)
    found = read(one + caption + two, three)
    assert found == [
        ("", " ".join(line.text for line in (*one, *two, *three)), 1),
        ("Figure 1", "Figure 1. An owl that hunts a mouse in the night.", 1),
    ]  # fmt: skip


def test_headings_make_the_sections():
    def head(text: str, y: float, page: int = 1) -> list[Line]:
        return [replace(line, bold=True, font="Head") for line in column([text], 60, y, page=page)]

    body = [prose(name, 3) for name in ("alpha", "beta", "gamma", "delta")]
    lines = head("Introduction", 80) + column(body[0], 60, 100)
    lines += head("Materials and Methods", 160) + head("DNA extraction, owls 1 to 3", 185) + column(body[1], 60, 200)
    lines += head("Results", 260) + column(body[2], 60, 280) + head("2.1 Owls", 340) + column(body[3], 60, 360)
    sections = ["Introduction", "Materials and Methods > DNA extraction, owls 1 to 3", "Results", "Results > 2.1 Owls"]
    assert [(section, text) for section, text, _ in read(lines)] == [
        (section, " ".join(text)) for section, text in zip(sections, body, strict=True)
    ]


@pytest.mark.parametrize("name", ["References", "6. REFERENCES", "Literature Cited", "Bibliography"])
def test_references_are_cut_off_and_an_appendix_stays(name):
    lines = column(prose("alpha", 3), 60, 100) + column([name], 60, 150)
    lines += column(
        ["1. Ng A, Li B. Owls of the night. J Owls. 2001.", "2. Li C. Mice of the night and of the day. 2002."], 60, 170
    )
    lines += column(["Conflict of interest is none of ours and of no one."], 60, 220)
    appendix = column(["Appendix A"], 60, 280) + column(prose("beta", 3), 60, 300)
    assert [text for _, text, _ in read(lines)] == [" ".join(prose("alpha", 3))]
    assert [text for _, text, _ in read(lines + appendix)] == [" ".join(prose("alpha", 3)), " ".join(prose("beta", 3))]


def test_what_is_no_prose_is_left_out():
    labels = column(["E. coli", "0", "1,000,000", "(a)", "(b)"], 60, 300)
    table = [replace(line, gaps=4) for line in column(["E. coli and some other words 12 13 14 0.5"], 60, 400)]
    address = column(["Department of Owls, Forest University, Night"], 60, 450)
    unknown = column(["\ufffd\ufffd owl \ufffd\ufffd forest \ufffd\ufffd night \ufffd\ufffd day is all."], 60, 500)
    small = column(["This is a footnote of some words, in small print."], 60, 600, size=6.0)
    body = column(prose("alpha", 12), 60, 100)
    assert [text for _, text, _ in read(body + labels + table + address + unknown + small)] == [
        " ".join(prose("alpha", 12))
    ]


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
def test_words_that_a_line_end_divides(ends, elsewhere, whole):
    lines = column([*ends, elsewhere], 60, 100)
    assert join_lines(lines[:2], count_words([lines])) == whole
    assert "mito" not in count_words([column(["a mito-", "chondrial owl"], 0, 0)])


def test_what_is_not_to_be_printed():
    assert clean("e\ufb03cient \ufb01sh\u00a0a\u0301\u200b\x00\ud800\ue000") == "efficient fish\u0020\u00e1"


WORDS = st.text("abcdefghij", min_size=4, max_size=9)


@given(st.lists(WORDS, min_size=30, max_size=80), st.integers(20, 45), st.data())
def test_dividing_words_of_a_known_text_is_undone(words, width, data):
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


def document(*pages: list[Line], **more) -> Document:
    return Document(tuple(Page(HEIGHT, tuple(lines)) for lines in pages), **more)


def first_page(*more: str) -> list[Line]:
    title = [
        Line(1, 60, 90, 400, 110, 20, "Of owls and of mice"),
        Line(1, 60, 112, 300, 132, 20, "in the night forest"),
    ]
    return title + column(prose("alpha", 12), 60, 200) + column(list(more), 60, 500, 480, size=8.0)


def test_title_doi_and_licence():
    grant = "This is an open access article under the terms of the CC BY 4.0 license."
    paper = paper_of_pdf(document(first_page("doi:10.1000/owls.", "123", grant), title="Microsoft Word - owls.doc"))
    assert (paper.title, paper.doi, paper.license) == (
        "Of owls and of mice in the night forest",
        "10.1000/owls.123",
        "CC-BY-4.0",
    )
    stated = paper_of_pdf(
        document(first_page(), title="Something that page one does not say", metadata=("doi:10.1000/m",))
    )
    assert (stated.title, stated.doi, stated.license) == ("Of owls and of mice in the night forest", "10.1000/m", None)
    assert paper_of_pdf(document(first_page(), title="of mice in the Night")).title == "of mice in the Night"
    two = paper_of_pdf(document(first_page("doi:10.1000/a and 10.1000/b are cited")))
    assert two.doi is None
    parts = paper_of_pdf(document(first_page("10.1000/a.g001 and doi:10.1000/A, and 10.1000/a.s1")))
    assert parts.doi == "10.1000/A"
    head = [Line(1, 60, 20, 200, 28, 8, "https://doi.org/10.1000/head")]
    assert paper_of_pdf(document(head + first_page("10.1000/a and 10.1000/b"))).doi == "10.1000/head"


def test_a_licence_that_is_talked_about_is_not_granted():
    talk = "Many owls prefer Creative Commons Attribution (CC BY) to all other ways of night."
    assert paper_of_pdf(document(first_page(talk))).license is None
    grant = "© The owls. Distributed under http://creativecommons.org/licenses/", "by/4.0/ by the forest."
    assert paper_of_pdf(document(first_page(*grant))).license == "CC-BY-4.0"
    assert paper_of_pdf(document(first_page(*grant, "", "Figures CC BY-NC-ND."))).license == "CC-BY-NC-ND"
    link = ("https://creativecommons.org/licenses/by-nc/4.0/",)
    assert paper_of_pdf(document(first_page(*grant), links=link)).license == "CC-BY-NC-4.0"


def test_an_abstract_is_no_passage():
    run_in = ["Abstract: The owls of the night are quiet, and they", "are seen by none of the mice that they come for."]
    head = column(run_in, 60, 150, 480)
    paper = paper_of_pdf(document(first_page() + head))
    assert paper.abstract == " ".join(run_in).removeprefix("Abstract: ")
    assert [(paragraph.paragraph, paragraph.text) for paragraph in paper.paragraphs] == [
        (0, " ".join(prose("alpha", 12)))
    ]


def test_a_picture_of_a_paper_is_refused():
    with pytest.raises(
        CorpusError, match="expected text, found 4 letters on 2 pages: a scan; run text recognition on it first"
    ):
        paper_of_pdf(document([Line(1, 0, 0, 9, 9, 9, "owls")], []))


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("12.pdf", (12, None, None, 1)), ("PMC12.pdf", (None, "PMC12", None, 1)),
        ("PMC12.3.PDF", (None, "PMC12", None, 3)),
        ("10.1000_a_b.c.pdf", (None, None, "10.1000/a_b.c", 1)), ("paper.pdf", (None, None, None, 1)),
        ("12.pdf.gz", (12, None, None, 1)), ("0.pdf", (None, None, None, 1)), ("1234567890.pdf", (None, None, None, 1)),
    ],
)  # fmt: skip
def test_names_of_files(name, ids):
    paper = identified_by_file_name(Paper("pdf"), name)
    assert (paper.pmid, paper.pmcid, paper.doi, paper.version) == ids
