"""Successors from NCBI's lists; a list that cannot be fetched costs only a warning."""

import gzip
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers.genomes import Assembly, write_genomes
from support.servers.refseq import RefSeqServer, serve
from support.servers.releases import write_release

from dnacorpus.sources.http import Policy
from dnacorpus.sources.successors import Successors

QUICK = Policy(attempts=2, first_wait=0.0)
LIST = "release-catalog/release7.removed-records.gz"
REPLACED, SUPPRESSED = {"version_status": "replaced"}, {"version_status": "suppressed", "ftp_path": "na"}
CURRENT = [Assembly("GCF_000000001.3"), Assembly("GCA_000000002.2"), Assembly("GCF_000000005.1")]
HISTORICAL = [
    Assembly("GCF_000000001.2", values=REPLACED), Assembly("GCF_000000003.1", kinds=(), values=SUPPRESSED),
    Assembly("GCA_000000002.1", values=REPLACED), Assembly("GCF_000000004.1", values=REPLACED),
]  # fmt: skip
REMOVED = "".join(
    "\t".join(["9606", "Homo sapiens", accession, "complete", "REVIEWED", "152", status]) + "\n"
    for accession, status in (
        ("NC_000002.1", "replaced by NC_000099.1"),
        ("NM_000003.1", "permanently suppressed"),
    )
)
EXPECTED = {
    "GCF_000000001.2": "GCF_000000001.3",
    "GCF_000000001.1": "GCF_000000001.3",
    "GCA_000000002.1": "GCA_000000002.2",
    "GCF_000000003.1": None,
    "GCF_000000004.1": None,
    "GCF_000000005.1": None,
    "GCF_999999999.1": None,
    "NC_000002.1": "NC_000099.1",
    "NM_000003.1": None,
    "NC_999999.1": None,
}


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    root = write_release(tmp_path / "release")
    (root / LIST).write_bytes(gzip.compress(REMOVED.encode(), mtime=0))
    return root


@pytest.fixture
def genomes(tmp_path: Path) -> Path:
    return write_genomes(tmp_path / "genomes", CURRENT, HISTORICAL)


@pytest.fixture
def servers(mirror: Path, genomes: Path) -> Iterator[tuple[RefSeqServer, RefSeqServer]]:
    with serve(mirror) as release, serve(genomes) as tree:
        yield release, tree


@pytest.mark.parametrize("accession", EXPECTED)
def test_successors_from_folders(mirror, genomes, caplog, accession) -> None:
    assert Successors(str(mirror), str(genomes), QUICK)(accession) == EXPECTED[accession]
    assert caplog.text == ""


def test_servers_give_the_same_and_only_the_needed_list_is_fetched(servers) -> None:
    release, tree = servers
    ask = Successors(release.url, tree.url, QUICK)
    assert {accession: ask(accession) for accession in EXPECTED} == EXPECTED
    assert set(release.paths()) == {"/RELEASE_NUMBER", f"/{LIST}"}
    tree.log.clear()
    ask("GCA_000000002.1")
    assert sorted(tree.paths()) == [
        "/genbank/assembly_summary_genbank.txt", "/genbank/assembly_summary_genbank_historical.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("remote", [False, True])
def test_missing_lists_cost_a_warning(mirror, genomes, servers, caplog, remote) -> None:
    (mirror / LIST).unlink()
    (genomes / "refseq" / "assembly_summary_refseq.txt").unlink()
    addresses = [server.url for server in servers] if remote else [str(mirror), str(genomes)]
    ask = Successors(*addresses, QUICK)
    assert ask("NC_000002.1") is ask("GCF_000000001.2") is None
    lines = caplog.messages
    assert [line.partition(": ")[0] for line in lines] == ["NC_000002.1", "GCF_000000001.2"]
    assert "removed-records.gz: expected the list of removed records, found none" in lines[0]
    assert "assembly_summary_refseq.txt: expected a table of assemblies, found no such file" in lines[1]


def test_without_the_historical_table_the_current_one_is_used(mirror, genomes, caplog) -> None:
    (genomes / "refseq" / "assembly_summary_refseq_historical.txt").unlink()
    ask = Successors(str(mirror), str(genomes), QUICK)
    assert (ask("GCF_000000001.2"), ask("GCF_000000003.1")) == ("GCF_000000001.3", None)
    assert "replacements of assemblies are unknown" in caplog.text


@pytest.mark.parametrize("fault", [{"status": 503, "retry_after": "0"}, {"send": 5}, {"page": "text/html"}])
def test_a_server_that_fails_costs_a_warning_and_no_error(servers, caplog, fault) -> None:
    release, tree = servers
    release.fault("removed-records", times=99, **fault)
    tree.fault("assembly_summary", times=99, **fault)
    ask = Successors(release.url, tree.url, QUICK)
    with caplog.at_level(logging.WARNING):
        assert ask("NC_000002.1") is ask("GCF_000000001.2") is None
    warnings = [line for line in caplog.messages if "its successor cannot be looked up" in line]
    assert [line.partition(": ")[0] for line in warnings] == ["NC_000002.1", "GCF_000000001.2"]
    assert release.url in warnings[0]
    assert tree.url in warnings[1]
    release.faults.clear()
    assert ask("NC_000002.1") == "NC_000099.1", "a failure is not cached"


def test_an_unreachable_server_costs_a_warning(tmp_path, caplog) -> None:
    gone = "http://127.0.0.1:9/"
    ask = Successors(gone, gone, QUICK)
    assert ask("NC_000002.1") is ask("GCF_000000001.2") is None
    assert len([line for line in caplog.messages if "cannot be looked up" in line]) == 2


@pytest.mark.parametrize("remote", [False, True])
@pytest.mark.parametrize("content", ["cut", "plain", "empty"])
def test_a_damaged_gzip_list_costs_a_warning(mirror, servers, caplog, remote, content) -> None:
    whole = gzip.compress(REMOVED.encode() * 200, mtime=0)
    (mirror / LIST).write_bytes({"cut": whole[: len(whole) // 2], "plain": REMOVED.encode(), "empty": b""}[content])
    ask = Successors(servers[0].url if remote else str(mirror), str(servers[1].root), QUICK)
    assert ask("NC_888888.1") is None
    (line,) = [line for line in caplog.messages if "cannot be looked up" in line]
    assert "release7.removed-records.gz: expected a complete gzip file, found" in line
    assert "\n" not in line


def test_a_password_in_a_url_is_not_logged(mirror, caplog) -> None:
    ask = Successors("http://me:pass-word@127.0.0.1:9/", "http://me:pass-word@127.0.0.1:9/", QUICK)
    assert ask("NC_000002.1") is ask("GCF_000000001.2") is None
    assert "cannot be looked up" in caplog.text
    assert "pass-word" not in caplog.text
