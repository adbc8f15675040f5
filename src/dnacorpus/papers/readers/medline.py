"""MEDLINE text, PubMed's export for reference managers (``.nbib``, ``.txt``): fields of four letters and a hyphen.

Format: https://www.nlm.nih.gov/bsd/mms/medlineelements.html. The papers are PubMed's, with the fields that its XML has.
"""

import re
from collections.abc import Iterator

from dnacorpus.papers.html_text import collapse_blanks, unescaped
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.paper import Paper, abstract_or_none, distinct_authors, doi_of, pmcid_of, pmid_of, year_of
from dnacorpus.papers.retraction import is_retracted

_FIELD = re.compile(r"([A-Z]{2,4}) {0,2}- ?")
_FIELD_LETTERS = 6
_RELATIONS = {"RIN": "RetractionIn", "PRIN": "PartialRetractionIn", "RRI": "RetractedandRepublishedIn"}
"""PubMed's relations that say that a paper is retracted, by their fields."""
_NO_TITLES = ("", "[not available].", "[not available]")
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")

Fields = list[tuple[str, str]]
"""Name and value of each field of one record, in order."""


def read_medline(content: bytes) -> Iterator[Paper]:
    """Yield the papers of one file; records without a PMID are left out."""
    for fields in _records(content.decode("utf-8-sig", errors="replace")):
        paper = _paper(fields)
        if paper.pmid is not None:
            yield paper


def _records(text: str) -> Iterator[Fields]:
    """Yield the fields of each record; a record begins with its PMID, and a line that begins with blanks continues."""
    fields: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        field = _FIELD.match(line)
        if field is not None and field.end() <= _FIELD_LETTERS:
            if field[1] == "PMID" and fields:
                yield _joined(fields)
                fields = []
            fields.append((field[1], [line[field.end() :]]))
        elif fields and line.startswith(" "):
            fields[-1][1].append(line)
    if fields:
        yield _joined(fields)


def _joined(fields: list[tuple[str, list[str]]]) -> Fields:
    return [(name, text) for name, lines in fields if (text := collapse_blanks(" ".join(lines)))]


def _paper(fields: Fields) -> Paper:
    values: dict[str, list[str]] = {}
    for name, text in fields:
        values.setdefault(name, []).append(text)

    def first(*names: str) -> str | None:
        return next((values[name][0] for name in names if name in values), None)

    dois = (text for name in ("AID", "LID") for text in values.get(name, []) if text.endswith("[doi]"))
    title = _text(first("TI"))
    if (title or "").lower() in _NO_TITLES:
        title = _text(first("TT", "BTI"))
    abstract = abstract_or_none(_text(first("AB")))
    return Paper(
        "pubmed",
        pmid=pmid_of(first("PMID")),
        pmcid=pmcid_of(first("PMC")),
        doi=next((doi for text in dois if (doi := doi_of(text))), None),
        title=title,
        journal=first("JT", "BTI", "TA"),
        year=year_of(first("DP")) or year_of((first("DEP") or "")[:4]),
        abstract=abstract,
        license=stated_license([], values.get("CI", [])),
        authors=distinct_authors(text for name, text in fields if name in ("AU", "CN")),
        retracted=is_retracted(
            title, abstract, types=values.get("PT", []), relations=(_RELATIONS.get(name, "") for name in values)
        ),
        revised=_DATE.sub(r"\1-\2-\3", first("LR") or ""),
    )


def _text(value: str | None) -> str | None:
    return collapse_blanks(unescaped(value or ""))
