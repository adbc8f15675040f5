"""The XML of papers, read without fetching anything, and the plain text of its elements.

Blanks are collapsed and a formula appears once. Element and attribute names are given without their namespace,
because JATS comes with and without one.
"""

from collections.abc import Iterable, Iterator
from html.entities import html5
from xml.etree import ElementTree  # expat fetches no external entity and bounds internal ones

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.papers.html_text import HIDDEN, collapse_blanks, unescaped

_CHUNK_BYTES = 1 << 16
_BLOCKS = frozenset({"p", "sec", "title", "list", "list-item", "disp-quote", "disp-formula", "break", "label"})
"""Elements whose text is separated from the text around it."""
_ENTITIES = {name.removesuffix(";"): text for name, text in html5.items() if name.endswith(";")}
_GET_AGAIN = "; get the file again"
_UNREADABLE = (ElementTree.ParseError, LookupError, ValueError)  # the last two for encodings that Python lacks


def parse_xml(content: bytes) -> ElementTree.Element:
    """Return the root of an XML document.

    Entities that an external DTD would declare are taken from HTML's list; no DTD is read. Raises CorpusError, with
    line and column, when the document is not well formed, and LimitError while one that is too large is read.
    """
    parser = _parser(_Tree())
    try:
        parser.feed(content)
        root: ElementTree.Element = parser.close()
    except _UNREADABLE as error:
        raise _not_well_formed(error, _GET_AGAIN) from error
    for element in root.iter():
        element.tag = local_name(element.tag)
        for key in [key for key in element.attrib if key.startswith("{")]:
            element.attrib.setdefault(local_name(key), element.attrib[key])
    return root


def elements(
    chunks: Iterable[bytes], names: frozenset[str], next_step: str = _GET_AGAIN
) -> Iterator[ElementTree.Element]:
    """Yield the elements with these names, namespace included, one at a time, and at the end the root.

    The document is given in chunks of bytes. Each element is emptied before the next is read, so that memory holds
    those that end in one chunk. Raises CorpusError, with line and column, when the document is not well formed, and
    LimitError as soon as more is held than `limits.XML_ELEMENTS` and `limits.XML_BYTES`.
    """
    tree = _Tree(names)
    parser = _parser(tree)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            yield from tree.ended()
        root: ElementTree.Element = parser.close()
    except _UNREADABLE as error:
        raise _not_well_formed(error, next_step) from error
    yield from tree.ended()
    if root.tag not in names:
        yield root


def chunks_of(content: bytes) -> Iterator[bytes]:
    """Yield a document in chunks, for `elements`."""
    for start in range(0, len(content), _CHUNK_BYTES):
        yield content[start : start + _CHUNK_BYTES]


def root_name(content: bytes) -> str:
    """Return the name of a document's root element; raises CorpusError when there is none."""
    tree = _Tree()
    parser = ElementTree.XMLParser(target=tree)  # noqa: S314 - see the import
    try:
        for chunk in chunks_of(content):
            parser.feed(chunk)
            if tree.root is not None:
                return local_name(tree.root.tag)
        parser.close()
    except _UNREADABLE as error:
        if tree.root is not None:
            return local_name(tree.root.tag)
        raise _not_well_formed(error, _GET_AGAIN) from error
    raise CorpusError(f"expected well-formed XML, found: no element{_GET_AGAIN}")


def _parser(tree: "_Tree") -> "ElementTree.XMLParser[ElementTree.Element]":
    """Return a parser that takes the entities which an external DTD would declare from HTML's list."""
    parser = ElementTree.XMLParser(target=tree)  # noqa: S314 - see the import
    parser.entity.update(_ENTITIES)
    return parser


class _Tree:
    """Builds the tree of a document as its parser reports it, and counts what the tree holds.

    The parser cannot be left to count: an entity of a few bytes can stand for millions of elements.
    """

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self.root: ElementTree.Element | None = None
        builder = ElementTree.TreeBuilder()
        self._start, self._end, self._data, self.close = builder.start, builder.end, builder.data, builder.close
        self._names, self._ended = names, list[ElementTree.Element]()
        self._elements = self._characters = self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        # A document type can give each element any number of attributes.
        self._elements += 1 + len(attributes)
        self._depth += 1
        if self._elements > limits.XML_ELEMENTS:
            raise LimitError(f"{limits.XML_ELEMENTS.exceeded()}; remove the file")
        if self._depth > limits.XML_DEPTH:
            raise LimitError(f"{limits.XML_DEPTH.exceeded()}; remove the file")
        element = self._start(tag, attributes)
        if self.root is None:
            self.root = element

    def end(self, tag: str) -> None:
        """End an element."""
        self._depth -= 1
        element = self._end(tag)
        if tag in self._names:
            self._ended.append(element)

    def data(self, text: str) -> None:
        """Add text."""
        self._characters += len(text)
        if self._characters > limits.XML_BYTES:
            raise LimitError(f"{limits.XML_BYTES.exceeded()}; remove the file")
        self._data(text)

    def ended(self) -> Iterator[ElementTree.Element]:
        """Yield the named elements that have ended since the last call, and empty them and the root."""
        if not self._ended:
            return
        for element in self._ended:
            yield element
            element.clear()
        self._ended.clear()
        self._elements = self._characters = 0
        if self.root is not None:
            self.root.clear()


def local_name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def text_of(element: ElementTree.Element | None, without: str | None = None) -> str | None:
    """Return the visible text of an element, without inline markup and with blanks collapsed; None if empty.

    The text of elements named ``without`` is left out. Markup that was escaped once more is removed, too.
    """
    if element is None:
        return None
    return collapse_blanks(unescaped("".join(_pieces(element, HIDDEN | {without}))))


def _pieces(element: ElementTree.Element, hidden: frozenset[str | None]) -> Iterator[str]:
    separator = " " if local_name(element.tag) in _BLOCKS else ""
    yield separator + (element.text or "")
    for child in element:
        if local_name(child.tag) not in hidden:
            yield from _pieces(child, hidden)
        yield child.tail or ""
    yield separator


def _not_well_formed(error: Exception, next_step: str) -> CorpusError:
    return CorpusError(f"expected well-formed XML, found: {error}{next_step}")
