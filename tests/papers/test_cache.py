"""The cache of literature services: whole batches, no id asked for twice, damage described."""

import gzip

import pytest

from dnacorpus.errors import CorpusError
from dnacorpus.papers.cache import PaperCache


def test_answers_are_found_by_the_next_process(tmp_path):
    first = PaperCache(tmp_path, "pubmed")
    assert first.unasked(["10", "9", "100"]) == ["9", "10", "100"]
    first.put(["9", "10"], ["10"], {"0.xml": b"<a/>"}, {"9": "note"})
    for cache in (first, PaperCache(tmp_path, "pubmed")):
        assert cache.unasked(["10", "9", "100"]) == ["100"]
        (batch,) = cache.batches(["10"])
        assert (batch.asked, batch.missing, dict(batch.notes)) == ({"9", "10"}, {"10"}, {"9": "note"})
        assert [gzip.decompress(path.read_bytes()) for path in batch.files()] == [b"<a/>"]
    assert cache.batches(["100"]) == []


def test_services_do_not_share_ids(tmp_path):
    PaperCache(tmp_path, "pubmed").put(["1"], [], {})
    assert PaperCache(tmp_path, "pmc").unasked(["1"]) == ["1"]


def test_equal_answers_give_equal_bytes_in_any_order(tmp_path):
    for name, asked in (("a", ["1", "2"]), ("b", ["2", "1", "1"])):
        PaperCache(tmp_path / name, "pmc").put(asked, [], {"PMC1.1.json": b"{}", "PMC1.1.pdf": b"%PDF"})
    contents = [
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("a", "b")
    ]
    assert contents[0] == contents[1]
    assert sorted(path.name for path in contents[0]) == ["PMC1.1.json.gz", "PMC1.1.pdf", "receipt.json"]


def test_a_batch_without_a_receipt_is_ignored(tmp_path):
    PaperCache(tmp_path, "pubmed").put(["1"], [], {"0.xml": b"<a/>"})
    (receipt,) = tmp_path.rglob("receipt.json")
    receipt.unlink()
    assert PaperCache(tmp_path, "pubmed").unasked(["1"]) == ["1"]


def test_a_damaged_receipt_is_named(tmp_path):
    PaperCache(tmp_path, "pubmed").put(["1"], [], {})
    (receipt,) = tmp_path.rglob("receipt.json")
    receipt.write_text('{"asked": ["1"]}')
    with pytest.raises(CorpusError, match=r"receipt\.json: expected the keys asked, missing and notes"):
        PaperCache(tmp_path, "pubmed")
