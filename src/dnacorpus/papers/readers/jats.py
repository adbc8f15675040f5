"""JATS full text (and its NLM forerunners): what the front matter of an article says of it, and its body.

Format: https://jats.nlm.nih.gov/. Read from single articles, PMC article sets and OAI-PMH answers, with
or without a namespace. A sub-article (a referee's report, a reply) is not an article of its own.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import collapsed, labelled, parse_xml, text_of
from dnacorpus.papers.paper import (
    Paper,
    abstract_of,
    author,
    doi_of,
    initials,
    named,
    pmcid_of,
    pmcid_version,
    pmid_of,
    year_of,
)
from dnacorpus.papers.readers.passages import passages_of

_ORDINARY_ABSTRACTS = frozenset({None, "", "abstract", "normal", "section", "structured"})
"""Values of abstract-type that mean the abstract itself, no teaser, digest or author's summary."""
_DATES = ("collection", "ppub", "pub", "epub-ppub", "epub")
_HEADINGS = frozenset({"abstract", "summary"})
_NOTHING_BUT_DOI = re.compile(r"(?:DOI\s*:?\s*)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)


def read_jats(content: bytes) -> list[Paper]:
    """Return the articles of one JATS document; none where no ``article`` has front matter.

    Raises CorpusError, with line and column, when the document is not well formed.
    """
    articles = parse_xml(content).iter("article")
    return [_paper(article, meta) for article in articles if (meta := article.find("front/article-meta")) is not None]


def _paper(article: Element, meta: Element) -> Paper:
    ids: dict[str, str] = {}
    for item in meta.findall("article-id"):
        ids.setdefault(item.get("pub-id-type", ""), text_of(item) or "")
    related = {item.get("related-article-type") for item in meta.findall("related-article")}
    journal = article.find("front/journal-meta")
    titles = ("journal-title-group/journal-title", "journal-title", "journal-title-group/abbrev-journal-title")
    return Paper(
        "jats",
        pmid=pmid_of(ids.get("pmid")),
        pmcid=pmcid_of(ids.get("pmcid") or ids.get("pmc") or ids.get("pmcid-ver")),
        doi=doi_of(ids.get("doi")),
        title=text_of(meta.find("title-group/article-title"), without="xref"),
        journal=next((text for name in titles if journal is not None and (text := text_of(journal.find(name)))), None),
        year=_year(meta),
        abstract=_abstract(meta),
        license=_license(meta),
        authors=named(_authors(meta)),
        retracted="retraction-forward" in related or article.get("article-type") == "retracted-article",
        version=pmcid_version(ids.get("pmcid-ver")),
        passages=passages_of(article),
    )


def _year(meta: Element) -> int | None:
    dates = {date.get("pub-type") or date.get("date-type") or "": date for date in reversed(meta.findall("pub-date"))}
    ordered = [dates[kind] for kind in _DATES if kind in dates] + meta.findall("pub-date")
    return next((year for date in ordered if (year := year_of(text_of(date.find("year"))))), None)


def _abstract(meta: Element) -> str | None:
    for abstract in meta.findall("abstract"):
        if abstract.get("abstract-type") in _ORDINARY_ABSTRACTS and (text := abstract_of(" ".join(_blocks(abstract)))):
            return text
    return None


def _blocks(parent: Element) -> Iterator[str]:
    """Yield the paragraphs below an element, the first of a section with the section's title before it."""
    title = (text_of(parent.find("title")) or "").rstrip(" :")
    label = None if parent.tag == "abstract" and title.lower() in _HEADINGS else title
    for child in parent:
        if child.tag in ("title", "label", "object-id"):
            continue
        pieces = _blocks(child) if child.tag == "sec" else [text_of(child) or ""]
        for piece in pieces:
            if piece and not _NOTHING_BUT_DOI.fullmatch(piece):
                yield labelled(label, piece)
                label = None


def _license(meta: Element) -> str | None:
    marks: list[str] = []
    prose = [text_of(statement) or "" for statement in meta.findall("copyright-statement")]
    for permissions in meta.findall("permissions"):
        prose += [text_of(statement) or "" for statement in permissions.findall("copyright-statement")]
        for reference in permissions.iter("license_ref"):
            marks += [text_of(reference) or "", reference.get("content-type", "")]
        for grant in permissions.findall("license"):
            marks += [grant.get(key, "") for key in ("href", "license-type")]
            links = [link.get("href", "") for link in grant.iter("ext-link")]
            prose.append(" ".join([text_of(grant) or "", *links]))
    return stated_license(marks, prose)


def _authors(meta: Element) -> Iterator[str | None]:
    for contributor in meta.findall("contrib-group/contrib"):
        if contributor.get("contrib-type", "author") == "author":
            names = (contributor.find(path) for path in ("name", "name-alternatives/name", "string-name"))
            name = next((name for name in names if name is not None), None)
            yield _person(name) if name is not None else _consortium(contributor.find("collab"))


def _person(name: Element) -> str | None:
    given = name.find("given-names")
    short = given.get("initials") or initials(text_of(given)) if given is not None else None
    return author(text_of(name.find("surname")), short) or text_of(name)


def _consortium(name: Element | None) -> str | None:
    # The members of a consortium are listed inside its name, after the name.
    members = name is not None and name.find("contrib-group") is not None
    return collapsed(name.text) if name is not None and members else text_of(name)
