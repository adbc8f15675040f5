import gzip
import json
import shutil
from collections import Counter

import pyarrow.parquet as pq
import pytest
from support import taxdumps
from support.each import each
from support.flatfile import fasta, record

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.read_part import Files
from dnacorpus.schemas import parts as schemas
from dnacorpus.sequence.bases import canonical_digest, reverse_complement
from dnacorpus.sequence.location import extract_feature
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.stages import parse
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

NAMES = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "segments": schemas.SEGMENTS,
    "references": schemas.REFERENCES,
    "rejects": schemas.REJECTS,
    "ledger": schemas.LEDGER,
}
BASES = "ACGTTGCAAGGCTATCCGATNNACRTGGCATTACGGACTATCGGACTTAACGGG"
GENE = [
    ("source", f"1..{len(BASES)}", [("organism", "Escherichia coli"), ("db_xref", "taxon:562")]),
    ("gene", "complement(3..20)", [("gene", "abcA")]),
]
GOOD = [record(f"NC_{n}.1", BASES[n:] + BASES[:n], GENE) for n in range(1, 5)]


def write(path, text):
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


@pytest.fixture
def part(tmp_path):
    """Parse some text as one part and give its tables as lists of rows."""

    def parse(gbff="", fna=(), damage=""):
        files = [write(tmp_path / "bacteria.1.genomic.gbff.gz", gbff)]
        others = [write(tmp_path / f"bacteria.1.{n}.genomic.fna.gz", text) for n, text in enumerate(fna, 1)]
        assert parse_part("bacteria", "bacteria.1", Files(files, others), tmp_path / "out", release="999") == damage
        return read(tmp_path / "out")

    return parse


def read(out):
    return {name: tables.read(out / f"{name}.parquet", schema).to_pylist() for name, schema in NAMES.items()}


def ledger_counts(found):
    return {(row["unit"], row["status"], row["reason"]): (row["count"], row["bases"]) for row in found["ledger"]}


def sequence(found, ordinal=0):
    return "".join(row["sequence"] for row in found["segments"] if row["ordinal"] == ordinal)


def reasons(found):
    return [row["reason"] for row in found["rejects"]]


def test_a_record_becomes_rows(part, tmp_path):
    references = [
        {"authors": "Doe,J.", "title": "T", "journal": "J", "pubmed": "77"},
        {"bases": "sites", "pubmed": "77"},
    ]
    found = part(record("NC_7.2", BASES.lower(), GENE, references=references, topology="circular"))
    (row,) = found["records"]
    bases = BASES.encode()
    assert {key: row[key] for key in ("accession", "ordinal", "division", "part", "release", "source", "topology")} == {
        "accession": "NC_7.2", "ordinal": 0, "division": "bacteria", "part": "bacteria.1", "release": "999",
        "source": "gbff", "topology": "circular",
    }  # fmt: skip
    assert (row["taxid"], row["species"], row["genus"], row["species_source"]) == (
        562,
        "Escherichia coli",
        "Escherichia",
        "name",
    )
    assert (row["length"], row["locus_length"], row["ambiguous"], row["pmids"]) == (len(BASES), len(BASES), 3, [77])
    assert row["gc"] == pytest.approx(sum(map(BASES.count, "GC")) / sum(map(BASES.count, "ACGT")))
    assert row["digest"] == canonical_digest(reverse_complement(bases[9:] + bases[:9]), circular=True)
    assert (row["features"], row["exclusion"], row["genome"]) == (2, None, "NC_7.2")
    assert sequence(found) == BASES
    gene = found["features"][1]
    assert (gene["accession"], gene["ordinal"], gene["index"], gene["gene"]) == ("NC_7.2", 0, 1, "abcA")
    assert extract_feature(bases, gene) == reverse_complement(bases[2:20])
    assert [(r["index"], r["pmid"], r["bases"]) for r in found["references"]] == [
        (0, 77, f"bases 1 to {len(BASES)}"),
        (1, 77, "sites"),
    ]
    assert ledger_counts(found) == {
        ("file", "in", ""): (1, 0),
        ("file", "kept", ""): (1, 0),
        ("record", "in", ""): (1, len(BASES)),
        ("species", "in", ""): (1, 0),
        ("species", "kept", "name"): (1, 0),
        ("feature", "in", ""): (2, 0),
    }
    assert (tmp_path / "out" / "rejects.gb").read_bytes() == b""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*(f"{n}.parquet" for n in NAMES), "rejects.gb"]
    )


def test_rna_is_written_with_t(part):
    found = part(record("NC_1.1", "ACGUUGCAU", molecule_type="ss-RNA"))
    assert (found["records"][0]["molecule_type"], sequence(found)) == ("ss-RNA", "ACGTTGCAT")


BAD = {
    "no_locus": GOOD[0].replace("LOCUS", "XOCUS", 1),
    "bad_locus": GOOD[0].replace(" bp ", " ?? ", 1),
    "unterminated": GOOD[0].removesuffix("//\n"),
    "features": GOOD[0].replace('/gene="abcA"', '/gene="abcA'),
    "alphabet": GOOD[0].replace("cgttgcaagg", "cgttg!aagg"),
    "protein": GOOD[0].replace(" bp ", " aa ", 1),
}


@pytest.mark.parametrize("reason", BAD)
@pytest.mark.parametrize("place", range(4))
def test_one_bad_record_costs_one_record(part, tmp_path, reason, place):
    assert BAD[reason] != GOOD[0]
    before = part("".join(GOOD[1:]))
    texts = [*GOOD[1:]]
    texts.insert(place, BAD[reason])
    after = part("".join(texts))
    assert [(row["ordinal"], row["reason"]) for row in after["rejects"]] == [(place, reason)]
    for name in ("records", "features", "segments"):
        assert [{**row, "ordinal": 0} for row in after[name]] == [{**row, "ordinal": 0} for row in before[name]]
    (reject,) = after["rejects"]
    assert "".join(texts).encode()[reject["start"] : reject["end"]] == BAD[reason].encode()
    assert (tmp_path / "out" / "rejects.gb").read_bytes() == BAD[reason].encode()
    assert reject["accession"] == "NC_1.1"
    assert reject["first_line"] == BAD[reason].splitlines()[0]
    assert reject["detail"]
    held = sum(row["length"] for row in after["records"])
    assert ledger_counts(after)["record", "in", ""] == (4, held + reject["bases"])
    assert ledger_counts(after)["record", "rejected", reason] == (1, reject["bases"])


def test_exclusions_keep_their_rows(part):
    found = part(
        record("NC_1.1", BASES, GENE, locus_length=99)
        + record("NC_2.1", "", GENE, locus_length=54, contig="join(X1.1:1..54)")
        + record("NZ_ABCD00000000.1", unit="rc", locus_length=7, wgs="NZ_ABCD01000001-NZ_ABCD01000007")
        + record("GHGH00000000.1", locus_length=7, wgs="GHGH01000001-GHGH01000007")
    )
    assert [(row["exclusion"], row["length"], row["locus_length"]) for row in found["records"]] == [
        ("length_mismatch", len(BASES), 99),
        ("no_sequence", 0, 54),
        ("master", 0, 7),
        ("master", 0, 7),
    ]
    assert found["records"][1]["digest"] is found["records"][1]["gc"] is None
    assert len(found["features"]) == 4
    assert sequence(found, 0) == BASES
    assert found["rejects"] == []


def test_a_locus_line_without_a_length_contradicts_no_bases(part):
    small = f"LOCUS       clone_7\nDEFINITION  Clone 7.\nORIGIN\n        1 {BASES.lower()}\n//\n"
    cut = f"LOCUS       NC_1\n{record('NC_1.1', BASES, GENE).partition(chr(10))[2]}"
    found = part(small + cut + record("NC_2.1", BASES, GENE, locus_length=0))
    assert [(row["exclusion"], row["length"], row["locus_length"]) for row in found["records"]] == [
        (None, len(BASES), None),
        ("length_mismatch", len(BASES), 0),  # a record with an accession has lost the rest of its LOCUS line
        ("length_mismatch", len(BASES), 0),
    ]
    assert found["rejects"] == []


def test_bases_of_a_contig_record_come_from_the_fasta_with_its_mask(part):
    masked = BASES[:10] + BASES[10:20].lower() + BASES[20:]
    contig = [record(f"NW_{n}.1", "", GENE, locus_length=len(BASES), contig="join(X1.1:1..54)") for n in (1, 2, 3, 4)]
    found = part(
        "".join(contig),
        [
            fasta(("NW_2.1 second", BASES.lower()), ("NW_1.1 first", masked)),
            fasta(("NW_3.2 newer", BASES), ("NW_4", BASES)),
        ],
    )
    assert [(row["accession"], row["exclusion"], row["source"]) for row in found["records"]] == [
        ("NW_1.1", None, "gbff"),
        ("NW_2.1", None, "gbff"),
        ("NW_3.1", "no_sequence", "gbff"),
        ("NW_4.1", None, "gbff"),
        ("NW_3.2", None, "fna"),
    ]
    assert [row["mask"] for row in found["segments"]] == [[{"start": 10, "end": 20}], [], [], []]
    assert {row["sequence"] for row in found["segments"]} == {BASES}


def test_origin_stands_where_the_fasta_differs_and_lends_its_mask_where_not(part, caplog):
    masked = BASES[:4].lower() + BASES[4:]
    found = part(GOOD[0] + record("NC_9.1", BASES), [fasta(("NC_1.1", "ACGTacgt"), ("NC_9.1", masked))])
    assert sequence(found, 0) == BASES[1:] + BASES[:1]
    assert [row["mask"] for row in found["segments"]] == [[], [{"start": 0, "end": 4}]]
    assert [record.args[1] for record in caplog.records] == ["NC_1.1"]


def test_the_bases_of_a_rejected_record_make_no_record_of_their_own(part):
    bad = record("NC_7.1", BASES).replace(" bp ", " ?? ")
    found = part(GOOD[0] + bad, [fasta(("NC_7.1", BASES), ("NC_8.1", BASES))])
    assert [row["accession"] for row in found["rejects"]] == ["NC_7.1"]
    assert [row["accession"] for row in found["records"]] == ["NC_1.1", "NC_8.1"]


def test_fasta_records_that_no_flat_file_describes(part):
    found = part(
        GOOD[0],
        [fasta(("NC_1.1", BASES[1:] + BASES[0]), ("NC_8.1 A plasmid.", "ACGTnn"), ("NC_9.1", ""), ("X.1", "AC!"))],
    )
    _, plasmid, empty = found["records"]
    assert (plasmid["source"], plasmid["accession"], plasmid["definition"], plasmid["ordinal"]) == (
        "fna",
        "NC_8.1",
        "A plasmid",
        1,
    )
    assert (plasmid["organism"], plasmid["species"], plasmid["locus_length"], plasmid["length"]) == (
        None,
        None,
        None,
        6,
    )
    assert empty["exclusion"] == "no_sequence"
    assert [(row["reason"], row["ordinal"], row["accession"]) for row in found["rejects"]] == [("alphabet", 3, "X.1")]
    assert ledger_counts(found)["record", "in", ""][0] == 4


def test_a_long_record_is_cut_into_segments_that_join_again(part, monkeypatch):
    monkeypatch.setattr("dnacorpus.formats.record.SEGMENT_BASES", 10)
    masked = BASES[:5] + BASES[5:32].lower() + BASES[32:40] + BASES[40:].lower()
    found = part(record("NW_1.1", "", locus_length=len(BASES)), [fasta(("NW_1.1", masked))])
    rows = found["segments"]
    assert [(row["index"], row["count"], row["start"]) for row in rows] == [(n, 6, 10 * n) for n in range(6)]
    assert sequence(found) == BASES
    runs = [(row["start"] + run["start"], row["start"] + run["end"]) for row in rows for run in row["mask"]]
    assert runs == [(5, 10), (10, 20), (20, 30), (30, 32), (40, 50), (50, len(BASES))]


def test_an_empty_part_has_empty_tables(part):
    found = part("")
    assert {name for name, rows in found.items() if rows} == {"ledger"}
    assert ledger_counts(found)["record", "in", ""] == (0, 0)


@pytest.mark.parametrize("size", [0, 1, 60, 200, -9, -4])
def test_a_cut_file_gives_what_can_be_read_and_says_so(tmp_path, size):
    path = write(tmp_path / "viral.1.genomic.gbff.gz", "".join(GOOD))
    path.write_bytes(path.read_bytes()[:size])
    damage = parse_part("viral", "viral.1", Files([path], []), tmp_path / "out")
    found = read(tmp_path / "out")
    assert damage.startswith("viral.1.genomic.gbff.gz: ")
    assert ledger_counts(found)["file", "rejected", "unreadable"] == (1, 0)
    assert [row["detail"] for row in found["ledger"] if row["reason"] == "unreadable"] == [damage]
    assert [row["accession"] for row in found["records"]] == [f"NC_{n}.1" for n in range(1, len(found["records"]) + 1)]
    assert set(reasons(found)) <= {"truncated"}
    assert size > -9 or len(found["records"]) >= 3
    assert len(found["records"]) + len(found["rejects"]) == ledger_counts(found)["record", "in", ""][0]


@pytest.mark.parametrize("change", ["crc", "plain"])
def test_a_file_that_is_no_sound_gzip_is_damage(tmp_path, change):
    path = write(tmp_path / "viral.1.genomic.gbff.gz", "".join(GOOD))
    data = bytearray(path.read_bytes())
    data[-6] ^= 0xFF
    path.write_bytes(bytes(data) if change == "crc" else b"this is no gzip")
    damage = parse_part("viral", "viral.1", Files([path], []), tmp_path / "out")
    assert damage.startswith("viral.1.genomic.gbff.gz: ")
    assert len(read(tmp_path / "out")["records"]) == (4 if change == "crc" else 0)


def test_a_cut_fasta_rejects_its_last_record_and_says_so(tmp_path):
    flat = write(tmp_path / "a.gbff", GOOD[0])
    text = fasta(*((f"NC_{n}.1", BASES) for n in range(5, 3000)))
    other = write(tmp_path / "a.fna.gz", text)
    other.write_bytes(other.read_bytes()[: len(other.read_bytes()) * 2 // 3])
    damage = parse_part("viral", "a", Files([flat], [other]), tmp_path / "out")
    assert damage.startswith("a.fna.gz: EOFError")
    assert reasons(read(tmp_path / "out")) == ["truncated"]


def test_a_uniprot_file_is_refused_by_name(tmp_path):
    path = write(tmp_path / "x.dat", "ID   SOCS5_HUMAN             Reviewed;         536 AA.\nAC   O75159;\n//\n")
    with pytest.raises(CorpusError, match=r"x\.dat: expected a GenBank or EMBL flat file, found UniProt"):
        parse_part("plant", "x", Files([path], []), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(CorpusError, match=r"gone\.gbff"):
        parse_part("plant", "x", Files([tmp_path / "gone.gbff"], []), tmp_path / "out")


def test_two_files_of_one_name_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    paths = [write(tmp_path / "x.fna", ">X.1\nA\n"), write(tmp_path / "a" / "x.fna", ">X.2\nA\n")]
    with pytest.raises(UsageError, match=r"x\.fna: expected files of different names"):
        parse_part("plant", "x", Files([], paths), tmp_path / "out")


def listing(folder, files, **changes):
    entries = [
        {"file": path.name, "kind": "gbff" if "gbff" in path.name else "fna", "status": "ok", "detail": ""}
        | {"bytes": path.stat().st_size, "md5": ""}
        | changes.get(path.name.split(".")[0], {})
        for path in files
    ]
    text = json.dumps({"division": "viral", "part": "viral.1", "release": "999", "files": entries}, sort_keys=True)
    (folder / "part.json").write_text(text)


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_run_is_parse_part_wherever_the_files_are(tmp_path):
    outs = []
    for place, order in (("a", 1), ("b/c", -1)):
        raw = tmp_path / place
        raw.mkdir(parents=True)
        files = [write(raw / "v.1.gbff.gz", "".join(GOOD)), write(raw / "v.2.fna.gz", fasta(("NC_1.1", "acgT")))]
        files.append(write(raw / "v.1.fna.gz", fasta(("NC_88.1", "acgT"))))
        listing(raw, files[::order])
        parse.run(raw, raw / "out")
        parse_part("viral", "viral.1", Files(files[:1], files[1:][::order]), raw / "again", release="999")
        outs += [content(raw / "out"), content(raw / "again")]
    assert outs[0] == outs[1] == outs[2] == outs[3]
    assert len(read(raw / "out")["records"]) == 5


@pytest.mark.parametrize("damage", ["status", "cut", "uniprot"])
def test_run_empties_a_part_with_a_damaged_file_and_names_it(tmp_path, damage):
    good, bad = write(tmp_path / "good.gbff.gz", GOOD[0]), write(tmp_path / "bad.gbff.gz", GOOD[1])
    changes = {}
    if damage == "status":
        changes = {"bad": {"status": "unreadable", "detail": "MD5: expected 1 by release999.files.installed, found 2"}}
    elif damage == "cut":
        bad.write_bytes(bad.read_bytes()[:-20])
    else:
        write(bad, "ID   SOCS5_HUMAN             Reviewed;         536 AA.\n//\n")
    listing(tmp_path, [good, bad], **changes)
    parse.run(tmp_path, tmp_path / "out")
    found = read(tmp_path / "out")
    assert {name for name, rows in found.items() if rows} == {"ledger"}
    assert Counter((row["unit"], row["status"], row["count"]) for row in found["ledger"]) == Counter(
        [("file", "in", 2), ("file", "kept", 1), ("file", "rejected", 1)]
        + [(unit, "in", 0) for unit in ("record", "species", "feature")]
    )
    (detail,) = [row["detail"] for row in found["ledger"] if row["detail"]]
    assert detail.startswith("bad.gbff.gz: ")
    assert str(tmp_path) not in detail
    assert content(tmp_path / "out")["rejects.gb"] == b""


def of_taxon(accession, taxid, organism, lineage=("Bacteria",)):
    qualifiers = [("organism", organism), *([("db_xref", f"taxon:{taxid}")] if taxid else [])]
    return record(accession, BASES, [("source", f"1..{len(BASES)}", qualifiers)], organism=organism, lineage=lineage)


STRAINS = [
    of_taxon("NC_1.1", 511145, "Escherichia coli str. K-12 substr. MG1655"),
    of_taxon("NC_2.1", 662101, "Some older name"),  # merged into Escherichia coli
    of_taxon("NC_3.1", 9615, "Canis lupus familiaris"),
    of_taxon("NC_4.1", 77763, "Test RNA virus 1", ("Viruses", "Someviridae", "Somevirus")),  # without a genus
    of_taxon("NC_5.1", 561, "Escherichia sp. X"),  # a genus
    of_taxon("NC_6.1", taxdumps.DELETED, "Zea mays"),
    of_taxon("NC_7.1", None, "Zea mays"),
    of_taxon("NC_8.1", 562, None),
    of_taxon("NC_9.1", None, None),
]


@pytest.fixture
def taxa_folder(tmp_path):
    write_taxonomy(str(taxdumps.folder(tmp_path / "taxdump")), "unused", tmp_path / "taxonomy")
    return tmp_path / "taxonomy"


def parsed(folder, taxonomy_folder=None):
    """Parse STRAINS and an entry of FASTA, as one part, in a folder of their own."""
    folder.mkdir()
    gbff, fna = write(folder / "b.gbff.gz", "".join(STRAINS)), write(folder / "b.fna.gz", fasta(("NC_10.1 x", BASES)))
    parse_part("bacteria", "b", Files([gbff], [fna]), folder / "out", release="999", taxonomy=taxonomy_folder)
    return read(folder / "out")


def test_species_are_those_of_the_taxonomy_where_it_has_them(tmp_path, taxa_folder):
    found = parsed(tmp_path / "with", taxa_folder)
    columns = ("accession", "species", "species_taxid", "genus", "species_source")
    assert [tuple(row[name] for name in columns) for row in found["records"]] == [
        ("NC_1.1", "Escherichia coli", 562, "Escherichia", "taxonomy"),
        ("NC_2.1", "Escherichia coli", 562, "Escherichia", "taxonomy"),
        ("NC_3.1", "Canis lupus", 9612, "Canis", "taxonomy"),
        ("NC_4.1", "Test RNA virus 1", 77763, None, "taxonomy"),
        ("NC_5.1", "Escherichia sp. X", None, "Escherichia", "name"),
        ("NC_6.1", "Zea mays", None, "Zea", "name"),
        ("NC_7.1", "Zea mays", None, "Zea", "name"),
        ("NC_8.1", "Escherichia coli", 562, "Escherichia", "taxonomy"),
        ("NC_9.1", None, None, None, "name"),
        ("NC_10.1", None, None, None, "name"),
    ]
    first, genus, deleted = (found["records"][place] for place in (0, 4, 5))
    assert [(entry["rank"], entry["name"]) for entry in first["ranked_lineage"]] == [
        ("cellular root", "cellular organisms"), ("domain", "Bacteria"), ("phylum", "Pseudomonadota"),
        ("family", "Enterobacteriaceae"), ("genus", "Escherichia"), ("species", "Escherichia coli"),
    ]  # fmt: skip
    assert (first["taxid"], first["lineage"]) == (511145, ["Bacteria"]), "as written"
    assert genus["ranked_lineage"][-1] == {"rank": "genus", "name": "Escherichia"}
    assert deleted["ranked_lineage"] == []
    assert {key: count for key, count in ledger_counts(found).items() if key[0] == "species"} == {
        ("species", "in", ""): (10, 0),
        ("species", "kept", "name"): (3, 0),
        ("species", "kept", "taxonomy"): (5, 0),
        ("species", "excluded", "no_species"): (2, 0),
    }
    written = tables.read(tmp_path / "with" / "out" / "ledger.parquet", schemas.LEDGER)
    assert [problem for problem in each(ledger.imbalances(written)) if "species" in problem] == []


def test_without_a_taxonomy_species_are_by_name_and_nothing_else_differs(tmp_path, taxa_folder):
    write_taxonomy("none", "unused", tmp_path / "none")
    plain, none, known = (
        parsed(tmp_path / name, folder)
        for name, folder in (("plain", None), ("empty", tmp_path / "none"), ("with", taxa_folder))
    )
    assert plain == none
    assert {row["species_source"] for row in plain["records"]} == {"name"}
    assert [row["species"] for row in plain["records"]][:4] == [
        "Escherichia coli", "Some older", "Canis lupus", "Test RNA virus 1",
    ]  # fmt: skip
    assert [row["ranked_lineage"] for row in plain["records"]] == [[]] * 10
    changed = ("species", "species_taxid", "species_source", "genus", "ranked_lineage")
    for name in NAMES:
        if name != "ledger":
            assert [{**row, **dict.fromkeys(changed)} for row in plain[name]] == [
                {**row, **dict.fromkeys(changed)} for row in known[name]
            ]


def test_the_taxonomy_gives_the_same_bytes_twice_and_by_run(tmp_path, taxa_folder):
    parsed(tmp_path / "one", taxa_folder)
    parsed(tmp_path / "two", shutil.copytree(taxa_folder, tmp_path / "elsewhere"))
    assert content(tmp_path / "one" / "out") == content(tmp_path / "two" / "out")
    raw = tmp_path / "raw"
    raw.mkdir()
    files = [shutil.copy(tmp_path / "one" / name, raw / name) for name in ("b.gbff.gz", "b.fna.gz")]
    listing(raw, files)
    parse.run(raw, tmp_path / "out", taxa_folder)
    assert read(tmp_path / "out")["records"] == [
        row | {"division": "viral", "part": "viral.1"} for row in read(tmp_path / "one" / "out")["records"]
    ]


def test_a_taxonomy_that_is_not_there_is_refused(tmp_path):
    path = write(tmp_path / "x.gbff", GOOD[0])
    with pytest.raises(UsageError, match=r"gone: expected the folder of the taxonomy stage"):
        parse_part("viral", "x", Files([path], []), tmp_path / "out", taxonomy=tmp_path / "gone")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", [None, "{", "[]", '{"division": "viral"}'])
def test_a_listing_that_is_none_is_refused_by_name(tmp_path, text):
    if text is not None:
        (tmp_path / "part.json").write_text(text)
    with pytest.raises(CorpusError, match=r"part\.json: expected the list of a part's files"):
        parse.run(tmp_path, tmp_path / "out")


def test_the_tables_have_the_schemas_of_the_package(part, tmp_path):
    part("".join(GOOD))
    for name, schema in NAMES.items():
        assert pq.read_schema(tmp_path / "out" / f"{name}.parquet").equals(schema)
