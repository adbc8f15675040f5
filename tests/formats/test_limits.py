"""Flat files, FASTA and GFF beyond their limits: a record costs itself, a file its part, and never the run."""

import gzip
import io
import json
import os
import re
import tempfile

import pytest
from support.each import each
from support.flatfile import record
from support.lowered import lower

from dnacorpus import limits
from dnacorpus.formats import batch, read_part
from dnacorpus.formats.fasta import index_fasta
from dnacorpus.formats.genbank import reader as genbank
from dnacorpus.schemas import parts as schemas
from dnacorpus.schemas.reasons import REASONS
from dnacorpus.stages.parse import run, run_on_files
from dnacorpus.storage import parquet as tables

SOURCE = ("source", "1..40", [("organism", "Test")])
GENES = [SOURCE, *[("gene", "1..4", [("gene", "abc"), ("note", "x")])] * 20]
SMALL = record("NC_000001.1", "ACGT" * 10, [SOURCE])
LAST = record("NC_000003.1", "ACGT" * 10, [SOURCE])


def parsed(tmp_path, flat="", fasta="", gff="", compressed=False):
    """Return accessions, rejects as (reason, detail), and the damage of a part made of these texts."""
    files = {"gbff": [], "fna": [], "gff": []}
    for kind, text in (("gbff", flat), ("fna", fasta), ("gff", gff)):
        if text:
            path = tmp_path / f"x.{kind}{'.gz' if compressed else ''}"
            path.write_bytes(gzip.compress(text.encode()) if compressed else text.encode())
            files[kind] = [path]
    damage = run_on_files("viral", files["gbff"], files["fna"], files["gff"], tmp_path / "out")
    kept = tables.read(tmp_path / "out" / "records.parquet", schemas.RECORDS)["accession"].to_pylist()
    rejects = tables.read(tmp_path / "out" / "rejects.parquet", schemas.REJECTS).to_pylist()
    return kept, rejects, damage


@pytest.mark.parametrize(
    ("limit", "number", "told"),
    [
        ("FEATURES", 15, "expected at most 15 features (limit FEATURES), found 21"),
        ("QUALIFIERS", 35, "expected at most 35 qualifiers (limit QUALIFIERS), found 41"),
    ],
)
def test_a_record_of_too_many_features_costs_itself(tmp_path, monkeypatch, limit, number, told):
    lower(monkeypatch, limit, number)
    many = record("NC_000002.1", "ACGT" * 10, GENES)
    kept, rejects, damage = parsed(tmp_path, SMALL + many + LAST)
    assert (kept, damage) == (["NC_000001.1", "NC_000003.1"], "")
    assert [(row["reason"], row["accession"], row["detail"]) for row in rejects] == [("too_large", "NC_000002.1", told)]
    assert "too_large" in REASONS


def test_a_record_of_too_many_bytes_costs_itself_and_is_not_held(tmp_path, monkeypatch):
    lower(monkeypatch, "RECORD_BYTES", 5000)
    lower(monkeypatch, "STRAY_BYTES", 3000)
    monkeypatch.setattr(genbank, "CHUNK", 100)
    monkeypatch.setattr(genbank, "HEAD_BYTES", 100)
    large = record("NC_000002.1", "ACGT" * 5000, [SOURCE])
    text = SMALL + large + LAST
    kept, rejects, damage = parsed(tmp_path, text)
    assert (kept, damage) == (["NC_000001.1", "NC_000003.1"], "")
    assert {row["reason"] for row in rejects} == {"too_large", "no_locus"}
    (first,) = [row for row in rejects if row["reason"] == "too_large"]
    assert first["accession"] == "NC_000002.1"
    assert re.fullmatch(r"expected at most [0-9,]+ bytes \(limit RECORD_BYTES\), found more", first["detail"])
    assert max(row["end"] - row["start"] for row in rejects) <= 5100
    assert (tmp_path / "out" / "rejects.gb").read_bytes() == large.encode()


def test_a_line_without_an_end_is_a_record_of_too_many_bytes(tmp_path, monkeypatch):
    lower(monkeypatch, "RECORD_BYTES", 5000)
    monkeypatch.setattr(genbank, "CHUNK", 100)
    raws = list(genbank.FlatFile(io.BytesIO(SMALL.encode()[:-3] + b"//" + b"x" * 20_000), "x"))
    assert max(len(raw.data) for raw in raws) < 20_000 or raws[0].flaw == "too_large"


def test_a_fasta_record_of_too_many_bytes_costs_itself(tmp_path, monkeypatch):
    lower(monkeypatch, "RECORD_BYTES", 5000)
    lower(monkeypatch, "STRAY_BYTES", 2000)
    large = ">NC_2.1 large\n" + "ACGT\n" * 2000
    kept, rejects, damage = parsed(tmp_path, fasta=">NC_1.1 a\nACGT\n" + large + ">NC_3.1 b\nACGT\n")
    assert (kept, damage) == (["NC_1.1", "NC_3.1"], "")
    assert [row["reason"] for row in rejects] == ["too_large", *["no_locus"] * 5]
    assert rejects[0]["accession"] == "NC_2.1"
    assert (tmp_path / "out" / "rejects.gb").read_text() == large


FASTA = ">NC_1.1 a\n" + "ACGT" * 100 + "\n"
GFF = "##gff-version 3\n" + "NC_1.1\tx\tgene\t1\t4\t.\t+\t.\tID=g%d\n" * 3 % (1, 2, 3)


@pytest.mark.parametrize(
    ("texts", "limit", "told"),
    [
        ({"fasta": ">a\nA\n" * 50}, "FASTA_RECORDS", "x.fna: expected at most 40 records"),
        ({"fasta": FASTA, "gff": GFF}, "GFF_LINES", "x.gff: expected at most 3 lines"),
        ({"fasta": FASTA, "gff": GFF + "NC_1.1\t" + "y" * 200}, "GFF_LINE", "x.gff: a line: expected at most 150"),
    ],
)
def test_a_file_of_too_much_is_a_damaged_file(tmp_path, monkeypatch, texts, limit, told):
    lower(monkeypatch, limit, {"FASTA_RECORDS": 40, "GFF_LINES": 3, "GFF_LINE": 150}[limit])
    _, _, damage = parsed(tmp_path, **texts)
    assert damage.startswith(told)
    assert f"(limit {limit})" in damage


def test_a_file_that_inflates_to_too_much_is_a_damaged_file(tmp_path, monkeypatch):
    lower(monkeypatch, "INFLATED_BYTES", 1 << 20)
    _, _, damage = parsed(tmp_path, fasta=">NC_1.1 a\n" + "A" * (4 << 20), compressed=True)
    assert "x.fna.gz: OSError: expected at most 1,048,576 bytes (limit INFLATED_BYTES)" in damage


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
@pytest.mark.parametrize("step", ["begin_record", "_features", "read_own_features", "finish_record"])
def test_a_record_that_exhausts_memory_costs_itself(tmp_path, monkeypatch, error, step):
    real = getattr(batch, step)
    failed = []

    def failing(first, *others):
        hit = {"begin_record": lambda: b"NC_000002" in first, "_features": lambda: len(first) > 1}
        if hit.get(step, lambda: first.header.accession == "NC_000002.1")():
            failed.append(step)
            raise error
        return real(first, *others)

    monkeypatch.setattr(batch, step, failing)
    second = record("NC_000002.1", "ACGT" * 10, [SOURCE, ("gene", "1 .. 4", [])])  # blanks are read by themselves
    kept, rejects, damage = parsed(tmp_path, SMALL + second + LAST)
    assert failed
    assert damage == ""
    if step == "_features":  # of all records together: each is read alone
        assert len(kept) + len(rejects) == 3
    else:
        assert kept == ["NC_000001.1", "NC_000003.1"]
        assert [row["reason"] for row in rejects] == ["too_large"]


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_a_fasta_record_that_exhausts_memory_costs_itself(tmp_path, monkeypatch, error):
    real = read_part.fasta_record

    def failing(accession, *others):
        if accession == "NC_2.1":
            raise error
        return real(accession, *others)

    monkeypatch.setattr(read_part, "fasta_record", failing)
    kept, rejects, _ = parsed(tmp_path, fasta=">NC_1.1\nACGT\n>NC_2.1\nACGT\n>NC_3.1\nACGT\n")
    assert kept == ["NC_1.1", "NC_3.1"]
    assert [(row["reason"], row["accession"]) for row in rejects] == [("too_large", "NC_2.1")]


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_a_file_that_exhausts_memory_is_a_damaged_file_of_its_part(tmp_path, monkeypatch, error):
    def failing(*_):
        raise error

    monkeypatch.setattr(read_part, "index_fasta", failing)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "x.fna").write_text(FASTA)
    file = {"file": "x.fna", "kind": "fna", "status": "ok", "bytes": len(FASTA), "detail": ""}
    listing = {"division": "viral", "part": "viral.1", "release": "1", "files": [file]}
    (raw / "part.json").write_text(json.dumps(listing))
    run(raw, tmp_path / "out")
    ledger = tables.read(tmp_path / "out" / "ledger.parquet", schemas.LEDGER).to_pylist()
    (lost,) = [row for row in ledger if row["reason"] == "unreadable"]
    assert lost["detail"].startswith("x.fna: expected ")


def test_the_largest_records_are_within_the_limits():
    """A line of ORIGIN has 10 letters of number, 60 bases, 6 blanks and an end; INSDC takes 2.1 Gb at most."""
    for bases in each((300_000_000, 2_147_483_647)):
        lines = bases // 60 + 1
        assert bases + lines * 17 + 300_000_000 < limits.RECORD_BYTES  # and a feature table of 300 MB
    assert limits.INFLATED_BYTES >= 400_000_000


class Generated:
    """A stream of a head, ``bases`` bases in lines, and a tail, of which no more than a line is held."""

    def __init__(self, head: bytes, line: bytes, count: int, tail: bytes) -> None:
        self._left = iter([head, *[line * 10_000] * (count // 10_000), tail])

    def read(self, _: int) -> bytes:
        """Return the next piece."""
        return next(self._left, b"")


@pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "nightly", reason="takes gigabytes of memory: only nightly")
def test_a_chromosome_of_300_mb_is_one_record():
    line = b"        1 " + b" ".join([b"acgtacgtac"] * 6) + b"\n"
    head, tail = SMALL.encode().partition(b"ORIGIN")[0] + b"ORIGIN\n", b"//\n"
    (raw,) = genbank.FlatFile(Generated(head, line, 5_000_000, tail), "x")
    assert raw.flaw is None
    assert len(genbank.bases_of(raw.data, genbank.sections_of(raw.data))) == 300_000_000
    with tempfile.TemporaryFile() as scratch:
        entries, damage = index_fasta(Generated(b">NC_1.1\n", b"A" * 60 + b"\n", 5_000_000, b""), scratch, "x")
    assert [(entry.flaw, entry.end) for entry in entries] == [(None, 8 + 305_000_000)]
    assert not damage
