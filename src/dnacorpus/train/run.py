"""One training run: a decoder is trained on train rows and measured on held-out rows.

Text is dropped for half of the training rows, so the same weights predict with and without it. Held-out rows are then
predicted three times on the same spans: without text, with their own text, and with the text of another row. On a CPU
the same rows, preset and seed give the same numbers.
"""

import contextlib
import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from tqdm import tqdm

from dnacorpus.errors import UsageError
from dnacorpus.train.curve import Point
from dnacorpus.train.data import (
    NO_WORD,
    SEPARATOR,
    UNKNOWN_BASE,
    Tokens,
    TrainingRow,
    Vocabulary,
    sees_text,
    span_of,
)
from dnacorpus.train.model import Decoder
from dnacorpus.train.presets import Preset

Bits = npt.NDArray[np.float64]

CURVE_ROWS = 64
"""Held-out rows on which the curve is measured."""
_POINTS = 10
_MUON_RATE = 0.03


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of a run: bits of each held-out row with its own text, without text, and with another row's text.

    ``bases`` are the called bases of each row's span, to which the bits refer. ``tokens_per_second`` counts the words
    and bases of training.
    """

    parameters: int
    tokens_per_second: float
    curve: list[Point]
    bases: npt.NDArray[np.int64]
    own: Bits
    without: Bits
    other: Bits


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Rows as tokens: words of shape (rows, slots) and bases of shape (rows, span)."""

    words: Tokens
    bases: Tokens

    @property
    def called(self) -> int:
        """Number of bases to predict."""
        return int((self.bases != UNKNOWN_BASE).sum())

    @property
    def tokens(self) -> int:
        """Number of words and bases."""
        return self.called + int((self.words != NO_WORD).sum())

    def without_text(self) -> "TokenBatch":
        """Return the same bases with no words."""
        return TokenBatch(np.full_like(self.words, NO_WORD), self.bases)

    def cut(self, size: int) -> "Iterator[TokenBatch]":
        """Yield the rows, at most ``size`` at a time."""
        for start in range(0, len(self.bases), size):
            yield TokenBatch(self.words[start : start + size], self.bases[start : start + size])


def device_for(wanted: str) -> str:
    """Return ``cpu`` or ``cuda``; ``auto`` is a GPU if torch finds one.

    Raises UsageError for ``cuda`` if torch finds no GPU.
    """
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UsageError("device cuda: torch sees no GPU; use --device cpu, or install a torch built for your GPU")
    return wanted


def name_of(device: str) -> str:
    """Return the name of a device, e.g. the model of a GPU."""
    return torch.cuda.get_device_name() if device == "cuda" else "a CPU"


def train_and_measure(
    preset: Preset, device: str, seed: int, train: Sequence[TrainingRow], held_out: Sequence[TrainingRow]
) -> Outcome:
    """Train a model for the preset's steps on ``train`` and measure it on ``held_out``; both must not be empty.

    The text of another row is that of the next held-out row. The settings of torch are restored afterwards.
    """
    with _fixed_settings(preset, device, seed):
        run = TrainingRun(preset, device, seed, Vocabulary((row.text for row in train), preset.words))
        measured = run.batch(held_out, [row.text for row in held_out], [0] * len(held_out))
        curve, speed = run.learn(train, next(measured.cut(CURVE_ROWS)))
        return Outcome(
            parameters=sum(weights.numel() for weights in run.model.parameters()),
            tokens_per_second=speed,
            curve=curve,
            bases=(measured.bases != UNKNOWN_BASE).sum(1),
            own=run.bits(measured),
            without=run.bits(measured.without_text()),
            other=run.bits(TokenBatch(np.roll(measured.words, -1, axis=0), measured.bases)),
        )


class TrainingRun:
    """A model of a preset on a device, with its vocabulary."""

    def __init__(self, preset: Preset, device: str, seed: int, vocabulary: Vocabulary) -> None:
        """Initialise the model."""
        self.preset, self.device, self.seed, self.vocabulary = preset, device, seed, vocabulary
        self.model = Decoder(preset, len(vocabulary)).to(device)

    def batch(self, rows: Sequence[TrainingRow], texts: Sequence[str], turns: Sequence[int]) -> TokenBatch:
        """Return the tokens of rows with the given texts, and the spans of the given turns."""
        words = [self.vocabulary.encode(text, self.preset.text) for text in texts]
        spans = [span_of(row, self.preset.span, turn, self.seed) for row, turn in zip(rows, turns, strict=True)]
        return TokenBatch(np.stack(words), np.stack(spans))

    def train_batch(self, train: Sequence[TrainingRow], step: int) -> TokenBatch:
        """Return the batch of a step: rows are used in their order, again and again, half of them without text."""
        numbers = range(step * self.preset.batch, (step + 1) * self.preset.batch)
        turns, rows = [number // len(train) for number in numbers], [train[number % len(train)] for number in numbers]
        texts = [row.text if sees_text(row, turn, self.seed) else "" for row, turn in zip(rows, turns, strict=True)]
        return self.batch(rows, texts, turns)

    def loss(self, batch: TokenBatch) -> Tensor:
        """Return the bits of each base (rows, span), 0 for unknown bases, which are not targets."""
        separator = np.full((len(batch.bases), 1), SEPARATOR)
        # A base is predicted from the words, the separator and the preceding bases.
        tokens = torch.from_numpy(np.hstack([batch.words, separator, batch.bases[:, :-1]])).to(self.device)
        targets = torch.from_numpy(batch.bases).to(self.device)
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device == "cuda"):
            logits = self.model(tokens, self.preset.span)
        nats = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=UNKNOWN_BASE, reduction="none"
        )
        return nats.view(targets.shape) / math.log(2)

    @torch.no_grad()
    def bits(self, batch: TokenBatch) -> Bits:
        """Return the bits of each row's span."""
        parts = [self.loss(part).sum(1) for part in batch.cut(4 * self.preset.batch)]
        return torch.cat(parts).double().cpu().numpy()

    def learn(self, train: Sequence[TrainingRow], watched: TokenBatch) -> tuple[list[Point], float]:
        """Train for the preset's steps; return the curve, measured on ``watched``, and the tokens per second."""
        optimizers = _optimizers(self.model, self.preset)
        steps, tokens, seconds = self.preset.steps, 0, 0.0
        curve, recent = [self._point(0, [], watched)], []
        hidden = logging.getLogger("dnacorpus").level > logging.INFO or None  # None: where stderr is no terminal
        for step in tqdm(range(steps), desc="train", unit="step", disable=hidden):
            began = time.perf_counter()
            batch = self.train_batch(train, step)
            recent.append(self._step(batch, optimizers, schedule(step, steps)))
            tokens += batch.tokens
            seconds += time.perf_counter() - began
            if (step + 1) * _POINTS // steps > step * _POINTS // steps:
                curve.append(self._point(step + 1, recent, watched))
                recent = []
        return curve, tokens / max(seconds, 1e-9)

    def _step(self, batch: TokenBatch, optimizers: Sequence[torch.optim.Optimizer], share: float) -> float:
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * share
            optimizer.zero_grad(set_to_none=True)
        mean = self.loss(batch).sum() / max(1, batch.called)
        mean.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        return float(mean.detach())

    def _point(self, step: int, recent: Sequence[float], watched: TokenBatch) -> Point:
        both = (watched, watched.without_text())
        with_text, without = (float(self.bits(batch).sum()) / max(1, batch.called) for batch in both)
        return Point(step, sum(recent) / len(recent) if recent else None, with_text, without)


def schedule(step: int, steps: int) -> float:
    """Return the fraction of the peak rate: linear warm-up over 5 % of the steps, then cosine decay to 2 %."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2


def _optimizers(model: Decoder, preset: Preset) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers, which learns faster in few steps, and AdamW for the rest."""
    matrices = [weights for weights in model.layers.parameters() if weights.ndim == 2]
    inside = {id(weights) for weights in matrices}
    rest = [weights for weights in model.parameters() if id(weights) not in inside]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=preset.rate, betas=(0.9, 0.95), weight_decay=0.01),
        torch.optim.Muon(matrices, lr=_MUON_RATE, weight_decay=0.01),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


@contextlib.contextmanager
def _fixed_settings(preset: Preset, device: str, seed: int) -> Iterator[None]:
    """Set seed, threads and, on a CPU, deterministic algorithms; restore the settings afterwards."""
    threads, fixed = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng([torch.cuda.current_device()] if device == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(preset.threads)
        torch.use_deterministic_algorithms(fixed or device == "cpu")
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(fixed)
