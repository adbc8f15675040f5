"""What a build leaves out of evaluation and out of the whole, in numbers: the settings of config sections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Words have ``k`` bases; of those of all held-out records about ``most_kmers`` at most are looked at."""

    k: int
    most_kmers: int


@dataclass(frozen=True, slots=True)
class BiosafetyPolicy:
    """What becomes of viruses of eukaryotes: ``policy`` is exclude, flag or off.

    ``share``: a row of another record is like an excluded one with more than this share of its k-mers in one.
    ``table``: the file of rules, empty for the package's own.
    """

    policy: str
    share: float
    table: str


@dataclass(frozen=True, slots=True)
class LeakPolicy:
    """A held-out row is a leak when train holds more than ``share`` of its distinct ``k``-mers."""

    k: int
    share: float
