"""Genomes of simulated species: molecules, and the genes laid out on them.

Coordinates are 0-based and half-open on the forward strand. Every molecule opens with a coding
sequence, so that the first bases tell no more of a molecule than of a gene.
"""

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass

from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.simulate.evolution import random_bases, stream
from dnacorpus.simulate.families import (
    CODING,
    MAX_CODING_BASES,
    RNAS,
    Family,
    Lineage,
    coding_sequence,
    rna_sequence,
)
from dnacorpus.simulate.organisms import Nature, Species

Span = tuple[int, int]
Qualifiers = tuple[tuple[str, str | None], ...]

MIN_BASES = 500
"""The shortest molecule: it holds the longest gene without introns."""
_RNA_SHARE, _SPLICED_SHARE = 0.1, 0.5
_GAP, _INTRON = (30, 150), (60, 120)


@dataclass(frozen=True, slots=True)
class Replicon:
    """A kind of molecule: whose, where its records stand, and its usual length in a release of 2 Mb.

    The first of ``divisions`` is the more specific one; a record stands in all of them. ``table`` 0
    means the code of the species. ``title`` goes after the organism's name, {number} being the species'.
    """

    name: str
    organism: str
    letter: str
    bases: int
    most_bases: int
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
"""The molecules of one round of the simulation, in order."""
DIVISIONS = tuple(sorted({division for replicon in REPLICONS for division in replicon.divisions}))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; ``parts`` stand in transcript order, ``table`` is set for coding sequences.

    ``partial`` says whether it goes on beyond its 5' and its 3' end, ``label`` is the family of an RNA
    where the bases are that family's. What follows from the bases, such as the translation, is not here.
    """

    kind: str
    parts: tuple[Span, ...]
    strand: int
    qualifiers: Qualifiers
    table: int | None = None
    partial: tuple[bool, bool] = (False, False)
    label: Family | None = None


@dataclass(frozen=True, slots=True)
class Molecule:
    """One molecule of one species with its annotation; ``mask`` are soft-masked runs, sorted."""

    accession: str
    species: Species
    replicon: Replicon
    sequence: bytes
    features: tuple[Feature, ...]
    topology: str
    gaps: tuple[Span, ...]  # between genes
    mask: tuple[Span, ...] = ()
    contig: bool = False  # the flat file has CONTIG in place of bases


class Numbers:
    """Counts out accessions and protein ids in the order of making, both above RefSeq's own."""

    def __init__(self) -> None:
        self._accession = self._protein = 0

    def accession(self, prefix: str) -> str:
        """Return the next accession.version, such as NC_900000001.1."""
        self._accession += 1
        return f"{prefix}{self._accession:08d}.1"

    def protein(self) -> str:
        """Return the next protein accession.version, such as YP_900000001.1."""
        self._protein += 1
        return f"YP_9{self._protein:08d}.1"


@dataclass(frozen=True, slots=True)
class _Unit:
    """One gene in its own direction: bases and exons."""

    family: Family
    bases: bytes
    exons: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Gene:
    """A gene in its place: the whole span, its exons in transcript order, and what it is called."""

    span: Span
    parts: tuple[Span, ...]
    strand: int
    family: Family
    label: Family
    number: int


def build_molecule(  # noqa: PLR0917 - what makes a molecule
    nature: Nature, species: Species, replicon: Replicon, bases: int, numbers: Numbers, name: str = ""
) -> Molecule:
    """Return a molecule of exactly ``bases`` (at least `MIN_BASES`) of a species.

    ``name`` tells apart several of one kind; the sequence depends on seed, species, kind and name only.
    """
    path = (species.key, replicon.letter, name)
    table = replicon.table or (species.code if replicon.organism != "plant" else 1)
    lineage = Lineage(nature.seed, species.kind.name, species.genus_number, table, species.gc)
    sequence, genes, gaps = _laid_out(lineage, replicon.spliced, bases, stream(nature.seed, *path))
    if nature.unrelated:
        genes = _relabelled(genes, stream(nature.seed, "unrelated", *path))
    tags = f"{species.tag}_{replicon.letter}{name}"
    features = [
        feature
        for gene in sorted(genes, key=lambda gene: gene.span)
        for feature in _features(gene, tags, table, replicon, numbers, nature.unrelated)
    ]
    # By the genus of the sequence, not of the name: the topology stays where names are dealt anew.
    circular_phage = species.kind.name == "phage" and species.genus_number % 2 == 1
    topology = "circular" if circular_phage else replicon.topology
    accession = numbers.accession(replicon.prefix)
    return Molecule(accession, species, replicon, sequence, tuple(features), topology, tuple(gaps))


def _laid_out(
    lineage: Lineage, spliced: bool, bases: int, chance: random.Random
) -> tuple[bytes, list[_Gene], list[Span]]:
    """Lay genes one after the other, each followed by a gap; return the bases, the genes and the gaps."""
    pieces: list[bytes] = []
    genes: list[_Gene] = []
    gaps: list[Span] = []
    at, most = 0, MAX_CODING_BASES + (2 * _INTRON[1] if spliced else 0)
    while not genes or bases - at > most:
        unit = _unit(lineage, spliced, not genes, chance)
        strand = 1 if not genes or chance.random() < 0.5 else -1
        genes.append(_placed(unit, at, strand, len(genes) + 1))
        pieces.append(unit.bases if strand == 1 else reverse_complement(unit.bases))
        at += len(unit.bases)
        gaps.append((at, min(at + chance.randint(*_GAP), bases)))
        pieces.append(random_bases(gaps[-1][1] - at, lineage.gc, chance))
        at = gaps[-1][1]
    pieces.append(random_bases(bases - at, lineage.gc, chance))
    return b"".join(pieces), genes, gaps


def rotated(molecule: Molecule, offset: int) -> Molecule:
    """Return a molecule read from ``offset`` on; a feature that the new origin cuts spans it."""
    length = len(molecule.sequence)

    def moved(feature: Feature) -> Feature:
        parts: list[Span] = []
        for start, end in feature.parts:
            first = (start - offset) % length
            last = first + end - start
            pieces = [(first, last)] if last <= length else [(first, length), (0, last - length)]
            parts += pieces if feature.strand == 1 else reversed(pieces)
        return dataclasses.replace(feature, parts=tuple(parts))

    return dataclasses.replace(
        molecule,
        sequence=molecule.sequence[offset:] + molecule.sequence[:offset],
        features=tuple(moved(feature) for feature in molecule.features),
        gaps=(),
    )


def reversed_strand(molecule: Molecule) -> Molecule:
    """Return a molecule read on its other strand."""
    length = len(molecule.sequence)

    def turned(feature: Feature) -> Feature:
        parts = tuple((length - end, length - start) for start, end in feature.parts)
        return dataclasses.replace(feature, parts=parts, strand=-feature.strand)

    return dataclasses.replace(
        molecule,
        sequence=reverse_complement(molecule.sequence),
        features=tuple(turned(feature) for feature in reversed(molecule.features)),
        gaps=(),
    )


def _unit(lineage: Lineage, spliced: bool, first: bool, chance: random.Random) -> _Unit:
    if not first and chance.random() < _RNA_SHARE:
        family = chance.choice(RNAS)
        bases = rna_sequence(family, lineage, chance)
        return _Unit(family, bases, ((0, len(bases)),))
    family = chance.choice(CODING)
    bases = coding_sequence(family, lineage, chance)
    if not spliced or first or chance.random() > _SPLICED_SHARE:
        return _Unit(family, bases, ((0, len(bases)),))
    return _with_introns(family, bases, lineage.gc, chance)


def _with_introns(family: Family, coding: bytes, gc: float, chance: random.Random) -> _Unit:
    cuts = sorted(chance.sample(range(60, len(coding) - 60), chance.randint(1, 2)))
    bases, exons, before = b"", [], 0
    for cut in (*cuts, len(coding)):
        exons.append((len(bases), len(bases) + cut - before))
        bases += coding[before:cut]
        if cut < len(coding):
            bases += b"GT" + random_bases(chance.randint(*_INTRON) - 4, gc, chance) + b"AG"
        before = cut
    return _Unit(family, bases, tuple(exons))


def _placed(unit: _Unit, at: int, strand: int, number: int) -> _Gene:
    length = len(unit.bases)
    spans = unit.exons if strand == 1 else [(length - end, length - start) for start, end in unit.exons]
    parts = tuple((at + start, at + end) for start, end in spans)
    return _Gene((at, at + length), parts, strand, unit.family, unit.family, number)


def _relabelled(genes: list[_Gene], chance: random.Random) -> list[_Gene]:
    """Give each coding sequence the names of another drawn at random, and each RNA the place of one.

    An RNA can lie anywhere; over the start of a coding sequence, its bases are those of any gene.
    """
    coding = [gene for gene in genes if gene.family.kind == "CDS"]
    relabelled = []
    for gene in genes:
        if gene.family.kind == "CDS":
            relabelled.append(dataclasses.replace(gene, label=chance.choice(CODING)))
            continue
        over, bases = chance.choice(coding), gene.span[1] - gene.span[0]
        start, end = over.span
        span = (start, start + bases) if over.strand == 1 else (end - bases, end)
        relabelled.append(dataclasses.replace(gene, span=span, parts=(span,), strand=over.strand))
    return relabelled


def _features(  # noqa: PLR0917 - what a gene is told with
    gene: _Gene, tags: str, table: int, replicon: Replicon, numbers: Numbers, unrelated: bool
) -> Iterator[Feature]:
    label = gene.label
    named: Qualifiers = ((("gene", label.gene),) if label.gene else ()) + (("locus_tag", f"{tags}{gene.number:04d}"),)
    yield Feature("gene", (gene.span,), gene.strand, named)
    product: Qualifiers = (("product", label.product),)
    if label.kind != "CDS":
        yield Feature(label.kind, gene.parts, gene.strand, named + product, label=None if unrelated else label)
        return
    if replicon.spliced:
        yield Feature("mRNA", gene.parts, gene.strand, named + product)
    told = tuple(
        (key, text)
        for key, text in (("function", label.function), ("EC_number", label.enzyme), ("note", label.note))
        if text
    )
    numbered = (("codon_start", "1"), ("transl_table", str(table)), *product, ("protein_id", numbers.protein()))
    yield Feature("CDS", gene.parts, gene.strand, named + told + numbered, table)
