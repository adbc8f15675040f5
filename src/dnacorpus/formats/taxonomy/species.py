"""Taxa, and species and genus from the ORGANISM name for records whose taxid NCBI's taxonomy does not know.

Strains and subspecies are dropped from a binomial; a name that is not one (viruses, ``Genus sp.``,
``uncultured ...``) stays whole, so that two unnamed species never become one.
"""

import re
from dataclasses import dataclass

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
    """A taxon of NCBI's taxonomy; ``lineage`` has (rank, name) of its main ranks, from the root, itself included.

    ``species`` and ``species_taxid`` are None above the species, ``genus`` where there is none.
    """

    taxid: int
    name: str
    rank: str
    species: str | None
    species_taxid: int | None
    genus: str | None
    lineage: tuple[tuple[str, str], ...]


def species_of(organism: str | None, lineage: list[str]) -> tuple[str | None, str | None]:
    """Return (species, genus) by name; genus is None where the name is no binomial.

    For viruses and viroids the species is the whole name, and the genus the last element of the
    lineage that ends as a genus of viruses does.
    """
    name = " ".join((organism or "").split())
    if not name or name == ".":
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
