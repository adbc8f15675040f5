"""Which passages of a paper's full text get a row with a record: those that name the record, or what it holds."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dnacorpus.pairs.paper.names import KINDS_OF_NAMES, Name
from dnacorpus.settings.pairs import PassageSettings

PaperRow = Mapping[str, Any]
"""A row of `schemas.pairs.PAPERS`."""

_NEVER = re.compile(
    r"""references?$ | bibliography | literature\ cited | acknowledg | funding | financial\ (?:support|disclosure)
      | grant\ (?:support|information) | authors?['’]?s?['’]?\ (?:contribution|information|detail) | contributor
      | (?:declarations?\ of\ )?(?:competing|conflicts?\ of|conflicting)\ (?:financial\ )?interest | disclosure | ethic
      | (?:informed\ )?consent | institutional\ review | declarations?$ | publisher | abbreviations?$
      | (?:supplementa\w+|supporting)\ (?:information|material|data|file)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OF_DATA = re.compile(
    r"\b(?:data|code|material|sequence)s?\b.*\b(?:availab|access|deposit)|availability", re.IGNORECASE
)
_OF_GENES = ("gene", "product", "locus_tag")
"""Kinds of names that mean a gene."""
_NUMBER = re.compile(r"(?<![\dIVX])(?:(?<![\dIVX]\.)|(?!\d))[\dIVX]++(?:\.\d++)*+[.):]?\s++(?=\S)")
_SAME = str.maketrans("‐‑‒–−\u00a0\u2009\u202f’", "-----   '")
_SENTENCE_END = re.compile(r"[.!?][)\]\"”']*(?=\s+[\"“(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"(?:\b[A-Z]|\b(?:Figs?|Refs?|Eqs?|Nos?|Dr|vs|cf|al|sp|spp|ssp|subsp|var|cv|ca|approx))\.$")
_BEFORE, _AFTER = re.compile(r"\w-$"), re.compile(r"\w|[-.]\d")
"""What makes a name part of a longer one: rpo-B, rpoB1, BRCA-1."""
_NEXT_WORD = re.compile(r"\s++([\w-]++)(\.(?![\w-]))?")
_LAST_WORD = re.compile(r"(?<![\w-])([\w-]++\.?)\s++$")
_ENDS_IN_THE = re.compile(r"\b[Tt]he\s+$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ChosenPassage:
    """A passage, its ``index`` in the paper's list, and where in ``text`` its ``name`` occurs, half-open.

    ``section`` is the last of the titles above it without its number; empty if there is none.
    """

    pmid: int
    index: int
    section: str
    text: str
    name: Name
    start: int
    end: int


Hit = tuple[Name, int, int]


class Search:
    """Looks for many names in a text in one pass."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._first: dict[str, list[tuple[str, Name]]] = {}
        for name in names:
            sought = (_folded(name.sought) if name.any_case else name.sought).translate(_SAME)
            if word := _WORD.match(sought):
                self._first.setdefault(word[0], []).append((sought, name))

    def hits(self, text: str) -> list[Hit]:
        """Return the names that occur in a text as whole words, each with its first occurrence, half-open, in order."""
        found: dict[str, Hit] = {}
        plain = text.translate(_SAME)
        folded = _folded(plain)
        for word in _WORD.finditer(plain):
            start = word.start()
            for key in dict.fromkeys((word[0], folded[start : word.end()])):
                for sought, name in self._first.get(key, ()):
                    if name.sought not in found and _occurs(name, sought, folded if name.any_case else plain, start):
                        found[name.sought] = (name, start, start + len(sought))
        return sorted(found.values(), key=lambda hit: (hit[1], -hit[2], KINDS_OF_NAMES.index(hit[0].kind)))


def _occurs(name: Name, sought: str, text: str, start: int) -> bool:
    end = start + len(sought)
    if not text.startswith(sought, start) or _AFTER.match(text, end):
        return False
    # A range of accessions or loci names its last as well.
    if name.kind not in ("accession", "locus_tag") and _BEFORE.search(text[max(start - 2, 0) : start]):
        return False
    if not name.beside:
        return True
    if text.startswith("-", end):  # protein N-termini
        return False
    after = _NEXT_WORD.match(text, end)
    if after and (after[1] in name.beside or after[0].lstrip() in name.beside):
        # "cluster I genes" and "actin I locus" are not about a gene I, "the I gene" is.
        return len(sought) > 1 or _ENDS_IN_THE.search(text[max(start - 6, 0) : start]) is not None
    before = _LAST_WORD.search(text[max(start - 20, 0) : start])
    return name.before and before is not None and before[1] in name.beside


def _folded(text: str) -> str:
    """Return a text in lower case and of the same length."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one := character.lower()) == 1 else character for character in text)


def choose(names: Sequence[Name], papers: Sequence[PaperRow], settings: PassageSettings) -> list[ChosenPassage]:
    """Return the passages of papers that name a record, at most ``settings.max_per_record``, the best names first.

    In a paper that more records cite than describe it only accessions and locus tags link a passage; in a passage
    that names more than ``settings.max_genes`` genes, neither symbols, products nor locus tags do. Among
    passages linked by one kind of name, those with a name that none before has come first, then
    those of the lower PMID.
    """
    search, candidates = Search(names), []
    for paper in sorted(papers, key=lambda paper: int(paper["pmid"])):
        passages = paper["passages"] or ()
        whole = " ".join([paper["title"] or "", paper["abstract"] or "", *(passage["text"] for passage in passages)])
        for index, passage in enumerate(passages):
            hits = [hit for hit in search.hits(passage["text"]) if hit[0].after in whole]
            hits = _linking(hits, paper, passage, settings.max_genes)
            if hits and (candidate := _cut(paper, index, passage, hits, settings)):
                candidates.append(candidate)
    times: Counter[str] = Counter()
    ranked = []
    for order, candidate in enumerate(candidates):
        ranked.append((KINDS_OF_NAMES.index(candidate.name.kind), times[candidate.name.about], order))
        times[candidate.name.about] += 1
    return [candidates[order] for *_, order in sorted(ranked)[: settings.max_per_record]]


def _linking(hits: list[Hit], paper: PaperRow, passage: Mapping[str, Any], most_genes: int) -> list[Hit]:
    """Return the names that may link a passage, best kind first."""
    titles = [_NUMBER.sub("", title, count=1) for title in (passage["section"] or "").split(" > ")]
    if any(_NEVER.match(title) for title in titles) or passage["text"] in (paper["abstract"] or ""):
        return []
    if any(_OF_DATA.match(title) for title in titles):
        hits = [hit for hit in hits if hit[0].kind == "accession"]
    genes = {name.about for name, *_ in hits if name.kind in _OF_GENES}
    if paper["records"] > len(paper["records_with_rows"]):
        hits = [hit for hit in hits if hit[0].kind in ("accession", "locus_tag")]
    if len(genes) > most_genes:
        hits = [hit for hit in hits if hit[0].kind not in _OF_GENES]
    return sorted(hits, key=lambda hit: KINDS_OF_NAMES.index(hit[0].kind))


def _cut(
    paper: PaperRow, index: int, passage: Mapping[str, Any], hits: Sequence[Hit], settings: PassageSettings
) -> ChosenPassage | None:
    """Return the passage, cut to whole sentences if it is too long; None if what is left is too short."""
    text, (name, start, end) = passage["text"], hits[0]
    low, high = _sentences_around(text, start, end, settings.max_length)
    shown = text[low:high].strip()
    if len(shown) < settings.min_length:
        return None
    low = text.index(shown, low)
    section = _NUMBER.sub("", (passage["section"] or "").split(" > ")[-1], count=1).strip(" .:")
    return ChosenPassage(int(paper["pmid"]), index, section, shown, name, start - low, end - low)


def _sentences_around(text: str, start: int, end: int, longest: int) -> tuple[int, int]:
    """Return the interval of the whole sentences around ``start`` to ``end``, in at most ``longest`` code points.

    It begins with the text if the sentences up to ``end`` fit, else with the sentence at ``start``. It is empty if
    one sentence is too long.
    """
    if len(text) <= longest:
        return 0, len(text)
    ends = [*_sentence_ends(text), len(text)]
    own = max((edge for edge in ends if edge <= start), default=0)
    for low in (0, own + len(text[own:]) - len(text[own:].lstrip())):
        high = max((edge for edge in ends if edge - low <= longest), default=low)
        if high >= end:
            return low, high
    return 0, 0


def _sentence_ends(text: str) -> Iterator[int]:
    for mark in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[max(mark.start() - 8, 0) : mark.start() + 1]):
            yield mark.end()


def describing_records(paper: PaperRow, accessions: Sequence[str], most: int | None) -> list[str]:
    """Return the accessions, sorted, of the records whose rows describe a paper: at most ``most``, None: all.

    ``accessions`` are those of the records that cite it, with version. If there are more, those that the paper names
    come first, in the order of first mention, then the others by accession.
    """
    if most is None or len(accessions) <= most:
        return sorted(accessions)
    texts = [paper["title"] or "", paper["abstract"] or "", *(passage["text"] for passage in paper["passages"] or ())]
    first: dict[str, int] = {}
    for word in _WORD.finditer(" ".join(texts)):
        first.setdefault(word[0], word.start())
    nowhere = sum(map(len, texts)) + len(texts)
    ranked = sorted(accessions, key=lambda accession: (first.get(accession.rpartition(".")[0], nowhere), accession))
    return sorted(ranked[:most])
