"""Damaged flat files, FASTA, GFF3 and GTF: each is read into tables whose ledger balances, and its rows can be made."""

import random
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import fasta, record
from support.fuzzing import TABLE, TEXT, bounded, damaged, examples, real
from support.mutations import STRUCTURE, Mutation
from support.settings import pair_settings, qa_settings, settings

from dnacorpus.formats.read_part import Files
from dnacorpus.pairs.qa.rows import question_rows
from dnacorpus.pairs.rows import rows_of_record
from dnacorpus.schemas import parts as schemas
from dnacorpus.stages.pair import kept_records
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import parquet as tables

BASES = "".join(random.Random(11).choices("ACGTN", (9, 9, 9, 9, 1), k=600))
FEATURES = [
    ("source", "1..600", [("organism", "Zea mays"), ("mol_type", "genomic DNA"), ("db_xref", "taxon:4577")]),
    ("gene", "10..99", [("gene", "abcA"), ("locus_tag", "T_1"), ("gene_synonym", "abc; xyz")]),
    ("CDS", "complement(join(100..159,200..229))", [
        ("gene", "abcA"), ("codon_start", "1"), ("transl_table", "11"), ("product", "a kinase, putative"),
        ("EC_number", "2.7.1.1"), ("note", "involved in growth; (see there)"), ("protein_id", "NP_1.1"),
        ("transl_except", "(pos:4..6,aa:Sec)"), ("translation", "MKV" * 9),
        ("inference", "COORDINATES: similar to AA sequence:RefSeq:WP_1.1"),
    ]),
    ("tRNA", "300..372", [("product", "tRNA-Leu"), ("anticodon", "(pos:330..332,aa:Leu,seq:caa)")]),
    ("misc_feature", "order(400..420,500..510)", [("note", "conserved; PMID: 77"), ("citation", "[1]")]),
]  # fmt: skip
FLAT = [
    record("NC_000001.1", BASES, FEATURES, topology="circular", comment="REVIEWED REFSEQ: made.\nSummary: A gene."),
    record("NC_000002.1", BASES, FEATURES[:3], references=[{"title": "On maize", "pubmed": "77"}]),
]
GFF = (
    "##gff-version 3\n##sequence-region s1 1 600\n##species https://x/?id=4577\n"
    "s1\tx\tregion\t1\t600\t.\t+\t.\tID=s1;Dbxref=taxon:4577;gbkey=Src;mol_type=genomic DNA\n"
    "s1\tx\tgene\t10\t400\t.\t-\t.\tID=g1;Name=abcA;locus_tag=T_1;gene_biotype=protein_coding\n"
    "s1\tx\tmRNA\t10\t400\t.\t-\t.\tID=m1;Parent=g1;product=kinase\n"
    "s1\tx\texon\t10\t99\t.\t-\t.\tID=e1;Parent=m1\ns1\tx\texon\t200\t400\t.\t-\t.\tID=e2;Parent=m1\n"
    "s1\tx\tCDS\t40\t99\t.\t-\t0\tID=c1;Parent=m1;protein_id=XP_1.1\n"
    "s1\tx\tCDS\t200\t259\t.\t-\t0\tID=c1;Parent=m1;Note=a%2Cb,c;Dbxref=GeneID:1,Genbank:XP_1.1\n"
)
GTF = "".join(
    f's1\tx\t{kind}\t{start}\t{end}\t.\t+\t{phase}\tgene_id "g{gene}"; transcript_id "t{gene}"; note "a;{gene}";\n'
    for gene, offset in ((1, 0), (2, 300))
    for kind, start, end, phase in (
        ("transcript", 10 + offset, 250 + offset, "."),
        ("exon", 10 + offset, 99 + offset, "."),
        ("CDS", 40 + offset, 99 + offset, "0"),
        ("exon", 150 + offset, 250 + offset, "."),
        ("CDS", 150 + offset, 200 + offset, "0"),
        ("stop_codon", 201 + offset, 203 + offset, "0"),
    )
)
FASTA = fasta(("s1 Zea mays chromosome 1", BASES), ("gi|1|gb|AB458345.1| the name", BASES[:120]), ("s3", "ACGT"))
QUESTIONS = qa_settings(1000, 8, (1, 4))
WINDOWS = settings(windows={"bases": 200, "stride": 150}).windows
FLAT_MUTATIONS: dict[str, Mutation] = TEXT | STRUCTURE


def rows_of(folder: Path) -> int:
    """Make all rows of the records of a part, and return their number."""
    ordinals = set(tables.read(folder / "records.parquet", schemas.RECORDS, ["ordinal"])["ordinal"].to_pylist())
    made = 0
    for context, references in kept_records(folder, ordinals):
        made += sum(1 for _ in rows_of_record(context, references, pair_settings(), WINDOWS))
        made += sum(1 for _ in question_rows(context, QUESTIONS))
    return made


def read(folder: Path, files: Files) -> None:
    """Parse a part, check that its ledger accounts for all records and features, and make their rows."""
    out = folder / "plant" / "plant.1"
    shutil.rmtree(out, ignore_errors=True)
    with bounded():
        parse_part("plant", "plant.1", files, out)
    if not out.is_dir():
        return
    ledger: Counter[tuple[str, str]] = Counter()
    for unit, status, count in (
        pl.DataFrame(tables.read(out / "ledger.parquet", schemas.LEDGER)).select("unit", "status", "count").iter_rows()
    ):
        ledger[unit, status] += count
    records = tables.read(out / "records.parquet", schemas.RECORDS)
    rejects = tables.read(out / "rejects.parquet", schemas.REJECTS)
    assert ledger["record", "in"] == len(records) + len(rejects)
    assert ledger["record", "rejected"] == len(rejects)
    assert sum(records["features"].to_pylist()) == len(tables.read(out / "features.parquet", schemas.FEATURES))
    with bounded():
        rows_of(out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    (folder / "plant").mkdir()
    return folder


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_the_undamaged_files_are_read_into_rows(tmp_path: Path) -> None:
    flat, bases = written(tmp_path, "x.gb", "".join(FLAT).encode()), written(tmp_path, "x.fna", FASTA.encode())
    annotations = [written(tmp_path, name, text.encode()) for name, text in (("x.gff", GFF), ("x.gtf", GTF))]
    for number, files in each(enumerate((Files([flat], []), *(Files([], [bases], [path]) for path in annotations)))):
        out = tmp_path / str(number)
        assert parse_part("plant", "plant.1", files, out) == ""
        assert rows_of(out) > 3


@examples(60)
@given(data=damaged([text.encode() for text in FLAT] + list(real("odd", "*.gb", "*.gbk")), FLAT_MUTATIONS))
def test_a_damaged_flat_file(folder: Path, data: bytes) -> None:
    read(folder, Files([written(folder, "x.gbff", data)], []))


@examples(60)
@given(data=damaged([GFF.encode(), *real("gff", "*.gff*")], TABLE))
def test_a_damaged_gff3_file(folder: Path, data: bytes) -> None:
    read(folder, Files([], [written(folder, "x.fna", FASTA.encode())], [written(folder, "x.gff", data)]))


@examples(60)
@given(data=damaged([GTF.encode(), *real("gff", "*.gtf*")], TABLE))
def test_a_damaged_gtf_file(folder: Path, data: bytes) -> None:
    read(folder, Files([], [written(folder, "x.fna", FASTA.encode())], [written(folder, "x.gtf", data)]))


@examples(60)
@given(data=damaged([FASTA.encode(), *real("gff", "*.fna", "*.fa")]))
def test_a_damaged_fasta_file(folder: Path, data: bytes) -> None:
    read(folder, Files([], [written(folder, "x.fna", data)], [written(folder, "x.gff", GFF.encode())]))


@examples(60)
@given(data=st.binary(max_size=300))
def test_a_file_of_random_bytes(folder: Path, data: bytes) -> None:
    for name in ("x.gbff", "x.gbff.gz"):
        read(folder, Files([written(folder, name, data)], []))
    for name in ("x.fna", "x.fna.gz"):
        read(folder, Files([], [written(folder, name, data)], [written(folder, "x.gff.gz", data)]))
