"""One training run: a decoder learns from train rows, and held-out rows say what it learned, and from what.

Text is dropped on half of the training rows, so one set of weights can predict with and without it. Held-out
rows are then predicted three times with the same spans: without text, with their own, and with another row's.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn import utils as nn_utils
from tqdm import tqdm

from dnacorpus.train.data import NO_WORD, SEPARATOR, UNKNOWN_BASE, Row, Tokens, Vocabulary, sees_text, span_of
from dnacorpus.train.model import Decoder
from dnacorpus.train.presets import Preset

Bits = npt.NDArray[np.float64]
POINTS = 8
"""Points of the held-out curve."""
WATCHED = 64
"""Held-out rows that the curve is measured on."""


@dataclass(frozen=True, slots=True)
class Point:
    """Bits per base at a step: of the batches since the last point, and of held-out rows both ways."""

    step: int
    train: float | None
    held_out: float
    held_out_without_text: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found: bits by held-out row, as given, without text and with another row's text."""

    parameters: int
    tokens_per_second: float
    curve: list[Point]
    bases: npt.NDArray[np.int64]
    own: Bits
    without: Bits
    other: Bits


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as the model reads them: words (rows, text slots) and bases (rows, span)."""

    words: Tokens
    bases: Tokens

    def tokens(self) -> tuple[Tensor, Tensor]:
        """Return the input (words, separator, all bases but the last) and the bases to predict."""
        separator = np.full((len(self.bases), 1), SEPARATOR)
        return torch.from_numpy(np.hstack([self.words, separator, self.bases[:, :-1]])), torch.from_numpy(self.bases)


@dataclass
class Run:
    """A preset's model on a device, with the vocabulary of the train rows."""

    preset: Preset
    device: str
    seed: int
    vocabulary: Vocabulary
    model: Decoder = field(init=False)

    def __post_init__(self) -> None:
        torch.manual_seed(self.seed)
        self.model = Decoder(self.preset, len(self.vocabulary)).to(self.device)

    def train_batch(self, rows: Sequence[Row], step: int) -> Batch:
        """Return the rows of a step, in turn, the text of half of them dropped."""
        taken = [divmod(step * self.preset.batch + place, len(rows)) for place in range(self.preset.batch)]
        texts = [rows[place].text if sees_text(rows[place], turn, self.seed) else "" for turn, place in taken]
        spans = [span_of(rows[place], self.preset.span, turn, self.seed) for turn, place in taken]
        return Batch(self.words(texts), np.stack(spans))

    def words(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts, one row each."""
        return np.stack([self.vocabulary.encode(text, self.preset.text) for text in texts])

    def loss(self, batch: Batch) -> Tensor:
        """Return the bits of each base (rows, span), 0 for unknown ones."""
        tokens, targets = (tensor.to(self.device) for tensor in batch.tokens())
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device == "cuda"):
            logits = self.model(tokens, self.preset.span)
        called = targets != UNKNOWN_BASE
        nats = functional.cross_entropy(logits.float().flatten(0, 1), (targets * called).flatten(), reduction="none")
        return nats.view(targets.shape) * called / math.log(2)

    @torch.no_grad()
    def bits(self, batch: Batch) -> Bits:
        """Return the bits of each row."""
        self.model.eval()
        size = 4 * self.preset.batch
        parts = [
            self.loss(Batch(batch.words[start : start + size], batch.bases[start : start + size])).sum(1)
            for start in range(0, len(batch.bases), size)
        ]
        self.model.train()
        return torch.cat(parts).double().cpu().numpy()

    def learn(self, train: Sequence[Row], held_out: Sequence[Row]) -> Outcome:
        """Train for the preset's steps and return what held-out rows then cost."""
        own = self.words([row.text for row in held_out])
        spans = np.stack([span_of(row, self.preset.span, 0, self.seed) for row in held_out])
        watched = Batch(own[:WATCHED], spans[:WATCHED])
        curve, seen, seconds = [self.point(0, [], watched)], 0, 0.0
        optimizers = _optimizers(self.model, self.preset)
        recent: list[float] = []
        with _progress(self.preset.steps) as bar:
            for step in range(self.preset.steps):
                began = time.perf_counter()
                batch = self.train_batch(train, step)
                recent.append(self.step(batch, optimizers, step))
                seen += int((batch.words != NO_WORD).sum() + (batch.bases != UNKNOWN_BASE).sum()) + len(batch.bases)
                seconds += time.perf_counter() - began
                if (step + 1) * POINTS // self.preset.steps > step * POINTS // self.preset.steps:
                    curve.append(self.point(step + 1, recent, watched))
                    recent = []
                bar.update()
        without = np.full_like(own, NO_WORD)
        return Outcome(
            parameters=sum(weights.numel() for weights in self.model.parameters()),
            tokens_per_second=seen / seconds,
            curve=curve,
            bases=(spans != UNKNOWN_BASE).sum(1),
            own=self.bits(Batch(own, spans)),
            without=self.bits(Batch(without, spans)),
            other=self.bits(Batch(np.roll(own, 1, axis=0), spans)),
        )

    def step(self, batch: Batch, optimizers: Sequence[torch.optim.Optimizer], step: int) -> float:
        """Take one step and return the bits per base it saw."""
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * _schedule(step, self.preset.steps)
            optimizer.zero_grad(set_to_none=True)
        mean = self.loss(batch).sum() / max(1, int((batch.bases != UNKNOWN_BASE).sum()))
        mean.backward()  # type: ignore[no-untyped-call]
        nn_utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        return float(mean.detach())

    def point(self, step: int, recent: Sequence[float], watched: Batch) -> Point:
        """Measure the watched rows."""
        bases = int((watched.bases != UNKNOWN_BASE).sum())
        without = Batch(np.full_like(watched.words, NO_WORD), watched.bases)
        return Point(
            step,
            sum(recent) / len(recent) if recent else None,
            float(self.bits(watched).sum()) / bases,
            float(self.bits(without).sum()) / bases,
        )


def _schedule(step: int, steps: int) -> float:
    """Linear warm-up over the first twentieth, then a cosine down to a fiftieth."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _optimizers(model: Decoder, preset: Preset) -> list[torch.optim.Optimizer]:
    import os

    matrices = [
        weights for name, weights in model.named_parameters() if weights.ndim == 2 and name.startswith("layers")
    ]
    rest = [weights for name, weights in model.named_parameters() if weights.ndim != 2 or not name.startswith("layers")]
    if os.environ.get("OPT") == "adam":
        rest += matrices
        matrices = []
    groups: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=preset.rate, betas=(0.9, 0.95), weight_decay=0.01)
    ]
    if matrices:
        groups.append(torch.optim.Muon(matrices, lr=float(os.environ.get("MUON", 0.02)), weight_decay=0.01))
    for optimizer in groups:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return groups


def _progress(steps: int) -> Any:
    return tqdm(total=steps, unit="step", desc="train", disable=None)
