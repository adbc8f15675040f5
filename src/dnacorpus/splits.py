"""Which split a species is in: a function of its name and the seed, of nothing else."""

from dataclasses import dataclass

import xxhash

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """How units are divided: ``unit`` is species or genus, the fractions are of units, not of bases."""

    seed: int
    unit: str
    validation: float
    test: float
    always_train: frozenset[str]

    def split_of(self, species: str | None, genus: str | None) -> str:
        """Return the split of a record of this species.

        A record whose species is unknown is in train: held out, it could be a species of train. Where
        genera are dealt, a species of ``always_train`` takes its whole genus along.
        """
        unit = (genus or species) if self.unit == "genus" else species
        if unit is None or unit in self._always_train:
            return TRAIN
        place = xxhash.xxh3_64_intdigest(f"{self.seed}\0{unit}".encode()) / 2**64
        if place < self.test:
            return TEST
        return VALIDATION if place < self.test + self.validation else TRAIN

    @property
    def _always_train(self) -> frozenset[str]:
        genera = (name.split()[0] for name in self.always_train) if self.unit == "genus" else ()
        return self.always_train.union(genera)
