"""A paper as one source tells it, and the merging of what several sources tell of one paper."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from dnacorpus.papers.licenses import is_open, strictest

PRECEDENCE = ("jats", "europepmc", "pubmed", "pmc", "pdf")
"""Kinds of source, from the one whose fields are most to be trusted to the one whose are guessed from a layout."""

_RETRACTED_TITLE = re.compile(r"\W*retracted(?:\s+(?:article|paper))?\s*[:\]]", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"(?:no\s+)?abstract(?:\s+is)?(?:\s+not)?\s+available\W*", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_NAMED_AUTHORS = 10


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of full text.

    ``section`` is the path of titles above it ("Methods > DNA extraction"), or its kind for a caption or a
    box ("Figure 2", "Table 1", "Box 1"); empty where there is none. ``paragraph`` is its place in the paper,
    0-based; ``page`` the page it starts on, 1-based, or None where the source has no pages.
    """

    section: str
    paragraph: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What one file says of one paper; None, or empty, where it says nothing.

    ``source`` is one of `PRECEDENCE`; ``authors`` are "Surname AB". Of several entries of one kind the
    highest ``version`` counts, then the latest ``revised``, the ISO date of the last revision, or empty.
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
    passages: tuple[Passage, ...] = ()


def merged(papers: Sequence[Paper], allowed: frozenset[str]) -> dict[str, Any]:
    """Return the columns of ``schemas.PAPERS`` that papers of one PMID give, in whatever order they come.

    A field is that of the first source in `PRECEDENCE` that has it, newest version first. The licence
    is the most restrictive one known, so that a paper is open only if no source denies it; it is
    retracted if any source says so. ``source`` is the one that gave the abstract, else the first;
    ``version`` that of the entry that gave the passages, else the abstract. ``allowed``: the licences that
    count as open.
    """
    ranked = sorted(papers, key=lambda paper: repr(astuple(paper)))
    ranked.sort(key=lambda paper: (paper.version, paper.revised), reverse=True)
    ranked.sort(key=lambda paper: PRECEDENCE.index(paper.source))

    def first(field: str) -> Any:
        return next((value for paper in ranked if (value := getattr(paper, field))), None)

    fields = ("pmid", "pmcid", "doi", "title", "journal", "year", "abstract")
    row = {field: first(field) for field in fields}
    licence = strictest(paper.license for paper in ranked)
    abstracted = next((paper for paper in ranked if paper.abstract), ranked[0])
    full = next((paper for paper in ranked if paper.passages), abstracted)
    return row | {
        "license": licence,
        "open": is_open(licence, allowed),
        "attribution": attribution(first("authors") or (), row["journal"], row["year"], row["doi"]),
        "retracted": any(paper.retracted or retracted_title(paper.title) for paper in ranked),
        "source": abstracted.source,
        "version": full.version,
        "passages": [asdict(passage) for passage in full.passages],
    }


def attribution(authors: Sequence[str], journal: str | None, year: int | None, doi: str | None) -> str | None:
    """Return who is to be named for a paper, in one line: authors, journal, year, DOI; None for nothing.

    More than ten authors are the first ten "et al.".
    """
    names = ", ".join(authors[:_NAMED_AUTHORS]) + (" et al" if len(authors) > _NAMED_AUTHORS else "")
    parts = [names, journal or "", str(year or "")]
    line = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return " ".join(part for part in (line, f"https://doi.org/{doi}" if doi else "") if part) or None


def retracted_title(title: str | None) -> bool:
    """Tell whether a title says of itself that the paper is retracted ("RETRACTED: ...")."""
    return title is not None and _RETRACTED_TITLE.match(title) is not None


def abstract_of(text: str | None) -> str | None:
    """Return an abstract, or None for nothing and for a sentence that there is none."""
    return None if not text or _PLACEHOLDER.fullmatch(text) else text


def pmid_of(text: str | None) -> int | None:
    """Return a PubMed id, or None where the text is no positive number of at most nine digits."""
    digits = (text or "").strip()
    return int(digits) if re.fullmatch(r"[1-9]\d{0,8}", digits, re.ASCII) else None


def pmcid_of(text: str | None) -> str | None:
    """Return a PMC id as "PMC123", without a version, or None."""
    found = re.fullmatch(r"(?:PMC)?(\d+)(?:\.\d+)?", (text or "").strip(), re.IGNORECASE | re.ASCII)
    return f"PMC{found[1]}" if found else None


def pmcid_version(text: str | None) -> int:
    """Return the version of a PMC id, 2 of "PMC123.2"; 1 where none is stated."""
    found = re.fullmatch(r"PMC\d+\.([1-9]\d{0,3})", (text or "").strip(), re.IGNORECASE | re.ASCII)
    return int(found[1]) if found else 1


def doi_of(text: str | None) -> str | None:
    """Return the bare DOI of a DOI, "doi:" or doi.org address, or None."""
    found = _DOI.search((text or "").strip())
    return found[0] if found else None


def year_of(text: str | None) -> int | None:
    """Return the first year, 1600 to 2099, that a date in any form names ("1998 Dec-1999 Jan"), or None."""
    found = re.search(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)", text or "")
    return int(found[0]) if found else None


def initials(given: str | None) -> str:
    """Return the initials of given names: "Jean-Pierre A." gives "JPA"; initials stay as they are."""
    names: list[str] = re.findall(r"[^\W\d_]+", given or "")
    if len(names) == 1 and names[0].isupper() and len(names[0]) <= 3:
        return names[0]
    return "".join(name[0].upper() for name in names)


def author(surname: str | None, given_initials: str | None) -> str | None:
    """Return an author as "Surname AB", or None without a surname."""
    return " ".join(part for part in (surname, given_initials) if part) if surname else None


def named(authors: Iterable[str | None]) -> tuple[str, ...]:
    """Return the authors that have a name, each once, in order."""
    return tuple(dict.fromkeys(name for name in authors if name))
