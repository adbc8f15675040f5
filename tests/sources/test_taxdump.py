"""The taxonomy stage: where the taxdump is from, that it is the right one, and the same tables from all its forms."""

import hashlib
import io
import json
import logging
import shutil
import tarfile
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support import taxdumps
from support.each import each
from support.lowered import lower
from support.servers.refseq import serve

from dnacorpus import limits
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.sources.http import Policy
from dnacorpus.sources.taxdump import ARCHIVE, GROUP_ROWS, IN_MIRROR, write_taxonomy
from dnacorpus.storage.results import Results

QUICK = Policy(attempts=3, first_wait=0.0)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def described(folder: Path) -> dict:
    return json.loads((folder / "taxonomy.json").read_text())


@pytest.fixture
def server(tmp_path):
    """A server whose root is a mirror with a taxdump and its MD5."""
    taxdumps.tar_gz(tmp_path / "mirror" / IN_MIRROR, md5=True)
    with serve(tmp_path / "mirror") as server:
        yield server


def test_a_folder_an_archive_and_a_zip_give_the_same_tables(tmp_path):
    write_taxonomy(str(taxdumps.folder(tmp_path / "dump")), "unused", tmp_path / "folder")
    write_taxonomy(str(taxdumps.tar_gz(tmp_path / "t.tar.gz")), "unused", tmp_path / "tar")
    write_taxonomy(str(taxdumps.packed(tmp_path / "t.zip")), "unused", tmp_path / "zip")
    found = [content(tmp_path / name) for name in ("folder", "tar", "zip")]
    assert set(found[0]) == {"taxa.parquet", "names.parquet", "taxonomy.json"}
    for name in ("taxa.parquet", "names.parquet"):
        assert found[0][name] == found[1][name] == found[2][name]
    counts = {"taxa": len(taxdumps.NODES), "merged": len(taxdumps.MERGED)}
    for name, data in (("t.tar.gz", tmp_path / "t.tar.gz"), ("t.zip", tmp_path / "t.zip")):
        assert described(tmp_path / name.partition(".")[2].partition(".")[0]) == counts | {
            "file": name,
            "sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
            "md5": hashlib.md5(data.read_bytes()).hexdigest(),
        }
    joined = b"".join(taxdumps.files()[name] for name in ("merged.dmp", "names.dmp", "nodes.dmp"))
    assert described(tmp_path / "folder") == counts | {
        "file": "merged.dmp names.dmp nodes.dmp",
        "sha256": hashlib.sha256(joined).hexdigest(),
        "md5": hashlib.md5(joined).hexdigest(),
    }


def test_a_taxdump_gives_the_same_bytes_from_any_folder_in_any_order(tmp_path):
    shuffled = taxdumps.files(
        nodes=taxdumps.NODES[::-1], synonyms=taxdumps.SYNONYMS[::-1], merged=taxdumps.MERGED[::-1]
    )
    for place, files in (("a", None), ("b/c", None), ("d", shuffled)):
        write_taxonomy(str(taxdumps.folder(tmp_path / place / "dump", files)), "unused", tmp_path / place / "out")
    first, second, third = (content(tmp_path / place / "out") for place in ("a", "b/c", "d"))
    assert first == second
    assert {name: first[name] for name in ("taxa.parquet", "names.parquet")} == {
        name: third[name] for name in ("taxa.parquet", "names.parquet")
    }
    assert all(str(tmp_path).encode() not in data for data in each(first.values()))


def test_none_has_empty_tables(tmp_path):
    write_taxonomy("none", "no://mirror", tmp_path / "out")
    assert described(tmp_path / "out") == {"file": None}
    assert pq.ParquetFile(tmp_path / "out" / "taxa.parquet").metadata.num_rows == 0


@pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])
def test_auto_is_the_taxdump_of_the_mirror(tmp_path, server, remote):
    write_taxonomy("auto", server.url if remote else str(server.root), tmp_path / "out", QUICK)
    archive = (server.root / IN_MIRROR).read_bytes()
    assert (described(tmp_path / "out")["file"], described(tmp_path / "out")["md5"]) == (
        ARCHIVE,
        hashlib.md5(archive).hexdigest(),
    )
    assert Taxa(tmp_path / "out").taxon(562).name == "Escherichia coli"
    assert set(content(tmp_path / "out")) == {"taxa.parquet", "names.parquet", "taxonomy.json"}


@pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])
def test_auto_without_a_taxdump_is_none_with_a_warning(tmp_path, server, remote, caplog):
    shutil.rmtree(server.root / "taxonomy")
    write_taxonomy("auto", server.url if remote else str(server.root), tmp_path / "out", QUICK)
    assert described(tmp_path / "out") == {"file": None}
    assert "species are derived from organism names" in caplog.text


def test_auto_is_ncbi_own_only_where_the_mirror_is_ncbi(tmp_path, server, monkeypatch):
    taxdumps.tar_gz(server.root / "pub" / ARCHIVE, md5=True)
    shutil.rmtree(server.root / "taxonomy")
    monkeypatch.setattr("dnacorpus.sources.taxdump.NCBI_FOLDER", f"{server.url}pub/")
    write_taxonomy("auto", server.url, tmp_path / "other", QUICK)
    assert described(tmp_path / "other") == {"file": None}
    assert not any(path.startswith("/pub") for path in each(server.paths()))
    monkeypatch.setattr("dnacorpus.sources.taxdump.NCBI_HOST", "127.0.0.1")
    write_taxonomy("auto", f"{server.url}refseq/release/", tmp_path / "ncbi", QUICK)
    assert described(tmp_path / "ncbi")["taxa"] == len(taxdumps.NODES)


def test_a_url_is_fetched_and_verified(tmp_path, server):
    write_taxonomy(f"{server.url}{IN_MIRROR}", "unused", tmp_path / "out", QUICK)
    assert described(tmp_path / "out")["file"] == ARCHIVE
    assert f"/{IN_MIRROR}.md5" in server.paths("GET")


def test_a_url_without_an_md5_is_used_unverified(tmp_path, server, caplog):
    (server.root / f"{IN_MIRROR}.md5").unlink()
    write_taxonomy(f"{server.url}{IN_MIRROR}", "unused", tmp_path / "out", QUICK)
    assert described(tmp_path / "out")["taxa"] == len(taxdumps.NODES)
    assert "is not verified" in caplog.text


def test_a_damaged_download_is_fetched_once_more(tmp_path, server, caplog):
    caplog.set_level(logging.INFO)
    server.fault(f"{ARCHIVE}", method="GET", corrupt=True, times=2)  # of the MD5 and of the archive, one each
    (server.root / f"{IN_MIRROR}.md5").write_text(
        f"{hashlib.md5((server.root / IN_MIRROR).read_bytes()).hexdigest()}  {ARCHIVE}\n\n"
    )
    write_taxonomy(f"{server.url}{IN_MIRROR}", "unused", tmp_path / "out", QUICK)
    assert described(tmp_path / "out")["md5"] == hashlib.md5((server.root / IN_MIRROR).read_bytes()).hexdigest()
    assert server.paths("GET").count(f"/{IN_MIRROR}") == 2


@pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])
def test_an_md5_that_stays_wrong_ends_the_stage_and_leaves_nothing(tmp_path, server, remote):
    (server.root / f"{IN_MIRROR}.md5").write_text(f"{'0' * 32}  {ARCHIVE}\n")
    setting = f"{server.url}{IN_MIRROR}" if remote else str(server.root / IN_MIRROR)
    with pytest.raises(CorpusError, match=f"expected MD5 {'0' * 32} by .*{ARCHIVE}.md5, found ") as caught:
        write_taxonomy(setting, "unused", tmp_path / "out", QUICK)
    assert isinstance(caught.value, RemoteError) == remote
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mirror"]


def test_an_unreadable_md5_is_named(tmp_path, server):
    (server.root / f"{IN_MIRROR}.md5").write_text("not the sum\n")
    with pytest.raises(CorpusError, match=r"new_taxdump\.tar\.gz\.md5: expected '<md5>  <name>', found 'not the sum"):
        write_taxonomy(str(server.root / IN_MIRROR), "unused", tmp_path / "out", QUICK)


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ("{root}/gone.tar.gz", UsageError, r"gone\.tar\.gz: expected a taxdump, found none; correct `taxonomy`"),
        ("{url}gone.tar.gz", UsageError, r"gone\.tar\.gz: expected a taxdump, found none"),
        ("{url}a.tar.gz?token=s3cret", UsageError, r"expected the URL of a file, found a query"),
        ("ftp://host/a.tar.gz", UsageError, r"expected a directory or an http"),
    ],
)
def test_a_setting_without_a_taxdump_is_refused(tmp_path, server, setting, error, message):
    with pytest.raises(error, match=message) as caught:
        write_taxonomy(setting.format(root=server.root, url=server.url), "unused", tmp_path / "out", QUICK)
    assert "s3cret" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_nothing_is_logged_before_the_error_of_a_missing_taxdump(tmp_path, server, caplog):
    caplog.set_level("INFO")
    for setting in (str(server.root / "gone.tar.gz"), f"{server.url}gone.tar.gz"):
        with pytest.raises(UsageError):
            write_taxonomy(setting, "unused", tmp_path / "out", QUICK)
    assert caplog.messages == []


def test_an_archive_that_is_damaged_or_something_else_is_refused_by_name(tmp_path):
    whole = taxdumps.tar_gz(tmp_path / "t.tar.gz").read_bytes()
    flipped = whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:]
    zipped = taxdumps.packed(tmp_path / "t.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "l.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("nodes.dmp", bytes(9999))
    packed = (tmp_path / "l.zip").read_bytes()
    lzma = packed[:60] + b"\xff" * 20 + packed[80:]
    with tarfile.open(tmp_path / "s.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        sparse = tarfile.TarInfo("nodes.dmp")
        sparse.size = 512
        sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
        archive.addfile(sparse, io.BytesIO(b"x" * 512))
    odd = (lzma, (tmp_path / "s.tar.gz").read_bytes())
    for data in (whole[:-9], whole[: len(whole) // 2], whole[:40], flipped, zipped[:-30], zipped[:50], *odd):
        (tmp_path / "bad").write_bytes(data)
        with pytest.raises(CorpusError, match=r"/bad: expected an undamaged archive, found: "):
            write_taxonomy(str(tmp_path / "bad"), "unused", tmp_path / "out")
    for data in (b"", b"<html>", b"BZh91AY"):
        (tmp_path / "bad").write_bytes(data)
        with pytest.raises(CorpusError, match=r"/bad: expected a \.tar\.gz or \.zip archive, found the first bytes"):
            write_taxonomy(str(tmp_path / "bad"), "unused", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("missing", ["nodes.dmp", "names.dmp"])
@pytest.mark.parametrize("write", [taxdumps.folder, taxdumps.tar_gz, taxdumps.packed])
def test_a_taxdump_without_one_of_its_files_is_refused(tmp_path, write, missing):
    files = {name: data for name, data in taxdumps.files().items() if name != missing}
    place = write(tmp_path / "dump", files)
    with pytest.raises(CorpusError, match=f"dump: expected merged.dmp, names.dmp, nodes.dmp, found no {missing};"):
        write_taxonomy(str(place), "unused", tmp_path / "out")


@pytest.mark.parametrize("write", [taxdumps.folder, taxdumps.tar_gz, taxdumps.packed])
def test_a_taxdump_without_merged_taxids_is_used_with_a_warning(tmp_path, write, caplog):
    whole = taxdumps.files()
    place = write(tmp_path / "dump", {name: whole[name] for name in ("nodes.dmp", "names.dmp")})
    write_taxonomy(str(place), "unused", tmp_path / "out")
    assert "dump: no merged.dmp: records with a taxid that was merged" in caplog.text
    assert (described(tmp_path / "out")["taxa"], described(tmp_path / "out")["merged"]) == (len(taxdumps.NODES), 0)
    (merged, into), taxa = taxdumps.MERGED[0], Taxa(tmp_path / "out")
    assert taxa.taxon(merged) is None
    assert taxa.taxon(into).species == "Escherichia coli"


OTHER_NUMBERS = {
    # as gtdb_to_taxdump counts: 562, NCBI's number of Escherichia coli, is a species of Archaea
    "Archaea as 2157, found d__Archaea as 2": [
        (1, 1, "no rank", "root"), (2, 1, "superkingdom", "d__Archaea"), (561, 2, "genus", "g__Examplarchaeum"),
        (562, 561, "species", "s__Examplarchaeum mirabile"),
    ],
    # as taxonkit hashes names
    "Bacteria as 2, found Bacteria as 609216830": [
        (1, 1, "no rank", "root"), (609216830, 1, "superkingdom", "Bacteria"), (562, 609216830, "species", "Bog-1 sp1"),
    ],
    "Viruses as 10239, found Viruses as 7": [(1, 1, "no rank", "root"), (7, 1, "acellular root", "Viruses")],
}  # fmt: skip


@pytest.mark.parametrize("message", OTHER_NUMBERS)
def test_a_taxdump_of_other_taxids_than_ncbis_is_refused(tmp_path, message):
    place = taxdumps.folder(tmp_path / "dump", taxdumps.files(OTHER_NUMBERS[message], synonyms=[], merged=[]))
    with pytest.raises(CorpusError, match=f"dump: expected NCBI's taxids, as records have them, with {message}; set"):
        write_taxonomy(str(place), "unused", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_taxdump_of_a_few_taxa_or_with_taxa_of_ones_own_is_used(tmp_path):
    own = [(1, 1, "no rank", "root"), (90000001, 1, "species", "Phage of ours"), (5, 1, "genus", "Bacteria")]
    for number, nodes in each([(1, own), (2, [*taxdumps.NODES, (90000001, 561, "species", "Escherichia nova")])]):
        place = taxdumps.folder(tmp_path / f"dump{number}", taxdumps.files(nodes, synonyms=[], merged=[]))
        write_taxonomy(str(place), "unused", tmp_path / f"out{number}")
        assert Taxa(tmp_path / f"out{number}").taxon(90000001).species == nodes[-2 if number == 1 else -1][3]


@pytest.mark.parametrize("write", [taxdumps.folder, taxdumps.tar_gz])
def test_a_bad_line_is_named_with_file_and_line(tmp_path, write):
    files = taxdumps.files()
    place = write(tmp_path / "dump", files | {"names.dmp": files["names.dmp"] + b"rubbish\n"})
    number = files["names.dmp"].count(b"\n") + 1
    with pytest.raises(CorpusError, match=rf"dump.*names\.dmp: line {number}: expected the fields taxid, name"):
        write_taxonomy(str(place), "unused", tmp_path / "out")


def bomb(name: str, path: Path) -> str:
    """Write a taxdump in which the file ``name`` has one byte more than 64 KiB."""
    write = taxdumps.packed if path.suffix == ".zip" else taxdumps.tar_gz
    return str(write(path, taxdumps.files() | {name: b" " * ((64 << 10) + 1)}))


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
def test_a_file_of_a_taxdump_is_read_up_to_its_limit(tmp_path, monkeypatch, suffix):
    lower(monkeypatch, "TAXDUMP_FILE", 64 << 10)
    setting = bomb("names.dmp", tmp_path / f"bomb{suffix}")
    told = rf"bomb{suffix}: names.dmp: expected at most 65,536 bytes \(limit TAXDUMP_FILE\), found more"
    with pytest.raises(CorpusError, match=told):
        write_taxonomy(setting, "unused", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    write_taxonomy(bomb("unknown.dmp", tmp_path / f"skipped{suffix}"), "unused", tmp_path / "out")
    assert described(tmp_path / "out")["taxa"] == len(taxdumps.NODES)


def test_a_file_of_a_folder_is_read_up_to_its_limit(tmp_path, monkeypatch):
    lower(monkeypatch, "TAXDUMP_FILE", 64 << 10)
    dump = taxdumps.folder(tmp_path / "dump")
    (dump / "nodes.dmp").write_bytes(b" " * ((64 << 10) + 1))
    with pytest.raises(CorpusError, match=r"nodes.dmp: expected at most 65,536 bytes \(limit TAXDUMP_FILE\)"):
        write_taxonomy(str(dump), "unused", tmp_path / "out")


@pytest.mark.parametrize(("limit", "number"), [("TAXDUMP_BYTES", 1 << 16), ("TAXDUMP_MEMBERS", 4)])
def test_a_tar_of_too_much_is_refused(tmp_path, monkeypatch, limit, number):
    lower(monkeypatch, limit, number)
    setting = bomb("unknown.dmp", tmp_path / "bomb.tar.gz")
    with pytest.raises(CorpusError, match=rf"bomb.tar.gz: expected at most .* \(limit {limit}\), found more"):
        write_taxonomy(setting, "unused", tmp_path / "out")


def test_a_zip_of_too_many_members_is_refused(tmp_path, monkeypatch):
    lower(monkeypatch, "TAXDUMP_MEMBERS", 4)
    setting = bomb("unknown.dmp", tmp_path / "bomb.zip")
    with pytest.raises(CorpusError, match=r"bomb.zip: expected at most 4 members \(limit TAXDUMP_MEMBERS\), found 5;"):
        write_taxonomy(setting, "unused", tmp_path / "out")


def test_a_header_of_any_size_is_not_held(tmp_path):
    """A header of pax is read whole before its member, whatever size it states."""
    path = tmp_path / "bomb.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("nodes.dmp")
        member.pax_headers = {"comment": "x" * (2 << 20)}
        archive.addfile(member)
    with pytest.raises(CorpusError, match=r"bomb.tar.gz: expected headers of at most 1,048,576 bytes"):
        write_taxonomy(str(path), "unused", tmp_path / "out")


@pytest.mark.parametrize("name", ["nodes.dmp", "names.dmp"])
def test_a_taxdump_without_taxa_is_refused(tmp_path, name):
    taxdumps.packed(tmp_path / "t.zip", taxdumps.files() | {name: b""})
    with pytest.raises(CorpusError, match=rf"t.zip: {name}: expected a line for each taxon, found none"):
        write_taxonomy(str(tmp_path / "t.zip"), "unused", tmp_path / "out")


def test_the_limits_are_twice_the_sizes_of_the_real_taxdump():
    assert limits.TAXDUMP_FILE >= 2 * 250_000_000  # names.dmp, which is larger than nodes.dmp
    assert limits.TAXDUMP_BYTES >= 2 * 2_500_000_000
    assert limits.PARQUET_GROUPS * GROUP_ROWS >= 2 * 2_600_000


def test_results_names_the_taxonomy_folder():
    assert Results(Path("results/t")).taxonomy() == Path("results/t/taxonomy")


def test_a_pinned_taxdump_is_the_same_or_refused(tmp_path):
    archive = taxdumps.tar_gz(tmp_path / "a.tar.gz")
    write_taxonomy(str(archive), "none", tmp_path / "first")
    pin = tmp_path / "first" / "taxonomy.json"
    write_taxonomy(str(archive), "none", tmp_path / "again", pinned=pin)
    assert (tmp_path / "again" / "taxa.parquet").read_bytes() == (tmp_path / "first" / "taxa.parquet").read_bytes()
    other = taxdumps.tar_gz(tmp_path / "b.tar.gz", taxdumps.files(deleted=()))
    for setting in (str(other), "none"):
        with pytest.raises(
            UsageError, match=r"expected a\.tar\.gz of SHA-256 .*found .*name that taxdump in `taxonomy`"
        ):
            write_taxonomy(setting, "none", tmp_path / "other", pinned=pin)
    assert not (tmp_path / "other").exists()
    pin.write_text("no JSON")
    with pytest.raises(UsageError, match=r"taxonomy\.json: expected the taxonomy\.json of an earlier build"):
        write_taxonomy(str(archive), "none", tmp_path / "other", pinned=pin)
