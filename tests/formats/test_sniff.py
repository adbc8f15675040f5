"""What is no flat file and no FASTA is refused by its name; what is only damaged is not."""

import gzip
import io
import json

import pytest
from support.each import each
from support.flatfile import fasta, record
from support.lowered import lower

from dnacorpus.formats.fasta import index_fasta
from dnacorpus.formats.genbank import reader as genbank
from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.sniff import ForeignFormatError
from dnacorpus.schemas import parts as schemas
from dnacorpus.stages import parse
from dnacorpus.storage import parquet as tables

GFF_LINE = b"NC_1.1\tRefSeq\tgene\t1\t9\t.\t+\t.\t"
FORMATS = {
    "FASTQ": b"@r1 1/1\nACGT\n+\nIIII\n@r2\nACGT\n+\nIIII\n",
    "SAM": b"@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:5\n",
    "BAM": b"BAM\x01" + bytes(40),
    "CRAM": b"CRAM\x03\x00" + bytes(40),
    "VCF": b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\n",
    "BCF": b"BCF\x02\x02" + bytes(40),
    "WIG": b"# made\nvariableStep chrom=chr1\n1 5\n",
    "bedGraph": b"track type=bedGraph\nchr1\t0\t9\t1.5\n",
    "BED": b"chr1\t0\t9\tname\t0\t+\n",
    "bigWig": b"\x26\xfc\x8f\x88" + bytes(40),
    "GFF3": b"##gff-version 3\n" + GFF_LINE + b"ID=g\n",
    "GTF": GFF_LINE + b'gene_id "g"; transcript_id "";\n',
    "EMBL": b"ID   X56734; SV 1; linear; mRNA; STD; PLN; 1859 BP.\nXX\nAC   X56734;\n//\n",
    "UniProt": b"ID   SOCS5_HUMAN             Reviewed;         536 AA.\nAC   O75159;\n//\n",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "HTML": b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
    "XML": b'<?xml version="1.0"?>\n<eEfetchResult><ERROR>ID list is empty!</ERROR></eEfetchResult>\n',
    "JSON": b'{"error":"API rate limit exceeded","count":"4"}\n',
    "ASN.1": b"Seq-entry ::= set {\n  class nuc-prot ,\n",
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    "2bit": b"\x43\x27\x41\x1a" + bytes(40),
    "zip": b"PK\x03\x04" + bytes(40),
    "gzip": gzip.compress(b"LOCUS"),
    "UTF-16": record("NC_1.1", "ACGT").encode("utf-16"),
}


WRONG = [(name, kind) for name in FORMATS for kind in ("gbff", "fna") if (name, kind) != ("EMBL", "gbff")]


def written(path, data, packed):
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return path


@pytest.mark.parametrize(("name", "option"), WRONG)
@pytest.mark.parametrize("packed", [False, True])
def test_parse_names_the_wrong_format_and_what_to_use(tmp_path, run, name, option, packed):
    if (name, packed) == ("gzip", False):
        return  # that is no other format
    path = written(tmp_path / "given.dat", FORMATS[name], packed)
    code, out, error = run("parse", "--division", "viral", f"--{option}", path, "--out", tmp_path / "out")
    expected = "a GenBank or EMBL flat file" if option == "gbff" else "FASTA"
    assert (code, out, error.count("\n")) == (1, "", 1)
    assert f"given.dat: expected {expected}, found {name}: " in error
    assert "; " in error.partition(f"found {name}: ")[2], "what to do next"
    assert not (tmp_path / "out").exists()


def test_a_file_under_the_wrong_option_is_refused_with_the_right_one(tmp_path, run):
    texts = {"FASTA": ("gbff", fasta(("NC_1.1", "ACGT"))), "GenBank": ("fna", record("NC_1.1", "ACGT"))}
    for name, (option, text) in each(texts.items()):
        path = written(tmp_path / "given.gz", text.encode(), packed=True)
        code, _, error = run("parse", "--division", "viral", f"--{option}", path, "--out", tmp_path / "out")
        assert code == 1
        assert f"found {name}: " in error
        assert ("--fna" if option == "gbff" else "--gbff") in error


@pytest.mark.parametrize(
    "page",
    [
        b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n'
        b'  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html lang="en">\n<head></head>\n',
        b"<!-- portal -->\n<html><body>Please log in</body></html>\n",
        b"\xef\xbb\xbf<!DOCTYPE HTML>\n<HTML><BODY></BODY></HTML>\n",
        b"<head>\n<meta charset='utf-8'>\n</head>\n<HTML>\n",
    ],
)
@pytest.mark.parametrize("option", ["gbff", "fna"])
def test_pages_of_servers_and_portals_are_recognized(tmp_path, run, page, option):
    path = written(tmp_path / "given", page, packed=False)
    code, _, error = run("parse", "--division", "viral", f"--{option}", path, "--out", tmp_path / "out")
    assert code == 1
    assert "found HTML: a web page, perhaps a server's error message" in error


def test_a_gz_name_without_gzip_content_is_refused(tmp_path, run):
    for name, data in (("zip", FORMATS["zip"]), ("GenBank", record("NC_1.1", "ACGT").encode())):
        path = written(tmp_path / f"{name}.gbff.gz", data, packed=False)
        code, _, error = run("parse", "--division", "viral", "--gbff", path, "--out", tmp_path / name)
        assert code == 1
        assert f"{name}.gbff.gz: OSError: expected gzip, found {name};" in error


@pytest.mark.parametrize(("name", "kind"), WRONG)
def test_a_fetched_part_with_another_format_is_unreadable(tmp_path, name, kind):
    good = written(tmp_path / "good.gbff.gz", record("NC_1.1", "ACGT").encode(), packed=True)
    bad = written(tmp_path / f"bad.{kind}.gz", FORMATS[name], packed=True)
    files = [
        {"file": path.name, "kind": path.name.split(".")[1], "status": "ok", "detail": ""}
        | {"bytes": path.stat().st_size, "md5": ""}
        for path in (good, bad)
    ]
    listing = {"division": "viral", "part": "viral.1", "release": "999", "files": files}
    (tmp_path / "part.json").write_text(json.dumps(listing))
    parse.run(tmp_path, tmp_path / "out")
    ledger = tables.read(tmp_path / "out" / "ledger.parquet", schemas.LEDGER).to_pylist()
    (detail,) = [row["detail"] for row in ledger if row["reason"] == "unreadable"]
    assert detail.startswith(f"bad.{kind}.gz: expected ")
    assert f"found {name}: " in detail
    assert tables.read(tmp_path / "out" / "records.parquet", schemas.RECORDS).num_rows == 0


RECORDS = [record(f"NC_{n:06}.1", "ACGT" * n, [("gene", "1..4", [])]) for n in range(1, 4)]


@pytest.mark.parametrize("damaged", [">OCUS", "ID   ", "chr1\t0\t9\t", "%PDF-", "@HD\tVN", "<html>", "BAM\x01", ""])
def test_a_damaged_first_record_is_not_another_format(damaged):
    data = (damaged + RECORDS[0][5:] + RECORDS[1]).encode()
    found = [(raw.flaw, raw.data) for raw in FlatFile(io.BytesIO(data), "x")]
    assert found == [("no_locus", data[: -len(RECORDS[1])]), (None, RECORDS[1].encode())]


def test_a_damaged_first_title_is_not_another_format():
    scratch = io.BytesIO()
    entries, _ = index_fasta(io.BytesIO(b"@NC_1.1\nACGT\n>NC_2.1 +\nAC\n"), scratch, "x")
    assert [(entry.flaw, entry.accession) for entry in entries] == [("no_locus", ""), (None, "NC_2.1")]


@pytest.mark.parametrize("size", [1, 3, 50, 1 << 20])
def test_a_format_is_recognized_for_any_chunk_size(monkeypatch, size):
    monkeypatch.setattr(genbank, "CHUNK", size)
    monkeypatch.setattr("dnacorpus.formats.fasta.CHUNK", size)
    for name, data in FORMATS.items():
        if name == "EMBL":
            assert [raw.flaw for raw in FlatFile(io.BytesIO(data), "x")] == [None]
        else:
            with pytest.raises(ForeignFormatError, match=f"found {name}"):
                list(FlatFile(io.BytesIO(data), "x"))
        with pytest.raises(ForeignFormatError, match=f"found {name}"):
            index_fasta(io.BytesIO(data), io.BytesIO(), "x")


def test_text_without_records_is_rejected_in_bounded_pieces(monkeypatch):
    monkeypatch.setattr(genbank, "CHUNK", 100)
    monkeypatch.setattr(genbank, "HEAD_BYTES", 100)
    lower(monkeypatch, "STRAY_BYTES", 1000)
    lines = b"".join(b"%04d rubbish LOCUS   \n" % number for number in range(1000))
    blob = bytes(range(1, 10)) * 1000
    data = lines + blob + b"\n" + RECORDS[0].encode() + lines + RECORDS[1].encode()
    found = list(FlatFile(io.BytesIO(data), "x"))
    assert b"".join(raw.data for raw in found) == data
    assert [raw.data.decode() for raw in found if raw.flaw is None] == RECORDS[:2]
    assert {raw.flaw for raw in found} == {None, "no_locus"}
    assert max(len(raw.data) for raw in found) <= 1100
    assert all(raw.data.endswith(b"\n") for raw in each(found) if b"rubbish" in raw.data and b"\x01" not in raw.data)
