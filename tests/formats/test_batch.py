"""Records read many at once, against the same records read one by one; and what that costs in memory."""

import importlib.util

import pytest
from support.each import each
from support.flatfile import fasta, record
from support.readrecord import read_record
from support.repository import REPOSITORY

from dnacorpus.formats import batch
from dnacorpus.formats import record as records
from dnacorpus.formats.batch import BatchReader
from dnacorpus.formats.fasta import FastaBases
from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.gunzip import Gunzip
from dnacorpus.formats.read_part import Files
from dnacorpus.formats.record import FeatureSlice
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.stages.parse import parse_part

BASES = "ACGTTGCAAGGCTATCCGATNNACRTGGCATTACGGACTATCGGACTTAACGGG"
GENE = [
    ("source", f"1..{len(BASES)}", [("organism", "Escherichia coli"), ("db_xref", "taxon:562")]),
    ("gene", "complement(3..20)", [("gene", "abcA")]),
    ("CDS", "join(50..54,1..4)", [("product", "p"), ("codon_start", "1")]),
]
GOOD = record("NC_1.1", BASES, GENE, topology="circular")
TEXTS = {
    "good": GOOD,
    "bare": record("NC_2.1", BASES),
    "odd": GOOD.replace('/gene="abcA"', '/gene="not "doubled" here"'),
    "contig": record("NC_3.1", "", GENE, locus_length=len(BASES), contig="join(X1.1:1..54)"),
    "protein": GOOD.replace(" bp ", " aa ", 1),
    "features": GOOD.replace('/gene="abcA"', '/gene="abcA'),
    "alphabet": GOOD.replace("acgttgcaag", "acgtt!caag"),
    "accents": GOOD.replace("abcA", "ábcA"),
    "windows": GOOD.replace("\n", "\r\n"),
    "locus alone": "LOCUS       NC_4 0 bp DNA\n//\n",
}


def find(accession):
    return FastaBases(BASES.encode(), [(1, 4)]) if accession == "NC_3.1" else None


def together(texts):
    taken = BatchReader(find)
    for text in texts:
        taken.add(text.encode())
    return list(taken.read())


def content(read):
    if isinstance(read, RefusalError):
        return read.reason, str(read)
    features = read.features
    if isinstance(features, FeatureSlice):
        features = features.table.slice(features.start, len(features)).to_pylist()
    return read.row, features, read.references, read.sequence, read.mask, read.fasta_differs


def alone(text):
    try:
        return content(read_record(text.encode(), find))
    except RefusalError as refusal:
        return content(refusal)


@pytest.mark.parametrize("turn", range(len(TEXTS)))
def test_batched_records_equal_records_read_one_by_one(turn):
    texts = [*TEXTS.values()]
    texts = texts[turn:] + texts[:turn]
    assert [content(read) for read in together(texts)] == [alone(text) for text in texts]


def test_which_records_are_read_as_columns():
    shared = [
        isinstance(read, records.Record) and isinstance(read.features, FeatureSlice)
        for read in together(TEXTS.values())
    ]
    assert [name for name, flag in zip(TEXTS, shared, strict=True) if flag] == [
        "good",
        "bare",
        "contig",
        "windows",
        "locus alone",
    ]


def test_a_record_that_gb_io_reads_differently_is_read_by_itself(monkeypatch):
    monkeypatch.setattr(batch, "agrees", lambda table, kinds, qualifiers: b"abcA" not in table)
    other = GOOD.replace("abcA", "xyz")
    found = together([other, GOOD, other])
    assert [isinstance(read.features, FeatureSlice) for read in found] == [True, False, True]
    assert [content(read) for read in found] == [alone(text) for text in (other, GOOD, other)]


def test_a_batch_is_empty_after_reading():
    taken = BatchReader(find)
    taken.add(GOOD.encode())
    taken.add(b"", RefusalError("no_locus", "none"))
    assert taken.size == len(GOOD) + len(BASES)
    assert len(list(taken.read())) == 2
    assert taken.size == 0
    assert list(taken.read()) == []


@pytest.mark.parametrize("size", [1, 1500, 1 << 30])
def test_batch_size_changes_no_byte(tmp_path, monkeypatch, size):
    path, fna = tmp_path / "x.gbff", tmp_path / "x.fna"
    path.write_text("".join(TEXTS.values()) * 2, encoding="utf-8", newline="")
    fna.write_text(fasta(("NC_3.1", BASES)))
    parse_part("viral", "x", Files([path], [fna]), tmp_path / "whole")
    monkeypatch.setattr("dnacorpus.formats.read_part.BATCH_BYTES", size)
    parse_part("viral", "x", Files([path], [fna]), tmp_path / "out")
    for made in each(sorted((tmp_path / "whole").iterdir())):
        assert made.read_bytes() == (tmp_path / "out" / made.name).read_bytes(), made.name


@pytest.mark.mirror
def test_the_mirror_in_batches_equals_one_by_one(mirror):
    apart, total = 0, 0
    for path in each(sorted(mirror.glob("*/*.genomic.gbff.gz"))):
        taken, texts = BatchReader(lambda _: None), []
        with path.open("rb") as file:
            for raw in FlatFile(Gunzip(file), path.name):
                texts.append(raw.data)
                taken.add(raw.data)
        for text, read in each(zip(texts, taken.read(), strict=True)):
            total += 1
            apart += isinstance(read, records.Record) and not isinstance(read.features, FeatureSlice)
            assert content(read) == alone(text.decode("latin-1")), text[:60]
    assert apart <= total // 100


def bench_memory():
    path = REPOSITORY / "bench" / "memory.py"
    spec = importlib.util.spec_from_file_location("bench_memory", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CONSTANT = 110_000_000
"""Row groups that are open, and batches: what a small part takes too."""


@pytest.mark.parametrize("way", ["whole_chromosome", "contig_chromosome"])
def test_a_chromosome_takes_at_most_four_bytes_a_base(tmp_path, way):
    memory, size = bench_memory(), 40_000_000
    files = getattr(memory, way)(tmp_path, size)
    assert memory.peak(files, tmp_path / "out") <= CONSTANT + memory.PER_BASE * size
