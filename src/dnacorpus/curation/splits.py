"""Which split a species is in: a function of its name and the seed, of nothing else."""

from dataclasses import dataclass

import xxhash

from dnacorpus.schemas.splits import TEST, TRAIN, VALIDATION


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """How units are divided: ``unit`` is species or genus, the fractions are of units, not of bases.

    ``always_train`` and the two like it hold names of species or of whole genera that are not dealt.
    """

    seed: int
    unit: str
    validation: float
    test: float
    always_train: frozenset[str]
    always_validation: frozenset[str] = frozenset()
    always_test: frozenset[str] = frozenset()

    def split_of(self, species: str | None, genus: str | None) -> str:
        """Return the split of a record of this species.

        A record whose species is unknown is in train: held out, it could be a species of train. A listed
        species goes where its list says, else where that of its genus says; where genera are dealt, a
        listed species takes its whole genus along.
        """
        unit = (genus or species) if self.unit == "genus" else species
        if unit is None:
            return TRAIN
        for name in filter(None, dict.fromkeys((unit, genus))):
            for split, names in self._pinned().items():
                if name in names:
                    return split
        place = xxhash.xxh3_64_intdigest(f"{self.seed}\0{unit}".encode()) / 2**64
        if place < self.test:
            return TEST
        return VALIDATION if place < self.test + self.validation else TRAIN

    def contested(self) -> list[str]:
        """Return the names, sorted, that two lists claim; where genera are dealt also through their species."""
        lists = self._pinned().values()
        return sorted({name for names in lists for name in names if sum(name in other for other in lists) > 1})

    def _pinned(self) -> dict[str, frozenset[str]]:
        lists = {TRAIN: self.always_train, VALIDATION: self.always_validation, TEST: self.always_test}
        if self.unit == "genus":
            return {split: names.union(name.split()[0] for name in names) for split, names in lists.items()}
        return lists
