"""The split of a species, which depends on its name and the seed alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import xxhash

from dnacorpus.errors import UsageError
from dnacorpus.schemas.names import without_version
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import TEST, TRAIN, VALIDATION
from dnacorpus.settings.curation import LISTS, SplitSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

_ACCESSION = re.compile(r"[A-Z]{1,6}_?[A-Z]{0,6}\d{4,}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """How species, or whole genera, are assigned to splits; another ``seed`` assigns them differently."""

    settings: SplitSettings
    seed: int

    def split_of(self, species: str | None, genus: str | None) -> str:
        """Return the split of a record of this species.

        A record of unknown species is in train, because its species might be in train. The list with the species
        decides, then the list with its genus. If the unit is the genus, a listed species fixes its whole genus.
        """
        unit = (genus or species) if self.settings.unit == "genus" else species
        if unit is None:
            return TRAIN
        for name in filter(None, dict.fromkeys((unit, genus))):
            for split, names in self.settings.fixed.items():
                if name in names:
                    return split
        position = xxhash.xxh3_64_intdigest(f"{self.seed}\0{unit}".encode()) / 2**64
        if position < self.settings.test:
            return TEST
        return VALIDATION if position < self.settings.test + self.settings.validation else TRAIN


def with_accessions(results: Results, divisions: Sequence[str], policy: SplitPolicy) -> SplitPolicy:
    """Return the policy with each accession in its lists, with or without version, replaced by the record's species.

    So a listed record fixes the split of its whole species. Raises UsageError for an accession of no record of the
    build, and for a species that is then in two lists.
    """
    lists = {name: getattr(policy.settings, name) for name in LISTS}
    wanted = {name for names in lists.values() for name in names if _ACCESSION.fullmatch(name)}
    if not wanted:
        return policy
    species: dict[str, str] = {}
    for division in divisions:
        for part in results.parts(division):
            path = results.records(division, part)
            named = pl.DataFrame(tables.read(path, RECORDS, ["accession", "species"])).drop_nulls()
            for accession, name in named.iter_rows():
                keys = {accession, without_version(accession), accession.partition(":")[0]}
                species |= dict.fromkeys(sorted(keys & wanted), name)
    if missing := sorted(wanted - set(species)):
        raise UsageError(
            f"config: splits: expected accessions of records with a species, found none for {', '.join(missing)};"
            " correct them, or add the division that has them"
        )
    resolved = {
        name: tuple(sorted({species.get(entry, entry) for entry in entries})) for name, entries in lists.items()
    }
    settings = SplitSettings.model_construct(**(policy.settings.model_dump() | resolved))
    if repeated := settings.listed_twice():
        raise UsageError(
            f"config: splits: expected each species in one list, found {', '.join(repeated)} in two; remove it from one"
        )
    return SplitPolicy(settings, policy.seed)
