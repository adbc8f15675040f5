"""Bits per base and the paired interval."""

import random

import numpy as np
import pytest

from dnacorpus.train.gain import bits_per_base, gain


def columns(count: int, saving: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of very different cost, of which one side is about ``saving`` bits per base cheaper."""
    draw = np.random.default_rng(seed)
    bases = draw.integers(50, 129, count)
    without = bases * draw.uniform(1, 2, count)
    return without, without - bases * draw.normal(saving, 0.05, count), bases


def test_bits_are_weighted_by_bases():
    assert bits_per_base(np.array([200.0, 10.0]), np.array([100, 10])) == pytest.approx(210 / 110)
    assert bits_per_base(np.zeros(1), np.array([0])) is None


def test_a_gain_is_paired_so_the_spread_of_the_rows_does_not_matter():
    without, given, bases = columns(300, 0.02)
    found = gain(without, given, bases, 0)
    assert found.low < found.value < found.high
    assert found.low > 0
    assert found.value == pytest.approx(0.02, abs=0.01)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.05 / 300**0.5, rel=0.25)


def test_the_interval_is_that_of_a_bootstrap_by_hand():
    without, given, bases = columns(40, 0.01, seed=3)
    draw = random.Random(5)
    values = []
    for _ in range(4000):
        chosen = draw.choices(range(40), k=40)
        values.append(sum(without[row] - given[row] for row in chosen) / sum(bases[row] for row in chosen))
    values.sort()
    found = gain(without, given, bases, 0)
    assert (found.low, found.high) == pytest.approx((values[100], values[-100]), abs=0.003)


def test_no_gain_holds_zero_in_about_nineteen_of_twenty():
    held = 0
    for seed in range(100):
        found = gain(*columns(80, 0.0, seed), 0)
        held += found.low <= 0 <= found.high
    assert 88 <= held <= 99


def test_a_seed_gives_one_interval_and_rows_without_bases_do_not_count():
    without, given, bases = columns(30, 0.02)
    more = [np.append(without, 0.0), np.append(given, 0.0), np.append(bases, 0)]
    assert gain(without, given, bases, 7) == gain(without, given, bases, 7) == gain(*more, 7)
    assert gain(without, given, bases, 7) != gain(without, given, bases, 8)


def test_one_row_has_no_interval_and_no_base_no_gain():
    found = gain(np.array([20.0]), np.array([10.0]), np.array([10]), 0)
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert gain(np.zeros(2), np.zeros(2), np.zeros(2, int), 0) is None
