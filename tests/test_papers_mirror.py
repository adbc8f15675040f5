"""Real papers, as found in public repositories, against what Biopython, lxml and json read in the same files."""

import gzip
import io
import json
import re
import warnings
from collections import Counter
from pathlib import Path

import pytest
from Bio import Entrez
from lxml import etree

from dnacorpus.errors import CorpusError
from dnacorpus.papers import read_directory, read_file

pytestmark = pytest.mark.mirror

LICENCES = {
    "by": "CC-BY", "by-nc": "CC-BY-NC", "by-nc-nd": "CC-BY-NC-ND", "by-nc-sa": "CC-BY-NC-SA", "by-sa": "CC-BY-SA",
}  # fmt: skip
UNREADABLE = {"jats/JATS4R__auths-affs-test2.xml": "a prefix that nothing declares"}
"""Files that no strict XML reader takes, and why."""
TAG = re.compile(r"</?(?:[a-z]+|mml:\w+)(?:\s[^<>]*)?/?>")


@pytest.fixture(scope="module")
def folder(mirror) -> Path:
    """The papers beside the real mirror."""
    path = mirror.parent / "papers"
    if not path.is_dir():
        pytest.skip(f"no real papers at {path}")
    return path


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def squeezed(text: str | None) -> str:
    """Leave blanks and the punctuation of labels out of a comparison."""
    return re.sub(r"[\s:]", "", text or "")


def strings(path: Path, *kinds: str) -> list[Path]:
    return sorted(file for kind in kinds for file in path.glob(kind))


def test_kinds_are_decided_by_content_and_every_file_is_counted(folder):
    found, kinds, damaged = read_directory(folder, set())
    assert found == {}
    assert sum(kinds.values()) == sum(path.is_file() for path in folder.rglob("*"))
    assert {line.split(": ")[0] for line in damaged} == set(UNREADABLE)
    assert kinds == {"pubmed": 44, "jats": 48, "europepmc": 14, "other": 14, "unreadable": 1}


def biopython(data: bytes) -> list[dict]:
    """Read PubMed XML with Biopython, by the oldest DTD that it brings and that is not older than the document's."""
    named = re.search(rb"pubmed_\d{6}\.dtd", data)
    wanted = named[0].decode() if named else "pubmed_130101.dtd"
    bundled = sorted(path.name for path in (Path(Entrez.__file__).parent / "DTDs").glob("pubmed_[12]*.dtd"))
    dtd = next(name for name in bundled if name >= wanted)
    text = re.sub(rb"<!DOCTYPE[^>]*>|<\?xml[^>]*\?>", b"", data)
    if b"<PubmedArticleSet" not in text[:500]:
        text = b"<PubmedArticleSet>" + text + b"</PubmedArticleSet>"
    head = (
        f'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "x" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/{dtd}">'
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = Entrez.read(io.BytesIO(head.encode() + text), validate=False)
    if isinstance(document, list):
        return list(document)
    return [*document.get("PubmedArticle", []), *document.get("PubmedBookArticle", [])]


def test_pubmed_is_what_biopython_reads(folder):
    checked, with_abstract, retracted, licensed = 0, 0, set(), {}
    for path in strings(folder, "pubmed_xml/*"):
        kind, papers = read_file(path)
        assert kind == "pubmed"
        left = {(paper.pmid, paper.version): paper for paper in papers}
        for entry in biopython(content(path)):
            citation = entry.get("MedlineCitation") or entry["BookDocument"]
            article = citation.get("Article", citation)
            version = int(citation["PMID"].attributes.get("Version", 1))
            paper = left.pop((int(citation["PMID"]), version))
            plain = TAG.sub("", str(article.get("ArticleTitle", "")))
            if plain.strip() and "Not Available" not in plain:
                assert squeezed(paper.title) == squeezed(plain), path
            texts = article.get("Abstract", {}).get("AbstractText", [])
            texts = [texts] if isinstance(texts, str) else texts
            labels = [getattr(text, "attributes", {}).get("Label", "") for text in texts]
            plain = "".join(
                ("" if label == "UNLABELLED" else label) + TAG.sub("", str(text))
                for label, text in zip(labels, texts, strict=True)
                if str(text).strip()
            )
            assert squeezed(paper.abstract) == squeezed(plain), (path, paper.pmid)
            notes = {note.attributes["RefType"] for note in citation.get("CommentsCorrectionsList", [])}
            assert paper.retracted == ("RetractionIn" in notes)
            ids = entry.get("PubmedData", entry.get("PubmedBookData", {})).get("ArticleIdList", [])
            dois = [str(item) for item in ids if item.attributes["IdType"] == "doi"]
            assert not dois or paper.doi == dois[0].strip()
            retracted |= {paper.pmid} if paper.retracted else set()
            if paper.license:
                licensed[paper.pmid] = paper.license
            checked += 1
            with_abstract += paper.abstract is not None
        assert left == {}, path
    assert checked > 300
    assert with_abstract > 150
    assert licensed == {}, licensed


def test_jats_is_what_lxml_reads(folder):
    checked, licences = 0, Counter()
    parser = etree.XMLParser(recover=True, resolve_entities=True, no_network=True, load_dtd=False)
    for path in strings(folder, "jats/*"):
        if f"jats/{path.name}" in UNREADABLE:
            with pytest.raises(CorpusError):
                read_file(path)
            continue
        kind, papers = read_file(path)
        assert kind == "jats"
        (paper,) = papers
        (meta,) = etree.fromstring(path.read_bytes(), parser).xpath("//article/front/article-meta")
        title = "".join(meta.xpath("string(title-group/article-title)"))
        assert squeezed(paper.title) == squeezed(title), path
        ids = {item.get("pub-id-type"): item.text.strip() for item in meta.xpath("article-id") if item.text}
        assert (paper.pmid and str(paper.pmid)) == ids.get("pmid")
        assert (paper.doi or "") == ids.get("doi", "")
        abstracts = meta.xpath("abstract[not(@abstract-type)]")
        told = abstracts[0].xpath(".//text()[not(ancestor::object-id or ancestor::tex-math)]") if abstracts else []
        plain = squeezed("".join(told)).removeprefix("Abstract").removeprefix("ABSTRACT")
        plain = re.sub(r"DOIhttp\S+$", "", plain)
        if "Noabstractavailable" in plain:
            assert paper.abstract is None
        else:
            assert squeezed(paper.abstract) == plain, path
        statement = (
            etree.tostring(meta, encoding="unicode").partition("<permissions>")[2].partition("</permissions>")[0]
        )
        urls = set(re.findall(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)", statement))
        if urls:
            ((code, version),) = urls
            assert paper.license == f"{LICENCES[code]}-{version}", path
        elif "Creative Commons Attribution License" in "".join(meta.xpath(".//text()")):
            assert paper.license == "CC-BY", path
        else:
            assert paper.license is None, path
        licences[paper.license] += 1
        checked += 1
    assert checked == 48
    assert licences["CC-BY-4.0"] > 15
    assert licences["CC-BY-NC-4.0"] == 1
    assert licences[None] > 3


def test_europepmc_is_what_json_holds(folder):
    checked, licences = 0, Counter()
    for path in strings(folder, "europepmc/*.json"):
        document = json.loads(path.read_bytes())
        results = document if isinstance(document, list) else (
            [document["full"]] if "full" in document else document["resultList"]["result"]
        )  # fmt: skip
        flat = [
            {key: value[0] if isinstance(value, list) else value for key, value in item.items()} for item in results
        ]
        titled = [item for item in flat if item.get("title")]
        kind, papers = read_file(path)
        assert kind == "europepmc"
        assert len(papers) == len(titled)
        for paper, item in zip(papers, titled, strict=True):
            assert str(paper.pmid or "") == item.get("pmid", "")
            assert (paper.doi or "") == item.get("doi", item.get("DOI", ""))
            assert (paper.pmcid or "") == item.get("pmcid", "")
            for read, written in ((paper.title, item["title"]), (paper.abstract, item.get("abstractText"))):
                plain = re.sub(r"</?(?:i|b|h4|sup|sub|u|em|strong|p)>", "", written or "")
                assert squeezed(read) == squeezed(plain), paper.pmid
            code = item.get("license", "").removeprefix("cc").strip()
            assert paper.license == (LICENCES[code] if code else None)
            licences[paper.license] += 1
            checked += 1
    assert checked > 200
    assert licences["CC-BY"] > 70
    assert licences[None] > 60


def test_what_is_said_of_a_paper_by_several_files_agrees(folder):
    """The seven papers that stand here both as full text and as Europe PMC's answer."""
    wanted = {34027066, 34065068, 34072415, 34172799, 34210999}
    found, _, _ = read_directory(folder, wanted)
    assert set(found) == wanted
    for entries in found.values():
        assert {paper.source for paper in entries} == {"jats", "europepmc"}  # three full texts state no PMID
        assert len({paper.doi for paper in entries}) == 1
        titles = {re.sub(r"\W", "", paper.title or "").lower() for paper in entries}
        assert len(titles) == 1
