"""Claims about one record and its features: the words for a value, and the field that answers for it.

The fields are those of ``docs/evidence.md``. Features are rows of the features table; ``i`` in
``features[i]`` is the row's ``index``, 0-based in the record's feature table, ``source`` included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dnacorpus.text.templates import Claim

NCBI = "LicenseRef-NCBI"
"""Record text is NCBI's to the extent that it is anybody's; it is no Creative Commons licence."""

Feature = Mapping[str, Any]

_COLUMNS = ("gene", "locus_tag", "product", "protein_id", "transl_table", "codon_start")


class _Indexed(dict[str, Any]):
    """A row of the features table with its qualifiers by key."""

    __slots__ = ("by_key",)

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature)
        self.by_key = _by_key(feature)


def indexed(feature: Feature) -> Feature:
    """Return a feature that knows its qualifiers by key: `values` is asked about each dozens of times."""
    return feature if isinstance(feature, _Indexed) else _Indexed(feature)


def _by_key(feature: Feature) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in _COLUMNS:
        if (written := feature[key]) is not None and (text := str(written).strip()):
            found[key] = [text]
    for qualifier in feature["qualifiers"]:
        # A key without a value is known as well.
        texts = found.setdefault(qualifier["key"], [])
        if (written := qualifier["value"]) and (text := written.strip()):
            texts.append(text)
    return found


def values(feature: Feature, key: str) -> list[str]:
    """Return the values of a qualifier, in order, without outer blanks; flags and empty values are left out.

    The list may be the feature's own: it is not to be changed.
    """
    return (feature.by_key if isinstance(feature, _Indexed) else _by_key(feature)).get(key) or []


def value(feature: Feature, key: str) -> str | None:
    """Return the first value of a qualifier, or None."""
    found = (feature.by_key if isinstance(feature, _Indexed) else _by_key(feature)).get(key)
    return found[0] if found else None


def has(feature: Feature, key: str) -> bool:
    """Tell whether a qualifier stands there, with or without a value."""
    if isinstance(feature, _Indexed) and key not in _COLUMNS:
        return key in feature.by_key
    return any(qualifier["key"] == key for qualifier in feature["qualifiers"])


def grouped(number: int) -> str:
    """Write a number with thousands separators: 16,569."""
    return f"{number:,}"


@dataclass(frozen=True, slots=True)
class Witness:
    """A record as a source of claims: ``accession`` with version, and the licence of its text."""

    accession: str
    license: str = NCBI

    def verbatim(self, text: str, field: str) -> Claim:
        """Claim text that occurs in the field just so."""
        return Claim(text, self.accession, field, "verbatim", self.license)

    def normalised(self, text: str, field: str) -> Claim:
        """Claim text that differs from the field in case, blanks, separators or abbreviation only."""
        return Claim(text, self.accession, field, "normalised", self.license)

    def annotation(self, text: str, field: str) -> Claim:
        """Claim what follows from the field by counting or by the meaning of its notation."""
        return Claim(text, self.accession, field, "annotation", self.license)

    def computed(self, text: str) -> Claim:
        """Claim what was computed from the row's bases."""
        return Claim(text, self.accession, "sequence", "sequence", self.license)

    def qualifier(self, feature: Feature, key: str, text: str | None = None) -> Claim:
        """Claim a qualifier's first value, or ``text`` that occurs in one of its values, verbatim."""
        shown = text if text is not None else value(feature, key)
        return self.verbatim(shown or "", f"features[{feature['index']}]/{key}")

    def of_feature(self, feature: Feature, part: str, text: str) -> Claim:
        """Claim what follows from a part of a feature: its kind, its location, a flag."""
        return self.annotation(text, f"features[{feature['index']}]/{part}")

    def count(self, number: int, singular: str, plural: str) -> Claim:
        """Claim how many features of a kind the record's table holds, as "1 gene" or "37 genes"."""
        return self.annotation(f"{grouped(number)} {singular if number == 1 else plural}", "features")

    def coordinates(self, feature: Feature, length: int) -> dict[str, Claim]:
        """Claim ``first`` and ``last`` position, 1-based and closed, in a molecule of ``length`` bases.

        The last position of a feature across the origin is counted from the origin. One base has one
        ``position``.
        """
        end = feature["end"] if feature["end"] <= length else feature["end"] - length
        first, last = grouped(feature["start"] + 1), grouped(end)
        if feature["end"] - feature["start"] == 1:
            return {"position": self.of_feature(feature, "location", first)}
        return {
            "first": self.of_feature(feature, "location", first),
            "last": self.of_feature(feature, "location", last),
        }

    def strand(self, feature: Feature) -> dict[str, Claim]:
        """Claim ``strand``: forward or reverse; nothing for a feature with parts on both."""
        word = {1: "forward strand", -1: "reverse strand"}.get(feature["strand"])
        return {"strand": self.of_feature(feature, "location", word)} if word else {}

    def partial(self, feature: Feature) -> Claim | None:
        """Claim which ends of a feature lie beyond the annotated span, in the feature's own direction."""
        low, high = feature["partial_start"], feature["partial_end"]
        if not low and not high:
            return None
        text = "incomplete"
        if low and high:
            text = "incomplete at both ends"
        elif feature["strand"] != 0:
            text = f"incomplete at the {5 if low == (feature['strand'] == 1) else 3}' end"
        return self.of_feature(feature, "location", text)
