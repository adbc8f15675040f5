"""Claims about one record and its features: a text for a value, and the field that supports it.

The fields are those of ``docs/evidence.md``. Features are rows of the features table; ``i`` in
``features[i]`` is the row's ``index``, 0-based in the record's feature table, ``source`` included.
"""

from dataclasses import dataclass

from dnacorpus.schemas.values import STRANDS_IN_WORDS
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, value

NCBI = "LicenseRef-NCBI"
"""NCBI's terms for the text of records; not a Creative Commons licence."""


def grouped(number: int) -> str:
    """Return a number with thousands separators: 16,569."""
    return f"{number:,}"


@dataclass(frozen=True, slots=True)
class ClaimSource:
    """A record or paper as a source of claims: ``accession`` is accession.version or PMID:n."""

    accession: str
    license: str = NCBI

    def verbatim(self, text: str, field: str) -> Claim:
        """Claim text that the field contains exactly as it is."""
        return Claim(text, self.accession, field, "verbatim", self.license)

    def normalised(self, text: str, field: str) -> Claim:
        """Claim text that differs from the field only in case, blanks, separators or abbreviation."""
        return Claim(text, self.accession, field, "normalised", self.license)

    def annotation(self, text: str, field: str) -> Claim:
        """Claim text that follows from the field by counting or by the meaning of its notation."""
        return Claim(text, self.accession, field, "annotation", self.license)

    def computed(self, text: str) -> Claim:
        """Claim text computed from the row's bases."""
        return Claim(text, self.accession, "sequence", "sequence", self.license)

    def qualifier(self, feature: FeatureRow, key: str, text: str | None = None) -> Claim:
        """Claim a qualifier's first value verbatim, or ``text``, which must be part of one of its values."""
        shown = text if text is not None else value(feature, key)
        return self.verbatim(shown or "", f"features[{feature['index']}]/{key}")

    def of_feature(self, feature: FeatureRow, part: str, text: str) -> Claim:
        """Claim text that follows from one property of a feature: its kind, its location, a flag."""
        return self.annotation(text, f"features[{feature['index']}]/{part}")

    def count(self, number: int, singular: str, plural: str) -> Claim:
        """Claim how many features of a kind the record's table holds, as "1 gene" or "37 genes"."""
        return self.annotation(f"{grouped(number)} {singular if number == 1 else plural}", "features")

    def coordinates(self, feature: FeatureRow, length: int) -> dict[str, Claim]:
        """Claim ``first`` and ``last`` position, 1-based and closed, in a molecule of ``length`` bases.

        The last position of a feature across the origin is counted from the origin. A feature of one base has
        one ``position``.
        """
        end = feature["end"] if feature["end"] <= length else feature["end"] - length
        first, last = grouped(feature["start"] + 1), grouped(end)
        if feature["end"] - feature["start"] == 1:
            return {"position": self.of_feature(feature, "location", first)}
        return {
            "first": self.of_feature(feature, "location", first),
            "last": self.of_feature(feature, "location", last),
        }

    def strand(self, feature: FeatureRow) -> dict[str, Claim]:
        """Claim ``strand``, forward or reverse; nothing for a feature with parts on both."""
        word = STRANDS_IN_WORDS.get(feature["strand"])
        return {"strand": self.of_feature(feature, "location", word)} if word else {}

    def partial(self, feature: FeatureRow) -> Claim | None:
        """Claim which ends of a feature are incomplete, in the feature's own direction; None if neither is."""
        low, high = feature["partial_start"], feature["partial_end"]
        if not low and not high:
            return None
        text = "incomplete"
        if low and high:
            text = "incomplete at both ends"
        elif feature["strand"] != 0:
            text = f"incomplete at the {5 if low == (feature['strand'] == 1) else 3}' end"
        return self.of_feature(feature, "location", text)
