"""Reading order of the lines of a page: columns, running heads, line numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pdflines import HEIGHT, LEADING, column, prose

from dnacorpus.papers.readers.pdf.layout import Line, Page, columns_of


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


def test_a_full_width_abstract_is_read_before_two_columns():
    abstract = column([f"abstract row {n} is as wide as the page is, margins apart" for n in range(25)], 60, 100, 480)
    abstract += column(["its last line."], 60, 100 + 25 * LEADING)
    left = column([f"left row {n} of a column with some words" for n in range(8)], 60, 440)
    right = column([f"right row {n} of a column with some words" for n in range(8)], 320, 440)
    caption = column([f"caption row {n} is as wide as the page is, margins apart" for n in range(3)], 60, 560, 480)
    below = [column([f"{side} end {n} of a column with some words" for n in range(6)], x, 610)
             for side, x in (("left", 60), ("right", 320))]  # fmt: skip
    parts = [abstract, left, right, caption, *below]
    assert order([line for part in reversed(parts) for line in part]) == [line.text for part in parts for line in part]


def test_justified_words_are_not_columns():
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


def test_running_heads_are_removed_and_text_at_their_height_is_kept():
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


def test_line_numbers_of_a_manuscript_are_removed():
    body = column([f"row {n} of a manuscript that is not printed" for n in range(12)], 90, 100)
    numbers = [Line(1, 60, line.y0, 70, line.y1, 7, str(n)) for n, line in enumerate(body, 1)]
    assert order(numbers + body) == [line.text for line in body]
