"""Whether a paper is retracted, by what any source says of it: one rule for all sources.

A paper counts as retracted when it, or a part of it, is retracted, withdrawn or removed. It counts as well when it was
republished after a retraction, because the text at hand is then the retracted one. Not retracted are the republished
paper, a paper with an expression of concern (the question is open; if it ends in a retraction, the sources say so), and
a notice that its source calls a retraction *of* another paper. A title that begins "Retraction: " counts although many
notices do: publishers give it to the retracted paper too.

Sources: PubMed's RefType, https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html; Europe PMC's types of
comments and corrections, which are the same words with blanks; JATS related-article-type and article-type,
https://jats4r.niso.org/corrections-retractions-and-expressions-of-concern/ and PMC's tagging guidelines.
"""

import re
import unicodedata
from collections.abc import Iterable

from dnacorpus.printable import cleaned

_RELATION = re.compile(r"(?:partial)?(?:retraction|withdrawal|removal)(?:in|forward)|retractedandrepublishedin")
_TYPE = re.compile(
    r"(?:partially)?(?:retracted|withdrawn)(?:article|publication|paper|chapter|preprint)?|preprint(?:withdrawal|removal)"
)

_WORK = (
    r"(?:(?:research|original|review|case|book|full|journal)\s+)?"
    r"(?:article|paper|chapter|publication|manuscript|preprint|review|report|letter|abstract|version)"
)
_DONE = r"(?:(?:temporarily|partially|partly)\s+)?(?:retracted|withdrawn|removed)"
_MARK = (
    rf"(?:{_DONE}(?:\s+{_WORK})?(?:\s+and\s+re(?:published|placed))?"
    rf"|(?:this\s+|the\s+)?{_WORK}\s+(?:(?:has\s+been|was|is)\s+)?{_DONE}"
    r"|(?:article\s+)?(?:rétractée?|retirée?)|rétractation|zurückgezogen(?:er?\s+\w+)?|retraktion"
    r"|(?:artículo\s+)?(?:parcialmente\s+)?retractado|retractación"
    r"|(?:artigo\s+)?(?:parcialmente\s+)?retratado|retratação|(?:articolo\s+)?(?:ritrattato|ritirato))"
)
"""Words that mark the paper itself: "Retracted article", "Withdrawn", "This paper has been retracted"."""
_RETRACTION = r"(?:(?:partial|full|editorial|article|author'?s?|editor'?s?|publisher'?s?)\s+)?retraction"
_NOTICE = (
    r"(?:retraction\s+(?:note|notice|statement)|(?:notice|note|statement)\s+of\s+(?:partial\s+)?(?:retraction|withdrawal)"
    r"|(?:withdrawal|removal)\s+(?:note|notice|statement)|temporary\s+removal|article\s+partial\s+retraction)"
    r"(?:\s+and\s+re(?:placement|publication))?"
)
_DASH = r"\s+[-‐‑–]+|[-‐‑–]+\s|\s*[—―]"
_END = rf"(?:\s*[:;.|*_)\]}}>】〕»]|{_DASH}|\s*$)"
_START = r"[\W_]*"
_OPENING = r"[\"'“‘«\[]"
_ABOUT = r"(?:to|of|for|on|regarding)"
_FIRST = re.compile(
    rf"{_START}(?:{_MARK}{_END}"
    rf"|{_RETRACTION}(?:\s+and\s+re(?:placement|publication))?(?:{_END}|\s*{_OPENING}|\s+{_ABOUT}\s*(?::|{_OPENING})"
    rf"|\s+of\s+(?:the\s+|our\s+|an?\s+)?{_WORK}\b|\s+(?:of|for)\s+[^,:]{{1,80}}\bet\s+al\b)"
    rf"|{_NOTICE}(?:{_END}|\s*{_OPENING}|\s+{_ABOUT}\b|\s+(?-i:[A-Z]))"
    r"|(?-i:RETRACTED|WITHDRAWN)\s(?=.*(?-i:[a-z]{2})))",
    re.IGNORECASE,
)
"""The beginning of a title. In capitals, RETRACTED needs no punctuation before a title in small letters."""
_LAST = re.compile(
    rf"(?<!^)[\[({{【〔]\s*(?:{_MARK}|{_NOTICE}|retraction\s+of)(?:(?:\s*[.,:;]|\s+(?:in|by|see|vol)\b)[^\[\]{{}}]{{0,200}})?"
    r"[\])}】〕][\W_]*$|\[\s*retraction\s*\][\W_]*$"
    rf"|(?:[:.]|{_DASH})\s*(?-i:R(?:ETRACTED|etracted|etraction)|WITHDRAWN|REMOVED)(?:\s+{_WORK})?[\W_]*$",
    re.IGNORECASE,
)
"""The end of a title: in brackets, or after a dash or colon."""
_LAST_IN_CAPITALS = re.compile(r"[a-z]{2}.*\sRETRACTED(?:\s[A-Z]+)?[\W_]*$")
_NATURAL = re.compile(r"[({]\s*(?:removed|withdrawn)")
"""What a title may say of something else: "Kidneys (removed)", "Rofecoxib (withdrawn)"."""
_LETTERS = 400
"""How much of the beginning and of the end of a text is looked at."""
_ABSTRACT = re.compile(
    rf"{_START}(?:this\s+{_WORK}\s+(?:has\s+been|was|is)\s+(?:\w+ly\s+)?(?:retracted|withdrawn|removed)\b"
    rf"|(?:the\s+)?(?:authors?|editors?|publisher)\s+ha(?:s|ve)\s+(?:retracted|withdrawn)\s+(?:this|their|the)\s+{_WORK}\b)",
    re.IGNORECASE,
)
_NO_LETTER = re.compile(r"[\W_]")


def is_retracted(
    title: str | None, abstract: str | None = None, types: Iterable[str] = (), relations: Iterable[str] = ()
) -> bool:
    """Return whether a source says, in any of its fields, that a paper is retracted.

    ``types`` are what the source calls the paper ("Retracted Publication", "retracted-article"), ``relations`` how it
    calls the paper's links to other papers ("RetractionIn", "Retraction in", "retraction-forward").
    """
    return (
        any(_TYPE.fullmatch(_letters(name)) for name in types)
        or any(_RELATION.fullmatch(_letters(name)) for name in relations)
        or is_retracted_title(title)
        or (abstract is not None and _ABSTRACT.match(_beginning(abstract)) is not None)
    )


def is_retracted_title(title: str | None) -> bool:
    """Return whether a title is marked, at its beginning or end, as that of a retracted paper ("RETRACTED: ...").

    A title that only speaks of something retracted or withdrawn ("Retraction of the optic tectum") is not.
    """
    text = title or ""
    # One character may become 18 others.
    first, last = _beginning(text), _plain(text[-_LETTERS:])[-_LETTERS:]
    marked = _LAST.search(last)
    return (
        _FIRST.match(first) is not None
        or (marked is not None and _NATURAL.match(marked[0]) is None)
        or _LAST_IN_CAPITALS.search(last) is not None
    )


def _beginning(text: str) -> str:
    return _plain(text[:_LETTERS])[:_LETTERS]


def _plain(text: str) -> str:
    """Return a text with full-width punctuation as ASCII, without invisible characters, and with single blanks."""
    return " ".join(cleaned(unicodedata.normalize("NFKC", text)).split())


def _letters(name: str) -> str:
    return _NO_LETTER.sub("", name).lower()
