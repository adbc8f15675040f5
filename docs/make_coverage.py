"""Write docs/coverage.md from a results folder: ``python docs/make_coverage.py results/NAME docs/coverage.md``."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dnacorpus.pairs.feature_kinds import KINDS, NOT_DESCRIBED
from dnacorpus.schemas.pairs import DECISIONS, PAIRS
from dnacorpus.schemas.parts import FEATURES
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

HEAD = """# Coverage of the text

Written by `docs/make_coverage.py` from a build of all divisions of a mirror of real records. The features are those
of the kept records; the kind `record` counts records. Columns:

- *with text*: the share of features with a row of their own, before copies are collapsed. For all others the ledger
  has the reason: a gene whose coding sequence or RNA has the row, a location without bases, a feature without a
  description, or more or fewer bases than a row may have.
- *informative*: the share of these rows whose text has information beyond the existence of the feature.
- *sentences*: mean number of sentences per text.
- *phrasings*: distinct sentences after names, numbers and other claims are removed.
- *top 5-gram*: share of the most frequent sequence of five words among all of them.
"""
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\0])")
Key = tuple[str, str]


@dataclass
class Tally:
    """The counts of one kind in one division."""

    features: int = 0
    rows: int = 0
    informative: int = 0
    sentences: int = 0
    phrasings: set[str] = field(default_factory=set)
    runs: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add the counts of another kind or division."""
        self.features += other.features
        self.rows += other.rows
        self.informative += other.informative
        self.sentences += other.sentences
        self.phrasings |= other.phrasings
        self.runs.update(other.runs)

    def count(self, row: dict[str, Any]) -> None:
        """Count a row of pairs."""
        found = sentences(row["text"], row["evidence"])
        words = row["text"].split()
        self.rows += 1
        self.informative += row["informative"]
        self.sentences += len(found)
        self.phrasings.update(found)
        self.runs.update(zip(*(words[start:] for start in range(5)), strict=False))

    def cells(self) -> str:
        """Return the columns that follow the names."""
        shown = [f"{self.features:,}", _percent(self.rows, self.features, 1)]
        if self.rows:
            top = max(self.runs.values(), default=0)
            shown += [_percent(self.informative, self.rows), f"{self.sentences / self.rows:.1f}"]
            shown += [f"{len(self.phrasings):,}", _percent(top, self.runs.total(), 2)]
        return " | ".join([*shown, *[""] * (6 - len(shown))])


def _percent(part: int, whole: int, digits: int = 0) -> str:
    return f"{100 * part / whole:.{digits}f} %" if whole else ""


def sentences(text: str, evidence: list[dict[str, Any]]) -> list[str]:
    """Return the sentences of a text, with each stretch covered by evidence replaced by one mark."""
    bare, end = "", 0
    for span in sorted(evidence, key=lambda span: (span["start"], -span["end"])):
        if span["start"] < end:
            continue  # lies within the one before
        bare += text[end : span["start"]] + "\0"
        end = span["end"]
        if text[end - 1 : end] == "." and not text[end : end + 1].strip():
            bare += "."  # an abbreviation that ends a sentence
    bare = re.sub(r"\0(?:(?:, | and )\0)+", "\0", bare + text[end:])
    return SENTENCE.split(bare.strip())


def tallies(results: Results, divisions: list[str]) -> dict[Key, Tally]:
    """Count features and texts by division and kind."""
    found: dict[Key, Tally] = {}
    for division in divisions:
        for part, ordinals in _kept(results, division).items():
            folder = results.tables(division, part)
            found.setdefault((division, "record"), Tally()).features += len(ordinals)
            table = tables.read(folder / "features.parquet", FEATURES, ["ordinal", "kind"])
            for ordinal, kind in zip(table["ordinal"].to_pylist(), table["kind"].to_pylist(), strict=True):
                if ordinal in ordinals:
                    found.setdefault((division, kind), Tally()).features += 1
            for row in _rows(results.pairs(division, part)):
                if row["kind"] in ("record", "gene"):
                    kind = row["feature_kind"] or "record"
                    found[division, kind].count(row)
    return found


def _kept(results: Results, division: str) -> dict[str, set[int]]:
    parts: dict[str, set[int]] = {}
    columns = ["part", "ordinal", "status"]
    for row in tables.read(results.decisions(division), DECISIONS, columns).to_pylist():
        if row["status"] == "kept":
            parts.setdefault(row["part"], set()).add(row["ordinal"])
    return dict(sorted(parts.items()))


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    columns = ["kind", "feature_kind", "text", "evidence", "informative"]
    for split in ("train", "validation", "test"):
        for batch in tables.batches(folder / f"{split}.parquet", PAIRS, columns, rows=1024):
            yield from batch.to_pylist()


def render(results: Results) -> str:
    """Return the whole page."""
    divisions = sorted(path.stem for path in results.decisions("x").parent.glob("*.parquet"))
    found = tallies(results, divisions)
    order = ["record", *KINDS, *NOT_DESCRIBED]
    rank = {kind: place for place, kind in enumerate(order)}
    places = sorted(found, key=lambda key: (rank.get(key[1], len(rank)), key[1], key[0]))
    by_kind, by_division = dict[str, Tally](), dict[str, Tally]()
    for division, kind in places:
        by_kind.setdefault(kind, Tally()).add(found[division, kind])
        if kind != "record":
            by_division.setdefault(division, Tally()).add(found[division, kind])
    columns = " | ".join(["features", "with text", "informative", "sentences", "phrasings", "top 5-gram"])
    rule = " | ".join(["---:"] * 6)
    lines = [HEAD, "## By kind\n", f"| kind | {columns} |", f"| --- | {rule} |"]
    lines += [f"| {kind} | {tally.cells()} |" for kind, tally in by_kind.items()]
    lines += ["\n## By division, without records\n", f"| division | {columns} |", f"| --- | {rule} |"]
    lines += [f"| {division} | {by_division[division].cells()} |" for division in sorted(by_division)]
    lines += ["\n## By division and kind\n", f"| division | kind | {columns} |", f"| --- | --- | {rule} |"]
    lines += [f"| {division} | {kind} | {found[division, kind].cells()} |" for division, kind in sorted(
        places, key=lambda key: (key[0], rank.get(key[1], len(rank)), key[1]))]  # fmt: skip
    lines += ["\n## Kinds that are not described\n", "| feature key | why |", "| --- | --- |"]
    lines += [f"| {kind} | {reason} |" for kind, reason in NOT_DESCRIBED.items()]
    unseen = [kind for kind in KINDS if kind not in by_kind]
    lines += ["\n## Described kinds that do not occur in this mirror\n", ", ".join(unseen) + ".\n"]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(render(Results(Path(sys.argv[1]))), encoding="utf-8")
