"""The assemblies of a custom division that is given by taxa and by columns of assembly_summary.txt."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import polars as pl

from dnacorpus.errors import UsageError
from dnacorpus.sources.assemblies import select

logger = logging.getLogger(__name__)


class Taxonomy(Protocol):
    """What is asked of a taxonomy; one without taxa answers with nothing."""

    def find(self, name: str) -> list[int]:
        """Return the taxids of a name."""

    def below(self, taxids: Iterable[int]) -> Iterable[int]:
        """Return these taxids and all below them."""


def selected(
    entry: Mapping[str, Any], summary: pl.DataFrame, taxa: Taxonomy | None
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the assemblies of a summary that an entry of ``custom_divisions`` means, and the taxa that have none.

    The assemblies are by accession; of the taxa it says why. Raises UsageError for a name of several taxa, for a
    column that is not there and for a value that never occurs in it.
    """
    filters = {
        column: [None if value is None else str(value) for value in listed(values)]
        for column, values in entry.get("assemblies", {}).items()
    }
    if "taxon" not in entry:
        return select(summary, None, (), filters), {}
    found, unmatched = [], {}
    for taxon in dict.fromkeys(" ".join(str(taxon).split()) for taxon in listed(entry["taxon"])):
        taxids, names = _meant(entry["name"], taxon, taxa)
        chosen = select(summary, taxids, names, filters)
        found.append(chosen)
        if chosen.is_empty():
            of = "no assembly of it" if select(summary, taxids, names).is_empty() else "none of its assemblies"
            known = (
                "" if taxids and not names else "; the taxonomy does not know it: set `taxonomy`, or correct the name"
            )
            unmatched[taxon] = f"{of} is in the table with the columns wanted{known}"
    return pl.concat(found).unique("assembly_accession").sort("assembly_accession"), unmatched


def listed(value: Any) -> list[Any]:
    """Return a list of what the config gives as one value or as several."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _meant(division: str, taxon: str, taxa: Taxonomy | None) -> tuple[set[int], set[str]]:
    """Return the taxids of a taxon and of all below it; for a name that no taxonomy knows, the name."""
    found = [int(taxon)] if taxon.isdecimal() else list(dict.fromkeys(taxa.find(taxon) if taxa else ()))
    if len(found) > 1:
        raise UsageError(
            f"custom division {division}: taxon {taxon!r}: expected one taxon of this name,"
            f" found {', '.join(map(str, found))}; write the taxid"
        )
    below = {int(taxid) for taxid in taxa.below(found)} if found and taxa else set()
    if not below:
        logger.warning(
            "%s: taxon %s is not in the taxonomy, if there is one: taken are assemblies %s, and none below it;"
            " set `taxonomy`, or correct the taxon", division, taxon,
            f"whose taxid or species_taxid is {taxon}" if found else "whose organism has this name",
        )  # fmt: skip
    return below | set(found), set() if found else {taxon}
