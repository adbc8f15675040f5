"""What a row of pairs can fill the slots of a document's template with, and its lineage prompt.

Fillings come from the row alone: from its columns, and from the spans of its text, which evidence assigns to
fields. Only the lineage prompt may come from the ranked lineage of the records.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dnacorpus.schemas.values import STRANDS_IN_WORDS, names_organism
from dnacorpus.text.claims import ClaimSource, grouped
from dnacorpus.text.compose import Filling, compose
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.views.documents.style import lineage_form

PairColumns = Mapping[str, Any]
Rank = tuple[str, Claim]
"""A rank as NCBI writes it, and the claim of a taxon's name."""
_NOT_FILLINGS = ("kind", "location", "sequence")


def fillings_of(row: PairColumns, tokens: Mapping[str, str]) -> dict[str, Filling]:
    """Return the fillings that a row of pairs has, by slot; those with a line break or a token in them are left out."""
    source = ClaimSource(row["accession"])
    found: dict[str, Filling] = {**_of_evidence(row), **_of_columns(row, source)}
    barred = ["\n", *filter(None, tokens.values())]
    return {slot: filling for slot, filling in found.items() if not any(mark in _plain(filling) for mark in barred)}


def plain_length(filling: Filling) -> int:
    """Return how many characters a filling takes."""
    return len(_plain(filling))


def lineage_of(row: PairColumns, ranked: Sequence[tuple[str, str]] | None) -> list[Rank]:
    """Return the ranks and names for a lineage prompt: those of the taxonomy, else those of the row itself.

    The row has a domain if its lineage begins with one, a genus if its lineage has the first
    word of the species, and a species. A name with a character of the prompt's syntax is left out.
    """
    source, species, lineage = ClaimSource(row["accession"]), row["species"], row["lineage"] or []
    marked = lineage_form()["marks"]
    ranks = [(rank, source.verbatim(name, "ranked_lineage")) for rank, name in ranked or [] if rank in marked]
    if not ranks:
        if lineage[:1] and lineage[0] in ("Archaea", "Bacteria", "Eukaryota", "Viruses"):
            ranks.append(("domain", source.verbatim(lineage[0], "lineage")))
        if species and (genus := species.split()[0]) in lineage and genus != species:
            ranks.append(("genus", source.verbatim(genus, "lineage")))
        if species:
            ranks.append(("species", source.verbatim(species, "species")))
    return [(rank, claim) for rank, claim in ranks if not any(mark in claim.text for mark in "|;\n")]


def prompt(ranks: Sequence[Rank]) -> ComposedText | None:
    """Return a lineage as ``|d__Bacteria;...;s__Escherichia coli|``, absent ranks left out; None without any."""
    if not ranks:
        return None
    form = lineage_form()
    slots = [f"{form['marks'][rank]}{{r{number}}}" for number, (rank, _) in enumerate(ranks)]
    template = form["open"] + form["between"].join(slots) + form["close"]
    return compose(template, {f"r{number}": claim for number, (_, claim) in enumerate(ranks)})


def _of_evidence(row: PairColumns) -> dict[str, Filling]:
    own = "" if row["feature_index"] is None else f"features[{row['feature_index']}]/"
    found: dict[str, Claim] = {}
    counts: list[Claim] = []
    for span in sorted(row["evidence"], key=lambda span: (span["start"], span["end"])):
        slot = span["field"].removeprefix(own)
        if span["source"] != row["accession"] or slot in _NOT_FILLINGS:
            continue
        text = row["text"][span["start"] : span["end"]]
        claim = Claim(text, span["source"], span["field"], span["how"], span["license"])
        if slot == "features":
            counts.append(claim)
        elif span["how"] in ("verbatim", "normalised"):
            found.setdefault(slot.replace("/", "_"), claim)
    return {**found, **({"features": counts} if counts else {})}


def _of_columns(row: PairColumns, source: ClaimSource) -> dict[str, Filling]:
    bases = grouped(bases_of(row))
    found: dict[str, Claim] = {"accession": source.verbatim(row["accession"], "accession")}
    if names_organism(row["organism"]):
        found["organism"] = source.verbatim(row["organism"], "organism")
    if row["molecule_type"]:
        found["molecule"] = source.verbatim(row["molecule_type"], "molecule_type")
    if row["topology"]:
        # Old LOCUS lines leave out "linear".
        claim = source.verbatim if row["topology"] == "circular" else source.annotation
        found["topology"] = claim(row["topology"], "topology")
    taxon = clade_of(row)
    if taxon and (taxon != "Unclassified" or "organism" in found):
        found["taxon"] = source.verbatim(taxon, "lineage")
    found["length"] = source.computed(bases)
    if row["feature_index"] is not None:
        field = f"features[{row['feature_index']}]"
        found["kind"] = source.verbatim(row["feature_kind"], f"{field}/kind")
        if row["strand"] in STRANDS_IN_WORDS:
            found["strand"] = source.annotation(STRANDS_IN_WORDS[row["strand"]], f"{field}/location")
        # Across the origin the last position is counted from it, which takes the record's length: not in the row.
        if all(part["start"] >= row["start"] for part in row["parts"]):
            found["first"] = source.annotation(grouped(row["start"] + 1), "span")
            found["last"] = source.annotation(grouped(row["end"]), "span")
    return {**found}


def clade_of(row: PairColumns) -> str | None:
    """Return the lowest taxon of a row's lineage above its species."""
    species = row["species"] or row["organism"] or ""
    return next((taxon for taxon in reversed(row["lineage"] or []) if not f"{taxon} ".startswith(f"{species} ")), None)


def bases_of(row: PairColumns) -> int:
    """Return the length of a row's sequence, computed from its location alone."""
    return sum(part["end"] - part["start"] for part in row["parts"]) or row["end"] - row["start"]


def _plain(filling: Filling) -> str:
    return filling.text if isinstance(filling, Claim) else compose("{it}", {"it": filling}).text
