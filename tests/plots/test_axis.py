"""Axes: ticks are few, round and span the values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.plots.axis import Axis, digits_of, ticks


@given(low=st.floats(-1e4, 1e4), width=st.floats(1e-4, 1e5))
def test_ticks_span_the_values(low, width):
    marks = ticks(low, low + width)
    assert 2 <= len(marks) <= 6
    assert marks[0] <= low + 1e-6 * width
    assert marks[-1] >= low + width - 1e-6 * width


@given(st.integers(0, 10**15))
def test_whole_ticks_are_integers(high):
    marks = ticks(0, high, whole=True)
    assert 2 <= len(marks) <= 6
    assert marks[0] == 0
    assert marks[-1] >= high
    assert all(mark == int(mark) for mark in marks)


@given(st.floats(-1e4, 1e4))
def test_one_value_has_an_axis_too(value):
    marks = ticks(value, value)
    assert 2 <= len(marks) <= 6
    assert marks[0] <= value <= marks[-1]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(1.39, 2.007, [1.2, 1.4, 1.6, 1.8, 2.0, 2.2]), (0, 256, [0, 100, 200, 300]),
     (-0.01, 0.03, [-0.01, 0, 0.01, 0.02, 0.03]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1])],
)  # fmt: skip
def test_ticks_are_round(low, high, marks):
    assert ticks(low, high) == pytest.approx(marks)


@pytest.mark.parametrize(("step", "digits"), [(0.002, 3), (0.2, 1), (0.5, 1), (1, 0), (500, 0)])
def test_labels_have_the_digits_of_the_step(step, digits):
    assert digits_of(step) == digits


def test_an_axis_maps_its_ends():
    axis = Axis(10, 20, 100, 0)
    assert [axis.at(value) for value in (10, 15, 20)] == [100, 50, 0]
