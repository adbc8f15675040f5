"""Metadata of PMC's open-data bucket: licences, retractions, versions, and the files that they name."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.pmc import metadata, s3_url

from dnacorpus.errors import CorpusError
from dnacorpus.papers.paper import Paper, cleaned, merged
from dnacorpus.papers.readers.pmc import ArticleVersion, best_version, read_article_version, read_pmc_metadata

READERS = [read_pmc_metadata, read_article_version]


def encoded(**changes: object) -> bytes:
    return json.dumps(metadata(**changes)).encode()  # type: ignore[arg-type]


def article(version: int, *, manuscript: bool = False) -> ArticleVersion:
    found = read_article_version(encoded(version=version, is_manuscript=manuscript))
    assert found is not None
    return found


def test_a_metadata_document_gives_a_paper() -> None:
    content = encoded(pmcid="PMC12", version=3, pmid=41623473, doi="10.1016/j.isci", title="On <i>E. coli</i> &amp; co")
    assert read_pmc_metadata(content) == Paper(
        "pmc",
        pmid=41623473,
        pmcid="PMC12",
        doi="10.1016/j.isci",
        title="On E. coli & co",
        license="CC-BY",
        version=3,
    )


@pytest.mark.parametrize(
    ("code", "licence"),
    [
        ("CC0", "CC0-1.0"),
        ("CC BY", "CC-BY"),
        ("CC BY-SA", "CC-BY-SA"),
        ("CC BY-NC", "CC-BY-NC"),
        ("CC BY-NC-SA", "CC-BY-NC-SA"),
        ("CC BY-NC-ND", "CC-BY-NC-ND"),
        ("CC BY-ND", "CC-BY-ND"),
        ("TDM", "LicenseRef-TDM"),
        (None, None),
        (["CC BY"], None),
    ],
)
def test_licence_codes(code: object, licence: str | None) -> None:
    content = encoded(license_code=code)
    assert [reader(content).license for reader in READERS] == [licence, licence]  # type: ignore[union-attr]


def test_null_values_are_none() -> None:
    content = encoded(pmid=None, doi=None, title=None, license_code=None, is_retracted=None, xml_url=None)
    assert read_pmc_metadata(content) == Paper("pmc", pmcid="PMC1")
    found = read_article_version(content)
    assert found is not None
    assert (found.xml_key, found.xml_md5, found.pdf_key, found.pdf_md5, found.retracted) == (None,) * 4 + (False,)


@pytest.mark.parametrize(("code", "is_open"), [("CC BY", True), ("CC BY-NC", False), (None, False)])
def test_pmc_supplies_the_licence_that_pubmed_lacks(code: str | None, is_open: bool) -> None:
    pmc = read_pmc_metadata(encoded(pmid=7, license_code=code, is_retracted=True))
    assert pmc is not None
    row = merged([pmc, Paper("pubmed", pmid=7, title="PubMed's title", abstract="A.")], frozenset({"CC-BY"}))
    assert (row["title"], row["abstract"], row["source"], row["pmcid"]) == ("PubMed's title", "A.", "pubmed", "PMC1")
    assert (row["open"], row["retracted"]) == (is_open, True)


@pytest.mark.parametrize(
    ("value", "retracted"), [(False, False), (None, False), (True, True), ("yes", True), (1, True), ("false", True)]
)
def test_unreadable_retraction_values_count_as_retracted(value: object, retracted: bool) -> None:
    content = encoded(is_retracted=value)
    assert [reader(content).retracted for reader in READERS] == [retracted, retracted]  # type: ignore[union-attr]


def test_files_have_keys_and_md5s() -> None:
    content = encoded(
        pmcid="PMC12",
        version=2,
        license_code="CC0",
        xml_url="s3://pmc-oa-opendata/PMC12.2/PMC12.2.xml?md5=99210445A56F3315AF7E95797556BD6B",
        pdf_url="s3://pmc-oa-opendata/PMC12.2/main text.pdf",
    )
    assert read_article_version(content) == ArticleVersion(
        "PMC12",
        2,
        license="CC0-1.0",
        retracted=False,
        manuscript=False,
        xml_key="PMC12.2/PMC12.2.xml",
        xml_md5="99210445a56f3315af7e95797556bd6b",
        pdf_key="PMC12.2/main text.pdf",
        pdf_md5=None,
    )


@pytest.mark.parametrize(
    "url",
    [
        s3_url("PMC13.2/PMC13.2.xml", b"another article"),
        s3_url("PMC12.1/PMC12.1.xml", b"another version"),
        s3_url("PMC12.2/../secret/PMC12.2.xml", b""),
        "https://example.org/PMC12.2/PMC12.2.xml",
        "s3://pmc-oa-opendata/PMC12.2/PMC12.2.xml?md5=short",
        "",
    ],
)
def test_a_file_of_another_version_is_refused(url: str) -> None:
    with pytest.raises(CorpusError, match=r"^PMC12\.2: expected xml_url to be s3://BUCKET/PMC12\.2/\.\.\., found "):
        read_article_version(encoded(pmcid="PMC12", version=2, xml_url=url))


@pytest.mark.parametrize("mark", ["is_manuscript", "is_historical_ocr"])
def test_manuscripts_and_scans_are_marked(mark: str) -> None:
    found = read_article_version(encoded(**{mark: True}))
    assert found is not None
    assert found.manuscript


def test_the_best_version_is_the_last_that_is_not_a_manuscript() -> None:
    articles = [article(1), article(2), article(10), article(11, manuscript=True)]
    for seed in range(5):
        random.Random(seed).shuffle(articles)
        chosen = best_version(articles)
        assert chosen is not None
        assert (chosen.version, chosen.manuscript) == (10, False)


def test_the_best_version_is_a_manuscript_if_there_is_no_other() -> None:
    chosen = best_version([article(1, manuscript=True), article(2, manuscript=True)])
    assert chosen is not None
    assert chosen.version == 2
    assert best_version([]) is None


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        7,
        {"id": "1", "source": "MED", "pmcid": "PMC1", "license": "cc by"},
        {"pmcid": "PMC1", "pmid": 1, "doi": "10.1000/1", "requested-id": "1"},
        {"pmcid": None, "version": 1, "license_code": "CC BY"},
        {"pmcid": "a.b", "version": 1, "license_code": "CC BY"},
    ],
)
def test_other_json_is_none(document: object) -> None:
    content = json.dumps(document).encode()
    assert [reader(content) for reader in READERS] == [None, None]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "content", [b"", encoded()[:-9], b"<article/>", b"\xff{}", b"[" * 100_000, b'{"a": 1' + b"0" * 9999]
)
def test_content_that_is_not_json_is_an_error(reader, content: bytes) -> None:
    with pytest.raises(CorpusError, match=r"expected JSON, found: .*get the file again"):
        reader(content)


def test_a_version_that_is_not_a_number_is_1() -> None:
    for version in (None, 0, -1, "two", True, 1.5, 10**12):
        paper = read_pmc_metadata(encoded(version=version))
        assert paper is not None
        assert paper.version == 1


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(metadata())), values))
def test_values_of_any_type_are_read(changes: dict[str, object]) -> None:
    content = json.dumps(metadata() | changes).encode()
    paper = read_pmc_metadata(content)
    if paper is not None:
        assert paper.pmid is None or paper.pmid > 0
        assert cleaned(paper).title != ""
    try:
        found = read_article_version(content)
    except CorpusError:
        return
    assert (found is None) == (paper is None)


def test_a_lone_surrogate_is_replaced_and_counted() -> None:
    content = encoded().replace(b"A made-up", b"\\ud800 made-up")
    paper = read_pmc_metadata(content)
    assert paper is not None
    assert cleaned(paper).title == "\ufffd made-up article, number 1"
    assert cleaned(paper).replaced == (("no_character", 1),)
