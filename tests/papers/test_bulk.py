"""Reading PubMed's yearly and daily files into the cache: what a finished and an interrupted reading leave."""

import gzip
import json
from pathlib import Path

import pytest
from support.servers.eutils import article, article_set
from support.servers.refseq import serve

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.bulk import BulkReading, finished_files, withdrawn_pmids
from dnacorpus.papers.files import read_file
from dnacorpus.sources.http import Policy

POLICY = Policy(attempts=2, first_wait=0.0)
PMIDS = (1, 2, 3)


def put(folder: Path, path: str, *entries: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(gzip.compress(article_set(*entries)))


def deletion(*pmids: int) -> str:
    return f"<DeleteCitation>{''.join(f'<PMID>{pmid}</PMID>' for pmid in pmids)}</DeleteCitation>"


@pytest.fixture
def pubmed(tmp_path: Path) -> Path:
    """Papers 1 and 2 in the baseline; the first update deletes 2, the second revises 1."""
    folder = tmp_path / "pubmed"
    put(folder, "baseline/pubmed26n0001.xml.gz", article(1), article(2))
    put(folder, "updatefiles/pubmed26n0002.xml.gz", deletion(2))
    put(folder, "updatefiles/pubmed26n0003.xml.gz", article(1, "Revised."), article(77))
    return folder


def states(cache: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in cache.rglob("bulk.json")]


def test_a_finished_reading_gives_the_entries_and_deletions_of_each_file(pubmed, tmp_path):
    cache = tmp_path / "cache"
    reading = BulkReading(cache, PMIDS)
    assert not reading.interrupted
    assert reading.read(str(pubmed), POLICY) == []
    assert not reading.interrupted
    assert states(cache) == [{"finished": True}]
    files = finished_files(cache)
    assert [(file.path.rpartition("/")[2][:13], set(file.described), set(file.deleted)) for file in files] == [
        ("pubmed26n0001", {1, 2}, set()),
        ("pubmed26n0002", set(), {2}),
        ("pubmed26n0003", {1}, set()),
    ]
    assert withdrawn_pmids(files) == {2}
    papers = [read_file(path)[1] for file in files for path in file.batch.files()]
    assert [[paper.pmid for paper in entries] for entries in papers] == [[1, 2], [], [1]]


def test_an_interrupted_reading_is_not_used_and_cannot_bring_a_deleted_paper_back(pubmed, tmp_path):
    cache = tmp_path / "cache"
    with serve(pubmed) as server:
        server.fault("pubmed26n0002.xml.gz", status=503, times=99)
        with pytest.raises(RemoteError, match="pubmed26n0002"):
            BulkReading(cache, PMIDS).read(server.url, POLICY)
        assert states(cache) == [{"finished": False}]
        assert finished_files(cache) == []
        reading = BulkReading(cache, PMIDS)
        assert reading.interrupted
        server.faults.clear()
        before = len(server.log)
        reading.read(server.url, POLICY)
        assert not [path for path in server.paths()[before:] if path.endswith("n0001.xml.gz")]
    assert not reading.interrupted
    assert withdrawn_pmids(finished_files(cache)) == {2}


def test_a_finished_reading_that_is_continued_counts_as_unfinished_until_its_end(pubmed, tmp_path):
    cache = tmp_path / "cache"
    BulkReading(cache, PMIDS).read(str(pubmed), POLICY)
    put(pubmed, "updatefiles/pubmed26n0004.xml.gz", article(3))
    put(pubmed, "updatefiles/pubmed26n0005.xml.gz", deletion(3))
    with serve(pubmed) as server:
        server.fault("pubmed26n0005.xml.gz", status=503, times=99)
        with pytest.raises(RemoteError):
            BulkReading(cache, PMIDS).read(server.url, POLICY)
    assert BulkReading(cache, PMIDS).interrupted
    assert finished_files(cache) == []
    BulkReading(cache, PMIDS).read(str(pubmed), POLICY)
    assert withdrawn_pmids(finished_files(cache)) == {2, 3}


def test_readings_of_different_papers_do_not_mix(pubmed, tmp_path):
    cache = tmp_path / "cache"
    BulkReading(cache, PMIDS).read(str(pubmed), POLICY)
    with serve(pubmed) as server:
        server.fault("pubmed26n0003.xml.gz", status=503, times=99)
        with pytest.raises(RemoteError):
            BulkReading(cache, (1, 77)).read(server.url, POLICY)
    assert not BulkReading(cache, PMIDS).interrupted
    assert BulkReading(cache, (1, 77)).interrupted
    assert [file.path[-11:-7] for file in finished_files(cache)] == ["0001", "0002", "0003"]


def test_a_paper_that_a_later_file_describes_again_is_not_withdrawn(pubmed, tmp_path):
    put(pubmed, "updatefiles/pubmed26n0004.xml.gz", article(2, "Back."))
    BulkReading(tmp_path, PMIDS).read(str(pubmed), POLICY)
    assert withdrawn_pmids(finished_files(tmp_path)) == frozenset()


def test_a_damaged_file_is_named_and_read_by_the_next_reading(pubmed, tmp_path):
    damaged = pubmed / "updatefiles" / "pubmed26n0002.xml.gz"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-9])
    (line,) = BulkReading(tmp_path, PMIDS).read(str(pubmed), POLICY)
    assert line.startswith("updatefiles/pubmed26n0002.xml.gz: gzip: expected a complete file")
    assert withdrawn_pmids(finished_files(tmp_path)) == frozenset()
    damaged.write_bytes(whole)
    assert BulkReading(tmp_path, PMIDS).read(str(pubmed), POLICY) == []
    assert withdrawn_pmids(finished_files(tmp_path)) == {2}


@pytest.mark.parametrize("content", ["", "{}", "[1]", "{"])
def test_a_damaged_state_is_named(pubmed, tmp_path, content):
    BulkReading(tmp_path, PMIDS).read(str(pubmed), POLICY)
    (state,) = tmp_path.rglob("bulk.json")
    state.write_text(content)
    for read in (lambda: finished_files(tmp_path), lambda: BulkReading(tmp_path, PMIDS).interrupted):
        with pytest.raises(CorpusError, match=r"bulk\.json: expected the key finished, found: "):
            read()
