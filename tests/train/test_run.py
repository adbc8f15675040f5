"""The model, its bits and its training, at sizes of a second."""

import dataclasses
import random

import numpy as np
import pytest
import torch

from dnacorpus.errors import UsageError
from dnacorpus.train.data import FIRST_WORD, NO_WORD, UNKNOWN_BASE, TrainingRow, Vocabulary, sees_text, span_of
from dnacorpus.train.model import Decoder
from dnacorpus.train.presets import PRESETS, check_name, preset_for
from dnacorpus.train.run import TokenBatch, TrainingRun, device_for, schedule, train_and_measure

pytestmark = pytest.mark.training

MICRO = dataclasses.replace(
    PRESETS["tiny"], name="micro", layers=1, width=16, span=32, text=4, words=32, steps=30, batch=8, threads=1
)
WORDS = ("alpha", "beta", "gamma", "delta")


def rows(count: int, prefix: str = "t") -> list[TrainingRow]:
    """Return rows of four families; the word names the family, whose bases are one motif over and over."""
    motifs = dict(zip(WORDS, ("ACG", "TTG", "CCA", "GAT"), strict=True))
    named = [(f"{prefix}{number:04d}", WORDS[number % 4]) for number in range(count)]
    return [TrainingRow(name, "viral", word, motifs[word] * 30, f"a {word} gene") for name, word in named]


class Knowing(torch.nn.Module):
    """Sees the batch that it will be asked about."""

    def __init__(self, bases: np.ndarray, sure: float) -> None:
        super().__init__()
        self.bases, self.sure, self.read = torch.from_numpy(bases), sure, torch.empty(0)

    def forward(self, tokens: torch.Tensor, span: int) -> torch.Tensor:
        self.read = tokens
        return torch.nn.functional.one_hot(self.bases, 5)[:, -span:, :4] * self.sure


@pytest.fixture
def untrained() -> TrainingRun:
    torch.manual_seed(0)
    return TrainingRun(MICRO, "cpu", 0, Vocabulary([row.text for row in rows(20)], MICRO.words))


def random_batch(count: int = 3, unknown: bool = False) -> TokenBatch:
    draw = np.random.default_rng(0)
    return TokenBatch(np.full((count, 4), NO_WORD), draw.integers(0, 5 if unknown else 4, (count, 32)))


def test_a_model_that_knows_the_answer_pays_nothing_and_one_that_knows_nothing_two_bits(untrained):
    batch = random_batch(unknown=True)
    untrained.model = Knowing(batch.bases, 100.0)
    assert untrained.bits(batch) == pytest.approx([0, 0, 0])
    untrained.model = Knowing(batch.bases, 0.0)
    assert untrained.bits(batch) == pytest.approx(2 * (batch.bases != UNKNOWN_BASE).sum(1))
    untrained.model = Knowing(3 - batch.bases % 4, 10.0)
    assert min(untrained.bits(random_batch())) > 2 * 32


def test_the_model_reads_words_a_separator_and_the_bases_before(untrained):
    batch = TokenBatch(np.array([[NO_WORD, NO_WORD, FIRST_WORD, FIRST_WORD + 1]]), random_batch(1).bases)
    untrained.model = Knowing(batch.bases, 1.0)
    untrained.bits(batch)
    read = untrained.model.read[0].tolist()
    assert read == [NO_WORD, NO_WORD, FIRST_WORD, FIRST_WORD + 1, 6, *batch.bases[0, :-1].tolist()]


def test_unknown_bases_are_no_targets(untrained):
    batch = random_batch(unknown=True)
    bits = untrained.loss(batch)
    assert (bits == 0).tolist() == (batch.bases == UNKNOWN_BASE).tolist()
    assert batch.called == (batch.bases < 4).sum()


def test_no_base_is_predicted_from_itself_or_later_ones():
    torch.manual_seed(0)
    model = Decoder(MICRO, 4)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    tokens = torch.randint(0, 5, (1, 37))
    other = tokens.clone()
    other[0, 20] = (other[0, 20] + 1) % 5
    changed = (model(tokens, 32) != model(other, 32)).any(-1)[0].tolist()
    assert changed == [False] * 15 + [True] * 17


def test_words_change_what_is_predicted():
    torch.manual_seed(0)
    model = Decoder(MICRO, 4)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    tokens = torch.zeros((2, 37), dtype=torch.int64)
    tokens[:, 3] = torch.tensor([FIRST_WORD, FIRST_WORD + 1])
    first, second = model(tokens, 32)
    assert len(first) > 0
    assert (first != second).any(-1).all()


def test_a_step_takes_the_next_rows_and_the_text_of_half_of_them(untrained):
    train = rows(20)
    for step in range(6):
        batch = untrained.train_batch(train, step)
        for place in range(MICRO.batch):
            turn, number = divmod(step * MICRO.batch + place, len(train))
            row = train[number]
            assert batch.bases[place].tolist() == span_of(row, MICRO.span, turn, 0).tolist()
            assert bool((batch.words[place] != NO_WORD).any()) == sees_text(row, turn, 0)


def test_training_learns_what_text_says_and_other_text_misleads():
    outcome = train_and_measure(dataclasses.replace(MICRO, steps=60), "cpu", 0, rows(200), rows(40, "h"))
    total = outcome.bases.sum()
    assert total == 40 * 32
    assert outcome.own.sum() / total < 0.3
    assert outcome.own.sum() + 20 < outcome.without.sum() < outcome.other.sum()
    assert outcome.curve[0].step == 0
    assert outcome.curve[0].train is None
    assert outcome.curve[0].held_out == pytest.approx(2, abs=1e-6)
    assert [point.step for point in outcome.curve[1:]] == list(range(6, 61, 6))
    assert outcome.curve[-1].held_out == pytest.approx(outcome.own.sum() / total, abs=1e-6)
    assert outcome.curve[-1].held_out_without_text == pytest.approx(outcome.without.sum() / total, abs=1e-6)
    assert outcome.curve[-1].train < outcome.curve[1].train
    assert outcome.tokens_per_second > 0


def test_a_seed_gives_one_result():
    def found(seed: int) -> list[float]:
        torch.rand(random.randrange(9))
        return train_and_measure(MICRO, "cpu", seed, rows(30), rows(5, "h")).own.tolist()

    assert found(3) == found(3) != found(4)


def test_torch_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    train_and_measure(dataclasses.replace(MICRO, threads=before[0] + 1), "cpu", 0, rows(9), rows(2, "h"))
    assert torch.rand(3).tolist() == expected.tolist()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_rows_of_one_held_out_species_or_of_none_but_unknown_bases_are_measured():
    blank = TrainingRow("0", "viral", "s", "N" * 40, "")
    outcome = train_and_measure(MICRO, "cpu", 0, [blank], [blank])
    assert outcome.bases.tolist() == [0]
    assert outcome.own.tolist() == outcome.without.tolist() == outcome.other.tolist() == [0]


def test_the_rate_rises_then_falls():
    shares = [schedule(step, 100) for step in range(100)]
    assert shares[4] == max(shares) == 1
    assert shares[:5] == sorted(shares[:5])
    assert shares[4:] == sorted(shares[4:], reverse=True)
    assert 0.02 <= shares[-1] < 0.03
    assert schedule(0, 1) == 1


@pytest.mark.parametrize(("gpu", "device", "preset"), [(True, "cuda", "small"), (False, "cpu", "tiny")])
def test_auto_takes_a_gpu_where_there_is_one(monkeypatch, gpu, device, preset):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert device_for("auto") == device
    assert preset_for("auto", device).name == preset
    assert device_for("cpu") == "cpu"
    assert preset_for("base", device).name == "base"


def test_a_missing_gpu_is_a_usage_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="device cuda: torch sees no GPU; use --device cpu"):
        device_for("cuda")


def test_presets_grow_and_an_unknown_one_lists_the_choices():
    with pytest.raises(UsageError, match="preset 'huge': expected one of off, tiny, small, base, auto"):
        check_name("huge")
    sizes = [
        sum(weights.numel() for weights in Decoder(PRESETS[name], PRESETS[name].words).parameters())
        for name in ("tiny", "small", "base")
    ]
    assert sizes == sorted(sizes)
    assert 90_000 < sizes[0] < 150_000
    for preset in PRESETS.values():
        assert preset.width % preset.heads == 0
        assert preset.width // preset.heads % 2 == 0
