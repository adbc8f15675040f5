"""Simulated molecules and their features, and their rotation and reverse complement.

Coordinates are 0-based and half-open on the forward strand.
"""

import dataclasses
from dataclasses import dataclass

from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.location import Interval
from dnacorpus.simulate.families import Family
from dnacorpus.simulate.organisms import Species

Qualifiers = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Replicon:
    """A kind of molecule: its organism, the divisions of its records, and its usual length in a release of 2 Mb.

    A record is in all ``divisions``, the most specific of which is first. ``table`` is the genetic code; 0 means that
    of the species. ``title`` follows the organism's name; {number} in it is the species' ``name_number``.
    """

    name: str
    organism: str
    letter: str
    bases: int
    max_bases: int
    divisions: tuple[str, ...]
    flat_division: str
    topology: str = "circular"
    molecule: str = "DNA"
    table: int = 0
    title: str = ", complete genome"
    spliced: bool = False
    prefix: str = "NC_9"


REPLICONS = (
    Replicon("chromosome", "bacterium", "C", 30_000, 5_000_000, ("bacteria",), "BCT",
             title=" chromosome, complete genome"),
    Replicon("plasmid", "bacterium", "S", 4_000, 200_000, ("plasmid", "bacteria"), "BCT",
             title=" plasmid pSIM{number}, complete sequence"),
    Replicon("chromosome", "plant", "C", 14_000, 20_000_000, ("plant",), "PLN", "linear",
             title=" unplaced genomic scaffold", spliced=True, prefix="NW_9"),
    Replicon("chloroplast", "plant", "L", 8_000, 160_000, ("plastid", "plant"), "PLN", table=11,
             title=" chloroplast, complete genome"),
    Replicon("mitochondrion", "plant", "M", 5_000, 400_000, ("mitochondrion", "plant"), "PLN",
             title=" mitochondrion, complete genome"),
    Replicon("mitochondrion", "animal", "M", 5_000, 17_000, ("mitochondrion",), "VRT",
             title=" mitochondrion, complete genome"),
    Replicon("genome", "phage", "G", 6_000, 50_000, ("viral",), "PHG", "linear"),
    Replicon("genome", "virus", "G", 6_000, 10_000, ("viral",), "VRL", "linear", "ss-RNA"),
)  # fmt: skip
"""The molecules that one round of the simulation makes, in order."""
DIVISIONS = tuple(sorted({division for replicon in REPLICONS for division in replicon.divisions}))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; ``parts`` are in transcript order, ``table`` is the genetic code of a coding sequence.

    ``partial`` says whether it extends beyond its 5' and its 3' end. ``label`` is the family of an RNA whose bases are
    of that family. Qualifiers that depend on the bases, such as the translation, are not included.
    """

    kind: str
    parts: tuple[Interval, ...]
    strand: int
    qualifiers: Qualifiers
    table: int | None = None
    partial: tuple[bool, bool] = (False, False)
    label: Family | None = None


@dataclass(frozen=True, slots=True)
class Molecule:
    """One molecule of one species with its annotation; ``gaps`` are the intervals between genes.

    ``mask`` are the soft-masked intervals, sorted. The flat file of a ``contig`` has CONTIG in place of bases.
    """

    accession: str
    species: Species
    replicon: Replicon
    sequence: bytes
    features: tuple[Feature, ...]
    topology: str
    gaps: tuple[Interval, ...]
    mask: tuple[Interval, ...] = ()
    contig: bool = False


def rotated(molecule: Molecule, offset: int) -> Molecule:
    """Return a circular molecule with its origin moved to ``offset``; a feature across the new origin has two parts."""
    length = len(molecule.sequence)

    def rotated_feature(feature: Feature) -> Feature:
        parts: list[Interval] = []
        for start, end in feature.parts:
            first = (start - offset) % length
            last = first + end - start
            pieces = [(first, last)] if last <= length else [(first, length), (0, last - length)]
            parts += pieces if feature.strand == 1 else reversed(pieces)
        return dataclasses.replace(feature, parts=tuple(parts))

    return dataclasses.replace(
        molecule,
        sequence=molecule.sequence[offset:] + molecule.sequence[:offset],
        features=tuple(rotated_feature(feature) for feature in molecule.features),
        gaps=(),
    )


def reversed_strand(molecule: Molecule) -> Molecule:
    """Return the reverse complement of a molecule."""
    length = len(molecule.sequence)

    def reversed_feature(feature: Feature) -> Feature:
        parts = tuple((length - end, length - start) for start, end in feature.parts)
        return dataclasses.replace(feature, parts=parts, strand=-feature.strand)

    return dataclasses.replace(
        molecule,
        sequence=reverse_complement(molecule.sequence),
        features=tuple(reversed_feature(feature) for feature in reversed(molecule.features)),
        gaps=(),
    )
