"""Building the genomes of simulated species: the bases of a molecule and the genes on it.

Coordinates are 0-based and half-open on the forward strand. Every molecule starts with a coding sequence, so that its
first bases do not distinguish it from a gene.
"""

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass

from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.sequence.location import Interval
from dnacorpus.simulate.evolution import random_bases, random_stream
from dnacorpus.simulate.families import (
    CODING,
    MAX_CODING_BASES,
    RNAS,
    Family,
    Lineage,
    coding_sequence,
    rna_sequence,
)
from dnacorpus.simulate.molecules import Feature, Molecule, Qualifiers, Replicon
from dnacorpus.simulate.organisms import Species, SpeciesCatalog

MIN_BASES = 500
"""Length of the shortest molecule: it holds the longest gene without introns."""
_RNA_SHARE, _SPLICED_SHARE = 0.1, 0.5
_GAP, _INTRON = (30, 150), (60, 120)


class AccessionCounter:
    """Gives accessions and protein ids in order; all are above those of RefSeq."""

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
class _GeneBases:
    """The bases and exons of a gene, in its own direction."""

    family: Family
    bases: bytes
    exons: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class _Gene:
    """A gene on a molecule: its interval, its exons in transcript order, and the family that it is labelled with."""

    interval: Interval
    parts: tuple[Interval, ...]
    strand: int
    family: Family
    label: Family
    number: int


class MoleculeBuilder:
    """Builds the molecules of a simulation, with accessions in the order in which they are built."""

    def __init__(self, catalog: SpeciesCatalog) -> None:
        self.catalog = catalog
        self.accessions = AccessionCounter()

    def build(self, species: Species, replicon: Replicon, bases: int, name: str = "") -> Molecule:
        """Return a molecule of exactly ``bases`` (at least `MIN_BASES`) of a species.

        ``name`` distinguishes molecules of one kind; the sequence depends only on seed, species, kind and name.
        """
        path = (species.key, replicon.letter, name)
        table = replicon.table or (species.code if replicon.organism != "plant" else 1)
        lineage = Lineage(self.catalog.seed, species.kind.name, species.genus_number, table, species.gc)
        sequence, genes, gaps = _laid_out(lineage, replicon.spliced, bases, random_stream(self.catalog.seed, *path))
        if self.catalog.unrelated:
            genes = _relabelled(genes, random_stream(self.catalog.seed, "unrelated", *path))
        tag = f"{species.tag}_{replicon.letter}{name}"
        features = [
            feature
            for gene in sorted(genes, key=lambda gene: gene.interval)
            for feature in self._features(gene, tag, table, replicon.spliced)
        ]
        # By the genus of the sequence, not of the name: shuffled names must not change the topology.
        circular_phage = species.kind.name == "phage" and species.genus_number % 2 == 1
        topology = "circular" if circular_phage else replicon.topology
        accession = self.accessions.accession(replicon.prefix)
        return Molecule(accession, species, replicon, sequence, tuple(features), topology, tuple(gaps))

    def _features(self, gene: _Gene, tag: str, table: int, spliced: bool) -> Iterator[Feature]:
        label = gene.label
        names: Qualifiers = (("locus_tag", f"{tag}{gene.number:04d}"),)
        if label.gene:
            names = (("gene", label.gene), *names)
        yield Feature("gene", (gene.interval,), gene.strand, names)
        product: Qualifiers = (("product", label.product),)
        if label.kind != "CDS":
            family = None if self.catalog.unrelated else label
            yield Feature(label.kind, gene.parts, gene.strand, names + product, label=family)
            return
        if spliced:
            yield Feature("mRNA", gene.parts, gene.strand, names + product)
        texts = (("function", label.function), ("EC_number", label.enzyme), ("note", label.note))
        described = tuple((key, text) for key, text in texts if text)
        protein = self.accessions.protein()
        coding = (("codon_start", "1"), ("transl_table", str(table)), *product, ("protein_id", protein))
        yield Feature("CDS", gene.parts, gene.strand, names + described + coding, table)


def _laid_out(
    lineage: Lineage, spliced: bool, bases: int, rng: random.Random
) -> tuple[bytes, list[_Gene], list[Interval]]:
    """Place genes one after the other, each followed by a gap; return the bases, the genes and the gaps."""
    pieces: list[bytes] = []
    genes: list[_Gene] = []
    gaps: list[Interval] = []
    position, max_gene = 0, MAX_CODING_BASES + (2 * _INTRON[1] if spliced else 0)
    while not genes or bases - position > max_gene:
        unit = _gene_bases(lineage, spliced, not genes, rng)
        strand = 1 if not genes or rng.random() < 0.5 else -1
        genes.append(_placed(unit, position, strand, len(genes) + 1))
        pieces.append(unit.bases if strand == 1 else reverse_complement(unit.bases))
        position += len(unit.bases)
        gap = (position, min(position + rng.randint(*_GAP), bases))
        gaps.append(gap)
        pieces.append(random_bases(gap[1] - gap[0], lineage.gc, rng))
        position = gap[1]
    pieces.append(random_bases(bases - position, lineage.gc, rng))
    return b"".join(pieces), genes, gaps


def _gene_bases(lineage: Lineage, spliced: bool, first: bool, rng: random.Random) -> _GeneBases:
    if not first and rng.random() < _RNA_SHARE:
        family = rng.choice(RNAS)
        bases = rna_sequence(family, lineage, rng)
        return _GeneBases(family, bases, ((0, len(bases)),))
    family = rng.choice(CODING)
    bases = coding_sequence(family, lineage, rng)
    if not spliced or first or rng.random() > _SPLICED_SHARE:
        return _GeneBases(family, bases, ((0, len(bases)),))
    return _with_introns(family, bases, lineage.gc, rng)


def _with_introns(family: Family, coding: bytes, gc: float, rng: random.Random) -> _GeneBases:
    cuts = sorted(rng.sample(range(60, len(coding) - 60), rng.randint(1, 2)))
    bases, exons, before = b"", [], 0
    for cut in (*cuts, len(coding)):
        exons.append((len(bases), len(bases) + cut - before))
        bases += coding[before:cut]
        if cut < len(coding):
            bases += b"GT" + random_bases(rng.randint(*_INTRON) - 4, gc, rng) + b"AG"
        before = cut
    return _GeneBases(family, bases, tuple(exons))


def _placed(unit: _GeneBases, position: int, strand: int, number: int) -> _Gene:
    length = len(unit.bases)
    exons = unit.exons if strand == 1 else [(length - end, length - start) for start, end in unit.exons]
    parts = tuple((position + start, position + end) for start, end in exons)
    return _Gene((position, position + length), parts, strand, unit.family, unit.family, number)


def _relabelled(genes: list[_Gene], rng: random.Random) -> list[_Gene]:
    """Label each coding sequence with a random family, and move each RNA to the start of a random coding sequence.

    Where they were, the bases of RNAs would still be typical of their families.
    """
    coding = [gene for gene in genes if gene.family.kind == "CDS"]
    relabelled = []
    for gene in genes:
        if gene.family.kind == "CDS":
            relabelled.append(dataclasses.replace(gene, label=rng.choice(CODING)))
            continue
        target, bases = rng.choice(coding), gene.interval[1] - gene.interval[0]
        start, end = target.interval
        interval = (start, start + bases) if target.strand == 1 else (end - bases, end)
        relabelled.append(dataclasses.replace(gene, interval=interval, parts=(interval,), strand=target.strand))
    return relabelled
