"""Numbers for people."""

import pytest

from dnacorpus.numbers import count, decimal, percent, rounded, short, size


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [(0, "file", "0 files"), (1, "file", "1 file"), (1200, "file", "1,200 files"), (1, "species", "1 species"),
     (3, "species", "3 species")],
)  # fmt: skip
def test_counts_have_their_unit_in_singular_or_plural(number, unit, words):
    assert count(number, unit) == words


@pytest.mark.parametrize(
    ("amount", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (19_504_918, "19.5 MB"), (1.1e12, "1.1 TB")]
)
def test_sizes_have_a_decimal_prefix(amount, words):
    assert size(amount) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(999_999, "999,999"), (1_200_000, "1.2 million"), (3 * 10**9, "3.0 billion"), (10**12, "1.0 trillion")],
)
def test_large_numbers_are_rounded_in_words(number, words):
    assert rounded(number) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (999, "999"), (2500, "2.5 k"), (10**7, "10 M")])
def test_ticks_are_short(number, words):
    assert short(number) == words


def test_decimals_have_a_true_minus_sign():
    assert decimal(-0.0042, 4) == "−0.0042"
    assert decimal(48211.4) == "48,211"


def test_shares_are_per_cent():
    assert (percent(0.125, 1), percent(1 / 3)) == ("12.5 %", "33 %")
