"""What `dnacorpus find` prints: frames of features to the lines of a table, TSV, BED, JSON lines or FASTA.

table and TSV are for people: 1-based, closed, as GenBank. BED and JSON lines are 0-based and half-open. Where a
feature crosses the origin its end is beyond the length in all but BED, which has a line on each side.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

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
_FOUND = ("cluster", "distance")
_STRANDS = {1: "+", -1: "-", 0: "."}
_NUMBERS = {"bases", "aa", *_FOUND}
_ELASTIC = {"product or note": 16, "organism": 8, "gene": 8}
"""Columns that give way in a narrow window, and what they keep at least."""
_LONGEST = 60
"""Letters of a product or note where no window limits them: some notes are a page."""


def aligned(frame: pl.DataFrame, width: int | None = None) -> Iterator[str]:
    """Yield a table in aligned columns, its header first; the longest texts are cut where ``width`` is too small."""
    divisions = frame["division"].n_unique() > 1
    rows = [_cells(row, divisions) for row in frame.iter_rows(named=True)]
    if not rows:
        return
    names = list(rows[0])
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    widths["product or note"] = min(widths["product or note"], _LONGEST if width is None else width)
    if width is not None:
        _narrow(widths, width)
    for row in [{name: name for name in names}, *rows]:
        cells = [_cut(row[name], widths[name], right=name in _NUMBERS) for name in names]
        yield "  ".join(cells).rstrip()


def tsv(frame: pl.DataFrame) -> Iterator[str]:
    """Yield tab-separated lines, the header first; positions are 1-based and closed, what is unknown is empty."""
    names = [*_TSV, *(name for name in _FOUND if name in frame.columns)]
    yield "\t".join(names)
    rows = frame.select(names).with_columns(pl.col("start") + 1)
    for row in rows.iter_rows(named=True):
        row["strand"], row["pseudo"] = _STRANDS[row["strand"]], "yes" if row["pseudo"] else "no"
        yield "\t".join("" if value is None else " ".join(str(value).split()) for value in row.values())


def json_lines(frame: pl.DataFrame) -> Iterator[str]:
    """Yield one JSON object a feature: the row of the features table, and what was found about it."""
    names = [*_JSON, *(name for name in _FOUND if name in frame.columns)]
    for row in frame.select(names).iter_rows(named=True):
        yield json.dumps(row, ensure_ascii=False)


def bed(rows: Iterable[Row]) -> Iterator[str]:
    """Yield lines of BED with 12 columns, blocks for the parts; the thick part is that of a CDS.

    Parts that overlap, as at a ribosomal slippage, are one block: BED allows no overlap. A feature across the
    origin gives two lines of one name. Format: https://samtools.github.io/hts-specs/BEDv1.pdf
    """
    for row in rows:
        blocks = _joined(sorted((part["start"], part["end"]) for part in row["parts"]))
        if row["end"] > row["length"]:  # after the origin the blocks start below the span
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
            yield "\t".join(map(str, cells))


def fasta(rows: Iterable[tuple[Row, str]]) -> Iterator[str]:
    """Yield the lines of FASTA entries, 70 letters a line, of features and their letters.

    The identifier is accession, kind and place in the feature table, the rest [key=value] as in NCBI's
    cds_from_genomic.fna.
    """
    for row, letters in rows:
        keys = ("gene", "locus_tag", "product", "protein_id", "location", "organism")
        pairs = "".join(f" [{key}={' '.join(row[key].split())}]" for key in keys if row[key])
        yield f">{row['accession']}_{row['kind']}_{row['index']}{pairs}"
        yield from (letters[at : at + 70] for at in range(0, len(letters), 70))


def _cells(row: Row, divisions: bool) -> dict[str, str]:
    cells = {name: str(row[name]) for name in ("cluster",) if name in row}
    if divisions:
        cells["division"] = row["division"]
    return cells | {
        "record": row["accession"],
        "place": f"{row['start'] + 1}..{row['end']}",
        "": _STRANDS[row["strand"]],
        "kind": row["kind"],
        "gene": row["gene"] or row["locus_tag"] or "",
        "product or note": "(pseudo) " * row["pseudo"] + " ".join((row["product"] or row["note"] or "").split()),
        "bases": _number(row["bases"]),
        "aa": _number(row["protein"]),
        **({"distance": str(row["distance"])} if "distance" in row else {}),
        "organism": row["organism"] or "",
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _narrow(widths: dict[str, int], width: int) -> None:
    """Take from the elastic columns, letter by letter, until the line fits or none can give."""
    excess = sum(widths.values()) + 2 * (len(widths) - 1) - width
    while excess > 0:
        giving = [name for name, least in _ELASTIC.items() if widths[name] > least]
        if not giving:
            return
        widths[max(giving, key=lambda name: widths[name] / _ELASTIC[name])] -= 1
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
