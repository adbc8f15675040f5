"""Characters that cannot be printed, in flat files, FASTA, GFF, the taxonomy and papers: replaced and counted."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import taxdumps
from support.each import each
from support.flatfile import fasta, record

from dnacorpus.formats.read_part import Files
from dnacorpus.papers.files import read_file
from dnacorpus.printable import unprintable
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.stages.parse import parse_part

BASES = "ACGTTGCA" * 30
SEVERAL = "\x1b]0;x\x07 \x1b[2J \u202e \x9b \x08 \x00 \ufeff \U000e0041 \ufffe \x7f \u2028 \t ."
"""Characters of each kind; those of `COUNTS`."""
COUNTS = {"control": 9, "invisible": 3, "no_character": 1}


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a value of a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def parsed(folder: Path, **files: str) -> tuple[dict[str, list[dict]], dict[str, int]]:
    """Return the rows of a part's tables, none of which has an unprintable character, and what was counted."""
    paths: dict[str, list[Path]] = {"gbff": [], "fna": [], "gff": []}
    for kind, text in files.items():
        paths[kind].append(folder / f"x.{kind}")
        paths[kind][0].write_text(text, encoding="utf-8", newline="")
    assert parse_part("viral", "viral.1", Files(**paths), folder / "out") == ""
    rows = {path.stem: pq.read_table(path).to_pylist() for path in each(sorted((folder / "out").glob("*.parquet")))}
    found = {table: text for table, rows in rows.items() for text in strings(rows) if unprintable(text)}
    assert found == {}
    ledger = [row for row in rows["ledger"] if row["unit"] == "character"]
    counted = {row["reason"]: row["count"] for row in ledger if row["status"] == "excluded"}
    assert sum(counted.values()) == sum(row["count"] for row in ledger if row["status"] == "in")
    return rows, counted


def test_the_text_of_flat_files_is_cleaned_and_the_ledger_counts_what_was_replaced(tmp_path):
    features = [
        ("source", "1..240", [("organism", "Test virus"), ("note", "PLANTED")]),
        ("gene", "1..30", [("gene", "ab\u202ecD")]),
        ("CDS", "1..30", [("gene", "abcD"), ("product", "alpha\x07beta\x1b[31m kinase")]),
    ]
    whole = record("NC_1.1", BASES, features, organism="Test\x00virus", references=[{"title": "On PLANTED"}],
                   comment="first\x07\nsecond", lineage=("Vir\u200buses",))  # fmt: skip
    rows, counted = parsed(tmp_path, gbff=(whole + record("NC_2.1", BASES, features[:1])).replace("PLANTED", SEVERAL))
    first = rows["records"][0]
    # The organism is in SOURCE, too.
    expected = Counter(COUNTS) + Counter(COUNTS) + Counter(control=5, invisible=2) + Counter(COUNTS)
    assert counted == expected
    assert (first["organism"], first["comment"], first["lineage"]) == ("Test virus", "first\nsecond", ["Viruses"])
    assert rows["features"][1]["gene"] == "abcD"
    assert rows["features"][2]["product"] == "alpha beta [31m kinase"
    assert len(rows["records"]) == 2
    assert rows["rejects"] == []


def test_a_record_without_such_characters_is_not_counted(tmp_path):
    features = [("source", "1..240", [("organism", "Zaïre\xa0virus α")])]
    rows, counted = parsed(tmp_path, gbff=record("NC_1.1", BASES, features, organism="Zaïre\xa0virus α"))
    assert counted == {}
    assert [row for row in rows["ledger"] if row["unit"] == "character"] == []
    assert rows["records"][0]["organism"] == "Zaïre\xa0virus α"


def test_a_rejected_record_has_a_clean_row_and_is_not_counted(tmp_path):
    rows, counted = parsed(
        tmp_path, gbff=record("NC_\u202e1.1", "ACGT", [], locus_name="\x1b[2J").replace("bp", "ells")
    )
    assert counted == {}
    assert [row["reason"] for row in rows["rejects"]] == ["bad_locus"]


def test_titles_of_fasta_and_attributes_of_gff_are_cleaned(tmp_path):
    line = "NC_1.1\tx\t{}\t{}\t{}\t.\t+\t.\t{}\n".format
    gff = (
        "##gff-version 3\n#!genome-build-accession GCF_1\u202e.1\n##species Test\x1bvirus\n"
        + line("region", 1, 240, "ID=r;gbkey=Src;note=%1B[2J\u2066")
        + line("gene", 1, 30, "ID=g;gbkey=Gene;gene=ab%E2%80%AEcD;Note=one%0Atwo%09three")
        + line("CDS", 1, 30, "ID=c;Parent=g;gbkey=CDS;product=alpha%C2%9Bbeta")
    )
    rows, counted = parsed(tmp_path, gff=gff, fna=fasta(("NC_1.1 a\tvirus\x07", BASES)))
    row = rows["records"][0]
    assert (row["accession"], row["definition"], row["organism"]) == ("NC_1.1", "a virus", "Test virus")
    assert row["assembly"] == "GCF_1.1"
    assert [feature["gene"] for feature in rows["features"]] == [None, "abcD", "abcD"]
    assert rows["features"][2]["product"] == "alpha beta"
    assert {"key": "note", "value": "one two three"} in rows["features"][1]["qualifiers"]
    assert counted == {"control": 7, "invisible": 3}


PLACES = ("gbff", "fna", "gff")


@given(
    st.sampled_from(PLACES),
    st.text(st.sampled_from("\x01\x07\x08\x1b\x7f\x9b\u061c\u200e\u202e\u2066\ufeff\U000e0020\ufdd0") | st.just("a")),
)
def test_what_is_planted_is_counted(tmp_path_factory, place, planted):
    folder = tmp_path_factory.mktemp("planted")
    if place == "gbff":
        files = {"gbff": record("NC_1.1", BASES, [("gene", "1..9", [("note", f"x{planted}x")])])}
    elif place == "fna":
        files = {"fna": fasta((f"NC_1.1 x{planted}x", BASES))}
    else:
        gff = f"##gff-version 3\nNC_1.1\tx\tgene\t1\t9\t.\t+\t.\tID=g;gene=x{planted}x\n"
        files = {"gff": gff, "fna": fasta(("NC_1.1", BASES))}
    rows, counted = parsed(folder, **files)
    assert counted == unprintable(planted)
    assert len(rows["records"]) == 1


def test_names_of_the_taxonomy_are_cleaned_and_counted(tmp_path):
    names = [(*node, name.replace("Canis", "Ca\u202enis\x1b")) for *node, name in taxdumps.NODES]
    folder = tmp_path / "dump"
    folder.mkdir()
    for name, content in each(taxdumps.files(names).items()):
        (folder / name).write_bytes(content)
    write_taxonomy(str(folder), "", tmp_path / "taxonomy")
    found = pq.read_table(tmp_path / "taxonomy" / "taxa.parquet").to_pylist()
    assert "Canis lupus" in {row["name"] for row in found}
    assert not any(unprintable(text) for text in strings(found))
    described = json.loads((tmp_path / "taxonomy" / "taxonomy.json").read_text())
    number = sum("\x1b" in name for *_, name in names)
    assert described["replaced"] == {"control": number, "invisible": number}


@pytest.mark.parametrize("character", ["\u202e", "\x9b", "\u2066", "\ud800"])
def test_text_of_papers_is_cleaned_and_counted(tmp_path, character):
    paper = {"id": "1", "source": "MED", "pmid": "1", "title": f"On x{character}x", "authorString": f"A{character} B."}
    path = tmp_path / "core.json"
    path.write_text(json.dumps({"resultList": {"result": [paper]}}), encoding="utf-8")
    kind, (found,), _ = read_file(path)
    assert kind == "europepmc"
    assert not unprintable(f"{found.title}{found.authors}")
    assert dict(found.replaced) == {kind: 2 * count for kind, count in unprintable(character).items()}
