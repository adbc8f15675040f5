"""Small made-up releases in RefSeq's layout."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path


def flat_file(accession: str, bases: str = "ACGT") -> bytes:
    """Return a gzipped flat file of one record; the same text gives the same bytes."""
    text = (
        f"LOCUS       {accession} {len(bases)} bp DNA linear VRL 01-JAN-2000\nORIGIN\n        1 {bases.lower()}\n//\n"
    )
    return gzip.compress(text.encode(), mtime=0)


def fasta(accession: str, bases: str = "ACGT") -> bytes:
    """Return a gzipped FASTA file of one record."""
    return gzip.compress(f">{accession}\n{bases}\n".encode(), mtime=0)


VIRAL = {
    "viral.1.genomic.gbff.gz": flat_file("NC_000001.1"),
    "viral.1.1.genomic.fna.gz": fasta("NC_000001.1"),
    "viral.2.genomic.gbff.gz": flat_file("NC_000002.1", "ACGTTT" * 40),
    "viral.2.1.genomic.fna.gz": fasta("NC_000002.1", "ACGTTT" * 40),
    "viral.2.2.genomic.fna.gz": fasta("NC_000003.1", "GATTACA" * 30),
    "viral.10.genomic.gbff.gz": flat_file("NC_000010.1"),
    "viral.10.1.genomic.fna.gz": fasta("NC_000010.1"),
    "viral.1.protein.faa.gz": fasta("YP_000001.1", "MKV"),
    "viral.1.rna.gbff.gz": flat_file("NM_000001.1"),
    "viral.nonredundant_protein.1.protein.gpff.gz": flat_file("WP_000001.1"),
    "viral.wgs_mstr.gbff.gz": flat_file("NZ_AAAA00000000.1"),
}
"""Three parts of genomic files, and what else a division's folder holds."""


def write_release(root: Path, files: Mapping[str, bytes] = VIRAL, number: str = "7", sums: bool = True) -> Path:
    """Write a release and return its root; the folder of a file is its name's first word."""
    (root / "release-catalog").mkdir(parents=True)
    (root / "RELEASE_NUMBER").write_text(f"{number}\n")
    lines = []
    for name, content in files.items():
        place = root / name.partition(".")[0] / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
        lines.append(f"{hashlib.md5(content).hexdigest()}\t{name}\n")
    if sums:
        (root / "release-catalog" / f"release{number}.files.installed").write_text("".join(lines))
    return root
