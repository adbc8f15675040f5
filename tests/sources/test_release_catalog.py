import csv
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.catalogs import read_catalog
from support.each import each
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import VIRAL, write_release

from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.schemas.parts import CATALOG
from dnacorpus.sources.http import Policy
from dnacorpus.sources.release_catalog import copy_catalog, write_catalog
from dnacorpus.storage.results import Results

QUICK = Policy(attempts=3, first_wait=0.0)
GENOMIC = {name: content for name, content in VIRAL.items() if ".genomic." in name}
LARGE = 1 << 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release")


@pytest.fixture
def server(root: Path) -> Iterator[RefSeqServer]:
    with serve(root) as running:
        yield running


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results" / "catalog" / "viral.tsv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", strict=True))


def test_genomic_files_and_nothing_else(root: Path, out: Path) -> None:
    write_catalog(str(root), "viral", out, LARGE)
    found = rows(out)
    assert [row["file"] for row in found] == [
        "viral.1.1.genomic.fna.gz",
        "viral.1.genomic.gbff.gz",
        "viral.2.1.genomic.fna.gz",
        "viral.2.2.genomic.fna.gz",
        "viral.2.genomic.gbff.gz",
        "viral.10.1.genomic.fna.gz",
        "viral.10.genomic.gbff.gz",
    ]
    for row in each(found):
        content = GENOMIC[row["file"]]
        assert row["bytes"] == str(len(content))
        assert row["md5"] == hashlib.md5(content).hexdigest()
        assert row["url"] == f"viral/{row['file']}"
        assert (root / row["url"]).is_file()
        assert row["file"].startswith(row["part"] + ".")
        assert row["kind"] in row["file"]
        assert (row["release"], row["division"], row["group"]) == ("7", "viral", "00000")


def test_groups_are_filled_by_flat_file_bytes(root: Path, out: Path) -> None:
    sizes = [len(VIRAL[f"viral.{n}.genomic.gbff.gz"]) for n in (1, 2, 10)]
    for limit, expected in [
        (1, ["00000", "00001", "00002"]),
        (sizes[0] + sizes[1], ["00000", "00000", "00001"]),
        (sum(sizes), ["00000", "00000", "00000"]),
    ]:
        write_catalog(str(root), "viral", out, limit)
        groups = {row["part"]: row["group"] for row in rows(out)}
        assert list(groups.values()) == expected


@pytest.mark.parametrize("sums", [True, False])
def test_directory_and_server_give_the_same_bytes(tmp_path: Path, sums: bool) -> None:
    here = write_release(tmp_path / "a", sums=sums)
    there = write_release(tmp_path / "far" / "b", dict(reversed(VIRAL.items())), sums=sums)
    with serve(there) as server:
        for place, mirror in enumerate([str(here), str(there), server.url, server.url.rstrip("/")]):
            write_catalog(mirror, "viral", tmp_path / f"{place}.tsv", 300, QUICK)
    written = {(tmp_path / f"{place}.tsv").read_bytes() for place in range(4)}
    assert len(written) == 1
    assert all(bool(row["md5"]) == sums for row in each(rows(tmp_path / "0.tsv")))


def test_a_missing_md5_list_is_logged(tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_release(tmp_path / "release", sums=False)
    with caplog.at_level(logging.WARNING):
        write_catalog(str(root), "viral", out, LARGE)
    assert {row["file"] for row in rows(out)} == set(GENOMIC)
    assert "release7.files.installed: no such list" in caplog.text
    assert read_catalog(out)["md5"].null_count == len(GENOMIC)


@pytest.mark.parametrize("remote", [False, True])
def test_a_listed_file_that_is_absent_keeps_its_line(root: Path, server: RefSeqServer, out: Path, remote: bool) -> None:
    (root / "viral" / "viral.2.genomic.gbff.gz").unlink()
    write_catalog(server.url if remote else str(root), "viral", out, LARGE, QUICK)
    absent = next(row for row in rows(out) if row["file"] == "viral.2.genomic.gbff.gz")
    assert absent["bytes"] == ""
    assert absent["md5"] == hashlib.md5(VIRAL["viral.2.genomic.gbff.gz"]).hexdigest()
    # Its part's size is not known, so it is a group by itself.
    assert list({row["part"]: row["group"] for row in rows(out)}.values()) == ["00000", "00001", "00002"]


@pytest.mark.parametrize("remote", [False, True])
def test_genomic_files_that_the_list_does_not_have_are_logged(
    root: Path, server: RefSeqServer, out: Path, caplog: pytest.LogCaptureFixture, remote: bool
) -> None:
    write_catalog(server.url if remote else str(root), "viral", out, LARGE, QUICK)
    assert caplog.text == ""
    before = out.read_text()
    for name in ("viral.11.genomic.gbff.gz", "viral.11.1.genomic.fna.gz", "viral.11.rna.gbff.gz"):
        (root / "viral" / name).write_bytes(b"\x1f\x8b of the release before")
    write_catalog(server.url if remote else str(root), "viral", out, LARGE, QUICK)
    assert out.read_text() == before
    assert "2 genomic file(s) of" in caplog.text
    assert "left out: viral.11.1.genomic.fna.gz, viral.11.genomic.gbff.gz; if the release" in caplog.text


def test_a_genomic_file_with_an_odd_name_is_logged(tmp_path: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_release(tmp_path / "release", VIRAL | {"viral.3.1.genomic.gbff.gz": b""})
    write_catalog(str(root), "viral", out, LARGE)
    assert "viral.3.1.genomic.gbff.gz: left out" in caplog.text
    assert "protein" not in caplog.text


def test_a_bad_line_of_the_list_names_file_and_line(root: Path, out: Path) -> None:
    place = root / "release-catalog" / "release7.files.installed"
    place.write_text(place.read_text() + "zzz\tplant.1.genomic.gbff.gz\n")
    with pytest.raises(CorpusError, match=rf"release7\.files\.installed: line {len(VIRAL) + 1}: ") as caught:
        write_catalog(str(root), "viral", out, LARGE)
    assert type(caught.value) is CorpusError
    assert not out.exists()


@pytest.mark.parametrize("division", ["virus", "complete", "Viral", "../viral"])
def test_an_unknown_division_is_named_with_the_twelve(root: Path, out: Path, division: str) -> None:
    with pytest.raises(UsageError) as caught:
        write_catalog(str(root), division, out, LARGE)
    assert repr(division) in str(caught.value)
    assert ", ".join(DIVISIONS) in str(caught.value)
    assert len(DIVISIONS) == 12


def test_group_bytes_must_be_positive(root: Path, out: Path) -> None:
    with pytest.raises(UsageError, match="group bytes 0"):
        write_catalog(str(root), "viral", out, 0)


@pytest.mark.parametrize("remote", [False, True])
@pytest.mark.parametrize("sums", [False, True])
def test_a_division_without_files(tmp_path: Path, out: Path, remote: bool, sums: bool) -> None:
    root = write_release(tmp_path / "release", sums=sums)
    with serve(root) as server, pytest.raises(CorpusError, match=r"plant: expected files such as plant\.1") as caught:
        write_catalog(server.url if remote else str(root), "plant", out, LARGE, QUICK)
    assert type(caught.value) is CorpusError


def test_a_division_with_listed_but_missing_files_is_refused(root: Path, out: Path) -> None:
    for name in GENOMIC:
        (root / "viral" / name).unlink()
    with pytest.raises(CorpusError, match=r"viral: expected 7 files by .*files\.installed, found none of them"):
        write_catalog(str(root), "viral", out, LARGE)


def test_a_missing_mirror_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere: expected .* no such directory; correct"):
        write_catalog(str(tmp_path / "nowhere"), "viral", out, LARGE)
    (tmp_path / "empty").mkdir()
    with serve(tmp_path / "empty") as server, pytest.raises(RemoteError, match=r"RELEASE_NUMBER: .*correct `mirror`"):
        write_catalog(server.url, "viral", out, LARGE, QUICK)


def test_passing_server_errors_do_not_matter(root: Path, server: RefSeqServer, out: Path, tmp_path: Path) -> None:
    server.fault("viral.2.genomic", status=403, times=2)
    server.fault("files.installed", send=40)
    server.fault("RELEASE_NUMBER", page="text/html")
    write_catalog(server.url, "viral", out, LARGE, QUICK)
    write_catalog(str(root), "viral", tmp_path / "plain.tsv", LARGE)
    assert out.read_bytes() == (tmp_path / "plain.tsv").read_bytes()
    assert len({request.connection for request in server.log}) <= 5


def test_a_failing_server_leaves_no_catalog(server: RefSeqServer, out: Path) -> None:
    server.fault("viral.2.genomic", status=503, times=99)
    with pytest.raises(RemoteError, match=r"viral/viral\.2\.genomic\.gbff\.gz"):
        write_catalog(server.url, "viral", out, LARGE, QUICK)
    assert not out.exists()


def test_a_release_that_changes_leaves_no_catalog(server: RefSeqServer, out: Path) -> None:
    server.change_release("8", after=5)
    with pytest.raises(RemoteError, match="release changed: expected 7"):
        write_catalog(server.url, "viral", out, LARGE, QUICK)
    assert not out.exists()


def test_wgs_masters_are_skipped_and_logged_once(root: Path, out: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        write_catalog(str(root), "viral", out, LARGE)
    messages = [message for message in caplog.messages if "wgs_mstr" in message]
    assert messages == ["viral.wgs_mstr.gbff.gz: skipped: WGS master records are annotation without sequence"]
    assert any(message.startswith("viral: sizes: 7 of 7 ") for message in caplog.messages)


@pytest.fixture
def pinned(root: Path, tmp_path: Path) -> Path:
    write_catalog(str(root), "viral", tmp_path / "pinned" / "viral.tsv", 300)
    return tmp_path / "pinned"


@pytest.mark.parametrize("remote", [False, True])
def test_a_pinned_catalog_is_copied(server: RefSeqServer, pinned: Path, out: Path, remote: bool) -> None:
    root = server.root
    first, *others = sorted((root / "viral").glob("*.genomic.*"))
    first.unlink()  # what is gone is for fetch to say
    copy_catalog(server.url if remote else str(root), "viral", out, pinned, QUICK)
    assert out.read_bytes() == (pinned / "viral.tsv").read_bytes()
    assert server.paths("GET") == ["/RELEASE_NUMBER"] * remote
    for path in others:
        path.unlink()
    with pytest.raises(CorpusError, match="found none of them; complete the mirror, or drop the division"):
        copy_catalog(server.url if remote else str(root), "viral", out, pinned, QUICK)


def test_a_pinned_catalog_of_another_release_is_refused(root: Path, pinned: Path, out: Path) -> None:
    (root / "RELEASE_NUMBER").write_text("8\n")
    complaint = r"RELEASE_NUMBER: release changed: expected 7 by .*viral\.tsv, found 8; .*copy of release 7, or drop"
    with pytest.raises(RemoteError, match=complaint):
        copy_catalog(str(root), "viral", out, pinned)
    assert not out.exists()


def test_a_pinned_catalog_must_exist_and_be_of_the_division(root: Path, pinned: Path, out: Path) -> None:
    with pytest.raises(UsageError, match=r"plant\.tsv: expected the pinned catalog of plant, found no such file"):
        copy_catalog(str(root), "plant", out, pinned)
    (pinned / "viral.tsv").rename(pinned / "plant.tsv")
    with pytest.raises(
        CorpusError, match=r"plant\.tsv: expected files of plant, found viral\.1\.1\.genomic.* of viral"
    ):
        copy_catalog(str(root), "plant", out, pinned)
    (pinned / "plant.tsv").write_text("file\tmd5\n")
    with pytest.raises(CorpusError, match=r"plant\.tsv: line 1: expected the columns"):
        copy_catalog(str(root), "plant", out, pinned)


def test_a_pinned_catalog_without_md5_is_logged(
    root: Path, pinned: Path, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy_catalog(str(root), "viral", out, pinned)
    assert "no MD5" not in caplog.text
    text = (pinned / "viral.tsv").read_text().replace(rows(pinned / "viral.tsv")[0]["md5"], "")
    (pinned / "viral.tsv").write_text(text)
    copy_catalog(str(root), "viral", out, pinned)
    assert "viral.tsv: 1 of 7 files have no MD5" in caplog.text


def test_a_pinned_catalog_of_other_sources_needs_no_mirror(tmp_path: Path, pinned: Path, out: Path) -> None:
    rows = [f"local\tmoss\tmoss.1\t00000\tgff\tmoss.gff.gz\t/data/moss.gff.gz\t3\t{'0' * 32}"]
    (pinned / "moss.tsv").write_text("\n".join(["\t".join(CATALOG.names), *rows]) + "\n")
    copy_catalog(str(tmp_path / "nowhere"), "moss", out, pinned)
    assert out.read_bytes() == (pinned / "moss.tsv").read_bytes()


def test_tables_beside_a_custom_catalog_are_copied(tmp_path: Path, pinned: Path, out: Path) -> None:
    notes = {
        ".gone.tsv": "accession\tdetail\nGCF_000000001.1\treplaced by GCF_000000001.2\n",
        ".pubmed.tsv": "assembly\tpmid\nGCF_000000002.1\t11\n",
    }
    row = f"local\tviral\tviral.1\t00000\tgbff\ta.gbff\t/data/a.gbff\t3\t{'0' * 32}"
    (pinned / "viral.tsv").write_text("\t".join(CATALOG.names) + f"\n{row}\n")
    for suffix, text in notes.items():
        (pinned / f"viral{suffix}").write_text(text)
    copy_catalog(str(tmp_path / "nowhere"), "viral", out, pinned)
    assert {suffix: out.with_suffix(suffix).read_text() for suffix in notes} == notes
    results = Results(out.parents[1])
    assert results.tombstones("viral") == [("GCF_000000001.1", "replaced by GCF_000000001.2")]
    assert results.assembly_papers("viral") == [("GCF_000000002.1", 11)]
    (pinned / "viral.gone.tsv").unlink()
    copy_catalog(str(tmp_path / "nowhere"), "viral", out, pinned)
    assert results.tombstones("viral") == [], "those of an earlier build of another catalog do not stay"
    assert results.assembly_papers("viral") == [("GCF_000000002.1", 11)]


def test_read_catalog_has_the_schema(root: Path, out: Path) -> None:
    write_catalog(str(root), "viral", out, LARGE)
    table = read_catalog(out)
    assert table.schema.equals(CATALOG)
    assert table["file"].to_pylist() == [row["file"] for row in rows(out)]
    assert table["bytes"].to_pylist() == [int(row["bytes"]) for row in rows(out)]


def test_read_catalog_names_what_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"absent\.tsv"):
        read_catalog(tmp_path / "absent.tsv")


@pytest.mark.mirror
@pytest.mark.parametrize("division", DIVISIONS)
def test_real_divisions(mirror: Path, tmp_path: Path, division: str) -> None:
    write_catalog(str(mirror), division, tmp_path / "directory.tsv", 1_000_000)
    with serve(mirror) as server:
        write_catalog(server.url, division, tmp_path / "http.tsv", 1_000_000, QUICK)
    assert (tmp_path / "directory.tsv").read_bytes() == (tmp_path / "http.tsv").read_bytes()
    found = rows(tmp_path / "directory.tsv")
    assert {row["file"] for row in found} == {path.name for path in (mirror / division).glob("*.genomic.*.gz")}
    for row in each(found):
        content = (mirror / row["url"]).read_bytes()
        assert (row["bytes"], row["md5"]) == (str(len(content)), hashlib.md5(content).hexdigest())
