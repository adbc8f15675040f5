"""One paper as one source describes it, and the merging of several sources into one row."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Any

from dnacorpus import printable
from dnacorpus.papers.licenses import is_open, strictest
from dnacorpus.printable import unprintable

PRECEDENCE = ("jats", "europepmc", "pubmed", "pmc", "pdf")
"""Kinds of source, most reliable first: the fields of a PDF are guessed from its layout."""

_NO_ABSTRACT = re.compile(r"(?:no\s+)?abstract(?:\s+is)?(?:\s+not)?\s+available\W*", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_PMCID = re.compile(r"(?:PMC)?([0-9]{1,12})(?:\.[0-9]{1,6})?", re.IGNORECASE | re.ASCII)
_PMC_VERSION = re.compile(r"PMC[0-9]{1,12}\.([1-9][0-9]{0,3})", re.IGNORECASE | re.ASCII)
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)[0-9]{2}(?!\d)")
_LETTERS = re.compile(r"[^\W\d_]+")
_MAX_NAMED_AUTHORS = 10


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of full text; the fields are those of `schemas.types.PASSAGE`.

    ``section`` is the path of the titles above it ("Methods > DNA extraction"), or the name of the figure,
    table or box that it belongs to ("Figure 2", "Table 1", "Box 1"), or empty. ``paragraph`` is its 0-based
    index in the paper. ``page`` is the 1-based page on which it starts, or None where the source has no pages.
    """

    section: str
    paragraph: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as one file describes it; a field is None or empty if the file does not state it.

    ``source`` is one of `PRECEDENCE`; ``authors`` are "Surname AB"; `retraction.is_retracted` decides ``retracted``.
    ``revised`` is the ISO date of the last revision. Of several entries of the same source, the one with the highest
    ``version`` is used, then the one with the latest ``revised``. ``replaced`` has the
    kinds and numbers of characters that `cleaned` replaced.
    """

    source: str
    pmid: int | None = None
    pmcid: str | None = None
    doi: str | None = None
    title: str | None = None
    journal: str | None = None
    year: int | None = None
    abstract: str | None = None
    license: str | None = None
    authors: tuple[str, ...] = ()
    retracted: bool = False
    version: int = 1
    revised: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    replaced: tuple[tuple[str, int], ...] = ()


def cleaned(paper: Paper) -> Paper:
    """Return a paper in whose text the characters that cannot be printed are replaced and counted.

    Blanks are collapsed, as readers leave them.
    """
    counts: Counter[str] = Counter()

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            counts.update(unprintable(value))
            return " ".join(printable.cleaned(value).split())
        if isinstance(value, Paragraph):
            text = clean(value.text)
            return replace(value, section=clean(value.section), text=text) if text else None
        return tuple(filter(None, map(clean, value))) if isinstance(value, tuple) else value

    texts: dict[str, Any] = {item.name: clean(getattr(paper, item.name)) or item.default for item in fields(paper)}
    return Paper(**texts | {"replaced": tuple(sorted(counts.items()))}) if counts else paper


def merged(papers: Sequence[Paper], allowed: frozenset[str]) -> dict[str, Any]:
    """Return the columns of `schemas.pairs.PAPERS` for papers of the same PMID; their order does not matter.

    Each field is taken from the first source of `PRECEDENCE` that states it, newest version first. The licence
    is the most restrictive one stated, so a paper is open only if no source contradicts it. The paper is
    retracted if any source says so. ``source`` is the source of the abstract, or the first source if there is no
    abstract; ``version`` is that of the source of the full text, or of the abstract. ``allowed`` lists the
    licences that count as open.
    """
    ranked = sorted(papers, key=lambda paper: repr(astuple(paper)))
    ranked.sort(key=lambda paper: (paper.version, paper.revised), reverse=True)
    ranked.sort(key=lambda paper: PRECEDENCE.index(paper.source))

    def first(field: str) -> Any:
        return next((value for paper in ranked if (value := getattr(paper, field))), None)

    columns = ("pmid", "pmcid", "doi", "title", "journal", "year", "abstract")
    row = {column: first(column) for column in columns}
    licence = strictest(paper.license for paper in ranked)
    with_abstract = next((paper for paper in ranked if paper.abstract), ranked[0])
    with_text = next((paper for paper in ranked if paper.paragraphs), with_abstract)
    return row | {
        "license": licence,
        "open": is_open(licence, allowed),
        "attribution": attribution(first("authors") or (), row["journal"], row["year"], row["doi"]),
        "retracted": any(paper.retracted for paper in ranked),
        "source": with_abstract.source,
        "version": with_text.version,
        "passages": [asdict(paragraph) for paragraph in with_text.paragraphs],
    }


def attribution(authors: Sequence[str], journal: str | None, year: int | None, doi: str | None) -> str | None:
    """Return one line that credits a paper: authors, journal, year, DOI; None if all are missing.

    Of more than ten authors, the first ten are named, followed by "et al.".
    """
    names = ", ".join(authors[:_MAX_NAMED_AUTHORS]) + (" et al" if len(authors) > _MAX_NAMED_AUTHORS else "")
    parts = [names, journal or "", str(year or "")]
    line = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return " ".join(part for part in (line, f"https://doi.org/{doi}" if doi else "") if part) or None


def abstract_or_none(text: str | None) -> str | None:
    """Return an abstract, or None if it is empty or only says that there is no abstract."""
    return None if not text or _NO_ABSTRACT.fullmatch(text) else text


def pmid_of(text: str | None) -> int | None:
    """Return a PubMed id, or None if the text is not a positive number of at most nine digits."""
    digits = (text or "").strip()
    return int(digits) if _PMID.fullmatch(digits) else None


def pmcid_of(text: str | None) -> str | None:
    """Return a PMC id as "PMC123", without its version, or None."""
    match = _PMCID.fullmatch((text or "").strip())
    return f"PMC{match[1]}" if match else None


def pmcid_version(text: str | None) -> int:
    """Return the version of a PMC id, 2 for "PMC123.2"; 1 if none is stated."""
    match = _PMC_VERSION.fullmatch((text or "").strip())
    return int(match[1]) if match else 1


def doi_of(text: str | None) -> str | None:
    """Return the bare DOI of a DOI, a "doi:" name or a doi.org address, or None."""
    match = _DOI.search((text or "").strip())
    return match[0].rstrip(".,;") if match else None


def year_of(text: str | None) -> int | None:
    """Return the first year from 1600 to 2099 in a date of any form ("1998 Dec-1999 Jan"), or None."""
    match = _YEAR.search(text or "")
    return int(match[0]) if match else None


def initials(given: str | None) -> str:
    """Return the initials of given names: "JPA" for "Jean-Pierre A."; initials are returned unchanged."""
    names: list[str] = _LETTERS.findall(given or "")
    if len(names) == 1 and names[0].isupper() and len(names[0]) <= 3:
        return names[0]
    return "".join(name[0].upper() for name in names)


def author(surname: str | None, given_initials: str | None) -> str | None:
    """Return an author as "Surname AB", or None without a surname."""
    return " ".join(part for part in (surname, given_initials) if part) if surname else None


def distinct_authors(authors: Iterable[str | None]) -> tuple[str, ...]:
    """Return the authors in order, without repeats and without those that have no name."""
    return tuple(dict.fromkeys(name for name in authors if name))
