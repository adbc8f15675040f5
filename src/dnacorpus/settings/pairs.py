"""Options of the rows: their kinds, their sizes, and how much text they hold."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dnacorpus.settings.section import DISTINCT, Count, Positive, Section, Share, one_of

KINDS = ("record", "gene", "window", "paper", "qa")
"""Kinds of rows."""


class PairSettings(Section):
    """Section ``pairs``: bounds that all rows share, and those of rows about features."""

    max_bases: Annotated[int, Field(ge=1, le=1 << 24)]
    min_bases: Positive
    max_uninformative_share: Share
    flank: Annotated[int, Field(ge=0, le=1 << 20)]
    templates: str
    copies: Literal["collapse", "keep"] | Positive
    max_copies_named: Annotated[int, Field(ge=0, le=1000)]
    kinds: Annotated[tuple[Annotated[str, *one_of(KINDS)], ...], Field(min_length=1), *DISTINCT]

    @property
    def max_copies(self) -> int:
        """How many pairs of a group of copies stay; 0: all of them."""
        return {"collapse": 1, "keep": 0}[self.copies] if isinstance(self.copies, str) else self.copies

    @model_validator(mode="after")
    def _check(self) -> Self:
        left = self.max_bases - 2 * self.flank
        if left < self.min_bases:
            raise ValueError(
                f"pairs.flank {self.flank}: expected flanks that leave a feature at least pairs.min_bases,"
                f" {self.min_bases}, of pairs.max_bases, found {left}; lower pairs.flank or raise pairs.max_bases"
            )
        return self


class WindowSettings(Section):
    """Section ``windows``: how long records are cut, and how much a window's text holds. Sizes are in bases."""

    bases: Positive
    stride: Count
    min_share: Share
    max_n_share: Share
    max_features: Positive
    max_windows: Count
    short_records: bool


class QaSettings(Section):
    """Section ``qa``: rows of questions and answers. Sizes and distances are in bases."""

    max_bases: Annotated[int, Field(ge=100)]
    max_rows: Positive
    min_questions: Positive
    max_questions: Positive
    max_n_share: Share
    min_cluster_genes: Annotated[int, Field(ge=2)]
    max_cluster_distance: Count

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min_questions > self.max_questions:
            raise ValueError(
                f"qa.min_questions {self.min_questions}: expected at most qa.max_questions, {self.max_questions};"
                " lower the first or raise the second"
            )
        return self


class PassageSettings(Section):
    """Section ``passages``: passages of a paper's full text. Lengths are in code points."""

    max_per_record: Count
    min_length: Positive
    max_length: Positive
    max_genes: Count

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min_length > self.max_length:
            raise ValueError(
                f"passages.min_length {self.min_length}: expected at most passages.max_length, {self.max_length};"
                " lower the first or raise the second"
            )
        return self
