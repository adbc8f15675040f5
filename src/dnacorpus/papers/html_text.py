"""Plain text from HTML, and from text whose markup was escaped more often than its format asks.

Europe PMC and PMC give HTML in JSON. PubMed and JATS are XML, but publishers deposit titles such as
``&lt;i&gt;BRCA1&lt;/i&gt;``, which XML reads as the characters ``<i>BRCA1</i>``; some are escaped twice.
"""

import html
import re
from html.entities import html5

HIDDEN = frozenset({"tex-math", "annotation", "annotation-xml", "object-id", "fn"})
"""Second forms of a formula, identifiers and footnotes: not part of the text that a reader sees."""

_NAMES = frozenset(
    "a abbr b big bold code em font i inf italic monospace overline roman s sc small span strike strong sub sup tt u"
    " underline".split()
)
_BLOCKS = frozenset(
    "br center dd disp-formula disp-quote div dl dt hr li list list-item ol p sec table tbody td th thead tr ul".split()
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title"})
_PREFIXES = ("jats:", "mml:")
_VOID = frozenset({"br", "hr"})
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9_.:-]*)"
    r"(?:\s+(?:[a-z_][a-z0-9_.:-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+)|nowrap|compact|noshade))*"
    r"\s*(?P<empty>/?)>",
    re.IGNORECASE,
)
"""A tag whose attributes have values: in "a<b and c>d", ``<b and c>`` is none."""
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*-->", re.DOTALL)
_ENTITY = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
_TIMES = 3


def collapse_blanks(text: str | None) -> str | None:
    """Return a text with each run of blanks as one blank and none at its ends; None if empty."""
    return " ".join((text or "").split()) or None


def with_label(label: str | None, text: str) -> str:
    """Return "Label: text"; no colon follows a label that ends in punctuation."""
    name = " ".join((label or "").split())
    if not name:
        return text
    return f"{name}{'' if name[-1] in ':.?!' else ':'} {text}".strip()


def text_of_html(text: str | None) -> str | None:
    """Return the text of an HTML fragment: tags removed, headings as "Heading: ", entities resolved.

    Tags with the names of HTML and JATS are removed, and of others those that are closed, because abstracts hold
    "<100 g", "p<0.05" and "a<b and c>d".
    """
    plain = _COMMENT.sub("", text or "")
    tags = list(_TAG.finditer(plain))
    partners = _partners(tags)
    marked = {at for at, tag in enumerate(tags) if at in partners or tag["empty"] or _is_known(tag)}
    return collapse_blanks(unescaped(html.unescape(_without(plain, tags, marked, partners))))


def unescaped(text: str) -> str:
    """Return a text without the markup in it that was escaped once more than its format asks, or up to three times.

    Entities with a semicolon are resolved. Of tags only known ones are removed, and only in pairs, so that text about
    a tag keeps it.
    """
    for _ in range(_TIMES):
        if "&" not in text and "<" not in text:
            break
        tags = [tag for tag in _TAG.finditer(text) if _is_known(tag)]
        partners = _partners(tags)
        marked = {at for at, tag in enumerate(tags) if at in partners or _name(tag) in _VOID}
        resolved = _ENTITY.sub(_character, _without(text, tags, marked, partners))
        if resolved == text:
            break
        text = resolved
    return text


def _character(entity: re.Match[str]) -> str:
    # html.unescape also reads the beginning of a longer word: &not in &notreal;
    return html.unescape(entity[0]) if entity[1][0] == "#" or entity[1] in html5 else entity[0]


def _name(tag: re.Match[str]) -> str:
    """Return the name of a tag in lower case, without a known prefix."""
    name = tag["name"].lower()
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def _is_known(tag: re.Match[str]) -> bool:
    name = _name(tag)
    return name in _NAMES or name in _BLOCKS or name in _HEADINGS or tag["name"].lower().startswith(_PREFIXES)


def _partners(tags: list[re.Match[str]]) -> dict[int, int]:
    """Return the places of the end tags by those of their start tags, and the reverse."""
    partners: dict[int, int] = {}
    open_tags: dict[str, list[int]] = {}
    for at, tag in enumerate(tags):
        name = tag["name"].lower()
        if not tag["end"] and not tag["empty"]:
            open_tags.setdefault(name, []).append(at)
        elif tag["end"] and open_tags.get(name):
            start = open_tags[name].pop()
            partners |= {start: at, at: start}
    return partners


def _without(text: str, tags: list[re.Match[str]], marked: set[int], partners: dict[int, int]) -> str:
    """Return a text without the marked tags and what is hidden in them; headings become labels."""
    pieces: list[str] = []
    place, heading, heading_piece = 0, -1, 0
    for at in sorted(marked):
        tag, name = tags[at], _name(tags[at])
        if tag.start() < place:  # in a hidden element
            continue
        pieces.append(text[place : tag.start()])
        place = tag.end()
        if name in HIDDEN and partners.get(at, -1) > at:
            place = tags[partners[at]].end()
        elif name in _HEADINGS and heading < 0 and partners.get(at, -1) > at:
            heading, heading_piece = at, len(pieces)
        elif heading >= 0 and at == partners[heading]:
            label = "".join(pieces[heading_piece:])
            pieces[heading_piece:] = [f" {with_label(label, '')} "]
            heading = -1
        elif name in _BLOCKS or name in _HEADINGS:
            pieces.append(" ")
    pieces.append(text[place:])
    return "".join(pieces)
