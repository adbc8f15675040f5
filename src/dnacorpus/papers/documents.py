"""The XML documents of a file that may not be quite well formed, each as expat reads it.

People join answers of efetch in one file, editors and shells add a byte order mark or blank lines before the XML
declaration, publishers use HTML's named entities, journals export ``&`` and control characters as they are, and some
files state an encoding that expat does not know.
"""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5

from dnacorpus.errors import CorpusError

_SETS = b"PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet|BookDocumentSet|pmc-articleset"
_START = re.compile(rb"<\?xml\s|<!DOCTYPE\s|<(?:" + _SETS + rb")[\s/>]")
"""What may begin a document after another one: sets are not nested, and inside a document the others are errors."""
_START_OF_ENTRY = re.compile(rb"<\?xml\s|<!DOCTYPE\s|<(?:PubmedArticle|PubmedBookArticle|MedlineCitation)[\s>]")
"""The same in a file of entries without a set."""
_SET = re.compile(rb"<(?:" + _SETS + rb")[\s/>]")
_BLANKS = b" \t\r\n"
_DECLARATION = re.compile(rb"<\?xml\s(?:[^?>]|\?(?!>)){0,400}\?>")
_ENCODING = re.compile(rb"\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]{0,39})[\"']")
_KNOWN_TO_EXPAT = frozenset({"utf-8", "us-ascii", "iso-8859-1"})
_TEXT_ENCODING = re.compile(
    r"(?:ansi|ascii|big5|cp|euc|gb|iso|koi|latin|mac|shift|sjis|tis|utf|windows|x-sjis)[\w.-]*", re.ASCII
)
_UTF16 = re.compile(r"utf[-_]?(?:16|32)(?:[-_]?[bl]e)?|(?:iso-10646-)?ucs-?[24]|unicode")
_INVALID = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);|&#[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2});"
)
"""Characters that XML does not allow, also as numbers."""
_CONTROL = b"&#129;"
"""A control character that XML allows, so that it is counted and becomes a blank as in other text."""
_AMPERSAND = re.compile(rb"&(?!#?[A-Za-z0-9]+;)")
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")


def documents(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each document of an XML file, with the 1-based number of the line on which it begins.

    Byte order marks and blanks before a document are left out; characters that XML does not allow become control
    characters that it allows. In documents that declare no entities, HTML's named entities are resolved, and ``&``
    before anything else counts as ``&amp;``. A document in an encoding that expat does not know becomes UTF-8. Raises
    CorpusError for bytes that are not in the stated encoding.
    """
    content = _from_utf16(content)
    places = _places(content)
    line, counted = 1, 0
    for start, end in zip(places, [*places[1:], len(content)], strict=True):
        line += content.count(b"\n", counted, start)
        counted = start
        document = content if places == [0] else content[start : _before_blanks(content, end)]
        yield line, _resolved(_as_utf8(document))


def _places(content: bytes) -> list[int]:
    """Return where the documents begin."""
    start = _after_blanks(content, 0)
    pattern = _START if _SET.search(content) else _START_OF_ENTRY
    found = (match.start() for match in pattern.finditer(content, start + 1))
    return [start, *(place for place in found if _ends_document(content, place))]


def _after_blanks(content: bytes, place: int) -> int:
    """Return the place of the first byte that is no blank and in no byte order mark."""
    size = len(content)
    while place < size:
        if content.startswith(codecs.BOM_UTF8, place):
            place += len(codecs.BOM_UTF8)
        elif content[place] in _BLANKS:
            place += 1
        else:
            break
    return place


def _before_blanks(content: bytes, place: int) -> int:
    """Return the place after the last byte before a place that is no blank and in no byte order mark."""
    while place:
        if content[place - 1] in _BLANKS:
            place -= 1
        elif content.endswith(codecs.BOM_UTF8, 0, place):
            place -= len(codecs.BOM_UTF8)
        else:
            break
    return place


def _ends_document(content: bytes, place: int) -> bool:
    """Return whether an end tag or an empty element, and after it only blanks and byte order marks, is before a place.

    Only such a place may be the end of a document; a declaration or a comment belongs to the document after it.
    """
    place = _before_blanks(content, place)
    if not content.endswith(b">", 0, place):
        return False
    start = content.rfind(b"<", 0, place)
    return start >= 0 and (content.startswith(b"</", start) or content.endswith(b"/>", start, place))


def _from_utf16(content: bytes) -> bytes:
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content
    return _in_utf8(content, "utf-16")


def _as_utf8(document: bytes) -> bytes:
    """Return a document in an encoding that expat knows."""
    declaration = _DECLARATION.match(document)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if declaration is None or encoding is None:
        return document
    name = encoding[1].decode().lower()
    if name in _KNOWN_TO_EXPAT:
        return document
    # The declaration was read as ASCII, so that UTF-16 can only be what the text was before it was saved as UTF-8.
    plain = document if _UTF16.fullmatch(name) else _in_utf8(document, name)
    return b"<?xml version='1.0'?>" + plain[declaration.end() :]


def _in_utf8(document: bytes, name: str) -> bytes:
    try:
        if not _TEXT_ENCODING.fullmatch(name):
            raise LookupError(name)
        return document.decode(name).encode()
    except LookupError:
        raise CorpusError(f"expected a known encoding, found {name}; save the file as UTF-8") from None
    except UnicodeError as error:
        raise CorpusError(f"expected text in {name}, as stated, found: {error}; get the file again") from None


def _resolved(document: bytes) -> bytes:
    """Return a document with HTML's named entities as numbers, and without characters that XML does not allow."""
    if _INVALID.search(document):
        document = _INVALID.sub(_CONTROL, document)
    if b"<!ENTITY" in document:
        return document
    if _AMPERSAND.search(document):
        document = _AMPERSAND.sub(b"&amp;", document)
    return _ENTITY.sub(_numbers, document) if _ENTITY.search(document) else document


def _numbers(entity: re.Match[bytes]) -> bytes:
    characters = html5.get(f"{entity[1].decode()};")
    return entity[0] if characters is None else "".join(f"&#{ord(char)};" for char in characters).encode()
