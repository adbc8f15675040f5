"""Which split a species is in: a function of its name and the seed, of nothing else."""

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


def with_accessions(results: Results, divisions: Sequence[str], policy: SplitPolicy) -> SplitPolicy:
    """Return the policy with every accession of its lists, version or not, replaced by the species of its record.

    So a listed record takes its whole species along, and no species crosses a split. Raises UsageError for one that is
    no record of the build, or whose species another list claims.
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
            f"config: splits: expected accessions of records that name a species, found {', '.join(missing)} of none;"
            " correct them, or add the division that has them"
        )
    train, validation, test = (frozenset(species.get(name, name) for name in names) for names in lists.values())
    pinned = replace(policy, always_train=train, always_validation=validation, always_test=test)
    if claimed := pinned.contested():
        raise UsageError(
            f"config: splits: expected each species in one list, found {', '.join(claimed)} in two; take it out of one"
        )
    return pinned
