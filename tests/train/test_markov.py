"""Markov models against counting with dictionaries, and on sequences whose cost is known."""

import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.train.data import encode_bases
from dnacorpus.train.markov import Markov, choose, highest_order

sequences = st.lists(st.text("ACGTN", max_size=30), max_size=5)


def brute_force(train: list[str], tried: str, order: int, weight: float) -> list[float]:
    """Bits of each base, from the formula, context by context."""
    words = Counter(
        text[start : start + length] for text in train for length in range(1, order + 2)
        for start in range(len(text) - length + 1)
    )  # fmt: skip
    bits = []
    for place, base in enumerate(tried):
        probability = 0.25
        for length in range(min(order, place) + 1):
            context = tried[place - length : place]
            if "N" in context:
                break
            seen = sum(words[context + other] for other in "ACGT")
            probability = (words[context + base] + weight * probability) / (seen + weight)
        bits.append(0.0 if base == "N" else -math.log2(probability))
    return bits


@given(
    train=sequences,
    tried=st.text("ACGTN", max_size=20),
    order=st.integers(0, 4),
    weight=st.sampled_from([1.0, 4.0, 64.0]),
)
def test_bits_are_those_of_brute_force(train, tried, order, weight):
    model = Markov(map(encode_bases, train), order, weight)
    assert model.bits(encode_bases(tried)).tolist() == pytest.approx(brute_force(train, tried, order, weight))


@given(train=sequences, context=st.text("ACGTN", max_size=6))
def test_probabilities_of_the_next_base_sum_to_one(train, context):
    model = Markov(map(encode_bases, train), 3)
    assert sum(2 ** -model.bits(encode_bases(context + base))[-1] for base in "ACGT") == pytest.approx(1)


def test_much_counted_in_pieces_is_counted_once(monkeypatch):
    draw = random.Random(0)
    train = [encode_bases("".join(draw.choices("ACGTN", k=50))) for _ in range(20)]
    whole = Markov(train, 3).bits(train[0])
    monkeypatch.setattr("dnacorpus.train.markov._CHUNK_BASES", 120)
    assert np.array_equal(Markov(train, 3).bits(train[0]), whole)


def test_without_training_every_base_costs_two_bits():
    assert Markov([], 3).bits(encode_bases("ACGTNACGT")).tolist() == [2, 2, 2, 2, 0, 2, 2, 2, 2]


def test_a_sequence_with_a_rule_costs_nothing_and_its_order_is_found():
    # A de Bruijn-like text: each base follows from the three before it, and from no fewer.
    draw = random.Random(1)
    rule = {"".join(context): draw.choice("ACGT") for context in itertools.product("ACGT", repeat=3)}

    def ruled(length: int) -> str:
        text = "".join(draw.choices("ACGT", k=3))
        while len(text) < length:
            text += rule[text[-3:]] if draw.random() < 0.9 else draw.choice("ACGT")
        return text

    train, tried = [encode_bases(ruled(400)) for _ in range(60)], [encode_bases(ruled(400)) for _ in range(10)]
    order, weight = choose(train, tried)
    cost = Markov(train, order, weight).bits(tried[0]).mean()
    least = -(0.925 * math.log2(0.925) + 0.075 * math.log2(0.025))
    assert order == 3
    assert cost == pytest.approx(least, abs=0.1)


def test_nothing_to_learn_gives_the_lowest_order():
    draw = random.Random(2)
    noise = [encode_bases("".join(draw.choices("ACGT", k=500))) for _ in range(40)]
    assert choose(noise[:30], noise[30:])[0] <= 1
    assert choose([], []) == (0, 4.0)


@pytest.mark.parametrize(("bases", "order"), [(0, 0), (3, 0), (4, 1), (63, 2), (64, 3), (10**6, 9), (10**9, 11)])
def test_there_are_no_more_contexts_than_bases(bases, order):
    assert highest_order(bases) == order
