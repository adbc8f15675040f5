"""What a question about a stretch of a record is made of, and how a key chooses among several."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import xxhash

from dnacorpus.pairs.qa.stretches import Name, Stretch
from dnacorpus.text.claims import Feature
from dnacorpus.text.templates import Filling, Passage, phrase


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer: clauses of ``templates.toml`` and the claims that fill them."""

    ask: str
    asked: Mapping[str, Filling]
    tell: str
    told: Mapping[str, Filling]


Family = Callable[[Stretch, str], Iterator[Exchange]]
"""The exchanges of one family about a stretch, in an order that a key chooses; none where it has none."""


def draw(key: str, what: object) -> int:
    """Return a number that a key draws for something, the same each time."""
    return xxhash.xxh3_64_intdigest(f"{key}\0{what}".encode())


def shuffled(key: str, what: str, features: Sequence[Feature]) -> list[Feature]:
    """Return features in the order that a key draws for a purpose."""
    return sorted(features, key=lambda feature: draw(key, f"{what}{feature['index']}"))


def worded(key: str, feature: Feature, name: Name) -> Passage:
    """Say a feature's name in a phrasing that the key chooses for it."""
    return phrase("qa.subject", f"{key}{feature['index']}", {**name})


def named(stretch: Stretch, key: str, what: str, features: Sequence[Feature]) -> Iterator[tuple[Feature, Passage]]:
    """Yield those of some features that have a name on the stretch with that name, shuffled."""
    for feature in shuffled(key, what, features):
        if name := stretch.name(feature):
            yield feature, worded(key, feature, name)
