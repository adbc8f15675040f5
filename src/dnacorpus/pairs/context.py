"""One record with its bases and its feature table: what all its rows are made from."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from dnacorpus.pairs.feature_kinds import KINDS, NON_CODING
from dnacorpus.pairs.naming import name_key
from dnacorpus.schemas.values import names_organism
from dnacorpus.sequence.location import Interval
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, indexed, value
from dnacorpus.text.templates import Templates
from dnacorpus.text.wording import is_uninformative, present, present_name

_StrandedInterval = tuple[int, int, int]
"""Start, end and strand of a part."""


class Context:
    """A record, its features, bases and soft mask, the source of claims about it, and the phrasings of its texts.

    ``record`` and ``features`` are rows of their tables, ``sequence`` is the record's bases, ``mask`` its soft-masked
    half-open intervals, sorted and disjoint. ``templates`` are by default those of the package.
    """

    def __init__(
        self,
        record: Mapping[str, Any],
        features: Sequence[FeatureRow],
        sequence: bytes,
        mask: Sequence[Interval] = (),
        *,
        templates: Templates | None = None,
    ) -> None:
        self.record, self.sequence, self.mask = record, sequence, mask
        self.features = [indexed(feature) for feature in features]
        self.source = ClaimSource(record["accession"])
        self._templates = templates or Templates.load()

    def phrase(self, clause: str, key: str, claims: Mapping[str, Filling]) -> ComposedText:
        """Return a clause in the phrasing that ``key`` chooses; see `Templates.phrase`."""
        return self._templates.phrase(clause, key, claims)

    @cached_property
    def source_feature(self) -> FeatureRow | None:
        """The record's only ``source`` feature; None if there are several, each for a part of the record."""
        found = [feature for feature in self.features if feature["kind"] == "source"]
        return found[0] if len(found) == 1 else None

    @cached_property
    def replicon(self) -> dict[str, Claim]:
        """The organelle, plasmid, chromosome or segment, whichever of these is named first."""
        if self.source_feature is None:
            return {}
        for key in ("organelle", "plasmid", "chromosome", "segment"):
            name = value(self.source_feature, key)
            if name and present_name(name) and not name.lower().startswith(key):
                # /organelle="plastid:chloroplast" names the kind of plastid last
                return {key: self.source.qualifier(self.source_feature, key, name.rpartition(":")[2])}
        return {}

    @cached_property
    def organism(self) -> dict[str, Claim]:
        """The organism, if the record names one."""
        name = (self.record["organism"] or "").strip()
        if not names_organism(name):
            return {}
        # A record without a lineage may have its organism from the source feature alone.
        if not self.record["lineage"] and self.source_feature and value(self.source_feature, "organism") == name:
            return {"organism": self.source.qualifier(self.source_feature, "organism")}
        return {"organism": self.source.verbatim(name, "organism")}

    def neighbours(self, feature: FeatureRow) -> list[Claim]:
        """Return the names of the genes next before and after a feature on the record, if those genes are named."""
        position = self._positions.get(feature["index"])
        if position is None:
            return []
        own_name = self._named_genes[position][2].lower()
        before, after = range(position - 1, -1, -1), range(position + 1, len(self._named_genes))
        claims: dict[str, Claim] = {}
        for positions in (before, after):
            for other, key, name in map(self._named_genes.__getitem__, positions):
                if name.lower() != own_name:
                    if key == "gene" and not is_uninformative(name):
                        claims.setdefault(name, self.source.qualifier(other, key))
                    break
        return list(claims.values())

    def is_one_of_several(self, feature: FeatureRow) -> bool:
        """Return whether an RNA is described as one of a gene's transcripts, not as an RNA gene.

        That is any misc_RNA, and a non-coding RNA whose locus tag or gene is also that of a coding sequence, an mRNA
        or a pseudogene of the record.
        """
        if feature["kind"] not in NON_CODING:
            return KINDS[feature["kind"]].subject == "subject.transcript"
        return self.is_of_other_gene(feature)

    def is_of_other_gene(self, feature: FeatureRow) -> bool:
        """Return whether a feature's locus tag or gene is that of a coding sequence, an mRNA or a pseudogene."""
        return not self._names_of_other_genes.isdisjoint(_own_names(feature))

    @cached_property
    def _names_of_other_genes(self) -> set[tuple[str, str]]:
        """The names of the genes that are no RNA genes: with a coding sequence or an mRNA, or pseudogenes."""
        others = [f for f in self.features if f["kind"] in ("CDS", "mRNA") or (f["kind"] == "gene" and f["pseudo"])]
        return {name for feature in others for name in _own_names(feature)}

    def peptides(self, feature: FeatureRow) -> int:
        """Return how many mature peptides are annotated in a coding sequence: within its parts and in its frame.

        A peptide that the table lists several times, once for each coding sequence that yields it, counts once.
        """
        phase = (feature["codon_start"] or 1) - 1
        return sum(
            all(_offsets(feature, part) for part in peptide)
            and any(before == 0 or before % 3 == phase for before in _offsets(feature, peptide[0]))
            for peptide in self._peptides
        )

    @cached_property
    def _peptides(self) -> list[tuple[_StrandedInterval, ...]]:
        peptides = [f["parts"] for f in self.features if f["kind"] == "mat_peptide" and f["parts"]]
        return list(
            dict.fromkeys(tuple((part["start"], part["end"], part["strand"]) for part in parts) for parts in peptides)
        )

    @cached_property
    def _named_genes(self) -> list[tuple[FeatureRow, str, str]]:
        """Genes and their products by start, each with the qualifier that names it and the name."""
        subjects = ("subject.cds", "subject.rna", "subject.transcript")
        kinds = {key for key, kind in KINDS.items() if kind.subject in subjects} | {"gene"}
        genes = [feature for feature in self.features if feature["kind"] in kinds]
        genes.sort(key=lambda feature: (feature["start"], feature["index"]))
        return [(feature, key, value(feature, key) or "") for feature in genes if (key := name_key(feature))]

    @cached_property
    def _positions(self) -> dict[int, int]:
        """Index of a feature -> its position in `_named_genes`."""
        return {feature["index"]: position for position, (feature, *_) in enumerate(self._named_genes)}


def _own_names(feature: FeatureRow) -> list[tuple[str, str]]:
    named = ((key, value(feature, key)) for key in ("locus_tag", "gene"))
    return [(key, name.lower()) for key, name in named if name and present(name)]


def _offsets(coding: FeatureRow, part: _StrandedInterval) -> list[int]:
    """Return how many bases of a coding sequence precede a part, once for each of its own parts that holds it."""
    start, end, strand = part
    offsets, before = [], 0
    for own in coding["parts"]:
        if own["strand"] == strand and own["start"] <= start and end <= own["end"]:
            offsets.append(before + (start - own["start"] if strand == 1 else own["end"] - end))
        before += own["end"] - own["start"]
    return offsets
