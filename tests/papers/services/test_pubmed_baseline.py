"""PubMed's baseline and update files from a mirror: the wanted entries of undamaged files."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.each import each
from support.servers.eutils import article, article_set
from support.servers.refseq import RefSeqServer, serve

from dnacorpus.errors import CorpusError, RemoteError, UsageError
from dnacorpus.papers.readers.pubmed import pmids_in, read_pubmed, select_entries
from dnacorpus.papers.services.pubmed_baseline import MatchingFile, _names, read_matching
from dnacorpus.sources.http import Policy
from dnacorpus.sources.mirror import opened

QUICK = Policy(attempts=3, first_wait=0.0)
FIRST, SECOND, TENTH = (f"baseline/pubmed26n{number}.xml.gz" for number in ("0001", "9999", "10000"))
UPDATE = "updatefiles/pubmed26n1400.xml.gz"
BOTH = pytest.mark.parametrize("remote", [False, True], ids=["directory", "http"])
MATHS = '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>p</mml:mi></mml:math>'
ODD = f"α &lt; β<sup>2</sup>, {MATHS} <![CDATA[a < b]]> &#13; &#x1F9EC;<!-- no text --> end"


def put(root: Path, place: str, content: bytes, md5: bool = True) -> None:
    path, name = root / place, place.rpartition("/")[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if md5:
        Path(f"{path}.md5").write_text(f"MD5({name})= {hashlib.md5(content).hexdigest()}\n")


def packed(*entries: str) -> bytes:
    return gzip.compress(article_set(*entries), mtime=0)


def deletion(*pmids: int) -> str:
    taken_back = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in pmids)
    return f"<DeleteCitation>{taken_back}</DeleteCitation>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RefSeqServer]:
    root = tmp_path / "pubmed"
    put(root, FIRST, packed(*(article(pmid) for pmid in range(1, 40))))
    put(root, SECOND, packed(*(article(pmid) for pmid in range(40, 80))))
    put(root, TENTH, packed(article(900), article(901, ODD)))
    put(root, UPDATE, packed(article(3, "Revised.", revised=2026), article(950), deletion(41, 7000)))
    (root / "baseline" / "README.txt").write_text("no papers\n")
    with serve(root) as running:
        yield running


def match(server: RefSeqServer, wanted: set[int], remote: bool = True, **more: object) -> list[MatchingFile]:
    scratch = server.root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    (scratch / FIRST.rpartition("/")[2]).write_bytes(b"what a killed run left")
    with opened(server.url if remote else str(server.root), QUICK) as source:
        found = []
        for one in read_matching(source, wanted, scratch, **more):  # type: ignore[arg-type]
            found.append(one)
            assert not (scratch / one.path.rpartition("/")[2]).exists()
    return found


def papers(document: bytes) -> list[int | None]:
    return [paper.pmid for paper in read_pubmed(document)]


@BOTH
def test_the_wanted_papers_of_each_file_in_order(server: RefSeqServer, remote: bool) -> None:
    found = match(server, {3, 41, 40, 901, 12345}, remote)
    assert [one.path for one in found] == [FIRST, SECOND, TENTH, UPDATE]
    assert [papers(one.document) for one in found] == [[3], [40, 41], [901], [3]]
    assert [one.deleted for one in found] == [(), (), (), (41,)]
    assert {one.damage for one in found} == {""}


@BOTH
def test_the_mirror_is_not_changed(server: RefSeqServer, remote: bool) -> None:
    before = {path: path.read_bytes() for path in server.root.rglob("*") if path.is_file()}
    match(server, {3}, remote)
    assert {path: path.read_bytes() for path in server.root.rglob("*") if path.is_file()} == before


def test_files_without_a_wanted_paper_are_left_out(server: RefSeqServer) -> None:
    assert match(server, {500_003, 600_003, 12345}) == []
    (only,) = match(server, {7000})
    assert (only.path, only.deleted, papers(only.document)) == (UPDATE, (7000,), [])


def test_skipped_files_are_not_fetched(server: RefSeqServer) -> None:
    found = match(server, {3, 41, 901}, skip={FIRST, TENTH})
    assert [one.path for one in found] == [SECOND, UPDATE]
    assert not [path for path in server.paths() if "n0001" in path or "n10000" in path]


def test_entries_have_the_date_of_their_revision(server: RefSeqServer) -> None:
    first, second = (next(read_pubmed(one.document)) for one in match(server, {3}))
    assert (first.revised, second.revised) == ("2020-01-02", "2026-01-02")
    assert second.abstract == "RESULTS: Revised."


def test_a_damaged_file_is_fetched_once_more(server: RefSeqServer) -> None:
    server.fault("n9999.xml.gz", corrupt=True)
    server.fault("n0001.xml.gz.md5", status=503, times=2)
    server.fault("n0001.xml.gz", send=100)
    assert [papers(one.document) for one in match(server, {3, 40}, skip={UPDATE})] == [[3], [40]]


@BOTH
def test_a_file_that_stays_damaged_is_described_and_the_others_are_read(server: RefSeqServer, remote: bool) -> None:
    whole = (server.root / SECOND).read_bytes()
    (server.root / SECOND).write_bytes(whole[:-9] + b"\0" + whole[-8:])
    found = match(server, {3, 40, 901}, remote)
    assert [one.path for one in found] == [FIRST, SECOND, TENTH, UPDATE]
    damaged = found[1]
    assert (damaged.document, damaged.deleted) == (b"", ())
    assert damaged.damage.startswith(f"MD5: expected {hashlib.md5(whole).hexdigest()} by its .md5, found ")
    assert server.paths("GET").count(f"/{SECOND}") == (2 if remote else 0)


DAMAGED = {
    "short": (lambda whole: whole[:-30], r"gzip: expected a complete file, found EOFError"),
    "checksum": (lambda whole: whole[:-8] + b"\0\0\0\0" + whole[-4:], "gzip: expected a complete file, found"),
    "no gzip": (lambda _: b"<html></html>", "gzip: expected a complete file, found"),
    "no XML": (lambda _: gzip.compress(b"text"), "expected well-formed XML, found: .*line 1, column 0"),
    "half XML": (lambda w: gzip.compress(gzip.decompress(w)[:-60]), r"expected well-formed XML, found: .*line \d+"),
    "other XML": (lambda _: gzip.compress(b"<html/>"), "expected a PubmedArticleSet, found html"),
    "nothing": (lambda _: b"", "gzip: expected a complete file, found EOFError"),
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("md5", [False, True], ids=["no md5", "md5"])
def test_nothing_is_taken_from_a_damaged_file(server: RefSeqServer, kind: str, md5: bool) -> None:
    change, message = DAMAGED[kind]
    (server.root / f"{FIRST}.md5").unlink()
    put(server.root, FIRST, change((server.root / FIRST).read_bytes()), md5)
    (damaged, other) = match(server, {1, 39, 40})
    assert damaged.path == FIRST
    assert damaged.document == b""
    assert re.search(message, damaged.damage)
    assert papers(other.document) == [40]


def test_a_file_without_md5_is_read_with_a_warning(server: RefSeqServer, caplog: pytest.LogCaptureFixture) -> None:
    (server.root / f"{FIRST}.md5").unlink()
    assert [papers(one.document) for one in match(server, {1})] == [[1]]
    assert f"{FIRST}.md5: expected an MD5, found none" in caplog.text


@BOTH
@pytest.mark.parametrize("text", [b"", b"MD5(pubmed26n0001.xml.gz)= 12\n", b"\xff" * 40])
def test_an_unreadable_md5_is_damage(server: RefSeqServer, text: bytes, remote: bool) -> None:
    (server.root / f"{FIRST}.md5").write_bytes(text)
    (damaged,) = match(server, {1}, remote)
    assert damaged.path == FIRST
    assert "expected" in damaged.damage


def test_a_file_that_disappears_is_damage(server: RefSeqServer) -> None:
    server.fault("n0001.xml.gz", status=404, times=4)
    (gone,) = match(server, {1})
    assert (gone.path, gone.damage[:44]) == (FIRST, "file: expected in the mirror, found none; co")


def test_a_network_failure_is_an_error(server: RefSeqServer) -> None:
    server.fault("n9999.xml.gz", status=503, times=99)
    with pytest.raises(RemoteError, match=r"n9999.xml.gz.*3 attempts"):
        match(server, {3})
    assert not (server.root.parent / "scratch" / SECOND.rpartition("/")[2]).exists()


@BOTH
def test_a_mirror_without_papers_is_refused(server: RefSeqServer, remote: bool) -> None:
    for path in server.root.rglob("*.xml.gz"):
        path.unlink()
    with pytest.raises(UsageError, match="expected baseline and updatefiles"):
        match(server, {3}, remote)


def test_a_mirror_may_have_only_one_of_the_folders(server: RefSeqServer) -> None:
    for path in (server.root / "baseline").iterdir():
        path.unlink()
    (server.root / "baseline").rmdir()
    assert [one.path for one in match(server, {3})] == [UPDATE]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_selected_entries_give_the_same_papers(size: int) -> None:
    book = "<PubmedBookArticle><BookDocument><PMID>5</PMID><Book><BookTitle>B</BookTitle></Book></BookDocument>"
    whole = article_set(
        article(1, ODD), book + "</PubmedBookArticle>\n\n", article(2), article(1, version=2), article(0)
    )
    wanted = {1, 5, 6}
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))
    document, pmids, deleted = select_entries(pieces, wanted)
    assert list(read_pubmed(document)) == [paper for paper in read_pubmed(whole) if paper.pmid in wanted]
    assert len(list(read_pubmed(document))) == 3
    assert document == select_entries([whole], wanted).document
    assert (pmids, deleted) == ({1, 5}, ())
    assert pmids_in(whole) == {1, 2, 5}


@pytest.mark.mirror
def test_selected_entries_of_real_files_give_the_same_papers(real_papers: Path) -> None:
    read = 0
    for path in each(sorted((real_papers / "pubmed_xml").iterdir())):
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        try:
            found = list(read_pubmed(content))
            pmids = pmids_in(content)
        except CorpusError:
            continue
        wanted = set(sorted(pmids)[::2])
        assert pmids == {paper.pmid for paper in found}, path.name
        assert list(read_pubmed(select_entries([content], wanted).document)) == [p for p in found if p.pmid in wanted]
        read += 1
    assert read >= 30


def test_names_with_other_digits_or_too_many_are_no_files_of_pubmed(tmp_path: Path) -> None:
    class Listing:
        """A mirror whose listing has odd names."""

        def names(self, _: str) -> list[str]:
            return [f"pubmed26n{number}.xml.gz" for number in ("9" * 5000, "0002", "\u0660001", "0001", "0010000")]

    assert _names(Listing(), "baseline") == [f"pubmed26n{number}.xml.gz" for number in ("0001", "0002")]
