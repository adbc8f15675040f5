import csv
import gzip
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.catalogs import read_catalog
from support.each import each
from support.repository import REPOSITORY
from support.servers.genomes import Assembly, write_genomes
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import fasta, flat_file, write_release

from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.schemas.parts import CATALOG
from dnacorpus.sources.custom import custom_catalog
from dnacorpus.sources.http import Policy
from dnacorpus.sources.local import labels_of
from dnacorpus.sources.part_files import fetch_part

QUICK = Policy(attempts=3, first_wait=0.0)
LARGE = 1 << 30
REFERENCE = {"refseq_category": "reference genome"}
EXAMPLES = sorted((REPOSITORY / "config" / "examples").glob("*.yaml"))

HUMAN_OLD = Assembly("GCF_000001405.39", "Homo sapiens", 9606, values={"version_status": "replaced"})
SUPPRESSED = Assembly("GCF_000000099.1", kinds=(), values={"version_status": "suppressed", "ftp_path": "na"})
ASSEMBLIES = [
    Assembly("GCF_000001405.40", "Homo sapiens", 9606, values=REFERENCE | {"group": "vertebrate_mammalian"}),
    Assembly("GCF_009914755.1", "Homo sapiens", 9606, values={"group": "vertebrate_mammalian"}),
    Assembly(
        "GCF_000001735.4", "Arabidopsis thaliana", 3702, values=REFERENCE | {"group": "plant", "pubmed_id": "11;12"}
    ),
    Assembly("GCF_000309985.2", "Brassica rapa subsp. x", 51351, 3711, values=REFERENCE | {"group": "plant"}),
    Assembly("GCF_001433935.1", "Oryza sativa Japonica Group", 39947, 4530, values=REFERENCE | {"group": "plant"}),
    Assembly("GCF_000000010.1", "Saccharomyces cerevisiae S288C", 559292, 4932, values=REFERENCE | {"group": "fungi"}),
    Assembly("GCF_000000011.1", "Schizosaccharomyces pombe", 4896, values=REFERENCE | {"group": "fungi"}),
    Assembly("GCF_000000012.1", "Neurospora crassa OR74A", 367110, 5141, values=REFERENCE | {"group": "fungi"}),
    Assembly("GCF_000000013.1", "Cryptococcus neoformans", 5207, values=REFERENCE | {"group": "fungi"}),
    Assembly("GCF_000000014.1", "Candida albicans SC5314", 237561, 5476, values=REFERENCE | {"group": "fungi"}),
    Assembly("GCA_000000015.1", "Oryza sativa", 4530, values={"group": "plant", "pubmed_id": "13"}),
]  # fmt: skip
BRASSICALES = {"Brassicales": [3699]}


class Taxa:
    """A taxonomy as `custom.Taxonomy` asks it."""

    def __init__(
        self, names: Mapping[str, list[int]] | None = None, below: Mapping[int, set[int]] | None = None
    ) -> None:
        self._names, self._below = names or {}, below or {}

    def find(self, name: str) -> list[int]:
        return self._names.get(name, [])

    def below(self, taxids: Iterable[int]) -> set[int]:
        return set().union(*(self._below.get(taxid, set()) for taxid in taxids))


NONE = Taxa()
TAXA = Taxa(
    BRASSICALES | {"Homo sapiens": [9606], "Bacillus": [1386, 55087]},
    {3699: {3699, 3702, 3711, 51351}, 9606: {9606}, 4932: {4932, 559292}},
)


@pytest.fixture(scope="module")
def genomes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_genomes(tmp_path_factory.mktemp("tree") / "genomes", ASSEMBLIES, [HUMAN_OLD, SUPPRESSED])


@pytest.fixture
def server(genomes: Path) -> Iterator[RefSeqServer]:
    with serve(genomes) as running:
        yield running


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results" / "catalog" / "mine.tsv"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", strict=True))


def made(out: Path, genomes: Path | str, taxa: Taxa = NONE, **options: Any) -> list[dict[str, str]]:
    """Return the catalogue's rows; ``options`` are of the entry, ``part_bytes`` and ``group_bytes``."""
    sizes = {name: options.pop(name) for name in ("part_bytes", "group_bytes") if name in options}
    custom_catalog({"name": "mine"} | options, out, sizes.pop("group_bytes", LARGE), str(genomes), taxa, QUICK, **sizes)
    assert read_catalog(out).schema == CATALOG
    return table(out)


def assemblies_of(rows: list[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys("_".join(row["file"].split("_")[:2]) for row in rows))


def test_filtered_assemblies_with_their_files(genomes: Path, out: Path) -> None:
    rows = made(out, genomes, assemblies=REFERENCE)
    expected = sorted(a.accession for a in ASSEMBLIES if a.values.get("refseq_category"))
    assert assemblies_of(rows) == expected
    for row in each(rows):
        content = Path(row["url"]).read_bytes()
        assert (row["bytes"], row["md5"]) == (str(len(content)), hashlib.md5(content).hexdigest())
        assert row["file"] == Path(row["url"]).name
        assert (row["release"], row["division"], row["part"], row["group"]) == ("assemblies", "mine", "mine.1", "00000")
    assert [row["kind"] for row in rows] == ["gbff", "fna"] * len(expected)
    assert table(out.with_suffix(".pubmed.tsv")) == [
        {"assembly": "GCF_000001735.4", "pmid": "11"},
        {"assembly": "GCF_000001735.4", "pmid": "12"},
    ]
    assert sorted(path.name for path in out.parent.iterdir()) == ["mine.pubmed.tsv", "mine.tsv"]


def test_a_server_and_a_folder_give_the_same_rows(genomes: Path, server: RefSeqServer, out: Path) -> None:
    for entry in (
        {"assemblies": REFERENCE, "group": "plant"},
        {"accessions": ["GCF_000001405", "GCA_000000015.1", "U12345"]},
    ):
        here = made(out, genomes, **entry)
        there = made(out.with_name("there.tsv"), server.url, **entry)
        for row in each(there):
            assert row["url"].startswith((server.url, "nuccore:"))
            row["url"] = row["url"].replace(server.url, f"{genomes}/")
        assert here == there
    assert {path for path in each(server.paths("GET")) if path.endswith(".gz")} == set()


@pytest.mark.parametrize("kind", ["folder", "http"])
def test_fetch_brings_the_files(genomes: Path, server: RefSeqServer, out: Path, tmp_path: Path, kind: str) -> None:
    base = str(genomes) if kind == "folder" else server.url
    rows = made(out, base, accessions=["GCF_000001735.4", "GCF_000001405.40"], part_bytes=1)
    assert [row["part"] for row in rows] == ["mine.1", "mine.1", "mine.2", "mine.2"]
    fetch_part(str(tmp_path / "no_mirror"), out, "mine.2", tmp_path / "raw", QUICK)
    for name, content in each(ASSEMBLIES[2].files().items()):
        if "gff" not in name:
            assert (tmp_path / "raw" / name).read_bytes() == content
    listing = json.loads((tmp_path / "raw" / "part.json").read_text())
    assert [file["status"] for file in listing["files"]] == ["ok", "ok"]


def test_parts_and_groups_are_filled_by_flat_file_bytes(genomes: Path, out: Path) -> None:
    flat = [int(row["bytes"]) for row in made(out, genomes, assemblies=REFERENCE) if row["kind"] == "gbff"]
    for limit in (1, flat[0] + flat[1], sum(flat)):
        rows = made(out, genomes, assemblies=REFERENCE, part_bytes=limit, group_bytes=limit)
        parts: dict[str, int] = {}
        for row in rows:
            parts[row["part"]] = parts.get(row["part"], 0) + (int(row["bytes"]) if row["kind"] == "gbff" else 0)
        assert list(parts) == [f"mine.{n}" for n in range(1, len(parts) + 1)]
        assert all(weight <= max(limit, *flat) for weight in each(parts.values()))
        assert len(parts) == {1: len(flat), sum(flat): 1}.get(limit, len(parts))
        assert len({row["group"] for row in rows}) == len(parts)


def test_a_taxon_and_all_below_it(genomes: Path, out: Path) -> None:
    brassicales = ["GCF_000001735.4", "GCF_000309985.2"]
    assert assemblies_of(made(out, genomes, TAXA, taxon="Brassicales")) == brassicales
    assert assemblies_of(made(out, genomes, TAXA, taxon=3699, group="plant")) == brassicales
    both = made(out, genomes, TAXA, taxon=["Brassicales", 9606], assemblies=REFERENCE)
    assert assemblies_of(both) == ["GCF_000001405.40", *brassicales]


def test_without_a_taxonomy_only_the_taxon_itself_matches(
    genomes: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert assemblies_of(made(out, genomes, taxon=4932)) == ["GCF_000000010.1"]
        assert assemblies_of(made(out, genomes, taxon="Oryza  sativa")) == ["GCF_001433935.1"]
    assert "taxid or species_taxid is 4932" in caplog.text
    assert "taxon Oryza sativa is not in the taxonomy" in caplog.text
    with pytest.raises(UsageError, match="expected at least one file, found none"):
        made(out, genomes, taxon="Oryz")


def test_a_name_of_two_taxa_is_refused(genomes: Path, out: Path) -> None:
    with pytest.raises(UsageError, match=r"taxon 'Bacillus': .* found 1386, 55087; write the taxid"):
        made(out, genomes, TAXA, taxon="Bacillus")


def test_accessions_of_assemblies_and_records(genomes: Path, out: Path, tmp_path: Path) -> None:
    given = ["U12345.1", "gcf_000001735", "NC_000001.11", "GCA_000000015.1", "NZ_AAAA01000001.1", "U12345.1"]
    rows = made(out, genomes, accessions=given)
    assert assemblies_of(rows[:-1]) == ["GCA_000000015.1", "GCF_000001735.4"]
    assert rows[-1] == {
        "release": "nuccore", "division": "mine", "part": "mine.3", "group": "00000", "kind": "gbff",
        "file": "mine.3.genomic.gbff", "url": "nuccore:NC_000001.11,NZ_AAAA01000001.1,U12345.1", "bytes": "", "md5": "",
    }  # fmt: skip
    assert {line["pmid"] for line in table(out.with_suffix(".pubmed.tsv"))} == {"11", "12", "13"}
    listed = tmp_path / "accessions.txt"
    listed.write_text("# mine\n\n" + "".join(f"{name}  # a remark\r\n" for name in reversed(given)))
    assert made(out, genomes, accessions=str(listed)) == rows


def test_a_part_has_at_most_twenty_records(out: Path, tmp_path: Path) -> None:
    accessions = [f"NC_{n:06d}.1" for n in range(45)]
    rows = made(out, tmp_path / "no_genomes", accessions=accessions, group_bytes=20_000_000)
    assert [row["url"].count(",") + 1 for row in rows] == [20, 20, 5]
    assert [row["part"] for row in rows] == ["mine.1", "mine.2", "mine.3"]
    assert [row["group"] for row in rows] == ["00000", "00001", "00002"]
    assert ",".join(row["url"].removeprefix("nuccore:") for row in rows).split(",") == accessions
    assert len({row["group"] for row in made(out, "none", accessions=accessions)}) == 1


def test_withdrawn_accessions_are_tombstones(genomes: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked = ["GCF_000001405.38", "GCF_000000099.1", "GCF_999999999.1", "GCF_000001735.5", "GCF_000001735.4"]
    rows = made(out, genomes, accessions=asked)
    assert assemblies_of(rows) == ["GCF_000001735.4"]
    assert table(out.with_suffix(".gone.tsv")) == [
        {"accession": "GCF_000000099.1", "detail": "suppressed"},
        {"accession": "GCF_000001405.38", "detail": "replaced by GCF_000001405.40"},
        {"accession": "GCF_000001735.5", "detail": "not in refseq/assembly_summary_refseq.txt"},
        {"accession": "GCF_999999999.1", "detail": "not in refseq/assembly_summary_refseq.txt"},
    ]
    assert "GCF_000000099.1 is left out: suppressed" in caplog.text
    made(out, genomes, accessions=asked[-1:])
    assert not out.with_suffix(".gone.tsv").exists()
    with pytest.raises(UsageError, match=r"found none \(GCF_000001405.38: replaced by GCF_000001405.40\)"):
        made(out, genomes, accessions=asked[:1])


def test_a_replaced_version_is_used_if_it_is_named(genomes: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert assemblies_of(made(out, genomes, accessions=["GCF_000001405.39"])) == ["GCF_000001405.39"]
    assert "GCF_000001405.39: replaced by GCF_000001405.40; used because this version is named" in caplog.text


def test_assemblies_that_lack_files(tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_genomes(
        tmp_path / "genomes",
        [
            Assembly("GCF_000000001.1", kinds=("fna", "gff")),
            Assembly("GCF_000000002.1", kinds=("fna",), checksums=False),
            Assembly("GCF_000000003.1", kinds=("gbff",)),
            Assembly("GCF_000000004.1", kinds=("gff",), values={"pubmed_id": "7"}),
            Assembly("GCF_000000005.1", values={"ftp_path": "na"}),
        ],
    )
    rows = made(out, root, accessions=[f"GCF_00000000{n}" for n in range(1, 6)])
    assert [(row["file"][:15], row["kind"], bool(row["md5"])) for row in rows] == [
        ("GCF_000000001.1", "fna", True),
        ("GCF_000000001.1", "gff", True),
        ("GCF_000000002.1", "fna", False),
        ("GCF_000000003.1", "gbff", True),
    ]
    assert [tuple(line.values()) for line in table(out.with_suffix(".gone.tsv"))] == [
        ("GCF_000000004.1", "no genomic files in its folder"),
        ("GCF_000000005.1", "no ftp_path in refseq/assembly_summary_refseq.txt"),
    ]
    assert not out.with_suffix(".pubmed.tsv").exists()
    assert "using FASTA and GFF" in caplog.text
    assert "using FASTA without annotation" in caplog.text
    assert "no md5checksums.txt" in caplog.text


def test_faults_of_the_server(genomes: Path, server: RefSeqServer, out: Path) -> None:
    server.fault("assembly_summary", send=300)
    server.fault("assembly_summary", status=503, retry_after="0")
    server.fault("md5checksums.txt", status=403)
    rows = made(out, server.url, accessions=["GCF_000001735.4"])
    assert [bool(row["md5"]) for row in rows] == [True, True]
    server.fault("md5checksums.txt", status=500, times=9)
    with pytest.raises(RemoteError, match="status 500"):
        made(out.with_name("other.tsv"), server.url, accessions=["GCF_000001735.4"])
    assert not out.with_name("other.tsv").exists()


def test_a_truncated_table_is_resumed(genomes: Path, server: RefSeqServer, out: Path) -> None:
    server.fault("assembly_summary", send=900, times=1)
    server.fault("assembly_summary", status=500, times=2)
    with pytest.raises(RemoteError, match="status 500"):
        made(out, server.url, accessions=["GCF_000001735.4"])
    before = len(server.log)
    assert assemblies_of(made(out, server.url, accessions=["GCF_000001735.4"])) == ["GCF_000001735.4"]
    assert server.log[before].headers["Range"] == "bytes=900-"
    assert sorted(path.name for path in out.parent.iterdir()) == ["mine.pubmed.tsv", "mine.tsv"]


def test_an_unreadable_checksum_list_costs_only_the_checksums(
    tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write_genomes(tmp_path / "genomes", [Assembly("GCF_000000001.1"), Assembly("GCF_000000002.1")])
    (root / Assembly("GCF_000000001.1").place / "md5checksums.txt").write_bytes(b"\xff\xfe")
    (root / Assembly("GCF_000000002.1").place / "md5checksums.txt").write_bytes(b"<html></html>")
    rows = made(out, root, accessions=["GCF_000000001", "GCF_000000002"])
    assert [row["md5"] for row in rows] == [""] * 4
    assert "its files cannot be checked by MD5" in caplog.text
    assert "GCF_000000002.1_ASM002v1: md5checksums.txt has no sum of GCF_000000002.1_ASM002v1_genomic.gbff.gz and" in (
        caplog.text
    )


def test_a_file_that_its_checksum_list_lacks_is_logged(
    tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = Assembly("GCF_000000001.1")
    root = write_genomes(tmp_path / "genomes", [one, Assembly("GCF_000000002.1")])
    place = root / one.place / "md5checksums.txt"
    place.write_text("".join(line for line in place.read_text().splitlines(True) if "fna" not in line))
    rows = made(out, root, accessions=["GCF_000000001", "GCF_000000002"])
    assert [bool(row["md5"]) for row in rows] == [True, False, True, True]
    assert caplog.text.count("md5checksums.txt has no sum of GCF_000000001.1_ASM001v1_genomic.fna.gz;") == 1


def test_a_damaged_table_is_an_error_and_is_removed(tmp_path: Path, out: Path) -> None:
    place = tmp_path / "genomes" / "refseq" / "assembly_summary_refseq.txt"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"GCF_000000001.1\tx\n")
    with pytest.raises(CorpusError, match=r"assembly_summary_refseq.txt: expected a header"):
        made(out, tmp_path / "genomes", assemblies=REFERENCE)
    assert place.read_bytes() == b"GCF_000000001.1\tx\n"
    assert not list(out.parent.iterdir())


@pytest.mark.parametrize("base", ["folder", "http"])
def test_a_missing_table_is_an_error(genomes: Path, server: RefSeqServer, out: Path, base: str) -> None:
    where = str(genomes) if base == "folder" else server.url
    with pytest.raises(UsageError, match=r"refseq/viral/assembly_summary.txt: expected a table of assemblies"):
        made(out, where, assemblies=REFERENCE, group="viral")
    with pytest.raises(UsageError, match=r"group '../fungi': expected one of NCBI's groups"):
        made(out, where, assemblies=REFERENCE, group="../fungi")


def test_no_password_is_written_to_a_catalog(genomes: Path, out: Path) -> None:
    for base in ("https://me:hunter2@host/genomes/", "https://host/genomes/?token=hunter2"):
        with pytest.raises(UsageError, match="without user, password and query") as error:
            made(out, base, assemblies=REFERENCE)
        assert "hunter2" not in str(error.value)


def test_local_files_by_stem(out: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "own"
    contents = {
        "a.gb": gzip.decompress(flat_file("A1")), "a.gff": b"x", "b.fna.gz": fasta("B1"), "b.gff3": b"##gff",
        "b.gtf": b"x", "sub/c.GBK": b"LOCUS", "sub/d.fa": b">d\nA\n", "sub/d.fa.gz": fasta("d"),
        "sub/lone.gtf.gz": b"x", "README.txt": b"x", ".hidden.gb": b"x", ".git/e.gb": b"x",
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    rows = made(out, "none", path=str(folder))
    assert [(row["file"], row["kind"]) for row in rows] == [
        ("a.gb", "gbff"), ("b.fna.gz", "fna"), ("b.gff3", "gff"), ("c.GBK", "gbff"), ("d.fa", "fna"),
    ]  # fmt: skip
    for row in each(rows):
        content = Path(row["url"]).read_bytes()
        assert Path(row["url"]).is_absolute()
        assert (row["bytes"], row["md5"]) == (str(len(content)), hashlib.md5(content).hexdigest())
        assert (row["release"], row["part"]) == ("local", "mine.1")
    for left_out, reason in [
        ("a.gff", "the flat file of the same name"), ("b.gtf", "the .gff3 file"), ("d.fa.gz", "d.fa is beside it"),
        ("lone.gtf.gz", "expected FASTA of the same name"),
    ]:  # fmt: skip
        assert f"{left_out}: left out: " in caplog.text
        assert reason in caplog.text
    named = [str(folder / name) for name in ("sub/d.fa", "b.gff3", "a.gb", "sub", "b.fna.gz", "a.gb")]
    assert made(out, "none", path=named) == rows


def test_local_files_give_the_same_parts_in_any_folder(tmp_path: Path, out: Path) -> None:
    orders = []
    for names in (("x", "y"), ("y", "x")):
        for name, base in zip(names, "AC", strict=True):
            (tmp_path / names[0] / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / names[0] / name / "same.fna").write_text(f">s\n{base}\n")
            (tmp_path / names[0] / name / f"own{base}.gb").write_text(base)
        rows = made(out, "none", path=str(tmp_path / names[0]))
        orders.append([(row["part"], row["file"], row["md5"]) for row in rows])
    assert orders[0] == orders[1]
    assert [(part, file) for part, file, _ in orders[0]] == [
        ("mine.1", "ownA.gb"), ("mine.1", "ownC.gb"), ("mine.1", "same.fna"), ("mine.2", "same.fna"),
    ]  # fmt: skip


def test_a_label_is_the_stem_of_a_unit_and_its_md5_if_other_units_have_that_stem(
    tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "own"
    contents = {
        "a.fna": ">c\nA\n", "a.gff": "##gff-version 3\n", "b/contigs.fasta": ">c\nC\n", "c/contigs.fa": ">c\nG\n",
        "d/contigs.fasta": ">c\nC\n", "my genome.gb": "LOCUS", "GCF_1.1/genomic.gff": "##gff-version 3\n",
        "GCF_1.1/GCF_1.1_X_genomic.fna": ">c\nA\n",
    }  # fmt: skip
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rows = made(out, "none", path=str(folder))
    labels = {Path(url).relative_to(folder).as_posix(): label for url, label in labels_of(rows).items()}
    first, second = (
        hashlib.md5(contents[name].encode()).hexdigest()[:8] for name in ("b/contigs.fasta", "c/contigs.fa")
    )
    assert labels == {
        "a.fna": "a", "a.gff": "a", "b/contigs.fasta": f"contigs-{first}", "c/contigs.fa": f"contigs-{second}",
        "d/contigs.fasta": f"contigs-{first}", "my genome.gb": "my_genome", "GCF_1.1/genomic.gff": "GCF_1.1_X",
        "GCF_1.1/GCF_1.1_X_genomic.fna": "GCF_1.1_X",
    }  # fmt: skip
    assert caplog.text.count("its name is that of other files") == 3
    assert f"named contigs-{second}:NAME; rename the files" in caplog.text
    one = made(out, "none", path=str(folder / "b"))
    assert set(labels_of(one).values()) == {"contigs"}


def test_embl_files_are_flat_files_and_other_data_named_dat_are_not(
    tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    embl = b"ID   X1; SV 1; linear; genomic DNA; STD; PLN; 9 BP.\n//\n"
    contents = {
        "a.embl": embl, "b.dat": embl, "c.dat.gz": gzip.compress(embl), "d.dat": b"\x00\x01binary",
        "e.dat.gz": b"\x1f\x8b", "f.dat": b"ID   X_HUMAN   Reviewed;   9 AA.\n", "g.emb": embl, "h.embl": embl,
        "h.gbff": b"LOCUS", "i.dat": b"",
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    rows = made(out, "none", path=str(folder))
    assert [(row["file"], row["kind"]) for row in rows] == [
        (name, "gbff") for name in ("a.embl", "b.dat", "c.dat.gz", "g.emb", "h.gbff")
    ]
    assert "h.embl: left out: the GenBank file of the same name has the same records" in caplog.text
    assert [row["file"] for row in made(out, "none", path=[str(folder / "f.dat")])] == ["f.dat"], "refused when read"


def test_a_folder_in_release_layout_keeps_its_parts_together(tmp_path: Path, out: Path) -> None:
    root = write_release(tmp_path / "release")
    rows = made(out, "none", path=str(root / "viral"), part_bytes=1)
    files = {part: [row["file"] for row in rows if row["part"] == part] for part in {row["part"] for row in rows}}
    assert ["viral.2.1.genomic.fna.gz", "viral.2.2.genomic.fna.gz", "viral.2.genomic.gbff.gz"] in files.values()


def test_a_package_of_ncbi_datasets(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "ncbi_dataset" / "data" / "GCF_000864765.1"
    folder.mkdir(parents=True)
    for name in (
        "GCF_000864765.1_ViralProj_genomic.fna",
        "genomic.gff",
        "genomic.gtf",
        "cds_from_genomic.fna",
        "rna.fna",
    ):
        (folder / name).write_text(f">{name}\nACGT\n")
    (folder / "protein.faa").write_text(">p\nM\n")
    rows = made(out, "none", path=str(tmp_path))
    assert [row["file"] for row in rows] == ["GCF_000864765.1_ViralProj_genomic.fna", "genomic.gff"]
    (folder / "genomic.gbff").write_text("LOCUS")
    rows = made(out, "none", path=str(tmp_path))
    assert [row["file"] for row in rows] == ["GCF_000864765.1_ViralProj_genomic.fna", "genomic.gbff"]
    assert [row["file"] for row in made(out, "none", path=str(folder / "rna.fna"))] == ["rna.fna"]


@pytest.mark.mirror
def test_real_local_files(mirror: Path, out: Path) -> None:
    data = mirror.parent
    assert [row["file"] for row in made(out, "none", path=str(data / "local"))] == ["zika.gb"]
    assert [row["file"] for row in made(out, "none", path=str(data / "ncbi_datasets" / "Monkeypox_virus"))] == [
        "genomic.gbff"
    ]


def test_local_parts_are_filled_by_bytes(tmp_path: Path, out: Path) -> None:
    for n in range(5):
        (tmp_path / f"{n}.gb").write_bytes(b"x" * 10)
    parts = [row["part"] for row in made(out, "none", path=str(tmp_path), part_bytes=25)]
    assert parts == ["mine.1", "mine.1", "mine.2", "mine.2", "mine.3"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("absent.gb", "expected a file or folder, found none"),
        ("reads.fastq", "expected a name that ends with .gbff"),
        ("empty", "expected files that end with .gbff"),
        ("line\nbreak.gb", "expected a plain path of printable characters"),
        ("<b>.gb", "expected a plain path of printable characters, found < >; rename it"),
        ("a{x}.gb", "expected a plain path of printable characters, found { }; rename it"),
        ("rtl\u202egb.gb", "expected a plain path of printable characters"),
    ],
)
def test_invalid_local_paths_are_refused(tmp_path: Path, out: Path, path: str, message: str) -> None:
    (tmp_path / "reads.fastq").write_text("@r\n")
    (tmp_path / "empty").mkdir()
    for name in ("line\nbreak.gb", "<b>.gb", "a{x}.gb", "rtl\u202egb.gb"):
        (tmp_path / name).write_text("LOCUS")
    with pytest.raises(UsageError, match=message):
        made(out, "none", path=[str(tmp_path / path)])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "mine", "accessions": ["GCF_1234.1"]}, "custom division mine: expected the accession .*'GCF_1234.1'"),
        ({"name": "mine", "accessions": ["NP_000001.1"]}, "a nucleotide record"),
        ({"name": "mine", "accessions": ["A,B"]}, "'A,B'"),
        ({"name": "mine", "accessions": "absent.txt"}, "absent.txt: expected a text file"),
    ],
)
def test_invalid_entries_are_refused(out: Path, entry: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        custom_catalog(entry, out, LARGE, "none", NONE, QUICK)
    assert not out.exists()


def test_a_bad_line_of_a_list_is_named(out: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("NC_000001.11\n# fine\nnot one\n")
    with pytest.raises(UsageError, match=r"list.txt: line 3: expected the accession .*'NOT ONE'"):
        made(out, "none", accessions=str(listed))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_select_the_expected_assemblies(genomes: Path, out: Path, path: Path) -> None:
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert config["divisions"] == []
    species = {a.organism for a in ASSEMBLIES}
    for entry in each(config["custom_divisions"]):
        assert entry["name"] not in DIVISIONS
        custom_catalog(entry, out, LARGE, str(genomes), TAXA, QUICK)
        found = assemblies_of(table(out))
        assert (
            found
            == {
                "human_reference": ["GCF_000001405.40"],
                "brassicales": ["GCF_000001735.4", "GCF_000309985.2"],
                "yeasts_and_moulds": [f"GCF_00000001{n}.1" for n in range(5)],
            }[entry["name"]]
        )
        held_out = [
            name for key in ("always_test", "always_validation") for name in config.get("splits", {}).get(key, [])
        ]
        assert all(any(organism.startswith(name) for organism in species) for name in held_out)


def test_there_are_examples() -> None:
    assert [path.stem for path in EXAMPLES] == ["brassicales", "human-reference", "species-held-out"]


def test_a_taxon_without_assemblies_is_a_tombstone(genomes: Path, out: Path) -> None:
    rows = made(out, genomes, TAXA, taxon=["Brassicales", "Neurospora crasa"])
    assert assemblies_of(rows) == assemblies_of(made(out.with_name("b.tsv"), genomes, TAXA, taxon="Brassicales"))
    (gone,) = table(out.with_suffix(".gone.tsv"))
    assert gone["accession"] == "Neurospora crasa"
    assert "no assembly of it" in gone["detail"]
    assert "set `taxonomy`, or correct the name" in gone["detail"]


def test_an_entry_without_any_assembly_is_an_error_with_the_reason(genomes: Path, out: Path) -> None:
    with pytest.raises(UsageError, match=r"found none \(Neurospora crasa: no assembly of it .*set `taxonomy`"):
        made(out, genomes, taxon="Neurospora crasa")


def test_a_lookup_of_many_assemblies_is_resumed(genomes: Path, server: RefSeqServer, out: Path, tmp_path: Path) -> None:
    def asked() -> int:
        return sum("/all/GCF" in path for path in server.paths())

    made(tmp_path / "whole.tsv", server.url, TAXA, taxon=["Brassicales", 9606])
    whole = asked()
    server.fault("md5checksums.txt", method="none")  # every other request passes
    last = sorted(path for path in server.paths() if "md5checksums" in path)[-1]
    server.fault(last.lstrip("/"), status=500, times=QUICK.attempts)
    with pytest.raises(RemoteError):
        made(out, server.url, TAXA, taxon=["Brassicales", 9606])
    server.faults.clear()
    before = asked()
    rows = made(out, server.url, TAXA, taxon=["Brassicales", 9606])
    assert asked() - before == 3  # of the last assembly alone: its list of MD5 sums and two sizes
    assert asked() > whole
    assert rows == table(tmp_path / "whole.tsv")
    assert not list(out.parent.glob(".*.partial"))
