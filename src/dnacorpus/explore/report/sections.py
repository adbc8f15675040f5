"""The contents of the report's sections: the values of its tables, figures and samples."""

from typing import Any

import polars as pl
from markupsafe import Markup

from dnacorpus.dataset import audit_summary
from dnacorpus.dataset import statistics as dataset_statistics
from dnacorpus.dataset.statistics import Counts, Dataset
from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import CorpusError
from dnacorpus.explore.report.figures import Dot, Share, bar, dot_plot, histogram, ridges, share_bins
from dnacorpus.explore.report.highlight import pieces, shortened
from dnacorpus.explore.report.validation import Validation
from dnacorpus.schemas.curation import AUDIT
from dnacorpus.schemas.reasons import in_words
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.schemas.values import HOW, STATUSES, UNITS
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

KINDS = {"record": "whole records", "gene": "genes", "window": "windows", "paper": "papers", "qa": "questions"}
"""Kinds of pairs in display order, with their plural names."""
MODELS = {"model": "model", "markov": "Markov model", "uniform": "uniform"}
SAMPLES = 1
"""Rows shown of each division and kind."""
SHOWN_TEXT = 1200
"""Code points of a sample's text that are shown."""


def kinds(counts: Counts) -> list[tuple[str, str]]:
    """Return the kinds of pairs that are present, in display order, each with its plural name."""
    present = set(counts.pairs["kind"])
    return [(kind, KINDS.get(kind, kind)) for kind in (*KINDS, *sorted(present - set(KINDS))) if kind in present]


def _title(division: str) -> str:
    return DIVISIONS[division].title if division in DIVISIONS else division


def divisions(dataset: Dataset, counts: Counts) -> list[dict[str, Any]]:
    """Return the totals of each division and, with the name None, of all; a species of two divisions counts once."""
    lines = []
    for division in [*dataset.divisions, None]:
        shards = [shard for shard in dataset.shards if division in (None, shard.division)]
        lines.append(
            {
                "name": division,
                "title": _title(division) if division else "All",
                "totals": counts.totals(division=division) if division else counts.totals(),
                "bytes": sum(shard.bytes for shard in shards),
                "files": len(shards),
            }
        )
    return lines


def units(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the counts by status, the reasons and a bar for each unit of the ledger."""
    totals = ledger.totals(dataset.ledger)
    units = []
    for unit in UNITS:
        mine = [row for row in totals if row["unit"] == unit]
        statuses = ("in", *STATUSES)
        counts = {status: sum(row["count"] for row in mine if row["status"] == status) for status in statuses}
        if mine:
            units.append(
                {
                    "name": unit,
                    "many": ledger.counted(unit),
                    "counts": counts,
                    "bases": sum(row["bases"] for row in mine if row["status"] == "in"),
                    "reasons": [row | {"words": in_words(row["reason"])} for row in mine if row["reason"]],
                    "bar": bar([Share(status, status, counts[status]) for status in STATUSES], counts["in"]),
                }
            )
    return units


def splits(dataset: Dataset, counts: Counts) -> dict[str, Any]:
    """Return the totals of each split, and for each division the rows of each split with a bar."""
    by_division = []
    for division in dataset.divisions:
        rows = {split: counts.totals(division=division, split=split).pairs for split in SPLITS}
        shares = bar([Share(split, split, rows[split]) for split in SPLITS])
        by_division.append({"title": _title(division), "counts": rows, "bar": shares})
    return {
        "totals": [{"name": split, "totals": counts.totals(split=split)} for split in SPLITS],
        "divisions": by_division,
    }


def audited(dataset: Dataset) -> dict[str, Any] | None:
    """Return the overlap of the held-out rows with train, by division and split, or None if no row is held out."""
    path = dataset.folder / "audit.parquet"
    audit = pl.DataFrame(tables.read(path, AUDIT)) if path.is_file() else pl.DataFrame()
    if audit.is_empty():
        return None
    if not audit.select(
        (pl.col("split").is_in(SPLITS) & pl.col("share").is_between(0, 1).fill_null(True)).all()
    ).item():
        raise CorpusError(
            f"{path}: expected splits and shares from 0 to 1, found others; build or pull the dataset again"
        )
    lines = [{**row, "title": _title(row["division"])} for row in audit_summary.quantiles(audit).iter_rows(named=True)]
    bins = audit_summary.histogram(audit).group_by("split", "bin").agg(pl.col("rows").sum()).sort("bin")
    series = [(split, f"{split} rows", bins.filter(split=split)["rows"].to_list()) for split in SPLITS[1:]]
    figure = share_bins(
        [line for line in series if line[2]], "Share of the k-mers of held-out rows that occur in train"
    )
    return {"lines": lines, "figure": figure, "k": dataset.option("audit", "k")}


def duplicates(dataset: Dataset) -> list[dict[str, Any]]:
    """Return for each division the copies and leaks that were dropped, and the rows of pairs that have copies."""
    copies = {row["division"]: row for row in dataset_statistics.copies(dataset).to_dicts()}
    totals = ledger.totals(dataset.ledger, "division")

    def count(division: str, unit: str, status: str, reason: str | None = None) -> int:
        key = (division, unit, status)
        rows = [row for row in totals if (row["division"], row["unit"], row["status"]) == key]
        return sum(row["count"] for row in rows if reason in (None, row["reason"]))

    return [
        {
            "title": _title(division),
            "records": count(division, "record", "duplicate"),
            "rows": count(division, "row", "duplicate"),
            "leaks": count(division, "row", "excluded", "leak"),
            "shared": copies.get(division, {"shared": 0})["shared"],
            "largest": copies.get(division, {"largest": 0})["largest"],
        }
        for division in dataset.divisions
    ]


def lengths(counts: Counts, shown_kinds: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the length histograms of records and of rows of pairs, each with its legend and summary."""
    series = [("record", "records", _counts(counts.records, "length"))]
    by_kind = [(_style(kind), name, _counts(counts.pairs.filter(kind=kind), "bases")) for kind, name in shown_kinds]
    return [
        {
            "title": title,
            "figure": histogram(shown, f"{title} by length"),
            "legend": [(style, name) for style, name, _ in shown] if len(shown) > 1 else [],
            "shortest": frame[column].min(),
            "median": dataset_statistics.median(frame, column),
            "longest": frame[column].max(),
        }
        for title, shown, frame, column in (
            ("Records", series, counts.records, "length"),
            ("Rows of pairs", by_kind, counts.pairs, "bases"),
        )
    ]


def _counts(frame: pl.DataFrame, column: str) -> dict[int, int]:
    return dict(frame.group_by(column).agg(pl.col("count").sum()).sort(column).iter_rows())


def _style(kind: str) -> str:
    return kind if kind in KINDS else "other"


def gc(dataset: Dataset) -> Markup:
    """Return the figure of the GC content of records: one ridge per division, with its median."""
    shares = dataset_statistics.gc(dataset)
    lines = []
    for division in dataset.divisions:
        mine = shares.filter(division=division)
        if (median := dataset_statistics.median(mine, "permille")) is not None:
            lines.append((_title(division), _counts(mine, "permille"), f"{median / 10:.1f}"))
    return ridges(lines, "GC content of the records by division")


def samples(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the divisions that have rows, each with its samples in the order of `KINDS`."""
    rows = dataset_statistics.sample_rows(dataset, SAMPLES)
    order = {kind: number for number, kind in enumerate(KINDS)}
    groups = []
    for division in dataset.divisions:
        mine = [row for row in rows if row["division"] == division]
        mine.sort(key=lambda row: (order.get(row["kind"], len(order)), row["kind"], row["pair_id"]))
        samples = [row | _marked(row["text"], row["evidence"]) for row in mine]
        if samples:
            groups.append({"title": _title(division), "samples": samples})
    return groups


def _marked(text: str, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the shown part of a text in pieces, the number of hidden code points, and the evidence shown."""
    shown = shortened(text, SHOWN_TEXT)
    inside = [span for span in evidence if span["end"] <= len(shown)]
    return {
        "pieces": [
            {
                "text": piece.text,
                "how": piece.evidence[0]["how"] if piece.evidence and piece.evidence[0]["how"] in HOW else "other",
                "evidence": "\n".join(
                    f"{span['how']} · {span['source']} · {span['field']} · {span['license']}" for span in piece.evidence
                ),
            }
            for piece in pieces(shown, inside)
        ],
        "hidden": len(text) - len(shown),
        "evidence": [span | {"piece": shown[span["start"] : span["end"]]} for span in inside],
    }


def validation(results: Validation) -> dict[str, Any]:
    """Return the metrics of a validation, their figures, and the gains that were measured."""
    metrics = results.metrics
    bits = {name: values for name, values in (metrics["bits_per_base"] or {}).items() if values}
    lines = [{"title": "Overall" if name == "overall" else _title(name), **values} for name, values in bits.items()]
    dots = [
        (line["title"], [Dot(key, name, line[key]) for key, name in MODELS.items() if line.get(key) is not None])
        for line in lines
    ]
    gain, shuffled = (_measured(metrics[key]) for key in ("text_gain", "text_gain_shuffled"))
    gains = [("own text", "gain", gain), ("another row's text", "shuffled", shuffled)]
    marks = [
        (label, [Dot(style, "gain in bits per base", value["value"], value["low"], value["high"])])
        for label, style, value in gains
        if value
    ]
    return {
        "metrics": metrics,
        "off": metrics["preset"] == "off",
        "lines": lines,
        "models": MODELS,
        "bits_figure": dot_plot(dots, "bits per base (lower is better)", "Bits per base by division"),
        "gain": gain,
        "shuffled": shuffled,
        "gain_figure": dot_plot(marks, "gain in bits per base", "Gain from text", zero=True),
        "curve": results.curve,
    }


def _measured(gain: dict[str, Any] | None) -> dict[str, Any] | None:
    return gain if gain and gain["value"] is not None else None
