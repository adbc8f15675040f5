"""JATS full text (and its NLM forerunners): the front matter of an article, and the paragraphs of its body.

Format: https://jats.nlm.nih.gov/, with or without a namespace; single articles, PMC article sets and OAI-PMH
answers. A sub-article (a referee's report, a reply) is not read. Tables, display formulas, references and
footnotes are not read as paragraphs.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dnacorpus.papers.html_text import collapse_blanks, with_label
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import parse_xml, text_of
from dnacorpus.papers.paper import (
    Paper,
    Paragraph,
    abstract_or_none,
    author,
    distinct_authors,
    doi_of,
    initials,
    pmcid_of,
    pmcid_version,
    pmid_of,
    year_of,
)
from dnacorpus.papers.retraction import is_retracted

_ORDINARY_ABSTRACTS = frozenset({None, "", "abstract", "normal", "section", "structured"})
"""Values of abstract-type that mean the abstract itself, not a teaser, digest or author's summary."""
_DATES = ("collection", "ppub", "pub", "epub-ppub", "epub")
_ABSTRACT_TITLES = frozenset({"abstract", "summary"})
_ONLY_DOI = re.compile(r"(?:DOI\s*+(?::\s*+)?)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)
_KINDS = {"fig": "Figure", "table-wrap": "Table", "boxed-text": "Box"}
_FIGURES = frozenset({"fig", "table-wrap", "fig-group", "table-wrap-group"})
_FLOATS = frozenset({*_KINDS, *_FIGURES})
_SKIPPED = frozenset({
    "ack", "code", "disp-formula", "disp-formula-group", "fn", "fn-group", "label", "media", "object-id", "preformat",
    "ref-list", "response", "sub-article", "supplementary-material", "table", "table-wrap-foot", "title",
})  # fmt: skip
"""Elements that hold no paragraph of the article, or whose text is read with the element around them."""
_KIND_PREFIX = re.compile(r"(?:fig(?:ure)?s?|tables?|tab|box)\b[.\s]*", re.IGNORECASE)
_OTHER_KIND = re.compile(r"[^\W\d]{4}")
_WORD_CHARACTER = re.compile(r"\w")

SectionText = tuple[str, str]
"""Section and text of one paragraph."""


def read_jats(content: bytes) -> list[Paper]:
    """Return the articles of one JATS document that have front matter.

    Raises CorpusError, with line and column, when the document is not well formed.
    """
    articles = parse_xml(content).iter("article")
    return [_paper(article, meta) for article in articles if (meta := article.find("front/article-meta")) is not None]


def _paper(article: Element, meta: Element) -> Paper:
    ids: dict[str, str] = {}
    for item in meta.findall("article-id"):
        ids.setdefault(item.get("pub-id-type", ""), text_of(item) or "")
    title = text_of(meta.find("title-group/article-title"), without="xref")
    abstract = _abstract(meta, article.get("lang"))
    journal = article.find("front/journal-meta")
    titles = ("journal-title-group/journal-title", "journal-title", "journal-title-group/abbrev-journal-title")
    return Paper(
        "jats",
        pmid=pmid_of(ids.get("pmid")),
        pmcid=pmcid_of(ids.get("pmcid") or ids.get("pmc") or ids.get("pmcid-ver")),
        doi=doi_of(ids.get("doi")),
        title=title,
        journal=next((text for name in titles if journal is not None and (text := text_of(journal.find(name)))), None),
        year=_year(meta),
        abstract=abstract,
        license=_license(meta),
        authors=distinct_authors(_authors(meta)),
        retracted=is_retracted(
            title,
            abstract,
            types=_types(article, meta),
            relations=(item.get("related-article-type", "") for item in meta.findall("related-article")),
        ),
        version=pmcid_version(ids.get("pmcid-ver")),
        paragraphs=paragraphs_of(article),
    )


def _types(article: Element, meta: Element) -> Iterator[str]:
    """Yield what the article is called: by its type, its headings, and the events of its history."""
    yield article.get("article-type", "")
    for subject in meta.findall("article-categories/subj-group/subject"):
        yield text_of(subject) or ""
    for date in (*meta.findall("history/date"), *meta.findall("pub-date"), *meta.findall("pub-history/event/date")):
        yield date.get("date-type", "")
    for event in meta.findall("pub-history/event"):
        yield event.get("event-type", "")


def _year(meta: Element) -> int | None:
    dates = {date.get("pub-type") or date.get("date-type") or "": date for date in reversed(meta.findall("pub-date"))}
    ordered = [dates[kind] for kind in _DATES if kind in dates] + meta.findall("pub-date")
    return next((year for date in ordered if (year := year_of(text_of(date.find("year"))))), None)


def _abstract(meta: Element, language: str | None) -> str | None:
    """Return the first abstract, those in the language of the article or without a language before the others."""
    ordinary = [item for item in meta.findall("abstract") if item.get("abstract-type") in _ORDINARY_ABSTRACTS]
    for abstract in sorted(ordinary, key=lambda item: item.get("lang", language) != language):
        _detach(abstract, _FIGURES)
        bare = (abstract.text or "").strip()
        if text := abstract_or_none(text_of(abstract) if bare else " ".join(_blocks(abstract))):
            return text
    return None


def _blocks(parent: Element) -> Iterator[str]:
    """Yield the paragraphs below an element; the first paragraph of a section begins with the section's title."""
    title = (text_of(parent.find("title")) or "").rstrip(" :")
    label = None if parent.tag == "abstract" and title.lower() in _ABSTRACT_TITLES else title
    for child in parent:
        if child.tag in ("title", "label", "object-id"):
            continue
        pieces = _blocks(child) if child.tag == "sec" else [text_of(child) or ""]
        for piece in pieces:
            if piece and not _ONLY_DOI.fullmatch(piece):
                yield with_label(label, piece)
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
            forms = (contributor.find(path) for path in ("name", "name-alternatives/name", "string-name"))
            name = next((form for form in forms if form is not None), None)
            yield _person(name) if name is not None else _consortium(contributor.find("collab"))


def _person(name: Element) -> str | None:
    given = name.find("given-names")
    short = given.get("initials") or initials(text_of(given)) if given is not None else None
    return author(text_of(name.find("surname")), short) or text_of(name)


def _consortium(name: Element | None) -> str | None:
    # The members of a consortium are listed inside its name, after the name.
    if name is not None and name.find("contrib-group") is not None:
        return collapse_blanks(name.text)
    return text_of(name)


def paragraphs_of(article: Element) -> tuple[Paragraph, ...]:
    """Return the paragraphs of an article in reading order, those of floats-group last; modifies the tree.

    A caption is one paragraph, its title first. Superscript citations are removed, because their numbers would
    become part of the word before them.
    """
    parts = [part for name in ("body", "floats-group") if (part := article.find(name)) is not None]
    for part in parts:
        _remove_superscript_citations(part)
    texts = (item for part in parts for item in _paragraphs(part, ()))
    return tuple(Paragraph(section, index, text) for index, (section, text) in enumerate(texts))


def _paragraphs(parent: Element, path: tuple[str, ...]) -> Iterator[SectionText]:
    for child in parent:
        if child.tag in _SKIPPED:
            continue
        if child.tag == "p":
            yield from _paragraph(child, path)
        elif child.tag in _KINDS:
            yield from _float(child)
        else:
            title = text_of(child.find("title"), without="xref") if child.tag in {"sec", "app"} else None
            yield from _paragraphs(child, (*path, title) if title else path)


def _paragraph(paragraph: Element, path: tuple[str, ...]) -> Iterator[SectionText]:
    floats = _detach(paragraph, _FLOATS)
    if text := text_of(paragraph):
        yield " > ".join(path), text
    for item in floats:
        yield from _float(item) if item.tag in _KINDS else _paragraphs(item, path)


def _float(item: Element) -> Iterator[SectionText]:
    """Yield the caption of a figure or table, or the paragraphs of a box."""
    section = _name_of(_KINDS[item.tag], text_of(item.find("label")))
    caption = item.find("caption")
    boxes = _detach(caption, _FLOATS) if caption is not None else []
    if item.tag == "boxed-text":
        title = text_of(item.find("title")) or (text_of(caption.find("title")) if caption is not None else None)
        yield from _paragraphs(item, (section, title) if title else (section,))
    elif caption is not None and (text := text_of(caption)):
        yield section, text
    for box in boxes:
        yield from _float(box) if box.tag in _KINDS else _paragraphs(box, (section,))


def _name_of(kind: str, label: str | None) -> str:
    """Return "Figure 2" for the labels "Fig. 2." and "2"; a label of another kind ("Scheme 2") is returned as it is."""
    number = _KIND_PREFIX.sub("", label or "", count=1).rstrip(" .:")
    return number if _OTHER_KIND.match(number) else f"{kind} {number}".strip()


def _detach(parent: Element, names: frozenset[str]) -> list[Element]:
    """Remove the elements with these names from a paragraph and return them; the text after them stays."""
    floats: list[Element] = []
    for child in list(parent):
        if child.tag in names:
            _remove(parent, child, " ")
            floats.append(child)
        else:
            floats += _detach(child, names)
    return floats


def _remove(parent: Element, child: Element, gap: str) -> None:
    """Remove an element but keep the text after it, which ElementTree stores as the element's tail."""
    index = list(parent).index(child)
    if index > 0:
        before = parent[index - 1]
        before.tail = f"{before.tail or ''}{gap}{child.tail or ''}"
    else:
        parent.text = f"{parent.text or ''}{gap}{child.tail or ''}"
    child.tail = None
    parent.remove(child)


def _remove_superscript_citations(part: Element) -> None:
    for parent in list(part.iter()):
        for child in [child for child in parent if _is_superscript_citation(child)]:
            _remove(parent, child, "")


def _is_superscript_citation(element: Element) -> bool:
    """Return whether an element is a superscript of references alone, or a reference that is all superscript."""
    if element.tag == "sup":
        between = [element.text, *(item.tail for item in element)]
        return len(element) > 0 and all(map(_is_reference, element)) and not any(map(_has_words, between))
    if not _is_reference(element) or _has_words(element.text):
        return False
    return len(element) > 0 and all(item.tag == "sup" and not _has_words(item.tail) for item in element)


def _is_reference(element: Element) -> bool:
    return element.tag == "xref" and element.get("ref-type") == "bibr"


def _has_words(text: str | None) -> bool:
    return _WORD_CHARACTER.search(text or "") is not None
