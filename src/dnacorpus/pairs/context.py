"""A record with its feature table, made ready for telling: carrier, organism, neighbours, peptides."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, indexed, value
from dnacorpus.text.wording import present, present_name, says_nothing

StrandedInterval = tuple[int, int, int]
"""Start, end and strand of a part."""


class Context:
    """One record with its feature table, ready for the clauses of `describe`."""

    def __init__(self, record: Mapping[str, Any], features: Sequence[FeatureRow]) -> None:
        self.record, self.features = record, [indexed(feature) for feature in features]
        self.source = ClaimSource(record["accession"])

    @cached_property
    def source_feature(self) -> FeatureRow | None:
        """The record's one ``source`` feature; None where there are several, each for a part of it."""
        found = [feature for feature in self.features if feature["kind"] == "source"]
        return found[0] if len(found) == 1 else None

    @cached_property
    def replicon(self) -> dict[str, Claim]:
        """What carries the features: organelle, plasmid, chromosome or segment, the first that is named."""
        for key in ("organelle", "plasmid", "chromosome", "segment"):
            name = value(self.source_feature, key) if self.source_feature else None
            if self.source_feature and name and present_name(name) and not name.lower().startswith(key):
                # /organelle="plastid:chloroplast" names the kind of plastid last
                return {key: self.source.qualifier(self.source_feature, key, name.rpartition(":")[2])}
        return {}

    @cached_property
    def organism(self) -> dict[str, Claim]:
        """The organism, where there is one."""
        name = (self.record["organism"] or "").strip()
        if not present(name):
            return {}
        # A record without a lineage may owe its organism to the source feature alone.
        if not self.record["lineage"] and self.source_feature and value(self.source_feature, "organism") == name:
            return {"organism": self.source.qualifier(self.source_feature, "organism")}
        return {"organism": self.source.verbatim(name, "organism")}

    def neighbours(self, feature: FeatureRow) -> list[Claim]:
        """Return the gene names next before and after a feature on the record, as far as those genes have one."""
        place = self._place.get(feature["index"])
        if place is None:
            return []
        name = self._named[place][2].lower()
        claims: dict[str, Claim] = {}
        for nearby in (range(place - 1, -1, -1), range(place + 1, len(self._named))):
            for other, key, text in map(self._named.__getitem__, nearby):
                if text.lower() != name:
                    if key == "gene" and not says_nothing(text):
                        claims.setdefault(text, self.source.qualifier(other, key))
                    break
        return list(claims.values())

    def peptides(self, feature: FeatureRow) -> int:
        """Return how many mature peptides are annotated in a coding sequence: in its parts and in its frame.

        One that the table lists several times, once for each coding sequence that yields it, counts once.
        """
        phase = (feature["codon_start"] or 1) - 1
        return sum(
            all(_offsets(feature, part) for part in peptide)
            and any(before == 0 or before % 3 == phase for before in _offsets(feature, peptide[0]))
            for peptide in self._peptides
        )

    @cached_property
    def _peptides(self) -> list[list[StrandedInterval]]:
        found = [feature["parts"] for feature in self.features if feature["kind"] == "mat_peptide" and feature["parts"]]
        spans = [tuple((part["start"], part["end"], part["strand"]) for part in parts) for parts in found]
        return [list(peptide) for peptide in dict.fromkeys(spans)]

    @cached_property
    def _named(self) -> list[tuple[FeatureRow, str, str]]:
        """Genes and their products by start, each with the qualifier that names it and the name."""
        kinds = {kind for kind, told in KINDS.items() if told.subject in ("subject.cds", "subject.rna")} | {"gene"}
        genes = [feature for feature in self.features if feature["kind"] in kinds]
        genes.sort(key=lambda feature: (feature["start"], feature["index"]))
        return [(feature, key, value(feature, key) or "") for feature in genes if (key := name_key(feature))]

    @cached_property
    def _place(self) -> dict[int, int]:
        return {feature["index"]: place for place, (feature, *_) in enumerate(self._named)}


def _offsets(coding: FeatureRow, span: StrandedInterval) -> list[int]:
    """Return how many bases of a coding sequence come before a span, by each of its parts that holds the span."""
    found, before = [], 0
    for part in coding["parts"]:
        if part["strand"] == span[2] and part["start"] <= span[0] and span[1] <= part["end"]:
            found.append(before + (span[0] - part["start"] if span[2] == 1 else part["end"] - span[1]))
        before += part["end"] - part["start"]
    return found


def name_key(feature: FeatureRow) -> str | None:
    """Return the qualifier that names a feature: gene, else locus_tag, else None."""
    if present(value(feature, "gene")):
        return "gene"
    return "locus_tag" if present(value(feature, "locus_tag")) else None
