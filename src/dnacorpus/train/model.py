"""A small decoder-only transformer over words and bases: the model that a validation trains."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from dnacorpus.train.data import FIRST_WORD
from dnacorpus.train.presets import Preset


class Decoder(nn.Module):
    """Reads tokens of shape (batch, length), words in front, and predicts a base after each of them.

    It has rotary positions, normalisation before each sublayer, and a causal convolution over four tokens before the
    first layer, so that the layers need not learn to attend to neighbours.
    """

    def __init__(self, preset: Preset, words: int) -> None:
        """Build a model of a preset's size for a vocabulary of ``words`` words."""
        super().__init__()
        self.embedding = nn.Embedding(FIRST_WORD + words, preset.width)
        self.near = nn.Conv1d(preset.width, preset.width, 4)
        self.layers = nn.ModuleList(Layer(preset.width, preset.heads) for _ in range(preset.layers))
        self.norm = nn.RMSNorm(preset.width)
        self.head = nn.Linear(preset.width, 4)
        nn.init.normal_(self.embedding.weight, std=0.5)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: Tensor, span: int) -> Tensor:
        """Return logits (batch, span, 4) for the bases after each of the last ``span`` tokens."""
        x = self.embedding(tokens)
        x = x + self.near(functional.pad(x.transpose(1, 2), (3, 0))).transpose(1, 2)
        turn = _turns(tokens.shape[1], self.layers[0].size, tokens.device)  # type: ignore[arg-type]
        for layer in self.layers:
            x = layer(x, turn)
        logits: Tensor = self.head(self.norm(x[:, -span:]))
        return logits


class Layer(nn.Module):
    """Causal self-attention and a multi-layer perceptron, each with a residual connection."""

    def __init__(self, width: int, heads: int) -> None:
        """Build a layer; the outputs of both sublayers start at zero."""
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.before_attention, self.before_mlp = nn.RMSNorm(width), nn.RMSNorm(width)
        self.attend = nn.Linear(width, 3 * width, bias=False)
        self.merge = nn.Linear(width, width, bias=False)
        self.widen = nn.Linear(width, 4 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)
        nn.init.zeros_(self.merge.weight)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """Map (batch, length, width) to the same shape."""
        batch, length, width = x.shape
        mixed = self.attend(self.before_attention(x)).view(batch, length, 3, self.heads, self.size)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(_turn(query, turn), _turn(key, turn), value, is_causal=True)
        x = x + self.merge(seen.transpose(1, 2).reshape(batch, length, width))
        out: Tensor = x + self.narrow(functional.gelu(self.widen(self.before_mlp(x))))
        return out


def _turns(length: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    rates = 10000.0 ** -(torch.arange(0, size, 2, device=device) / size)
    angles = torch.arange(length, device=device)[:, None] * rates
    return angles.cos(), angles.sin()


def _turn(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate pairs of dimensions by angles proportional to the position (rotary position embedding)."""
    cos, sin = turn
    left, right = x.chunk(2, dim=-1)
    return torch.cat([left * cos - right * sin, left * sin + right * cos], dim=-1).to(x.dtype)
