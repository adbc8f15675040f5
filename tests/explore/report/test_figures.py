"""Figures: every count is drawn once, and nothing is outside the plotting area."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.explore.report import figures


@given(st.integers(1, 10**10))
def test_a_length_is_within_the_edges_of_its_bin(length):
    place = figures.length_bin(length)
    assert 10.0**place <= length**figures.BINS_PER_DECADE * (1 + 1e-6)
    assert length**figures.BINS_PER_DECADE < 10.0 ** (place + 1) * (1 + 1e-6)


@pytest.mark.parametrize("power", range(10))
def test_a_power_of_ten_opens_its_decade(power):
    assert figures.length_bin(10**power) == power * figures.BINS_PER_DECADE


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=4))
def test_a_bar_shows_every_value_and_never_runs_over(values):
    drawn = figures.bar([figures.Share("train", str(place), value) for place, value in enumerate(values)])
    widths = [float(width) for width in re.findall(r' width="([\d.]+)"', drawn)]
    assert len(widths) == sum(value > 0 for value in values)
    assert all(width > 0.5 for width in widths)
    assert sum(widths) == pytest.approx(100 if any(values) else 0, abs=0.1)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=5), st.booleans())
def test_marks_and_intervals_stay_inside_the_figure(values, zero):
    dots = [figures.Dot("gain", "gain", value, value - below, value + above) for value, below, above in values]
    drawn = figures.dot_plot([("a row", dots)], "bits", "gain", zero=zero)
    places = [float(place) for place in re.findall(r'(?:cx|x1|x2)="([-\d.]+)"', drawn)]
    assert min(places) >= figures.LABEL_WIDTH - 0.01
    assert max(places) <= figures.WIDTH
    assert ('class="zero"' in drawn) or not zero
    assert 2 <= drawn.count('class="tick"') <= 8


@given(st.dictionaries(st.integers(0, 10**9), st.integers(1, 10**9), max_size=20))
def test_a_histogram_counts_every_row_once(lengths):
    drawn = figures.histogram([("gene", "genes", lengths)], "rows")
    counted = [int(count.replace(",", "")) for count in re.findall(r"bases: ([\d,]+) genes", drawn)]
    assert sum(counted) == sum(count for length, count in lengths.items() if length)
    assert all(float(height) >= 0 for height in re.findall(r'height="([-\d.]+)"', drawn))


@given(st.dictionaries(st.integers(0, 1000), st.integers(1, 9), max_size=20))
def test_ridges_count_every_record_once(shares):
    drawn = figures.ridges([("a & b", shares, "50.0")], "GC")
    counted = [int(count) for count in re.findall(r"%: (\d+)<", drawn)]
    assert sum(counted) == sum(shares.values())
    assert ("a &amp; b" in drawn) == bool(shares)


def test_the_figure_has_a_bar_for_each_bin_with_rows():
    series = [("validation", "rows of validation", [900, 0, 1] + [0] * 7), ("test", "rows of <test>", [3] + [0] * 9)]
    figure = ET.fromstring(str(figures.share_bins(series, "shares")))
    bars = [(bar.get("class"), float(bar.get("height")), bar[0].text) for bar in figure.iter("rect")]
    assert [(style, title) for style, _, title in bars] == [
        ("fill-validation", "0 to 10 %: 900 rows of validation"),
        ("fill-validation", "20 to 30 %: 1 rows of validation"),
        ("fill-test", "0 to 10 %: 3 rows of <test>"),
    ]
    assert {"rows, logarithmic", "share in train (%)"} <= {
        text.text for text in figure.iter() if text.get("class") == "title"
    }
    heights = [height for _, height, _ in bars]
    assert heights[0] > heights[2] > heights[1] > 5
    assert heights[0] < 196
    assert figures.share_bins([("test", "rows", [0] * 10)], "shares") == ""
    assert figures.share_bins([], "shares") == ""
