"""The entries of a PubMed XML document one by one, however long it is: which there are, and the wanted ones.

Format: PubmedArticleSet of the PubmedArticle DTD, https://dtd.nlm.nih.gov/ncbi/pubmed/out/. What an entry
says is read by `pubmed`.
"""

from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree  # expat fetches no external entity and bounds internal ones
from xml.etree.ElementTree import Element

from dnacorpus.errors import CorpusError
from dnacorpus.papers.markup import collapsed
from dnacorpus.papers.paper import pmid_of

_ROOT = "PubmedArticleSet"
_PMIDS = {"PubmedArticle": "MedlineCitation/PMID", "PubmedBookArticle": "BookDocument/PMID"}
"""Kinds of entry, and where each states its PMID: others stand in comments and references."""
_DELETED = "DeleteCitation"
_ERROR = "ERROR"
_PIECE = 1 << 16
_SHOWN = 200


class Selection(NamedTuple):
    """The wanted entries of a document as a document of their own, and the wanted PMIDs that it deletes, sorted."""

    document: bytes
    pmids: frozenset[int]
    deleted: tuple[int, ...]


def pmids_of(content: bytes) -> set[int]:
    """Return the PMIDs of a document's entries.

    Raises CorpusError, with line and column, when it is not well formed, no PubmedArticleSet, or holds an ERROR.
    """
    entries = _elements(content[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    return {pmid for entry in entries if (pmid := _pmid(entry)) is not None}


def selected(pieces: Iterable[bytes], wanted: Container[int]) -> Selection:
    """Return what the document that ``pieces`` make up says of the wanted PMIDs; memory holds what is wanted.

    The entries keep their order, and `read_pubmed` gives the same papers for them. A document without any is an
    empty PubmedArticleSet. Raises CorpusError as `pmids_of` does, and then nothing of the document counts.
    """
    entries: list[str] = []
    pmids: set[int] = set()
    deleted: set[int] = set()
    for element in _elements(pieces):
        if element.tag == _DELETED:
            deleted.update(pmid for item in element.iter("PMID") if (pmid := pmid_of(item.text)) in wanted and pmid)
        elif (pmid := _pmid(element)) is not None and pmid in wanted:
            pmids.add(pmid)
            element.tail = None
            entries.append(ElementTree.tostring(element, encoding="unicode"))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<{_ROOT}>", *entries, f"</{_ROOT}>", ""]
    return Selection("\n".join(lines).encode(), frozenset(pmids), tuple(sorted(deleted)))


def _pmid(entry: Element) -> int | None:
    return pmid_of(entry.findtext(_PMIDS[entry.tag])) if entry.tag in _PMIDS else None


def _elements(pieces: Iterable[bytes]) -> Iterator[Element]:
    """Yield entries and deletions, each emptied before the next."""
    last: Element | None = None
    for element in _ends(pieces):
        last = element
        if element.tag in _PMIDS or element.tag == _DELETED:
            yield element
            element.clear()
        elif element.tag == _ERROR:
            said = (collapsed("".join(element.itertext())) or "")[:_SHOWN]
            raise CorpusError(f"expected a {_ROOT}, found an {_ERROR}: {said}")
    # What ends last is the root.
    if last is None or last.tag != _ROOT:
        raise CorpusError(f"expected a {_ROOT}, found {'nothing' if last is None else last.tag}")


def _ends(pieces: Iterable[bytes]) -> Iterator[Element]:
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("end",))
    try:
        for piece in pieces:
            parser.feed(piece)
            events: Iterator[tuple[str, Element]] = parser.read_events()  # type: ignore[assignment]
            yield from (element for _, element in events)
        parser.close()
    except ElementTree.ParseError as error:
        raise CorpusError(f"expected well-formed XML, found: {error}") from error
