"""A made-up release of three divisions, small enough to build in seconds, with the cases that matter planted."""

import gzip
import random
from pathlib import Path

from support.flatfile import fasta, record
from support.servers.releases import write_release

BACTERIA = ("Bacteria", "Pseudomonadota", "Gammaproteobacteria")
PLANTS = ("Eukaryota", "Viridiplantae", "Streptophyta")
VIRUSES = ("Viruses", "Duplodnaviria", "Heunggongvirae")


def bases(name: str, length: int) -> str:
    """Return random bases that only ``name`` and ``length`` decide."""
    return "".join(random.Random(f"{name}/{length}").choices("ACGT", k=length))


def complement(sequence: str) -> str:
    """Return the reverse complement."""
    return sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def gene(number: int, start: int, end: int, strand: int = 1) -> list[tuple]:
    """Return a gene and its CDS."""
    location = f"{start}..{end}" if strand == 1 else f"complement({start}..{end})"
    tag = ("locus_tag", f"TST_{number:04d}")
    return [
        ("gene", location, [("gene", f"abc{number}"), tag]),
        ("CDS", location, [("gene", f"abc{number}"), tag, ("codon_start", "1"), ("product", f"test protein {number}")]),
    ]


def source(organism: str, taxid: int) -> tuple:
    """Return a source feature."""
    return ("source", "1..900", [("organism", organism), ("mol_type", "genomic DNA"), ("db_xref", f"taxon:{taxid}")])


def plain(accession: str, organism: str, lineage: tuple[str, ...], sequence: str | None = None, **more: object) -> str:
    """Return a record of 900 bases with two genes."""
    features = [source(organism, 1000 + len(organism)), *gene(1, 10, 309), *gene(2, 400, 699, -1)]
    text = {"definition": f"{organism}, complete sequence."} | more
    return record(accession, sequence or bases(accession, 900), features, organism=organism, lineage=lineage, **text)


def texts() -> dict[str, str]:
    """Return file name -> flat file or FASTA text of the whole release."""
    chloroplast = bases("chloroplast", 900)
    virus = bases("virus", 900)
    contig = bases("contig", 900)
    contig_only = record(
        "NW_000009.1", "", [source("Oryza sativa", 4530), *gene(3, 1, 300)], organism="Oryza sativa", lineage=PLANTS,
        contig="join(AB000001.1:1..900)", locus_length=900,
    )  # fmt: skip
    return {
        "plant.1.genomic.gbff.gz": plain("NC_000001.1", "Oryza sativa", PLANTS)
        + plain("NC_000020.1", "Zea mays", PLANTS, chloroplast, topology="circular")
        + contig_only,
        "plant.1.1.genomic.fna.gz": fasta(("NW_000009.1 Oryza sativa", contig[:300].lower() + contig[300:])),
        "plastid.1.genomic.gbff.gz": plain(
            "NC_000020.1", "Zea mays", PLANTS, chloroplast[123:] + chloroplast[:123], topology="circular"
        )
        + plain("NC_000021.1", "Pisum sativum", PLANTS, topology="circular"),
        "plastid.2.genomic.gbff.gz": plain("NC_000022.1", "Vicia faba", PLANTS, topology="circular"),
        "viral.1.genomic.gbff.gz": plain("NC_000030.1", "Test phage one", VIRUSES, virus)
        + plain("NC_000031.1", "Test phage two", VIRUSES),
        "viral.2.genomic.gbff.gz": plain("AB000032.1", "Test phage three", VIRUSES, complement(virus))
        + plain("NC_000033.1", "Test phage four", VIRUSES),
    }


def pack(files: dict[str, str]) -> dict[str, bytes]:
    """Return the release files as they lie on a mirror."""
    return {name: gzip.compress(text.encode(), mtime=0) for name, text in files.items()}


def small_release(root: Path, files: dict[str, bytes] | None = None, **options: object) -> Path:
    """Write the release, or other files in its place, and return its root."""
    return write_release(root, files or pack(texts()), **options)
