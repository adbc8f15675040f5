"""Paragraphs and sections from positioned lines: headings, captions, references."""

from dataclasses import replace

import pytest
from support.pdflines import column, prose, read

from dnacorpus.papers.readers.pdf.layout import Line


def test_paragraphs_start_at_indents_gaps_and_after_short_lines():
    first, second, third = prose("Alpha", 4), prose("Beta", 3), prose("Gamma", 3)
    indented = column(first, 60, 100) + column(second[:1], 72, 148) + column(second[1:], 60, 160)
    apart = column(third, 60, 220)
    texts = [text for _, text, _ in read(indented + apart)]
    assert texts == [" ".join(paragraph) for paragraph in (first, second, third)]


def test_a_sentence_continues_across_columns_figures_and_pages():
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


def test_headings_become_sections():
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
def test_references_are_removed_and_an_appendix_is_kept(name):
    lines = column(prose("alpha", 3), 60, 100) + column([name], 60, 150)
    lines += column(
        ["1. Ng A, Li B. Owls of the night. J Owls. 2001.", "2. Li C. Mice of the night and of the day. 2002."], 60, 170
    )
    lines += column(["Conflict of interest is none of ours and of no one."], 60, 220)
    appendix = column(["Appendix A"], 60, 280) + column(prose("beta", 3), 60, 300)
    assert [text for _, text, _ in read(lines)] == [" ".join(prose("alpha", 3))]
    assert [text for _, text, _ in read(lines + appendix)] == [" ".join(prose("alpha", 3)), " ".join(prose("beta", 3))]


def test_text_that_is_not_prose_is_left_out():
    labels = column(["E. coli", "0", "1,000,000", "(a)", "(b)"], 60, 300)
    table = [replace(line, gaps=4) for line in column(["E. coli and some other words 12 13 14 0.5"], 60, 400)]
    address = column(["Department of Owls, Forest University, Night"], 60, 450)
    unknown = column(["\ufffd\ufffd owl \ufffd\ufffd forest \ufffd\ufffd night \ufffd\ufffd day is all."], 60, 500)
    small = column(["This is a footnote of some words, in small print."], 60, 600, size=6.0)
    body = column(prose("alpha", 12), 60, 100)
    assert [text for _, text, _ in read(body + labels + table + address + unknown + small)] == [
        " ".join(prose("alpha", 12))
    ]
