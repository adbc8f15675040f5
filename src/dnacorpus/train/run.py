"""One training run: a decoder learns from train rows, and held-out rows say what it learned, and from what.

Text is dropped on half of the training rows, so one set of weights predicts with and without it. Held-out
rows are then predicted three times over the same spans: without text, with their own, and with another row's.
On a CPU the same rows, preset and seed give the same numbers.
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
    Row,
    Tokens,
    Vocabulary,
    sees_text,
    span_of,
)
from dnacorpus.train.model import Decoder
from dnacorpus.train.presets import Preset

Bits = npt.NDArray[np.float64]

WATCHED = 64
"""Held-out rows that the curve is measured on."""
_POINTS = 10
_MUON_RATE = 0.03


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: bits by held-out row, with its own text, without text, and with another row's.

    ``bases`` are the called bases of each row's span, which the bits are for. ``tokens_per_second`` counts
    words and bases trained on.
    """

    parameters: int
    tokens_per_second: float
    curve: list[Point]
    bases: npt.NDArray[np.int64]
    own: Bits
    without: Bits
    other: Bits


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as the model reads them: words of shape (rows, slots) and bases (rows, span)."""

    words: Tokens
    bases: Tokens

    @property
    def called(self) -> int:
        """How many bases there are to predict."""
        return int((self.bases != UNKNOWN_BASE).sum())

    @property
    def tokens(self) -> int:
        """How many words and bases there are."""
        return self.called + int((self.words != NO_WORD).sum())

    def without_text(self) -> "Batch":
        """Return the same bases with no words."""
        return Batch(np.full_like(self.words, NO_WORD), self.bases)

    def cut(self, size: int) -> "Iterator[Batch]":
        """Yield the rows, at most ``size`` at a time."""
        for start in range(0, len(self.bases), size):
            yield Batch(self.words[start : start + size], self.bases[start : start + size])


def device_for(wanted: str) -> str:
    """Return ``cpu`` or ``cuda``; ``auto`` is a GPU where there is one.

    Raises UsageError when a GPU is asked for and torch sees none.
    """
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UsageError("device cuda: torch sees no GPU; use --device cpu, or install a torch built for your GPU")
    return wanted


def name_of(device: str) -> str:
    """Return what a device is called: the model of a GPU."""
    return torch.cuda.get_device_name() if device == "cuda" else "a CPU"


def train_and_measure(preset: Preset, device: str, seed: int, train: Sequence[Row], held_out: Sequence[Row]) -> Outcome:
    """Train a model for the preset's steps on ``train`` and return what ``held_out`` then costs.

    Both are non-empty. Another row's text is that of the next held-out row. The settings of torch that a
    run needs are put back when it ends.
    """
    with _settled(preset, device, seed):
        run = Run(preset, device, seed, Vocabulary((row.text for row in train), preset.words))
        measured = run.batch(held_out, [row.text for row in held_out], [0] * len(held_out))
        curve, speed = run.learn(train, next(measured.cut(WATCHED)))
        return Outcome(
            parameters=sum(weights.numel() for weights in run.model.parameters()),
            tokens_per_second=speed,
            curve=curve,
            bases=(measured.bases != UNKNOWN_BASE).sum(1),
            own=run.bits(measured),
            without=run.bits(measured.without_text()),
            other=run.bits(Batch(np.roll(measured.words, -1, axis=0), measured.bases)),
        )


class Run:
    """A preset's model on a device, and the vocabulary it reads."""

    def __init__(self, preset: Preset, device: str, seed: int, vocabulary: Vocabulary) -> None:
        self.preset, self.device, self.seed, self.vocabulary = preset, device, seed, vocabulary
        self.model = Decoder(preset, len(vocabulary)).to(device)

    def batch(self, rows: Sequence[Row], texts: Sequence[str], turns: Sequence[int]) -> Batch:
        """Return rows with the texts given in place of their own, and the spans of their turns."""
        words = [self.vocabulary.encode(text, self.preset.text) for text in texts]
        spans = [span_of(row, self.preset.span, turn, self.seed) for row, turn in zip(rows, turns, strict=True)]
        return Batch(np.stack(words), np.stack(spans))

    def train_batch(self, train: Sequence[Row], step: int) -> Batch:
        """Return the rows of a step: all rows in their order, turn after turn, half of them without text."""
        places = range(step * self.preset.batch, (step + 1) * self.preset.batch)
        turns, rows = [place // len(train) for place in places], [train[place % len(train)] for place in places]
        texts = [row.text if sees_text(row, turn, self.seed) else "" for row, turn in zip(rows, turns, strict=True)]
        return self.batch(rows, texts, turns)

    def loss(self, batch: Batch) -> Tensor:
        """Return the bits of each base (rows, span), 0 for unknown ones, which are no targets."""
        separator = np.full((len(batch.bases), 1), SEPARATOR)
        # The base at a place is predicted from the words, the separator and the bases before it.
        tokens = torch.from_numpy(np.hstack([batch.words, separator, batch.bases[:, :-1]])).to(self.device)
        targets = torch.from_numpy(batch.bases).to(self.device)
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device == "cuda"):
            logits = self.model(tokens, self.preset.span)
        nats = functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=UNKNOWN_BASE, reduction="none"
        )
        return nats.view(targets.shape) / math.log(2)

    @torch.no_grad()
    def bits(self, batch: Batch) -> Bits:
        """Return the bits of each row's span."""
        parts = [self.loss(part).sum(1) for part in batch.cut(4 * self.preset.batch)]
        return torch.cat(parts).double().cpu().numpy()

    def learn(self, train: Sequence[Row], watched: Batch) -> tuple[list[Point], float]:
        """Take the preset's steps and return the curve, measured on ``watched``, and the tokens per second."""
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

    def _step(self, batch: Batch, optimizers: Sequence[torch.optim.Optimizer], share: float) -> float:
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

    def _point(self, step: int, recent: Sequence[float], watched: Batch) -> Point:
        both = (watched, watched.without_text())
        with_text, without = (float(self.bits(batch).sum()) / max(1, batch.called) for batch in both)
        return Point(step, sum(recent) / len(recent) if recent else None, with_text, without)


def schedule(step: int, steps: int) -> float:
    """Return the share of the peak rate: up in a line over the first twentieth, then a cosine down to a fiftieth."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2


def _optimizers(model: Decoder, preset: Preset) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, which learns most in few steps, and AdamW for the rest."""
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
def _settled(preset: Preset, device: str, seed: int) -> Iterator[None]:
    """Fix seed, threads and, on a CPU, the algorithms; leave torch as it was found."""
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
