"""The split of a species, which depends on its name and the seed alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
import xxhash

from dnacorpus.errors import UsageError
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import TEST, TRAIN, VALIDATION
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

_ACCESSION = re.compile(r"[A-Z]{1,6}_?[A-Z]{0,6}\d{4,}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """How species, or whole genera, are assigned to splits.

    ``unit`` is species or genus; ``validation`` and ``test`` are shares of the units, not of the bases.
    ``always_train``, ``always_validation`` and ``always_test`` hold names of species or genera with a fixed split.
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

        A record of unknown species is in train, because its species might be in train. The list with the species
        decides, then the list with its genus. If the unit is the genus, a listed species fixes its whole genus.
        """
        unit = (genus or species) if self.unit == "genus" else species
        if unit is None:
            return TRAIN
        for name in filter(None, dict.fromkeys((unit, genus))):
            for split, names in self._fixed().items():
                if name in names:
                    return split
        position = xxhash.xxh3_64_intdigest(f"{self.seed}\0{unit}".encode()) / 2**64
        if position < self.test:
            return TEST
        return VALIDATION if position < self.test + self.validation else TRAIN

    def listed_twice(self) -> list[str]:
        """Return the names in two lists, sorted; if the unit is the genus, also genera of species in two lists."""
        lists = self._fixed().values()
        return sorted({name for names in lists for name in names if sum(name in other for other in lists) > 1})

    def _fixed(self) -> dict[str, frozenset[str]]:
        lists = {TRAIN: self.always_train, VALIDATION: self.always_validation, TEST: self.always_test}
        if self.unit == "genus":
            return {split: names.union(name.split()[0] for name in names) for split, names in lists.items()}
        return lists


def with_accessions(results: Results, divisions: Sequence[str], policy: SplitPolicy) -> SplitPolicy:
    """Return the policy with each accession in its lists, with or without version, replaced by the record's species.

    So a listed record fixes the split of its whole species. Raises UsageError for an accession of no record of the
    build, and for a species that is then in two lists.
    """
    lists = {name: getattr(policy, name) for name in ("always_train", "always_validation", "always_test")}
    wanted = {name for names in lists.values() for name in names if _ACCESSION.fullmatch(name)}
    if not wanted:
        return policy
    species: dict[str, str] = {}
    for division in divisions:
        for part in results.parts(division):
            path = results.tables(division, part) / "records.parquet"
            named = pl.DataFrame(tables.read(path, RECORDS, ["accession", "species"])).drop_nulls()
            for accession, name in named.iter_rows():
                species |= {key: name for key in (accession, accession.partition(".")[0]) if key in wanted}
    if missing := sorted(wanted - set(species)):
        raise UsageError(
            f"config: splits: expected accessions of records with a species, found none for {', '.join(missing)};"
            " correct them, or add the division that has them"
        )
    train, validation, test = (frozenset(species.get(name, name) for name in names) for names in lists.values())
    resolved = replace(policy, always_train=train, always_validation=validation, always_test=test)
    if repeated := resolved.listed_twice():
        raise UsageError(
            f"config: splits: expected each species in one list, found {', '.join(repeated)} in two; remove it from one"
        )
    return resolved
