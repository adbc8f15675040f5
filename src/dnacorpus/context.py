"""A record with its feature table, made ready for telling: kinds, carrier, organism, neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dnacorpus.claims import Feature, Witness, value
from dnacorpus.compose import Claim
from dnacorpus.wording import present, says_nothing


@dataclass(frozen=True, slots=True)
class Kind:
    """A feature key that gets a text: the molecule its bases stand for, its name, its ``subject`` clause."""

    level: str  # genomic | transcript | cds
    noun: str
    plural: str
    subject: str = "subject.element"


KINDS: dict[str, Kind] = {
    "gene": Kind("genomic", "gene", "genes"),
    "CDS": Kind("cds", "coding sequence", "coding sequences", "subject.cds"),
    "mat_peptide": Kind("cds", "mature peptide", "mature peptides", "subject.peptide"),
    "sig_peptide": Kind("cds", "signal peptide", "signal peptides", "subject.peptide"),
    "mRNA": Kind("transcript", "mRNA", "mRNAs", "subject.mrna"),
    "precursor_RNA": Kind("transcript", "precursor RNA", "precursor RNAs", "subject.mrna"),
    "tRNA": Kind("transcript", "tRNA", "tRNAs", "subject.rna"),
    "rRNA": Kind("transcript", "rRNA", "rRNAs", "subject.rna"),
    "ncRNA": Kind("transcript", "non-coding RNA", "non-coding RNAs", "subject.rna"),
    "tmRNA": Kind("transcript", "tmRNA", "tmRNAs", "subject.rna"),
    "misc_RNA": Kind("transcript", "RNA", "other RNAs", "subject.rna"),
    "mobile_element": Kind("genomic", "mobile element", "mobile elements"),
    "repeat_region": Kind("genomic", "repeat region", "repeat regions"),
    "regulatory": Kind("genomic", "regulatory element", "regulatory elements"),
    "rep_origin": Kind("genomic", "replication origin", "replication origins"),
    "LTR": Kind("genomic", "long terminal repeat", "long terminal repeats"),
    "D-loop": Kind("genomic", "D-loop", "D-loops"),
}
"""In the order in which a record's contents are told."""


class Context:
    """One record with its feature table, ready for the clauses of `describe`."""

    def __init__(self, record: Mapping[str, Any], features: Sequence[Feature]) -> None:
        self.record, self.features = record, features
        self.witness = Witness(record["accession"])

    @cached_property
    def source(self) -> Feature | None:
        """The record's one ``source`` feature; None where there are several, each for a part of it."""
        found = [feature for feature in self.features if feature["kind"] == "source"]
        return found[0] if len(found) == 1 else None

    @cached_property
    def replicon(self) -> dict[str, Claim]:
        """What carries the features: organelle, plasmid, chromosome or segment, the first that is named."""
        for key in ("organelle", "plasmid", "chromosome", "segment"):
            name = value(self.source, key) if self.source else None
            if self.source and name and present(name) and not name.lower().startswith(key):
                # /organelle="plastid:chloroplast" names the kind of plastid last
                return {key: self.witness.qualifier(self.source, key, name.rpartition(":")[2])}
        return {}

    @cached_property
    def organism(self) -> dict[str, Claim]:
        """The organism, where there is one."""
        name = (self.record["organism"] or "").strip()
        if not present(name):
            return {}
        # A record without a lineage may owe its organism to the source feature alone.
        if not self.record["lineage"] and self.source and value(self.source, "organism") == name:
            return {"organism": self.witness.qualifier(self.source, "organism")}
        return {"organism": self.witness.verbatim(name, "organism")}

    def neighbours(self, feature: Feature) -> list[Claim]:
        """Return the gene names next before and after a feature on the record, as far as those genes have one."""
        own, place = name_key(feature), self._place.get(feature["index"])
        if own is None or place is None:
            return []
        name = (value(feature, own) or "").lower()
        claims: dict[str, Claim] = {}
        for nearby in (range(place - 1, -1, -1), range(place + 1, len(self._named))):
            others = (self._named[other] for other in nearby)
            found = next(((other, key) for other, key in others if (value(other, key) or "").lower() != name), None)
            if found and found[1] == "gene" and not says_nothing(value(*found) or ""):
                claims.setdefault(value(*found) or "", self.witness.qualifier(*found))
        return list(claims.values())

    @cached_property
    def _named(self) -> list[tuple[Feature, str]]:
        kinds = {kind for kind, told in KINDS.items() if told.subject in ("subject.cds", "subject.rna")} | {"gene"}
        genes = [feature for feature in self.features if feature["kind"] in kinds]
        genes.sort(key=lambda feature: (feature["start"], feature["index"]))
        return [(feature, key) for feature in genes if (key := name_key(feature))]

    @cached_property
    def _place(self) -> dict[int, int]:
        return {feature["index"]: place for place, (feature, _) in enumerate(self._named)}


def name_key(feature: Feature) -> str | None:
    """Return the qualifier that names a feature: gene, else locus_tag, else None."""
    return next((key for key in ("gene", "locus_tag") if present(value(feature, key))), None)
