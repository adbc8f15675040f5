"""Options of what stays in the dataset and in which split."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from dnacorpus.settings.section import OFF, Count, Names, Positive, Section, Share

LISTS = ("always_train", "always_validation", "always_test")
"""The options of ``splits`` that hold names."""


class SplitSettings(Section):
    """Section ``splits``: shares of the species (or genera), not of the bases, and names with a fixed split."""

    unit: Literal["species", "genus"]
    validation: Annotated[float, Field(ge=0, le=0.5)]
    test: Annotated[float, Field(ge=0, le=0.5)]
    always_train: Names
    always_validation: Names
    always_test: Names
    max_eval_bases: Count

    @cached_property
    def fixed(self) -> dict[str, frozenset[str]]:
        """The names with a fixed split, by split. If the unit is the genus, a species fixes its whole genus."""
        lists = {"train": self.always_train, "validation": self.always_validation, "test": self.always_test}
        genera = self.unit == "genus"
        return {
            split: frozenset(names).union(name.split()[0] for name in names if genera) for split, names in lists.items()
        }

    def listed_twice(self) -> list[str]:
        """Return the names in two lists, sorted; if the unit is the genus, also genera of species in two lists."""
        names = [name for listed in self.fixed.values() for name in listed]
        return sorted({name for name in names if names.count(name) > 1})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.validation + self.test > 0.9:
            raise ValueError("splits.validation and splits.test together leave less than 0.1 for train; lower one")
        if repeated := self.listed_twice():
            raise ValueError(
                f"splits: expected each species in one of {', '.join(LISTS)}, found {', '.join(repeated)} in two;"
                " remove it from one"
            )
        return self


def _zero_or_ani(value: float) -> float:
    if value and value < 0.9:
        raise ValueError(f"expected 0 or a number from 0.9 to 1, found {value}")
    return value


class NearSettings(Section):
    """Section ``dedup.near``: how near-duplicates are found."""

    min_ani: Annotated[Share, AfterValidator(_zero_or_ani)]
    k: Annotated[int, Field(ge=15, le=31)]
    min_hashes: Annotated[int, Field(ge=100, le=100_000)]
    max_scaled: Literal[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
    max_comparisons: Annotated[int, Field(ge=1, le=64)]


class DedupSettings(Section):
    """Section ``dedup``: copies and near-duplicates of records. 0 means no limit."""

    buckets: Annotated[int, Field(ge=1, le=4096)]
    max_bases_at_once: Positive
    near: NearSettings
    max_per_cluster: Count
    max_per_species: Count


class DecontaminationSettings(Section):
    """Section ``decontamination``: a held-out row leaves if train holds more than this share of its k-mers."""

    k: Annotated[int, Field(ge=1, le=31)]
    max_overlap: Share


class AuditSettings(Section):
    """Section ``audit``: the k-mers of held-out rows that are searched in train, a sample of about ``max_kmers``."""

    k: Annotated[int, Field(ge=1, le=255)]
    max_kmers: Positive


class BiosafetySettings(Section):
    """Section ``biosafety``: what happens to viruses of eukaryotes; an empty ``table`` is the package's own."""

    policy: Annotated[Literal["exclude", "flag", "off"], OFF]
    max_overlap: Share
    table: str
