"""The curve as CSV and as a picture."""

import itertools
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.train.curve import HEIGHT, MIN_DISTANCE, WIDTH, Point, curve_csv, curve_svg, lines_of, spread

POINTS = [Point(0, None, 2.01, 2.02), Point(10, 1.9, 1.85, 1.88), Point(20, 1.7, 1.6, 1.7)]
SVG = "{http://www.w3.org/2000/svg}"


def test_csv_is_empty_where_nothing_was_measured():
    assert curve_csv(POINTS).splitlines() == [
        "step,train,held_out,held_out_without_text",
        "0,,2.010000,2.020000",
        "10,1.900000,1.850000,1.880000",
        "20,1.700000,1.600000,1.700000",
    ]


def test_each_line_is_inside_the_figure_and_named():
    root = ET.fromstring(curve_svg(lines_of(POINTS, 1.65, 3, 2.0), "Bits & bases", "a < b"))
    drawn = root.findall(f"{SVG}polyline")
    assert [len(line.get("points").split()) for line in drawn] == [2, 2, 3, 3, 2]
    for line in each(drawn):
        for place in each(line.get("points").split()):
            across, down = map(float, place.split(","))
            assert 0 <= across <= WIDTH
            assert 0 <= down <= HEIGHT
    words = [element.text for element in root.findall(f"{SVG}text")]
    assert {"Bits & bases", "a < b", "Markov, order 3 1.650", "held out, with text 1.600"} <= set(words)


def test_lower_bits_are_drawn_lower():
    root = ET.fromstring(curve_svg(lines_of(POINTS, None, None, 2.0), "t", "s"))
    held_out = [
        tuple(map(float, place.split(","))) for place in root.findall(f"{SVG}polyline")[-1].get("points").split()
    ]
    assert held_out == sorted(held_out)
    assert len({down for _, down in held_out}) == 3


def test_without_lines_there_is_only_the_title():
    root = ET.fromstring(curve_svg(lines_of([], None, None, 2.0), "t", "no rows"))
    assert not root.findall(f"{SVG}polyline")
    assert "no rows" in [element.text for element in root.findall(f"{SVG}text")]


@given(st.lists(st.floats(0, 400), max_size=8))
def test_names_never_touch_and_keep_their_order(heights):
    moved = spread(heights, MIN_DISTANCE)
    order = sorted(range(len(heights)), key=heights.__getitem__)
    for above, below in itertools.pairwise(order):
        assert moved[below] - moved[above] >= MIN_DISTANCE - 1e-6


def test_names_that_have_room_stay():
    assert spread([10, 200, 100], 17) == [10, 200, 100]
    assert spread([100, 100], 10) == [95, 105]
