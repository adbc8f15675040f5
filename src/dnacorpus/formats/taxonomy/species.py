"""Taxa, and species and genus from the ORGANISM name of records whose taxid is not in NCBI's taxonomy.

Strains and subspecies are removed from a binomial. Any other name (viruses, ``Genus sp.``, ``uncultured ...``) stays
complete, so that two unnamed species are never merged.
"""

import re
from dataclasses import dataclass

from dnacorpus.schemas.values import names_organism

_BRACKETS = re.compile(r"[\[\]]")
_GENUS = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)*")
_EPITHET = re.compile(r"[a-z][a-z]+(?:-[a-z]+)*")
_UNNAMED = frozenset({"sp.", "spp.", "cf.", "aff.", "nr.", "genomosp.", "gen.", "x", "×"})
_NOT_EPITHETS = frozenset(
    {
        "sp", "spp", "bacterium", "archaeon", "virus", "phage", "vector", "symbiont", "endosymbiont", "environmental",
        "group", "complex", "hybrid", "cultivar", "phytoplasma", "plasmid", "cloning", "strain", "subsp", "var", "and",
        "of", "from",
    }
)  # fmt: skip
_ACELLULAR = ("viruses", "viroids", "satellites", "riboviria")
_VIRAL_GENUS = re.compile(r"[A-Z][A-Za-z-]*(?:virus|viroid)")


@dataclass(frozen=True, slots=True)
class Taxon:
    """A taxon of NCBI's taxonomy; ``lineage`` has the (rank, name) of its main ranks from the root to the taxon itself.

    ``species`` and ``species_taxid`` are None above the rank of species, ``genus`` if there is none.
    """

    taxid: int
    name: str
    rank: str
    species: str | None
    species_taxid: int | None
    genus: str | None
    lineage: tuple[tuple[str, str], ...]


def species_of(organism: str | None, lineage: list[str]) -> tuple[str | None, str | None]:
    """Return (species, genus) from the name; genus is None if the name is no binomial, both if it is a placeholder.

    For viruses and viroids the species is the complete name, and the genus is the last name in the lineage that has
    the ending of a virus genus.
    """
    name = " ".join((organism or "").split())
    if not names_organism(name):
        return None, None
    if lineage and lineage[0].lower() in _ACELLULAR:
        return name, next((taxon for taxon in reversed(lineage) if _VIRAL_GENUS.fullmatch(taxon)), None)
    return _binomial(name)


def _binomial(name: str) -> tuple[str, str | None]:
    words = name.split()
    prefix = words[:1] if words[0] == "Candidatus" else []
    words = words[len(prefix) :]
    genus = _BRACKETS.sub("", words[0]).strip("'\"") if words else ""
    if not _GENUS.fullmatch(genus):
        return name, None
    epithet = words[1] if len(words) > 1 else ""
    if epithet in ("x", "×") or _UNNAMED & set(words[1:3]):
        return name, genus
    if not _EPITHET.fullmatch(epithet) or epithet in _NOT_EPITHETS:
        return name, genus if epithet.rstrip(".") in ("sp", "spp") else None
    return " ".join([*prefix, genus, epithet]), genus
