"""The paragraphs of a JATS article's body, each with the titles above it.

Format: https://jats.nlm.nih.gov/, the elements ``body`` and ``floats-group``. Tables, display formulas,
references and footnotes hold no paragraphs, and a sub-article is not part of the article.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dnacorpus.papers.markup import text_of
from dnacorpus.papers.paper import Passage

_KINDS = {"fig": "Figure", "table-wrap": "Table", "boxed-text": "Box"}
_FLOATS = frozenset({*_KINDS, "fig-group", "table-wrap-group"})
_LEFT_OUT = frozenset({
    "ack", "code", "disp-formula", "disp-formula-group", "fn", "fn-group", "label", "media", "object-id", "preformat",
    "ref-list", "response", "sub-article", "supplementary-material", "table", "table-wrap-foot", "title",
})  # fmt: skip
"""Elements that hold no paragraph of the article, or whose text is read with what is around them."""
_KIND_NAMED = re.compile(r"(?:fig(?:ure)?s?|tables?|tab|box)\b[.\s]*", re.IGNORECASE)
_OTHER_KIND = re.compile(r"[^\W\d]{4}")

Found = tuple[str, str]
"""Section and text of one paragraph."""


def passages_of(article: Element) -> tuple[Passage, ...]:
    """Return the paragraphs of an article in reading order, those in floats-group last; the tree is changed.

    One caption is one passage, its title first. A citation that is a superscript is left out: read with the
    word before it, it would be a part of that word.
    """
    parts = [part for name in ("body", "floats-group") if (part := article.find(name)) is not None]
    for part in parts:
        _drop_raised_citations(part)
    found = (item for part in parts for item in _paragraphs(part, ()))
    return tuple(Passage(section, place, text) for place, (section, text) in enumerate(found))


def _paragraphs(parent: Element, path: tuple[str, ...]) -> Iterator[Found]:
    for child in parent:
        if child.tag in _LEFT_OUT:
            continue
        if child.tag == "p":
            yield from _paragraph(child, path)
        elif child.tag in _KINDS:
            yield from _float(child)
        else:
            title = text_of(child.find("title"), without="xref") if child.tag in {"sec", "app"} else None
            yield from _paragraphs(child, (*path, title) if title else path)


def _paragraph(paragraph: Element, path: tuple[str, ...]) -> Iterator[Found]:
    floats = _detached(paragraph)
    if text := text_of(paragraph):
        yield " > ".join(path), text
    for item in floats:
        yield from _float(item) if item.tag in _KINDS else _paragraphs(item, path)


def _float(item: Element) -> Iterator[Found]:
    """Yield the caption of a figure or table, or the paragraphs of a box."""
    section = _name_of(_KINDS[item.tag], text_of(item.find("label")))
    caption = item.find("caption")
    boxes = _detached(caption) if caption is not None else []
    if item.tag == "boxed-text":
        title = text_of(item.find("title")) or (text_of(caption.find("title")) if caption is not None else None)
        yield from _paragraphs(item, (section, title) if title else (section,))
    elif caption is not None and (text := text_of(caption)):
        yield section, text
    for box in boxes:
        yield from _float(box) if box.tag in _KINDS else _paragraphs(box, (section,))


def _name_of(kind: str, label: str | None) -> str:
    """Return "Figure 2" for the labels "Fig. 2." and "2"; a label of another kind ("Scheme 2") is itself the name."""
    number = _KIND_NAMED.sub("", label or "", count=1).rstrip(" .:")
    return number if _OTHER_KIND.match(number) else f"{kind} {number}".strip()


def _detached(parent: Element) -> list[Element]:
    """Take the floats out of a paragraph, and leave the text after them in place."""
    floats: list[Element] = []
    for child in list(parent):
        if child.tag in _FLOATS:
            _remove(parent, child, " ")
            floats.append(child)
        else:
            floats += _detached(child)
    return floats


def _remove(parent: Element, child: Element, gap: str) -> None:
    """Remove an element, but not the text after it, which ElementTree counts to it."""
    place = list(parent).index(child)
    if place:
        parent[place - 1].tail = f"{parent[place - 1].tail or ''}{gap}{child.tail or ''}"
    else:
        parent.text = f"{parent.text or ''}{gap}{child.tail or ''}"
    child.tail = None
    parent.remove(child)


def _drop_raised_citations(part: Element) -> None:
    for parent in list(part.iter()):
        for child in [child for child in parent if _is_raised_citation(child)]:
            _remove(parent, child, "")


def _is_raised_citation(element: Element) -> bool:
    """Tell whether a superscript is references and what stands between them, or a reference a superscript."""
    if element.tag == "sup":
        between = [element.text, *(item.tail for item in element)]
        return len(element) > 0 and all(map(_is_reference, element)) and not any(map(_has_words, between))
    raised = [item.tag == "sup" and not _has_words(item.tail) for item in element]
    return _is_reference(element) and bool(raised) and all(raised) and not _has_words(element.text)


def _is_reference(element: Element) -> bool:
    return element.tag == "xref" and element.get("ref-type") == "bibr"


def _has_words(text: str | None) -> bool:
    return re.search(r"\w", text or "") is not None
