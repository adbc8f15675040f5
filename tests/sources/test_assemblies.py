import csv
import logging
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.servers.genomes import COLUMNS, HOST, Assembly, summary

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.sources.assemblies import folder_of, md5_sums, named, pubmed_ids, select, with_folder
from dnacorpus.sources.assembly_summary import read_summary

YEAST = Assembly("GCF_000000001.2", "Saccharomyces cerevisiae S288C", 559292, 4932)
MOUSE = Assembly("GCF_000000002.27", "Mus musculus", 10090, values={"pubmed_id": "123;45, 6"})
MOUSE_OLD = Assembly("GCF_000000002.9", "Mus musculus", 10090, values={"version_status": "replaced"})
LOST = Assembly("GCF_000000003.1", "Mus spretus", 10096, values={"ftp_path": "na", "assembly_level": "Contig"})
ALL = [MOUSE, MOUSE_OLD, YEAST, LOST]


def frame(assemblies: list[Assembly] | None = None) -> pl.DataFrame:
    return read(summary(ALL if assemblies is None else assemblies))


def read(content: bytes, numbers: set[str] | None = None) -> pl.DataFrame:
    return read_summary(content.splitlines(keepends=True), "genomes/summary.txt", numbers)


def accessions(table: pl.DataFrame) -> list[str]:
    return table["assembly_accession"].to_list()


def real_summaries(data: Path) -> list[Path]:
    return sorted(path for path in (data / "ncbi_ftp").rglob("*.txt") if "assembly_report" not in path.parts)


@pytest.mark.parametrize("head", ["#assembly_accession", "# assembly_accession", "## \tassembly_accession"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_old_and_new_headers_and_line_ends(head: str, end: str) -> None:
    text = summary(ALL).decode().replace("#assembly_accession", head).replace("\n", end)
    if head.startswith("## \t"):  # another column in front
        first, header, *rest = text.split(end)
        text = end.join([first, header, *(line and f"x\t{line}" for line in rest)])
    table = read(text.encode())
    assert accessions(table) == [assembly.accession for assembly in ALL]
    assert table.row(0, named=True)["organism_name"] == "Mus musculus"
    assert table.row(0, named=True)["bioproject"] is None
    assert table.row(3, named=True)["ftp_path"] is None
    assert set(table.dtypes) == {pl.String}


def test_quotes_and_non_ascii_letters_are_text() -> None:
    quoted = Assembly("GCF_000000004.1", 'Bacillus "sp', values={"asm_submitter": "Génoscope\u2028\x85 Évry"})
    table = frame([quoted, YEAST])
    assert table["organism_name"].to_list() == ['Bacillus "sp', YEAST.organism]
    assert table["asm_submitter"][0] == "Génoscope\u2028\x85 Évry"
    latin = summary([quoted]).replace("Génoscope\u2028\x85 Évry".encode(), "Génoscope".encode("latin-1"))
    assert read(latin)["asm_submitter"][0] == "Génoscope"


def test_columns_are_found_by_name() -> None:
    content = "#assembly_accession\tnew\tftp_path\tsubmitter\tnew\n" + f"GCF_000000001.1\tx\t{HOST}all\tMe\ty\textra\n"
    table = read(content.encode())
    row = table.row(0, named=True)
    assert (row["new"], row["asm_submitter"], row["taxid"], row["pubmed_id"]) == ("x", "Me", None, None)
    assert accessions(select(frame([YEAST]))) == [YEAST.accession]


def test_short_lines_are_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    lines = summary(ALL).splitlines(keepends=True)
    ends_before_path = lines[2][: lines[2].index(b"https")].rstrip(b"\t") + b"\n"
    ends_after_path = b"\t".join(lines[3].split(b"\t")[:20]) + b"\n"
    cut_short = lines[4][:-60]
    with caplog.at_level(logging.WARNING):
        table = read(b"".join([*lines[:2], ends_before_path, b"rubbish\n", b"\n", ends_after_path, cut_short]))
    assert accessions(table) == [MOUSE_OLD.accession]
    assert "genomes/summary.txt: 3 line(s) left out" in caplog.text


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("asm_submitter", "Institute of\tTropical Botany"),
        ("asm_submitter", "A\t\tB"),
        ("asm_name", "7301_2\t186"),
        ("infraspecific_name", "strain=K\t12"),
        ("isolate", "patient 3\tsample 1"),
        ("organism_name", "Oryza\tsativa"),
        ("excluded_from_refseq", "derived from\tmetagenome"),
    ],
)
def test_a_tab_inside_a_value_moves_no_column(column: str, value: str, caplog: pytest.LogCaptureFixture) -> None:
    named_by = value if column == "asm_name" else "7301_2"
    path = HOST + "all/GCF/000/000/005/GCF_000000005.1_" + named_by.replace("\t", "_")
    values = {
        "asm_name": "7301_2", "ftp_path": path, "seq_rel_date": "2024/05/06", "group": "plant", "pubmed_id": "77",
        "infraspecific_name": "na" if column == "isolate" else "cultivar=Test", "asm_submitter": "SC",
    }  # fmt: skip
    tabbed = Assembly("GCF_000000005.1", "Oryza sativa", 4530, values=values | {column: value})
    table = frame([YEAST, tabbed, MOUSE])
    assert accessions(table) == [YEAST.accession, tabbed.accession, MOUSE.accession]
    row = table.row(1, named=True)
    expected = tabbed.row | {column: " ".join(value.split("\t"))}
    assert row == {name: None if value == "na" else value for name, value in expected.items()}
    assert accessions(select(table, {4530})) == [tabbed.accession]
    assert caplog.text == ""


def test_lines_of_more_fields_than_columns_for_another_reason_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    first, header, yeast, mouse = summary([YEAST, MOUSE]).splitlines(keepends=True)
    fields = yeast.split(b"\t")
    doubled = b"\t".join([*fields[:5], b"x", *fields[5:]])
    with caplog.at_level(logging.WARNING):
        table = read(b"".join([first, header, doubled, mouse.replace(b"\n", b"\t\t\n")]))
    assert accessions(table) == [MOUSE.accession]
    assert "genomes/summary.txt: 1 line(s) left out: expected an accession" in caplog.text
    assert "38 fields in each" in caplog.text


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "found none"),
        (b"##  See the README\n", "found none"),
        (b"GCF_000000001.1\tx\n#assembly_accession\tftp_path\n", "found none"),
        (b"<!DOCTYPE html>\n<html></html>\n", "found none"),
        (b"#assembly_accession\ttaxid\n", "found assembly_accession, taxid"),
        (b"\x1f\x8b\x08\x00\xff\xfe", "found none"),
    ],
)
def test_files_without_the_header_are_refused(content: bytes, found: str) -> None:
    with pytest.raises(CorpusError, match=r"genomes/summary.txt: expected .*" + found):
        read(content)


def test_only_the_numbers_asked_for_are_kept() -> None:
    assert accessions(read(summary(ALL), {"GCF_000000002"})) == [MOUSE.accession, MOUSE_OLD.accession]
    assert accessions(read(summary(ALL), set())) == []


def test_accessions_are_distinct_and_large_tables_complete() -> None:
    many = [Assembly(f"GCF_{n:09d}.1").accession for n in range(120_000)]
    lines = [b"#assembly_accession\tftp_path\n", *(f"{name}\tna\n".encode() for name in [*many, many[5]])]
    assert accessions(read_summary(lines, "x")) == many


def test_taxa_by_id_and_by_name() -> None:
    table = frame()
    assert accessions(select(table, {4932})) == [YEAST.accession]  # its species
    assert accessions(select(table, {559292, 10090})) == [YEAST.accession, MOUSE.accession]
    assert accessions(select(table, set(), {"Mus"})) == [MOUSE.accession]
    assert accessions(select(table, set(), {"Saccharomyces cerevisiae"})) == [YEAST.accession]
    assert accessions(select(table, set(), {"Saccharomyces cerev"})) == []
    assert accessions(select(table, set())) == []
    assert accessions(select(table)) == [YEAST.accession, MOUSE.accession]


def test_assemblies_without_a_folder_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert LOST.accession not in accessions(select(frame()))
    assert f"found none: {LOST.accession}" in caplog.text
    assert with_folder(frame())[1] == [LOST.accession]


def test_filters() -> None:
    some = [
        Assembly("GCF_000000005.1", values={"refseq_category": "reference genome", "assembly_level": "Chromosome"}),
        Assembly("GCF_000000006.1", values={"refseq_category": "reference genome"}),
        Assembly("GCF_000000007.1"),
    ]
    table = frame(some)
    for filters, expected in [
        ({"refseq_category": ["reference genome"]}, [5, 6]),
        ({"refseq_category": ["na"]}, [7]),
        ({"refseq_category": [None, "reference genome"]}, [5, 6, 7]),
        ({"assembly_level": ["Complete Genome", "Chromosome"]}, [5, 6, 7]),
        ({"assembly_level": ["Complete Genome"], "refseq_category": ["reference genome"]}, [6]),
    ]:
        assert accessions(select(table, filters=filters)) == [f"GCF_00000000{n}.1" for n in expected]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"level": ["Chromosome"]}, r"found 'level'; there are .*assembly_level, .*version_status"),
        ({"assembly_level": ["chromosome"]}, r"found chromosome; there are Complete Genome, Contig$"),
        ({"refseq_category": ["reference genome"]}, r"found reference genome; there are na$"),
        ({"assembly_level": []}, r"found none; there are Complete Genome"),
    ],
)
def test_invalid_filters_are_refused(filters: dict[str, list[str | None]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        select(frame(), filters=filters)


def test_accessions_with_and_without_version() -> None:
    for asked, found, missing in [
        (["GCF_000000002"], [MOUSE.accession], []),
        (["GCF_000000002.9", "GCF_000000002"], [MOUSE.accession, MOUSE_OLD.accession], []),
        (["GCF_000000002.27", "GCF_000000002", "GCF_000000002.27"], [MOUSE.accession], []),
        (["GCF_000000002.1", "GCF_000000009", "GCF_000000003"], [LOST.accession], ["GCF_000000002.1", "GCF_000000009"]),
    ]:
        table, absent = named(frame(), asked)
        assert (accessions(table), absent) == (found, missing)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("https://ftp.ncbi.nlm.nih.gov/genomes/all/GCF/000/001/405/GCF_000001405.40_GRCh38.p14",
         "all/GCF/000/001/405/GCF_000001405.40_GRCh38.p14"),
        ("ftp://ftp.ncbi.nlm.nih.gov/genomes/all/GCF_000010525.1_ASM1052v1/", "all/GCF_000010525.1_ASM1052v1"),
        (None, None),
        ("", None),
        ("https://elsewhere/all/GCF_000010525.1_A", None),
        ("https://h/genomes/", None),
        ("https://h/genomes/all/README", None),
        ("https://h/genomes/../../etc/GCF_000010525.1_A", None),
        ("https://h/genomes//etc/GCF_000010525.1_A", None),
        ("https://h/genomes/all/GCF_000010525.1_A B", None),
        ("https://h/genomes/all/GCF_000010525.1_A?key=1", None),
        ("https://h/genomes/all/GCF_000010525.1_A\x07", None),
    ],
)  # fmt: skip
def test_folders_stay_below_genomes(path: str | None, place: str | None) -> None:
    assert folder_of(path) == place


@given(st.text())
def test_no_ftp_path_leads_out_of_the_tree(tail: str) -> None:
    place = folder_of(f"https://h/genomes/{tail}")
    assert place is None or (Path("/base") / place).resolve().is_relative_to("/base")


@pytest.mark.parametrize(
    ("stated", "pmids"),
    [("123;45, 6", [123, 45, 6]), ("7,7;8", [7, 8]), ("", []), (None, []), ("na; x;0;²;9", [9])],
)
def test_pubmed_ids(stated: str | None, pmids: list[int]) -> None:
    assert pubmed_ids(stated) == pmids


def test_md5_sums() -> None:
    a, b = "A" * 32, "b" * 32
    text = f"{a}  ./x_genomic.fna.gz\n{b}  ./sub/x.txt\r\n{b} *y.gz\nrubbish\n{b[:-1]}  ./short\n\n"
    assert md5_sums(text) == {"x_genomic.fna.gz": "a" * 32, "sub/x.txt": b, "y.gz": b}


@pytest.mark.mirror
def test_real_summaries_equal_a_csv_reading(mirror: Path) -> None:
    read_files, tabbed = 0, 0
    for path in each(real_summaries(mirror.parent)):
        lines = path.read_text(encoding="utf-8").split("\n")
        header = next((line.lstrip("# ").split("\t") for line in lines if "assembly_accession\t" in line), None)
        if header is None or "ftp_path" not in header:
            with path.open("rb") as file, pytest.raises(CorpusError, match="expected"):
                read_summary(file, path.name)
            continue
        read_files += 1
        expected, too_many_fields = {}, set()
        for fields in csv.reader(
            (line for line in lines if line[:1] not in "#"), delimiter="\t", quoting=csv.QUOTE_NONE
        ):
            row = dict(zip(header, fields, strict=False))
            too_many_fields |= {row["assembly_accession"]} if len(fields) > len(header) else set()
            expected.setdefault(row["assembly_accession"], {k: v for k, v in row.items() if v not in ("", "na")})
        with path.open("rb") as file:
            table = read_summary(file, path.name)
        for row in each(table.iter_rows(named=True)):
            known = {key.replace("asm_", ""): value for key, value in row.items() if value is not None}
            wanted = expected.pop(row["assembly_accession"])
            if row["assembly_accession"] in too_many_fields:
                assert row["ftp_path"].endswith(f"{row['assembly_accession']}_{row['asm_name'].replace(' ', '_')}")
                tabbed += 1
                continue
            assert known == {key.replace("asm_", ""): value for key, value in wanted.items()}, path.name
        assert not expected, path.name
        live = select(table)
        assert all(folder_of(place) for place in each(live["ftp_path"]))
    assert read_files >= 10
    assert tabbed, "one has a tab in asm_name"


@pytest.mark.mirror
def test_the_simulated_header_equals_the_real_one(mirror: Path) -> None:
    real = mirror.parent / "ncbi_ftp/genome_updater/genomes/refseq/fungi/assembly_summary.txt"
    assert real.read_text(encoding="utf-8").split("\n")[1] == "#" + "\t".join(COLUMNS)
