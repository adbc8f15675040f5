"""XML and HTML of papers as plain text: read without fetching anything, blanks collapsed, formulas once.

Element and attribute names are given without their namespace: JATS comes with and without one.
"""

import html
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any, Literal
from xml.etree import ElementTree  # expat fetches no external entity and bounds internal ones

from dnacorpus.errors import CorpusError

_CHUNK = 1 << 14
_SEPARATE = frozenset({"p", "sec", "title", "list", "list-item", "disp-quote", "disp-formula", "break", "label"})
_UNSEEN = frozenset({"tex-math", "annotation", "annotation-xml", "object-id", "fn"})
"""Second forms of a formula, identifiers and footnotes: no part of the text that a reader sees."""
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|bold|br|center|dd|div|dl|dt|em|font|h\d|i|italic|li|ol|p|s|sec|small|span|strong|sub|sup|table|"
    r"tbody|td|th|title|tr|tt|u|ul|inf|jats:\w+)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_HEADING = re.compile(r"<(h\d)(?:\s[^<>]*)?>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_BLOCK_TAG = re.compile(r"</?(?:br|div|li|ol|p|table|td|th|tr|ul)\b[^<>]*>", re.IGNORECASE)


def parse_xml(content: bytes) -> ElementTree.Element:
    """Return the root of an XML document.

    Entities that only an external DTD declares are taken from HTML's list; no DTD is read. Raises
    CorpusError, with line and column, when the document is not well formed.
    """
    parser = ElementTree.XMLParser()  # noqa: S314 - see the import
    parser.entity.update({name.removesuffix(";"): text for name, text in html5.items() if name.endswith(";")})
    try:
        parser.feed(content)
        root: ElementTree.Element = parser.close()
    except ElementTree.ParseError as error:
        raise _not_well_formed(error) from error
    for element in root.iter():
        element.tag = local(element.tag)
        for key in [key for key in element.attrib if key.startswith("{")]:
            element.attrib.setdefault(local(key), element.attrib[key])
    return root


def elements(content: bytes, names: frozenset[str]) -> Iterator[ElementTree.Element]:
    """Yield the elements of these names one by one, each emptied before the next: memory holds one.

    ``names`` are full names. Raises CorpusError, with line and column, when the document is not well formed.
    """
    for element in _events(content, "end"):
        if element.tag in names:
            yield element
            element.clear()


def root_name(content: bytes) -> str:
    """Return the name of a document's root element; raises CorpusError when there is none."""
    return local(next(_events(content, "start")).tag)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def text_of(element: ElementTree.Element | None, without: str | None = None) -> str | None:
    """Return what a reader sees of an element, inline markup removed and blanks collapsed; None for nothing.

    What stands in elements named ``without`` is left out too.
    """
    if element is None:
        return None
    return collapsed("".join(_pieces(element, _UNSEEN | {without})))


def collapsed(text: str | None) -> str | None:
    """Return a text with runs of blanks as one and none at its ends; None for an empty one."""
    return " ".join((text or "").split()) or None


def text_of_html(text: str | None) -> str | None:
    """Return the text of an HTML fragment: known tags removed, headings as "Heading: ", entities resolved.

    Only names of real tags count as markup: abstracts are full of "<100 g" and "p<0.05".
    """
    headed = _HEADING.sub(lambda match: f" {labelled(_TAG.sub('', match[2]), '')} ", text or "")
    return collapsed(html.unescape(_TAG.sub("", _BLOCK_TAG.sub(" ", headed))))


def labelled(label: str | None, text: str) -> str:
    """Return "Label: text"; a label that ends in punctuation of its own gets no colon."""
    name = " ".join((label or "").split())
    if not name:
        return text
    return f"{name}{'' if name[-1] in ':.?!' else ':'} {text}".strip()


def _events(content: bytes, kind: Literal["start", "end"]) -> Iterator[ElementTree.Element]:
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser((kind,))
    try:
        for place in range(0, len(content), _CHUNK):
            parser.feed(content[place : place + _CHUNK])
            events: Iterator[tuple[str, ElementTree.Element]] = parser.read_events()  # type: ignore[assignment]
            yield from (element for _, element in events)
        parser.close()
    except ElementTree.ParseError as error:
        raise _not_well_formed(error) from error


def _pieces(element: ElementTree.Element, unseen: frozenset[str | None]) -> Iterator[str]:
    apart = " " if element.tag in _SEPARATE else ""
    yield apart + (element.text or "")
    for child in element:
        if child.tag not in unseen:
            yield from _pieces(child, unseen)
        yield child.tail or ""
    yield apart


def _not_well_formed(error: ElementTree.ParseError) -> CorpusError:
    return CorpusError(f"expected well-formed XML, found: {error}; get the file anew")
