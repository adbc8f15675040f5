"""Every real paper against an independent reading: Biopython for PubMed, lxml for JATS, json for Europe PMC."""

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
from support.each import each
from support.realfiles import UNREADABLE_PAPERS

from dnacorpus.errors import CorpusError
from dnacorpus.papers.files import read_file

pytestmark = pytest.mark.mirror

LICENCES = {
    "by": "CC-BY", "by-nc": "CC-BY-NC", "by-nc-nd": "CC-BY-NC-ND", "by-nc-sa": "CC-BY-NC-SA", "by-sa": "CC-BY-SA",
}  # fmt: skip
FLOATS = ("fig", "table-wrap", "boxed-text", "fig-group", "table-wrap-group")
APART = ("fn", "fn-group", "ref-list", "supplementary-material", "media", "sub-article", "ack")
UNSEEN = ("fn", "tex-math", "annotation", "annotation-xml", "object-id")
RAISED = (
    ".//sup[xref][not(*[not(self::xref[@ref-type='bibr'])])][not(text()[translate(., '  ,;–-—[]()&#10;&#9;', '')])]"
    " | .//xref[@ref-type='bibr'][sup][not(*[not(self::sup)])][not(text()[normalize-space()])]"
).replace("&#10;&#9;", "\n\t")
"""Citations that are superscripts."""
CAPTIONED = "parent::fig or parent::table-wrap"
FLOAT = re.compile(r"(?:Figure|Table|Box|Scheme|Chart|Plate)(?: |$)")
TAG = re.compile(r"</?(?:[a-z]+|mml:\w+)(?:\s[^<>]*)?/?>")


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def squeezed(text: str | None) -> str:
    """Return a text without blanks and colons, to compare texts whatever the punctuation of labels."""
    return re.sub(r"[\s:]", "", text or "")


def strings(path: Path, *kinds: str) -> list[Path]:
    return sorted(file for kind in kinds for file in path.glob(kind))


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


def journal_of(citation: dict, article: dict) -> str:
    if "Book" in citation:
        return str(citation["Book"]["BookTitle"]) if article.get("ArticleTitle") else ""
    return article["Journal"].get("Title") or citation["MedlineJournalInfo"]["MedlineTA"]


def years_of(citation: dict, article: dict) -> set[str]:
    """Return every year in the dates of publication; the empty string for a date without a year."""
    book = citation.get("Book", {})
    dates = [article.get("Journal", {}).get("JournalIssue", {}).get("PubDate", {}), book.get("PubDate", {})]
    dates += list(article.get("ArticleDate", []))
    years = {year for date in dates for text in date.values() for year in re.findall(r"\b[12]\d{3}\b", str(text))}
    return years or {""}


def authors_of(article: dict, citation: dict) -> tuple[str, ...]:
    lists = article.get("AuthorList", []) or citation.get("Book", {}).get("AuthorList", [])
    lists = lists if lists and isinstance(lists[0], list) else [lists]
    people = next((people for people in lists if getattr(people, "attributes", {}).get("Type") != "editors"), [])
    valid = [person for person in people if person.attributes.get("ValidYN", "Y") == "Y"]
    names = [
        " ".join(filter(None, (person["LastName"], person.get("Initials"))))
        if "LastName" in person
        else person.get("CollectiveName", "")
        for person in valid
    ]
    # Two authors of one name are named once.
    return tuple(dict.fromkeys(" ".join(TAG.sub("", str(name)).split()) for name in names if name))


def test_biopython_reads_the_same_pubmed_entries(real_papers):
    checked, with_abstract, retracted, licensed = 0, 0, set(), {}
    for path in each(strings(real_papers, "pubmed_xml/*")):
        kind, papers, _ = read_file(path)
        assert kind == "pubmed"
        left = {(paper.pmid, paper.version): paper for paper in papers}
        for entry in each(biopython(content(path))):
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
            assert squeezed(paper.journal) == squeezed(str(journal_of(citation, article))), path
            assert str(paper.year or "") in years_of(citation, article), path
            assert paper.authors == authors_of(article, citation), (path, paper.pmid)
            retracted |= {paper.pmid} if paper.retracted else set()
            if paper.license:
                licensed[paper.pmid] = paper.license
            checked += 1
            with_abstract += paper.abstract is not None
        assert left == {}, path
    assert checked > 300
    assert with_abstract > 150
    assert licensed == {}, licensed


def paragraphs_of(body: etree._Element) -> list[str]:
    """The outermost paragraphs of a body in document order, without floats, notes and lists of references."""
    outside = " or ".join(f"ancestor::{name}" for name in (*FLOATS, *APART, "p"))
    without = " or ".join(f"ancestor::{name}" for name in (*FLOATS, *UNSEEN))
    found = []
    for paragraph in body.xpath(f".//p[not({outside})]"):
        for raised in paragraph.xpath(RAISED):
            raised.getparent().replace(raised, tail := etree.Element("gone"))
            tail.tail = raised.tail
        texts = paragraph.xpath(f".//text()[not({without})]")
        found.append(squeezed("".join(texts)))
    return [text for text in found if text]


def test_lxml_reads_the_same_jats_articles(real_papers):
    checked, licences = 0, Counter()
    parser = etree.XMLParser(recover=True, resolve_entities=True, no_network=True, load_dtd=False)
    for path in each(strings(real_papers, "jats/*")):
        if f"jats/{path.name}" in UNREADABLE_PAPERS:
            with pytest.raises(CorpusError):
                read_file(path)
            continue
        kind, papers, _ = read_file(path)
        assert kind == "jats"
        (paper,) = papers
        (meta,) = etree.fromstring(path.read_bytes(), parser).xpath("//article/front/article-meta")
        title = "".join(meta.xpath("string(title-group/article-title)"))
        assert squeezed(paper.title) == squeezed(title), path
        ids = {item.get("pub-id-type"): item.text.strip() for item in meta.xpath("article-id") if item.text}
        assert (paper.pmid and str(paper.pmid)) == ids.get("pmid")
        assert (paper.doi or "") == ids.get("doi", "")
        abstracts = meta.xpath("abstract[not(@abstract-type)]")
        texts = abstracts[0].xpath(".//text()[not(ancestor::object-id or ancestor::tex-math)]") if abstracts else []
        plain = squeezed("".join(texts)).removeprefix("Abstract").removeprefix("ABSTRACT")
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
        (body,) = meta.xpath("../../body") or [None]
        expected = paragraphs_of(body) if body is not None else []
        found = [paragraph for paragraph in paper.paragraphs if not FLOAT.match(paragraph.section)]
        assert Counter(squeezed(paragraph.text) for paragraph in found) == Counter(expected), path
        assert [paragraph.paragraph for paragraph in paper.paragraphs] == list(range(len(paper.paragraphs)))
        assert squeezed("".join(paragraph.text for paragraph in found)) == "".join(expected), path
        floats = [paragraph for paragraph in paper.paragraphs if FLOAT.match(paragraph.section)]
        captions = meta.xpath(f"../..//*[self::body or self::floats-group]//caption[{CAPTIONED}][normalize-space()]")
        boxed = meta.xpath("../..//*[self::body or self::floats-group]//boxed-text//p")
        assert len(captions) <= len(floats) <= len(captions) + len(boxed), path
        licences[paper.license] += 1
        checked += 1
    assert checked == 48
    assert licences["CC-BY-4.0"] > 15
    assert licences["CC-BY-NC-4.0"] == 1
    assert licences[None] > 3


def test_europepmc_papers_have_the_values_of_the_json(real_papers):
    checked, licences = 0, Counter()
    for path in each(strings(real_papers, "europepmc/*.json")):
        document = json.loads(path.read_bytes())
        results = document if isinstance(document, list) else (
            [document["full"]] if "full" in document else document["resultList"]["result"]
        )  # fmt: skip
        flat = [
            {key: value[0] if isinstance(value, list) else value for key, value in item.items()} for item in results
        ]
        titled = [item for item in flat if item.get("title")]
        kind, papers, _ = read_file(path)
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
