"""Output of `dnacorpus find`: frames of features as lines of a table, TSV, BED, JSON lines or FASTA.

Positions are 1-based and closed in tables and TSV, as in GenBank, and 0-based and half-open in BED and JSON lines. The
end of a feature that crosses the origin is beyond the length, except in BED, which has a line for each side.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from dnacorpus.printable import escaped, json_text

Row = dict[str, Any]

_TSV = (
    *("division", "accession", "index", "kind", "start", "end", "strand", "location", "gene", "locus_tag", "product"),
    *("protein_id", "note", "pseudo", "bases", "protein", "organism", "species"),
)
_JSON = (
    *("division", "accession", "index", "kind", "start", "end", "strand", "operator", "parts", "partial_start"),
    *("partial_end", "location", "gene", "locus_tag", "product", "protein_id", "pseudo", "transl_table", "codon_start"),
    *("qualifiers", "bases", "protein", "organism", "species", "topology", "length"),
)
_SEARCH_COLUMNS = ("cluster", "distance")
_STRANDS = {1: "+", -1: "-", 0: "."}
_NUMBERS = {"bases", "aa", *_SEARCH_COLUMNS}
_ELASTIC = {"product or note": 16, "organism": 8, "gene": 8}
"""Columns that are narrowed in a narrow window, and their minimum width."""
_FORMULA = re.compile(r"[=@]|[+-](?![\w .,-]*\Z)")
"""The start of a formula; a sign before plain words is none: the strand, ``-10_signal``, ``-35 region``."""
_MAX_NOTE = 60
"""Characters of a product or note if the width is not limited: some notes are a page long."""


def aligned(frame: pl.DataFrame, width: int | None = None) -> Iterator[str]:
    """Yield a table in aligned columns, its header first; the longest texts are cut to fit ``width``."""
    divisions = frame["division"].n_unique() > 1
    cells = (_cells(row, divisions) for row in frame.iter_rows(named=True))
    rows = [{name: escaped(text) for name, text in row.items()} for row in cells]
    if not rows:
        return
    names = list(rows[0])
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    widths["product or note"] = min(widths["product or note"], _MAX_NOTE if width is None else width)
    if width is not None:
        _narrow(widths, width)
    for row in [{name: name for name in names}, *rows]:
        yield "  ".join(_cut(row[name], widths[name], right=name in _NUMBERS) for name in names).rstrip()


def tsv(frame: pl.DataFrame) -> Iterator[str]:
    """Yield tab-separated lines, the header first; positions are 1-based and closed, unknown values are empty.

    A text that a spreadsheet would take for a formula has an apostrophe before it; JSON lines have it unchanged.
    """
    names = [*_TSV, *(name for name in _SEARCH_COLUMNS if name in frame.columns)]
    yield "\t".join(names)
    rows = frame.select(names).with_columns(pl.col("start") + 1)
    for row in rows.iter_rows(named=True):
        row["strand"], row["pseudo"] = _STRANDS[row["strand"]], "yes" if row["pseudo"] else "no"
        yield "\t".join(_cell(value) for value in row.values())


def json_lines(frame: pl.DataFrame) -> Iterator[str]:
    """Yield one JSON object per feature: its row of the features table, and the columns that the search adds."""
    names = [*_JSON, *(name for name in _SEARCH_COLUMNS if name in frame.columns)]
    for row in frame.select(names).iter_rows(named=True):
        yield json_text(row)


def bed(rows: Iterable[Row]) -> Iterator[str]:
    """Yield lines of BED with 12 columns, blocks for the parts; thickStart and thickEnd mark a CDS.

    Parts that overlap, as at a ribosomal slippage, are one block, because BED allows no overlap. A feature across the
    origin gives two lines with the same name. Format: https://samtools.github.io/hts-specs/BEDv1.pdf
    """
    for row in rows:
        blocks = _joined(sorted((part["start"], part["end"]) for part in row["parts"]))
        if row["end"] > row["length"]:  # blocks after the origin start before the span
            sides = [[b for b in blocks if b[0] >= row["start"]], [b for b in blocks if b[0] < row["start"]]]
        else:
            sides = [blocks]
        for side in filter(None, sides):
            start, end = side[0][0], side[-1][1]
            thick = (start, end) if row["kind"] == "CDS" else (start, start)
            sizes = ",".join(str(stop - begin) for begin, stop in side)
            starts = ",".join(str(begin - start) for begin, _ in side)
            cells = (
                *(row["accession"], start, end, _name(row), 0, _STRANDS[row["strand"]], *thick, 0),
                *(len(side), sizes, starts),
            )
            yield "\t".join(escaped(str(cell)) for cell in cells)


def fasta(rows: Iterable[tuple[Row, str]]) -> Iterator[str]:
    """Yield FASTA entries of features and their sequences, 70 letters per line.

    The identifier is accession, kind and index in the feature table; the rest is [key=value] as in NCBI's
    cds_from_genomic.fna.
    """
    for row, letters in rows:
        keys = ("gene", "locus_tag", "product", "protein_id", "location", "organism")
        pairs = "".join(f" [{key}={' '.join(row[key].split())}]" for key in keys if row[key])
        yield escaped(f">{row['accession']}_{row['kind']}_{row['index']}{pairs}")
        yield from (letters[at : at + 70] for at in range(0, len(letters), 70))


def _cell(value: object) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = escaped(" ".join(value.split()))
    return f"'{text}" if _FORMULA.match(text) else text


def _cells(row: Row, divisions: bool) -> dict[str, str]:
    cells = {name: str(row[name]) for name in ("cluster",) if name in row}
    if divisions:
        cells["division"] = row["division"]
    return cells | {
        "record": row["accession"],
        "position": f"{row['start'] + 1}..{row['end']}",
        "": _STRANDS[row["strand"]],
        "kind": row["kind"],
        "gene": row["gene"] or row["locus_tag"] or "",
        "product or note": ("(pseudo) " if row["pseudo"] else "")
        + " ".join((row["product"] or row["note"] or "").split()),
        "bases": _number(row["bases"]),
        "aa": _number(row["protein"]),
        **({"distance": str(row["distance"])} if "distance" in row else {}),
        "organism": row["organism"] or "",
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _narrow(widths: dict[str, int], width: int) -> None:
    """Narrow the elastic columns, character by character, until the line fits or all have their minimum."""
    excess = sum(widths.values()) + 2 * (len(widths) - 1) - width
    while excess > 0:
        shrinkable = [name for name, least in _ELASTIC.items() if widths[name] > least]
        if not shrinkable:
            return
        widths[max(shrinkable, key=lambda name: widths[name] / _ELASTIC[name])] -= 1
        excess -= 1


def _cut(text: str, width: int, right: bool) -> str:
    if len(text) > width:
        text = text[: width - 1] + "…"
    return text.rjust(width) if right else text.ljust(width)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    last = -math.inf
    for start, end in spans:
        if start < last:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
        last = joined[-1][1]
    return joined


def _name(row: Row) -> str:
    name = row["gene"] or row["locus_tag"] or row["product"] or row["kind"]
    return "_".join(name.split())[:255]
