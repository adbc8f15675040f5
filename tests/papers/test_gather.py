"""Gathering papers from four services: what each is asked, what is cached, and what happens on failures."""

import contextlib
import gzip
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.each import each
from support.servers import eutils as eutils_server
from support.servers import service
from support.servers.europepmc import EuropePmcServer
from support.servers.loopback import busiest_second
from support.servers.pmc import PmcServer
from support.servers.refseq import serve as serve_files

from dnacorpus.errors import RemoteError
from dnacorpus.papers.files import read_file
from dnacorpus.papers.gather import Gathered, Services, gather
from dnacorpus.sources.http import Policy

SECRET = "0123456789abcdef-secret"
PATIENCE = Policy(attempts=3, first_wait=0.0, contact="me@example.org")


@dataclass
class World:
    """The four services and a cache of their answers."""

    eutils: eutils_server.EutilsServer
    pmc: PmcServer
    europepmc: EuropePmcServer
    cache: Path
    key: str | None = SECRET
    bulk_above: int = 10**9
    loopback_key: bool = True
    pubmed: str = ""

    def gather(self, *pmids: int) -> Gathered:
        addresses = {
            "eutils": self.eutils.url,
            "idconv": self.eutils.root + eutils_server.IDCONV,
            "pmc": self.pmc.url,
            "europepmc": self.europepmc.url,
            "pubmed": self.pubmed,
        }
        return gather(pmids, Services(addresses, PATIENCE, self.key, self.bulk_above, self.loopback_key), self.cache)

    def busiest(self) -> dict[str, int]:
        """Return address -> the largest number of requests within one second; PMC has no limit."""
        arrived = {"europepmc": [request.arrived for request in self.europepmc.log]}
        for request in self.eutils.log:
            arrived.setdefault(request.path.partition("?")[0], []).append(request.arrived)
        return {address: busiest_second(times) for address, times in arrived.items()}

    def requests(self) -> int:
        return len(self.eutils.log) + len(self.pmc.log) + len(self.europepmc.log)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        eutils = stack.enter_context(eutils_server.serve())
        pmc, europepmc = (stack.enter_context(service.serve(kind())) for kind in (PmcServer, EuropePmcServer))
        for pmid in range(1, 8):
            eutils.papers[pmid] = eutils_server.article(pmid)
        # 1 open XML, 2 closed, 3 retracted, 4 open PDF alone: all in PMC; 5 in Europe PMC only; 6 in neither
        for pmid, changes in {
            1: {},
            2: {"license_code": "CC BY-NC"},
            3: {"is_retracted": True},
            4: {"xml_url": None},
        }.items():
            pmcid = f"PMC{pmid}"
            eutils.pmcids[pmid] = pmcid
            pmc.add(pmcid, pmid=pmid, pdf=b"%PDF-1.7 made up" if pmid == 4 else None, **changes)
        europepmc.add(5)
        europepmc.texts["PMC5"] = b"<article><front><article-meta/></front><body><p>Text five.</p></body></article>"
        yield World(eutils, pmc, europepmc, tmp_path / "cache")


def texts(gathered: Gathered) -> set[str]:
    return {path.name for path in gathered.files if path.name.startswith("PMC") and ".json" not in path.name}


def test_each_service_is_asked_for_the_papers_it_may_have(world):
    found = world.gather(1, 2, 3, 4, 5, 6, 99)
    assert found.counts == {"wanted": 7, "pubmed": 6, "pmc": 4, "europepmc": 1}
    assert texts(found) == {"PMC1.1.xml.gz", "PMC4.1.pdf", "PMC5.xml.gz"}
    assert found.unreadable == []
    pubmed = [request.form["id"] for request in world.eutils.log if request.form.get("db") == "pubmed"]
    assert pubmed == ["1,2,3,4,5,6,99", "99"]  # missing papers are requested once more
    assert {pmid for text in world.europepmc.log if "query" in text.values for pmid in (5, 6)} == {5, 6}
    assert "EXT_ID:1 " not in str([request.values for request in world.europepmc.log])


def test_closed_and_retracted_texts_are_never_fetched(world):
    world.gather(2, 3)
    assert not [path for path in world.pmc.paths() if path.endswith((".xml", ".pdf"))]
    assert {path for path in world.pmc.paths() if path} == {"metadata/PMC2.1.json", "metadata/PMC3.1.json"}


def test_cached_papers_are_not_asked_for_again(world):
    first = world.gather(1, 2, 3, 4, 5, 6)
    asked = world.requests()
    again = world.gather(1, 2, 3, 4, 5, 6)
    assert world.requests() == asked
    assert again == first
    world.gather(1, 7)
    assert [r.form["id"] for r in world.eutils.log if r.form.get("db") == "pubmed"][1:] == ["7"]


def test_the_next_run_asks_again_for_papers_missing_from_pubmed(world):
    assert world.gather(1, 99).counts["pubmed"] == 1
    world.eutils.papers[99] = eutils_server.article(99)
    assert world.gather(1, 99).counts["pubmed"] == 2
    assert [r.form["id"] for r in world.eutils.log if r.form.get("db") == "pubmed"] == ["1,99", "99", "99"]


def test_an_article_that_fails_is_left_out_and_asked_for_by_the_next_run(world):
    world.pmc.fault("PMC4.1.pdf", status=500, times=99)
    found = world.gather(1, 2, 3, 4, 5)
    assert texts(found) == {"PMC1.1.xml.gz", "PMC5.xml.gz"}
    assert [line.partition(":")[0] for line in found.unreadable] == ["PMC4"]
    asked, elsewhere = len(world.eutils.log), len(world.pmc.log)
    world.pmc.faults.clear()
    whole = world.gather(1, 2, 3, 4, 5)
    assert texts(whole) == {"PMC1.1.xml.gz", "PMC4.1.pdf", "PMC5.xml.gz"}
    assert whole.unreadable == []
    assert len(world.eutils.log) == asked
    assert {path for path in world.pmc.paths()[elsewhere:] if path} == {"metadata/PMC4.1.json", "PMC4.1/PMC4.1.pdf"}


def test_a_service_that_is_down_ends_the_run_and_the_next_run_resumes(world):
    world.pmc.fault("metadata", status=500, times=10**6)
    with pytest.raises(RemoteError, match="metadata"):
        world.gather(1, 2, 3, 4, 5)
    asked = len(world.eutils.log)
    world.pmc.faults.clear()
    assert texts(world.gather(1, 2, 3, 4, 5)) == {"PMC1.1.xml.gz", "PMC4.1.pdf", "PMC5.xml.gz"}
    assert len(world.eutils.log) == asked


def test_a_text_that_stays_damaged_is_left_out_and_listed(world):
    world.pmc.fault("PMC1.1/PMC1.1.xml", corrupt=True, times=99)
    found = world.gather(1, 4)
    assert texts(found) == {"PMC4.1.pdf"}
    assert [line.partition(":")[0] for line in found.unreadable] == ["PMC1"]
    assert "MD5" in found.unreadable[0]


def test_read_file_reads_every_gathered_file(world):
    papers = [paper for path in world.gather(1, 2, 5).files if path.suffix == ".gz" for paper in read_file(path)[1]]
    read = {(paper.source, paper.pmid or paper.pmcid) for paper in papers}
    assert read >= {
        ("pubmed", 1),
        ("pubmed", 2),
        ("pubmed", 5),
        ("pmc", 1),
        ("pmc", 2),
        ("jats", "PMC1"),
        ("europepmc", 5),
    }


def test_the_api_key_is_sent_to_no_service_that_is_not_of_ncbi(world, caplog):
    world.loopback_key = False
    world.gather(1, 2, 5)
    assert {request.form.get("id") for request in world.eutils.log if request.form} == {"1,2,5"}
    assert not [request for request in world.eutils.log if "api_key" in request.form or SECRET in request.path]
    assert len([line for line in caplog.messages if "is not sent there" in line]) == 1


def test_the_api_key_is_never_written_or_logged(world, caplog):
    caplog.set_level(logging.DEBUG)
    world.eutils.fault("db=pubmed", status=429, body=eutils_server.rate_limit(SECRET), kind=eutils_server.JSON)
    world.gather(1, 2, 5)
    assert SECRET in {request.form.get("api_key") for request in world.eutils.log}
    assert not [request.path for request in world.eutils.log if SECRET in request.path]
    for path in each(world.cache.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        assert SECRET.encode() not in content
        assert SECRET not in path.name
    world.eutils.fault("db=pubmed", status=400, body=b'{"error":"API key invalid","api-key":"%s"}' % SECRET.encode(),
                       kind=eutils_server.JSON, times=99)  # fmt: skip
    with pytest.raises(RemoteError) as failure:
        world.gather(7)
    assert SECRET not in str(failure.value)
    assert SECRET not in caplog.text


def yearly(folder: Path) -> Path:
    """Write two files: papers 1, 2 and another; then 3, a revision of 1, and the deletion of 2."""
    article, article_set = eutils_server.article, eutils_server.article_set
    for name in ("baseline", "updatefiles"):
        (folder / name).mkdir(parents=True)
    first = article_set(article(1), article(2), article(77))
    second = article_set(article(3), article(1, "A revised abstract.", revised=2025)).replace(
        b"</PubmedArticleSet>", b"<DeleteCitation><PMID>2</PMID></DeleteCitation></PubmedArticleSet>"
    )
    (folder / "baseline" / "pubmed26n0001.xml.gz").write_bytes(gzip.compress(first))
    (folder / "updatefiles" / "pubmed26n0002.xml.gz").write_bytes(gzip.compress(second))
    return folder


def test_many_papers_come_from_the_yearly_files(world, tmp_path):
    world.bulk_above, world.pubmed = 3, str(yearly(tmp_path / "pubmed"))
    found = world.gather(1, 2, 3, 5)
    assert [r.form["id"] for r in world.eutils.log if r.form.get("db") == "pubmed"] == ["5"]
    assert found.withdrawn == {2}
    assert found.counts["pubmed"] == 3
    assert world.gather(1, 2, 3, 5) == found


def test_an_interrupted_reading_of_the_yearly_files_is_finished_by_the_next_run(world, tmp_path):
    with serve_files(yearly(tmp_path / "pubmed")) as files:
        world.bulk_above, world.pubmed = 3, files.url
        files.fault("pubmed26n0002.xml.gz", status=503, times=PATIENCE.attempts * 2)
        with pytest.raises(RemoteError, match="pubmed26n0002"):
            world.gather(1, 2, 3, 5)
        files.faults.clear()
        found = world.gather(1, 2, 3, 5)
        assert sum("baseline/pubmed26n0001.xml.gz" in path and "md5" not in path for path in files.paths()) == 1
    assert found.withdrawn == {2}
    words = {
        paper.abstract
        for path in found.files
        for paper in read_file(path)[1]
        if paper.pmid == 1 and paper.source == "pubmed"
    }
    assert "RESULTS: A revised abstract." in words
    assert [r.form["id"] for r in world.eutils.log if r.form.get("db") == "pubmed"] == ["5"]


def test_a_thousand_papers_keep_to_every_rate_limit_and_are_asked_for_once(world):
    pmids = range(1001, 2001)
    for pmid in pmids:
        pmcid = f"PMC{pmid}"
        world.eutils.papers[pmid] = eutils_server.article(pmid)
        if pmid % 10 < 2:  # in PMC, and closed
            world.eutils.pmcids[pmid] = pmcid
            world.pmc.add(pmcid, pmid=pmid, license_code="CC BY-NC")
        elif pmid % 10 < 9:  # known to Europe PMC alone, the first four of them with an open text
            world.europepmc.add(pmid, license="cc by" if pmid < 1006 else "cc by-nc")
            world.europepmc.texts[pmcid] = b"<article><body><p>Text.</p></body></article>"
    world.key = None
    found = world.gather(*pmids)
    assert found.counts == {"wanted": 1000, "pubmed": 1000, "pmc": 200, "europepmc": 700}
    assert (len(texts(found)), found.unreadable) == (4, [])
    asked = [int(pmid) for r in world.eutils.log if r.form.get("db") == "pubmed" for pmid in r.form["id"].split(",")]
    assert sorted(asked) == list(pmids)
    assert not [request for request in world.eutils.log if "api_key" in request.form]
    busiest = world.busiest()
    assert set(busiest) == {eutils_server.EFETCH, eutils_server.IDCONV, "europepmc"}
    assert busiest[eutils_server.EFETCH] <= 2
    assert busiest[eutils_server.IDCONV] <= 2
    assert busiest["europepmc"] <= 5
    before = world.requests()
    assert world.gather(*pmids) == found
    assert world.requests() == before
