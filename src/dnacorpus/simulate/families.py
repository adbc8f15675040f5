"""Gene families: their names and functions, and the evolution of their copies from one ancestor.

Each family has its own few amino acids, motifs and codons, so that a gene's product predicts much of its bases. All
families occur on all molecules, and every coding sequence ends in a tail of random length, so that neither the
molecule nor the length predicts the family. Copies evolve in two steps: from the family's ancestor to the
genus, and from there to each gene.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

from dnacorpus.simulate.evolution import CODES, UNIVERSAL, mutate_bases, mutate_codons, random_bases, random_stream

ANTICODON = slice(33, 36)
"""Position of the anticodon in a tRNA gene."""
CORE_CODONS = 80
_TAIL_CODONS = (10, 40)
_CODONS_CHANGED = {"genus": 0.1, "gene": 0.2}
_BASES_CHANGED = {"genus": 0.05, "gene": 0.08}
_MOTIFS, _MOTIF_CODONS, _AMINO_ACIDS = 4, 8, 7


@dataclass(frozen=True, slots=True)
class Family:
    """One gene family; ``bases`` is the length of an RNA, ``anticodon`` the anticodon of a tRNA as DNA."""

    kind: str  # CDS | tRNA | rRNA
    gene: str
    product: str
    function: str = ""
    note: str = ""
    enzyme: str = ""
    bases: int = 0
    amino_acid: str = ""
    anticodon: bytes = b""


PROTEINS = (
    Family("CDS", "recA", "recombinase RecA", "strand exchange in homologous recombination",
           "binds single-stranded DNA and searches for a homologous duplex"),
    Family("CDS", "dnaB", "replicative DNA helicase", "unwinding of the duplex at the replication fork",
           "moves along the lagging-strand template as a hexameric ring", "5.6.2.3"),
    Family("CDS", "polA", "DNA polymerase I", "synthesis of DNA in replication and repair",
           "removes primers of lagging-strand fragments and fills the gaps", "2.7.7.7"),
    Family("CDS", "thyA", "thymidylate synthase", "methylation of deoxyuridylate to thymidylate",
           "uses methylenetetrahydrofolate as the donor of the methyl group", "2.1.1.45"),
    Family("CDS", "nrdA", "ribonucleoside-diphosphate reductase subunit alpha", "reduction of ribonucleotides",
           "holds the catalytic site and both sites of allosteric control", "1.17.4.1"),
    Family("CDS", "groL", "chaperonin GroEL", "folding of newly made proteins",
           "forms two stacked rings around a folding chamber", "5.6.1.7"),
    Family("CDS", "ligA", "NAD-dependent DNA ligase", "sealing of nicks in double-stranded DNA",
           "joins neighbouring fragments of the lagging strand", "6.5.1.2"),
    Family("CDS", "clpP", "ATP-dependent Clp protease proteolytic subunit", "breakdown of misfolded proteins",
           "cuts unfolded chains that an ATPase threads into its barrel", "3.4.21.92"),
    Family("CDS", "dam", "DNA adenine methyltransferase", "methylation of adenine in short palindromes",
           "marks the parental strand for mismatch repair", "2.1.1.72"),
    Family("CDS", "xerC", "tyrosine recombinase XerC", "separation of dimers of circular molecules",
           "cuts and rejoins two duplexes at a short recognition site"),
    Family("CDS", "rpoB", "DNA-directed RNA polymerase subunit beta", "transcription of DNA into RNA",
           "holds part of the active centre and the binding site of rifamycins", "2.7.7.6"),
    Family("CDS", "ssb", "single-stranded DNA-binding protein", "protection of single-stranded DNA",
           "keeps exposed strands from folding back during replication"),
)  # fmt: skip
RNAS = (
    Family("tRNA", "trnA", "tRNA-Ala", bases=73, amino_acid="Ala", anticodon=b"TGC"),
    Family("tRNA", "trnM", "tRNA-Met", bases=74, amino_acid="Met", anticodon=b"CAT"),
    Family("tRNA", "trnL", "tRNA-Leu", bases=84, amino_acid="Leu", anticodon=b"TAA"),
    Family("rRNA", "rrnS", "small subunit ribosomal RNA", bases=240),
    Family("rRNA", "rrf", "5S ribosomal RNA", bases=119),
)
HYPOTHETICAL = Family("CDS", "", "hypothetical protein")
"""Not a family: each of these genes has random codons and resembles no other."""
CODING = (*PROTEINS, HYPOTHETICAL)
MAX_CODING_BASES = 3 * (1 + CORE_CODONS + _TAIL_CODONS[1] + 1)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What decides a gene's copy of a family: seed, kind of organism, genus, genetic code and share of G and C."""

    seed: int
    kind: str
    genus_number: int
    table: int
    gc: float


def coding_sequence(family: Family, lineage: Lineage, rng: random.Random) -> bytes:
    """Return one gene's copy of a family's coding sequence: start codon, core, tail and stop codon."""
    code = CODES[lineage.table]
    tail = rng.randint(*_TAIL_CODONS)
    if family is HYPOTHETICAL:
        codons = rng.choices(code.sense, k=CORE_CODONS + tail)
    else:
        core = mutate_codons(_genus_core(family, lineage), _CODONS_CHANGED["gene"], code, lineage.gc, rng)
        codons = core + rng.choices(_style(family, lineage.seed)[0], k=tail)
    start = code.starts[0] if rng.random() < 0.9 else rng.choice(code.starts)
    return "".join([start, *codons, rng.choice(code.stops)]).encode("ascii")


def rna_sequence(family: Family, lineage: Lineage, rng: random.Random) -> bytes:
    """Return one gene's copy of an RNA family, as DNA; the anticodon of a tRNA never changes."""
    copy = _mutated(_genus_rna(family, lineage), "gene", rng)
    return _with_anticodon(family, copy)


@lru_cache(maxsize=4096)
def _genus_core(family: Family, lineage: Lineage) -> tuple[str, ...]:
    # A genus evolves once, in code 1; a change with another meaning in the molecule's code is undone.
    rng = random_stream(lineage.seed, "genus", lineage.kind, lineage.genus_number, family.gene)
    core = mutate_codons(_core(family, lineage.seed), _CODONS_CHANGED["genus"], CODES[1], lineage.gc, rng)
    code, ancestor = CODES[lineage.table], _core(family, lineage.seed)
    return tuple(
        codon if code.amino_acids[codon] == CODES[1].amino_acids[codon] else before
        for codon, before in zip(core, ancestor, strict=True)
    )


@lru_cache(maxsize=4096)
def _genus_rna(family: Family, lineage: Lineage) -> bytes:
    ancestor = random_bases(family.bases, 0.5, random_stream(lineage.seed, "family", family.gene))
    return _mutated(
        ancestor, "genus", random_stream(lineage.seed, "genus", lineage.kind, lineage.genus_number, family.gene)
    )


@lru_cache(maxsize=64)
def _core(family: Family, seed: int) -> tuple[str, ...]:
    """Return the ancestor's codons: motifs, with one codon in ten replaced by any codon."""
    motifs = _style(family, seed)[1]
    rng = random_stream(seed, "family", family.gene, "core")
    codons = [codon for _ in range(CORE_CODONS // _MOTIF_CODONS) for codon in rng.choice(motifs)]
    return tuple(rng.choice(UNIVERSAL) if rng.random() < 0.1 else codon for codon in codons)


@lru_cache(maxsize=64)
def _style(family: Family, seed: int) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the family's codons, one for each of its amino acids, and its motifs, which consist of them."""
    rng = random_stream(seed, "family", family.gene, "style")
    by_amino_acid: dict[str, list[str]] = {}
    for codon in UNIVERSAL:
        by_amino_acid.setdefault(CODES[1].amino_acids[codon], []).append(codon)
    chosen = rng.sample(sorted(by_amino_acid), _AMINO_ACIDS)
    codons = tuple(rng.choice(by_amino_acid[amino_acid]) for amino_acid in chosen)
    return codons, tuple(tuple(rng.choices(codons, k=_MOTIF_CODONS)) for _ in range(_MOTIFS))


def _mutated(sequence: bytes, level: str, rng: random.Random) -> bytes:
    return mutate_bases(sequence, round(len(sequence) * _BASES_CHANGED[level]), rng)


def _with_anticodon(family: Family, sequence: bytes) -> bytes:
    if not family.anticodon:
        return sequence
    return sequence[: ANTICODON.start] + family.anticodon + sequence[ANTICODON.stop :]
