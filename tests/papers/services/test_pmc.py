"""PMC's open-data bucket: listings in pages, what is not there, and bytes that are not what they should be."""

import hashlib
from collections.abc import Iterator

import pytest
from support.servers.pmc import PmcServer, article_xml
from support.servers.service import serve

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.pmc import ArticleVersion, best_version, read_article_version, read_pmc_metadata
from dnacorpus.papers.services.pmc import OpenData
from dnacorpus.sources.http import Client, Policy

QUICK = Policy(attempts=3, first_wait=0.0)
PDF = b"%PDF-1.7 made up"
TEXT = "PMC12.1/PMC12.1.xml"


@pytest.fixture
def server() -> Iterator[PmcServer]:
    with serve(PmcServer()) as running:
        yield running


@pytest.fixture
def bucket(server: PmcServer) -> Iterator[OpenData]:
    with Client(QUICK) as client:
        yield OpenData(client, server.url)


def added(server: PmcServer, bucket: OpenData, **changes: object) -> ArticleVersion:
    """Put an article into the bucket and return what the bucket says of it."""
    server.add("PMC12", pdf=PDF, **changes)
    chosen = best_version(
        article for _, content in bucket.metadata("PMC12") if (article := read_article_version(content))
    )
    assert chosen is not None
    return chosen


def names(bucket: OpenData, pmcid: str = "PMC12") -> list[str]:
    return [name for name, _ in bucket.metadata(pmcid)]


def test_metadata_and_text_of_an_article(server: PmcServer, bucket: OpenData) -> None:
    server.add("PMC12", 1, is_retracted=False)
    server.add("PMC12", 2, pdf=PDF, license_code="CC0")
    server.add("PMC12", 3, is_manuscript=True, license_code=None)
    found = bucket.metadata("PMC12")
    assert [name for name, _ in found] == ["PMC12.1.json", "PMC12.2.json", "PMC12.3.json"]
    assert [content for _, content in found] == [server.objects[f"metadata/{name}"] for name, _ in found]
    papers = [read_pmc_metadata(content) for _, content in found]
    assert [(paper.license, paper.version) for paper in papers if paper] == [("CC-BY", 1), ("CC0-1.0", 2), (None, 3)]
    chosen = best_version(article for _, content in found if (article := read_article_version(content)))
    assert chosen is not None
    text = bucket.text(chosen)
    assert text is not None
    assert [paper.title for paper in read_jats(text)] == ["Version 2 of PMC12"]
    assert bucket.pdf(chosen) == PDF


def test_pmc12_does_not_match_pmc123(server: PmcServer, bucket: OpenData) -> None:
    for pmcid in ("PMC1", "PMC12", "PMC123"):
        server.add(pmcid)
    assert names(bucket, "PMC12") == ["PMC12.1.json"]


@pytest.mark.parametrize("page", [1, 2, 5, 1000])
def test_all_pages_of_a_listing_are_requested(server: PmcServer, bucket: OpenData, page: int) -> None:
    for version in (64, 33, 1, 100, 2):
        server.add("PMC12", version)
    server.objects |= {"metadata/PMC12.old.json": b"{}", "metadata/PMC12.1.json.bak": b"{}"}
    server.page = page
    assert names(bucket) == [f"PMC12.{version}.json" for version in (1, 2, 33, 64, 100)]
    listings = [request for request in server.log if not request.path]
    assert len(listings) == -(-7 // page)
    assert {request.values["prefix"] for request in listings} == {"metadata/PMC12."}


def test_pmc_ids_are_accepted_in_any_form(server: PmcServer, bucket: OpenData) -> None:
    server.add("PMC12")
    assert names(bucket, "12") == names(bucket, " pmc12.1 ") == ["PMC12.1.json"]
    for rubbish in ("", "PMC", "12;13", "PMC12/../13"):
        with pytest.raises(CorpusError, match="expected a PMC id such as PMC13900"):
            bucket.metadata(rubbish)


def test_an_unknown_article_has_no_version(bucket: OpenData) -> None:
    assert bucket.metadata("PMC404") == []


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_object_is_none(server: PmcServer, bucket: OpenData, status: int) -> None:
    server.absent = status
    article = added(server, bucket)
    server.add("PMC12", 2)
    server.objects = {key: content for key, content in server.objects.items() if not key.startswith("PMC12.1/")}
    assert bucket.text(article) is None
    assert bucket.pdf(article) is None
    server.fault("metadata/PMC12.2", status=status)
    before = len(server.log)
    assert names(bucket) == ["PMC12.1.json"]
    assert [request.status for request in server.log[before:]] == [200, 200, status]


def test_a_version_without_files_sends_no_request(server: PmcServer, bucket: OpenData) -> None:
    server.add("PMC12", xml_url=None)
    (article,) = (read_article_version(content) for _, content in bucket.metadata("PMC12"))
    before = len(server.log)
    assert article is not None
    assert (bucket.text(article), bucket.pdf(article), len(server.log)) == (None, None, before)


@pytest.mark.parametrize("kind", [{"corrupt": True}, {"cut": 40}, {"content": b"another", "content_type": "x/y"}])
def test_damaged_bytes_are_requested_once_more(server: PmcServer, bucket: OpenData, kind: dict[str, object]) -> None:
    article = added(server, bucket)
    server.fault(TEXT, **kind)
    assert bucket.text(article) == article_xml("PMC12")
    assert server.paths().count(TEXT) == 2
    assert hashlib.md5(article_xml("PMC12"), usedforsecurity=False).hexdigest() == article.xml_md5


def test_bytes_that_stay_damaged_are_an_error(server: PmcServer, bucket: OpenData) -> None:
    article = added(server, bucket)
    server.objects[TEXT] += b" "
    with pytest.raises(
        CorpusError, match=rf"{TEXT}: expected MD5 {article.xml_md5}, found [0-9a-f]{{32}} twice; "
    ) as no:
        bucket.text(article)
    assert not isinstance(no.value, RemoteError)
    assert server.paths().count(TEXT) == 2
    assert bucket.pdf(article) == PDF


def test_without_an_md5_the_bytes_are_not_checked(server: PmcServer, bucket: OpenData) -> None:
    article = added(server, bucket, xml_url=f"s3://pmc-oa-opendata/{TEXT}")
    server.fault(TEXT, send=30)
    assert bucket.text(article) == article_xml("PMC12")


def test_keys_are_quoted(server: PmcServer, bucket: OpenData) -> None:
    key = "PMC12.1/50% of a+b #1.pdf"
    article = added(server, bucket, pdf_url=f"s3://pmc-oa-opendata/{key}")
    server.objects[key] = b"other"
    assert bucket.pdf(article) == b"other"


@pytest.mark.parametrize(
    "kind",
    [
        {"status": 503, "retry_after": "0"},
        {"status": 500},
        {"send": 60},
        {"content": b"<html>busy</html>"},
    ],
)
@pytest.mark.parametrize("path", ["list-type=2", "metadata/PMC12.1.json", TEXT])
def test_temporary_faults_are_retried(server: PmcServer, bucket: OpenData, path: str, kind: dict[str, object]) -> None:
    server.add("PMC12")
    server.fault(path, times=2, **kind)
    ((_, content),) = bucket.metadata("PMC12")
    article = read_article_version(content)
    assert article is not None
    assert bucket.text(article) == article_xml("PMC12")


@pytest.mark.parametrize(
    "content",
    [
        b"<ListBucketResult><Contents><Key>metadata/PMC12.9.json",
        b"<Error><Code>InternalError</Code></Error>",
        b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    ],
)
def test_an_answer_that_is_not_a_listing_is_retried(server: PmcServer, bucket: OpenData, content: bytes) -> None:
    server.add("PMC12")
    server.fault("list-type=2", content=content, content_type="application/xml", times=2)
    assert names(bucket) == ["PMC12.1.json"]
    server.fault("list-type=2", content=content, content_type="application/xml", times=3)
    with pytest.raises(RemoteError, match=r"list-type=2.* at the last of 3 attempts"):
        names(bucket)


def test_a_listing_that_repeats_a_page_is_an_error(server: PmcServer, bucket: OpenData) -> None:
    content = (
        b"<ListBucketResult><IsTruncated>true</IsTruncated>"
        b"<NextContinuationToken>same</NextContinuationToken></ListBucketResult>"
    )
    server.fault("list-type=2", content=content, content_type="application/xml", times=99)
    with pytest.raises(RemoteError, match="expected the next page of the listing, found an earlier one"):
        names(bucket)
    assert len(server.log) == 2


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_bucket_is_an_error(server: PmcServer, bucket: OpenData, status: int) -> None:
    server.fault("list-type=2", status=status, times=99)
    with pytest.raises(RemoteError, match="expected"):
        names(bucket)


def test_metadata_that_stay_damaged_are_an_error(server: PmcServer, bucket: OpenData) -> None:
    server.add("PMC12")
    server.fault("metadata/PMC12.1", cut=50)
    assert names(bucket) == ["PMC12.1.json"]
    server.objects["metadata/PMC12.1.json"] = b'{"pmcid": "PMC1'
    with pytest.raises(CorpusError, match=r"metadata/PMC12\.1\.json: expected JSON, found .* twice; ") as no:
        names(bucket)
    assert not isinstance(no.value, RemoteError)


def test_versions_with_other_digits_or_too_many_are_left_out() -> None:
    class Listing:
        """A client whose bucket lists odd names."""

        def request(self, *_: object) -> tuple[list[str], None]:
            versions = ("9" * 5000, "2", "\u0663", "1", "0", "03")
            return [f"metadata/PMC7.{version}.json" for version in versions], None

    assert OpenData(Listing())._versions("PMC7") == [1, 2]
