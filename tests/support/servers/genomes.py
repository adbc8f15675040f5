"""A small made-up tree of assemblies as it lies below ``genomes/``; `servers.refseq.serve` serves it."""

import gzip
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.servers.releases import fasta, flat_file

HOST = "https://ftp.ncbi.nlm.nih.gov/genomes/"
COLUMNS = (
    "assembly_accession bioproject biosample wgs_master refseq_category taxid species_taxid organism_name"
    " infraspecific_name isolate version_status assembly_level release_type genome_rep seq_rel_date asm_name"
    " asm_submitter gbrs_paired_asm paired_asm_comp ftp_path excluded_from_refseq relation_to_type_material"
    " asm_not_live_date assembly_type group genome_size genome_size_ungapped gc_percent replicon_count scaffold_count"
    " contig_count annotation_provider annotation_name annotation_date total_gene_count protein_coding_gene_count"
    " non_coding_gene_count pubmed_id"
).split()
"""The 38 columns of 2023."""


@dataclass(frozen=True)
class Assembly:
    """One assembly; ``kinds`` are the files that it has, ``values`` further columns of its row."""

    accession: str
    organism: str = "Oryza sativa"
    taxid: int = 4530
    species_taxid: int = 0
    kinds: Sequence[str] = ("gbff", "fna", "gff")
    bases: int = 200
    checksums: bool = True
    values: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The folder below ``genomes/``."""
        section, digits = self.accession[:3], self.accession[4:13]
        return f"all/{section}/{digits[:3]}/{digits[3:6]}/{digits[6:]}/{self.accession}_ASM{digits[-3:]}v1"

    @property
    def row(self) -> dict[str, str]:
        """Its row of the summary."""
        known = {
            "assembly_accession": self.accession, "refseq_category": "na", "taxid": str(self.taxid),
            "species_taxid": str(self.species_taxid or self.taxid), "organism_name": self.organism,
            "version_status": "latest", "assembly_level": "Complete Genome", "ftp_path": HOST + self.place,
        }  # fmt: skip
        return dict.fromkeys(COLUMNS, "na") | known | self.values

    def files(self) -> dict[str, bytes]:
        """Return file name -> content."""
        bases = "".join(random.Random(self.accession).choices("ACGT", k=self.bases))
        record = f"NC_{self.accession[4:13]}.1"
        contents = {
            "gbff": flat_file(record, bases),
            "fna": fasta(record, bases),
            "gff": gzip.compress(f"##gff-version 3\n{record}\tRefSeq\tgene\t1\t9\t.\t+\t.\tID=g\n".encode(), mtime=0),
        }
        return {f"{Path(self.place).name}_genomic.{kind}.gz": contents[kind] for kind in self.kinds}


def summary(assemblies: Sequence[Assembly]) -> bytes:
    """Return the assemblies as an assembly_summary.txt."""
    lines = [
        "##  See https://ftp.ncbi.nlm.nih.gov/genomes/README_assembly_summary.txt for a description of the columns"
    ]
    lines += ["#" + "\t".join(COLUMNS), *("\t".join(assembly.row.values()) for assembly in assemblies)]
    return "".join(f"{line}\n" for line in lines).encode()


def write_genomes(root: Path, assemblies: Sequence[Assembly], historical: Sequence[Assembly] = ()) -> Path:
    """Write a tree and return its root; tables of one section (GCF) or both, and one per group of the assemblies."""
    for assembly in [*assemblies, *historical]:
        folder = root / assembly.place
        files = assembly.files()
        for name, content in files.items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        if assembly.checksums and files:
            lines = [f"{hashlib.md5(content).hexdigest()}  ./{name}\n" for name, content in files.items()]
            (folder / "md5checksums.txt").write_text("".join(lines) + f"{'0' * 32}  ./README.txt\n")
    tables = {
        f"{section}/assembly_summary_{section}{name}": [a for a in members if a.accession.startswith(prefix)]
        for section, prefix in (("refseq", "GCF"), ("genbank", "GCA"))
        for name, members in ((".txt", assemblies), ("_historical.txt", historical))
    }
    for group in {assembly.row["group"] for assembly in assemblies} - {"na"}:
        tables[f"refseq/{group}/assembly_summary.txt"] = [a for a in assemblies if a.row["group"] == group]
    for place, members in tables.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(summary(members))
    return root
