"""Parsing one's own files: names that only a file has, slices, wrapped and collided LOCUS lines, odd line ends."""

import gzip
import json

import polars as pl
import pytest
from support.each import each
from support.flatfile import fasta, record

from dnacorpus.formats.read_part import Files
from dnacorpus.stages import parse
from dnacorpus.stages.parse import parse_part

BASES = "GGTATCGACAAGGAATGGCCGAGGAGACGCTAGAATATTGGAGTGTCGCTACGCAGTTAGCACGAGAATGTGACC"
GFF = "##gff-version 3\n{name}\tme\tgene\t1\t30\t.\t+\t.\tID=g;gene={gene}\n"


@pytest.fixture
def own(tmp_path):
    """Parse a fetched part of one's own files: name -> bytes or text, labelled by stem; return the tables by name."""

    def run(files, labels=None):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        kinds = {"gb": "gbff", "fna": "fna", "gff": "gff"}
        entries = [
            {"file": name, "kind": kinds[name.removesuffix(".gz").rpartition(".")[2]], "status": "ok", "detail": "",
             "bytes": (tmp_path / name).stat().st_size, "md5": ""}
            for name in files
        ]  # fmt: skip
        labels = {name: name.partition(".")[0] for name in files} if labels is None else labels
        listing = {"division": "mine", "part": "mine.1", "release": "local", "files": entries, "labels": labels}
        (tmp_path / "part.json").write_text(json.dumps(listing))
        parse.run(tmp_path, tmp_path / "out")
        return tables(tmp_path / "out")

    return run


def tables(folder):
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def counts(found, unit):
    rows = found["ledger"].filter(unit=unit)
    return {(status, reason): count for status, reason, count in rows.select("status", "reason", "count").iter_rows()}


def shifted(number):
    return BASES[number:] + BASES[:number]


def test_each_genome_has_its_own_contig_1_with_its_own_annotation(own, caplog):
    found = own({
        f"genome_{letter}.{kind}": text
        for number, letter in enumerate("abc")
        for kind, text in (
            ("fna", fasta(("contig_1 x", shifted(number)), ("contig_2", shifted(number + 9)))),
            ("gff", GFF.format(name="contig_1", gene=f"gen{letter.upper()}")),
        )
    })  # fmt: skip
    assert found["records"]["accession"].to_list() == [f"genome_{x}:contig_{n}" for x in "abc" for n in (1, 2)]
    assert found["records"]["genome"].to_list() == found["records"]["accession"].to_list()
    assert found["features"].select("accession", "gene").rows() == [
        ("genome_a:contig_1", "genA"), ("genome_b:contig_1", "genB"), ("genome_c:contig_1", "genC"),
    ]  # fmt: skip
    assert counts(found, "name") == {("in", ""): 6, ("kept", "by_file"): 6}
    assert counts(found, "line") == {}
    assert "mine.1: 6 records named after the file, e.g. genome_a:contig_1 for contig_1" in caplog.text
    for name in each(["segments"]):
        assert set(found[name]["accession"]) == set(found["records"]["accession"])


def test_a_flat_file_takes_its_bases_from_the_fasta_of_its_own_stem(own):
    found = own({
        f"{stem}.{kind}": text
        for number, stem in enumerate(("a", "b"))
        for kind, text in (
            ("gb", record("contig_1", "", [("gene", "1..9", [("gene", "x")])], locus_length=len(BASES))),
            ("fna", fasta(("contig_1", shifted(number)))),
        )
    })  # fmt: skip
    assert found["records"].select("accession", "exclusion").rows() == [("a:contig_1", None), ("b:contig_1", None)]
    assert found["segments"]["sequence"].to_list() == [shifted(0), shifted(1)]


def test_accessions_stay_and_placeholders_are_none(own):
    exported = record("Exported", BASES).replace("ACCESSION   Exported", "ACCESSION   .")
    exported = exported.replace("VERSION     Exported", "VERSION     .")
    empty = exported.replace("LOCUS       Exported", "LOCUS       unknown ").replace("ACCESSION   .", "ACCESSION   ")
    named = exported.replace("LOCUS       Exported", "LOCUS       pUC19   ")
    found = own({
        "p.gb": exported + record("CP000001.1", shifted(2)) + empty + named,
        "q.gb": exported.replace("Exported", "Unnamed ") + record("X12345", shifted(3)),
    })  # fmt: skip
    assert found["records"]["accession"].to_list() == ["p:1", "CP000001.1", "p:2", "p:pUC19", "q:1", "X12345"]
    assert counts(found, "name") == {
        ("in", ""): 6, ("kept", "accession"): 2, ("kept", "by_file"): 1, ("kept", "numbered"): 3,
    }  # fmt: skip


def test_a_name_that_a_file_has_twice_is_numbered_and_a_reject_has_its_name_too(own):
    text = fasta(("gid #1", shifted(1)), ("gid #2", shifted(2)), ("gid #1", shifted(1)), ("bad", "EFIL" + BASES))
    found = own({"k.fna": text})
    assert found["records"]["accession"].to_list() == ["k:gid", "k:gid:2", "k:gid:3"]
    assert found["rejects"].select("accession", "reason").rows() == [("k:bad", "alphabet")]


def test_files_without_labels_are_read_as_those_of_a_release(own):
    found = own({"a.fna": fasta(("contig_1", BASES)), "b.fna": fasta(("contig_1", shifted(1)))}, labels={})
    assert found["records"]["accession"].to_list() == ["contig_1", "contig_1"]
    assert counts(found, "name") == {}


def test_two_stretches_of_a_record_are_two_records_with_their_own_coordinates(own):
    feature = [("CDS", "1..30", [("product", "p")])]
    one = record("EE000001.1", BASES, feature).replace("ACCESSION   EE000001", "ACCESSION   EE000001 REGION: 11..85")
    two = record("EE000001.1", shifted(9), feature).replace(
        "ACCESSION   EE000001", "ACCESSION   EE000001 REGION: complement(101..175)"
    )
    found = own({"s.gb": one + two, "s.fna": fasta(("EE000001.1:11-85 a", BASES.lower().upper()))})
    assert found["records"]["accession"].to_list() == ["EE000001.1:11-85", "EE000001.1:c175-101"]
    assert found["features"].select("accession", "start", "end").rows() == [
        ("EE000001.1:11-85", 0, 30), ("EE000001.1:c175-101", 0, 30),
    ]  # fmt: skip


def test_collided_and_wrapped_locus_lines_keep_their_records(own):
    texts = []
    for number in (1, 2, 3):
        text = record(f"contig_{number}", shifted(number), topology="circular")
        rest = text.partition("\n")[2].replace(f"   contig_{number}", "")
        texts.append(f"LOCUS       draft_contig00000{number}{len(BASES)} bp   DNA\n   circular 19-AUG-2014\n{rest}")
    texts.append(texts[0].replace(f"1{len(BASES)} bp", "1999 bp"))
    found = own({"prokka.gb": "".join(texts)})
    assert found["records"].select("accession", "topology", "exclusion").rows() == [
        (f"prokka:draft_contig00000{number}", "circular", None) for number in (1, 2, 3)
    ]
    assert found["rejects"].select("accession", "reason").rows() == [("prokka:draft_contig000001999", "locus")]


@pytest.mark.parametrize("kind", ["gb", "fna"])
def test_line_ends_do_not_matter(tmp_path, own, kind):
    text = record("contig_1", BASES, [("CDS", "1..30", [("product", "p")])])
    text = text if kind == "gb" else fasta(("contig_1 a title", BASES))
    results = []
    for end in ("\n", "\r\n", "\r", "\r\r\n"):
        found = own({f"x.{kind}": text.replace("\n", end)})
        results.append([found[name].rows() for name in ("records", "features", "segments")])
        (tmp_path / "part.json").unlink()
        for path in (tmp_path / "out").iterdir():
            path.unlink()
        (tmp_path / "out").rmdir()
    assert results[0] == results[1] == results[2] == results[3]
    assert len(results[0][0]) == 1


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        ("; comment\n# other\n>s1\nACGT\n", "no_locus", "expected > at the start of a record, found other text"),
        (">s1\nACGT\n>\nACGT\n", "header", "expected a name after >, found none"),
    ],
)
def test_flaws_of_fasta_are_told_in_its_own_words(own, text, reason, message):
    found = own({"x.fna": text})
    assert found["rejects"].select("reason", "detail").rows() == [(reason, message)]
    assert found["records"]["accession"].to_list() == ["x:s1"]


def test_a_cut_fasta_is_told_in_its_own_words_too(tmp_path):
    path = tmp_path / "x.fna.gz"
    path.write_bytes(gzip.compress(fasta(("s1", BASES), ("s2", BASES)).encode())[:-12])
    assert parse_part("mine", "x", Files([], [path]), tmp_path / "out").startswith("x.fna.gz: EOFError")
    details = set(tables(tmp_path / "out")["rejects"]["detail"])
    assert details == {"expected the end of the record, found the end of a damaged file"}


def test_bytes_after_the_gzip_data_are_noted_and_cost_nothing(own, caplog):
    found = own({"x.fna.gz": gzip.compress(fasta(("s1", BASES)).encode()) + b"trailing garbage"})
    assert found["records"]["accession"].to_list() == ["x:s1"]
    assert counts(found, "file") == {("in", ""): 1, ("kept", ""): 0, ("kept", "trailing_bytes"): 1}
    detail = "x.fna.gz: 16 bytes after the end of its gzip data are left out"
    assert found["ledger"].filter(reason="trailing_bytes")["detail"].to_list() == [detail]
    assert detail in caplog.text


def test_an_empty_gz_is_a_damaged_file(own, tmp_path, run):
    found = own({"x.fna.gz": b"", "y.fna": fasta(("s1", BASES))})
    (detail,) = found["ledger"].filter(reason="unreadable")["detail"]
    assert detail == "x.fna.gz: EOFError: the file ends before any gzip data"
    code, _, error = run("parse", "--division", "mine", "--fna", tmp_path / "x.fna.gz", "--out", tmp_path / "o")
    assert (code, "x.fna.gz: EOFError: the file ends before any gzip data" in error) == (1, True)
    assert len(tables(tmp_path / "o")["rejects"]) == 0, "nothing was cut"
