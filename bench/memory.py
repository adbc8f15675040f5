"""Measure the peak memory of `dnacorpus parse`: a part of ordinary records, and one chromosome, two ways.

    python bench/memory.py [--bytes 2000000000] [--bases 300000000] [--folder /tmp]

Each is parsed by a process of its own, which prints its peak RSS less that of its imports. The promises: at
most 600 MB for the part (uncompressed size ``--bytes``), and at most 600 MB and 4 bytes a base for a chromosome,
be its bases in ORIGIN or in the FASTA beside a record that has CONTIG alone. The rows are those of RESULTS.md.
"""

# ruff: noqa: S311, T201 - a script that prints, and made bases

import argparse
import gzip
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dnacorpus.simulate.genbank_writer import Citation, FeatureEntry, Header, fasta_record, flat_record

CONSTANT = 600_000_000
PER_BASE = 4
_CHILD = """
import re, sys
from pathlib import Path
from dnacorpus.formats.read_part import Files
from dnacorpus.stages.parse import parse_part
def peak():  # not getrusage: its maximum counts the process that started this one
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
before = peak()
gbff, fna, out = sys.argv[1:]
damage = parse_part("plant", "plant.1", Files([Path(gbff)], [Path(fna)] if fna else []), Path(out))
assert damage == "", damage
print(peak() - before)
"""


def bases(rng: random.Random, size: int) -> bytes:
    """Return made bases: a stretch of random ones over and over, soft mask in it."""
    stretch = bytes(rng.choices(b"ACGT", k=min(size, 1 << 20)))
    stretch = stretch[:1000].lower() + stretch[1000:]
    return (stretch * (size // len(stretch) + 1))[:size]


def header(accession: str, length: int, contig: str = "") -> Header:
    """Return a header as a plant's record has it."""
    return Header(
        accession=accession, length=length, molecule="DNA", topology="linear", division="PLN", date="01-JAN-2026",
        definition="Zea mays chromosome", keywords=("RefSeq",), organism="Zea mays", source="Zea mays",
        lineage=("Eukaryota", "Viridiplantae", "Zea"), links=(("BioProject", "PRJNA1"),),
        citations=(Citation("Doe,J.", "A genome", "Journal 1 (1), 1-2 (2026)", 1),), comment="REVIEWED REFSEQ: made.",
        structured_comment=("Assembly-Data", (("Method", "made"),)), contig=contig,
    )  # fmt: skip


def entries(rng: random.Random, length: int) -> tuple[FeatureEntry, ...]:
    """Return a source and a gene and CDS for every 20 kb."""
    found = [FeatureEntry("source", f"1..{length}", (("organism", "Zea mays"), ("db_xref", "taxon:4577")))]
    protein = "".join(rng.choices("ACDEFGHIKLMNPQRSTVWY", k=350))
    for number, start in enumerate(range(1000, length - 3000, 20_000)):
        tag = ("locus_tag", f"ZM_{number:06}")
        place = f"join({start}..{start + 500},{start + 700}..{start + 1253})"
        found.append(FeatureEntry("gene", f"{start}..{start + 1253}", (("gene", f"g{number}"), tag)))
        values = (tag, ("codon_start", "1"), ("product", f"protein {number}"), ("translation", protein[number % 40 :]))
        found.append(FeatureEntry("CDS", place, values))
    return tuple(found)


def ordinary_part(folder: Path, size: int) -> tuple[Path, Path | None]:
    """Write a part of some 5 Mb records, ``size`` bytes uncompressed."""
    rng = random.Random(0)
    path = folder / "part.gbff.gz"
    length = min(5_000_000, size // 2)
    sequence = bases(rng, length)
    with gzip.open(path, "wb", compresslevel=1) as file:
        written = 0
        while written < size:
            text = flat_record(header(f"NC_{written:012}.1", length), entries(rng, length), sequence)
            written += file.write(text.encode("ascii"))
    return path, None


def whole_chromosome(folder: Path, size: int) -> tuple[Path, Path | None]:
    """Write one record with all its bases in ORIGIN."""
    rng = random.Random(1)
    path = folder / "whole.gbff.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(_record_lines(header("NC_1.1", size), entries(rng, size), bases(rng, size)))
    return path, None


def _record_lines(head: Header, found: tuple[FeatureEntry, ...], sequence: bytes) -> Iterator[bytes]:
    yield flat_record(head, found, b"").removesuffix("//\n").encode("ascii")
    yield b"ORIGIN\n"
    lower = sequence.lower()
    for at in range(0, len(lower), 60):
        yield b"%9d %s\n" % (at + 1, b" ".join(lower[at + step : at + step + 10] for step in range(0, 60, 10)).rstrip())
    yield b"//\n"


def contig_chromosome(folder: Path, size: int) -> tuple[Path, Path | None]:
    """Write one record without ORIGIN, and its bases as FASTA beside it."""
    rng = random.Random(2)
    flat, fna = folder / "contig.gbff.gz", folder / "contig.fna.gz"
    text = flat_record(header("NC_1.1", size, f"join(X1.1:1..{size})"), entries(rng, size), b"")
    flat.write_bytes(gzip.compress(text.encode("ascii"), 1))
    with gzip.open(fna, "wb", compresslevel=1) as file:
        file.write(fasta_record("NC_1.1 Zea mays", bases(rng, size)))
    return flat, fna


def peak(files: tuple[Path, Path | None], out: Path) -> int:
    """Parse files in a process of its own; return its peak RSS over that of its imports, in bytes."""
    gbff, fna = files
    command = [sys.executable, "-c", _CHILD, str(gbff), str(fna or ""), str(out)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure all three and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=2_000_000_000)
    parser.add_argument("--bases", type=int, default=300_000_000)
    parser.add_argument("--folder", type=Path, help="where the files go; default: the system's temporary folder")
    options = parser.parse_args()
    allowed = CONSTANT + PER_BASE * options.bases
    cases = (
        (f"a part of {options.bytes / 1e6:.0f} MB", ordinary_part, options.bytes, CONSTANT),
        (f"a chromosome of {options.bases / 1e6:.0f} Mb with ORIGIN", whole_chromosome, options.bases, allowed),
        (f"a chromosome of {options.bases / 1e6:.0f} Mb in FASTA", contig_chromosome, options.bases, allowed),
    )
    for what, write, size, most in cases:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            found = peak(write(Path(folder), size), Path(folder) / "out")
        verdict = "kept" if found <= most else "BROKEN"
        print(
            f"| peak RSS of `parse`, {what}: {found / 1e6:.0f} MB | promise: {most / 1e6:.0f} MB | {verdict} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
