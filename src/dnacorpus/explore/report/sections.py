"""The sections of the report: what each table, picture and sample of the page shows, ready to be printed."""

from typing import Any

import polars as pl
from markupsafe import Markup

from dnacorpus.dataset import audit_summary
from dnacorpus.dataset import statistics as dataset_statistics
from dnacorpus.dataset.statistics import Dataset
from dnacorpus.divisions import DIVISIONS
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
"""Kinds of pairs in the order they are shown, with the name of many."""
MODELS = {"model": "the model", "markov": "Markov chain", "uniform": "all bases alike"}
SAMPLES = 1
"""Rows shown of each division and kind."""
TEXT_SHOWN = 1200
"""Code points of a sample's text that are shown."""


def kinds(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """Return the kinds of pairs that there are, in the order they are shown, each with the name of many."""
    present = set(rows["kind"])
    return [(kind, KINDS.get(kind, kind)) for kind in (*KINDS, *sorted(present - set(KINDS))) if kind in present]


def _title(division: str) -> str:
    return DIVISIONS[division].title if division in DIVISIONS else division


def _sum(frame: pl.DataFrame, column: str) -> int:
    return int((frame[column] * frame["count"]).sum())


def _of(frame: pl.DataFrame, **where: str) -> pl.DataFrame:
    return frame.filter(**where)


def divisions(
    dataset: Dataset, rows: pl.DataFrame, records: pl.DataFrame, species: pl.DataFrame
) -> list[dict[str, Any]]:
    """Return a line for each division and, named None, one for all: a species of two divisions is one species."""
    lines = []
    for division in [*dataset.divisions, None]:
        where = {"division": division} if division else {}
        mine, pairs = _of(records, **where), _of(rows, **where)
        shards = [shard for shard in dataset.shards if division in (None, shard["division"])]
        lines.append(
            {
                "name": division,
                "title": _title(division) if division else "All",
                "records": int(mine["count"].sum()),
                "bases": _sum(mine, "length"),
                "kinds": dict(pairs.group_by("kind").agg(pl.col("count").sum()).iter_rows()),
                "pairs": int(pairs["count"].sum()),
                "species": _of(species, **where)["species"].n_unique(),
                "bytes": sum(shard["bytes"] for shard in shards),
                "files": len(shards),
            }
        )
    return lines


def units(dataset: Dataset) -> list[dict[str, Any]]:
    """Return for each unit of the books what came in, what became of it, the reasons, and a bar."""
    totals = ledger.totals(dataset.books)
    units = []
    for unit in UNITS:
        mine = [row for row in totals if row["unit"] == unit]
        counts = {status: sum(row["count"] for row in mine if row["status"] == status) for status in ("in", *STATUSES)}
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


def splits(dataset: Dataset, rows: pl.DataFrame, records: pl.DataFrame, species: pl.DataFrame) -> dict[str, Any]:
    """Return for each split its records, rows, bases and species, and a bar of the rows of each division."""
    totals = []
    for split in SPLITS:
        pairs = _of(rows, split=split)
        totals.append(
            {
                "name": split,
                "records": int(_of(records, split=split)["count"].sum()),
                "rows": int(pairs["count"].sum()),
                "bases": _sum(pairs, "bases"),
                "species": _of(species, split=split)["species"].n_unique(),
            }
        )
    by_division = []
    for division in dataset.divisions:
        counts = {split: int(_of(rows, division=division, split=split)["count"].sum()) for split in SPLITS}
        shares = bar([Share(split, split, counts[split]) for split in SPLITS])
        by_division.append({"title": _title(division), "counts": counts, "bar": shares})
    return {"totals": totals, "divisions": by_division}


def audited(dataset: Dataset) -> dict[str, Any] | None:
    """Return what train holds of the held-out rows, by division and split; None where none is held out."""
    path = dataset.folder / "audit.parquet"
    audit = pl.DataFrame(tables.read(path, AUDIT)) if path.is_file() else pl.DataFrame()
    if audit.is_empty():
        return None
    lines = [{**row, "title": _title(row["division"])} for row in audit_summary.quantiles(audit).iter_rows(named=True)]
    bins = audit_summary.histogram(audit).group_by("split", "bin").agg(pl.col("rows").sum()).sort("bin")
    series = [(split, f"{split} rows", bins.filter(split=split)["rows"].to_list()) for split in SPLITS[1:]]
    picture = share_bins([line for line in series if line[2]], "Shares of held-out rows that train holds")
    return {"lines": lines, "picture": picture, "k": dataset.manifest["config"]["audit"]["k"]}


def duplicates(dataset: Dataset) -> list[dict[str, Any]]:
    """Return for each division the copies that were dropped, the leaks, and the rows that stand for several."""
    copies = {row["division"]: row for row in dataset_statistics.copies(dataset).to_dicts()}
    totals = ledger.totals(dataset.books, "division")

    def count(division: str, unit: str, status: str, reason: str | None = None) -> int:
        key = (division, unit, status)
        found = [row for row in totals if (row["division"], row["unit"], row["status"]) == key]
        return sum(row["count"] for row in found if reason in (None, row["reason"]))

    return [
        {
            "title": _title(division),
            "records": count(division, "record", "duplicate"),
            "rows": count(division, "row", "duplicate"),
            "leaks": count(division, "record", "excluded", "leak") + count(division, "row", "excluded", "leak"),
            "shared": copies.get(division, {"shared": 0})["shared"],
            "most": copies.get(division, {"most": 0})["most"],
        }
        for division in dataset.divisions
    ]


def lengths(records: pl.DataFrame, rows: pl.DataFrame, shown_kinds: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return for records and for rows of pairs the figure, its legend, and the least, median and greatest length."""
    series = [("record", "records", _counts(records, "length"))]
    by_kind = [(_style(kind), name, _counts(_of(rows, kind=kind), "bases")) for kind, name in shown_kinds]
    return [
        {
            "title": title,
            "figure": histogram(shown, f"{title} by length"),
            "legend": [(style, name) for style, name, _ in shown] if len(shown) > 1 else [],
            "least": frame[column].min(),
            "middle": dataset_statistics.median(frame, column),
            "most": frame[column].max(),
        }
        for title, shown, frame, column in (
            ("Records", series, records, "length"),
            ("Rows of pairs", by_kind, rows, "bases"),
        )
    ]


def _counts(frame: pl.DataFrame, column: str) -> dict[int, int]:
    return dict(frame.group_by(column).agg(pl.col("count").sum()).sort(column).iter_rows())


def _style(kind: str) -> str:
    return kind if kind in KINDS else "other"


def gc(dataset: Dataset) -> Markup:
    """Return the figure of the GC content of records, a line a division with its median."""
    shares = dataset_statistics.gc(dataset)
    lines = []
    for division in dataset.divisions:
        mine = _of(shares, division=division)
        if (middle := dataset_statistics.median(mine, "permille")) is not None:
            lines.append((_title(division), _counts(mine, "permille"), f"{middle / 10:.1f}"))
    return ridges(lines, "GC content of the records by division")


def samples(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the divisions that have rows, each with its samples in the order of KINDS."""
    rows = dataset_statistics.sample_rows(dataset, SAMPLES)
    order = {kind: place for place, kind in enumerate(KINDS)}
    groups = []
    for division in dataset.divisions:
        mine = [row for row in rows if row["division"] == division]
        mine.sort(key=lambda row: (order.get(row["kind"], len(order)), row["kind"], row["pair_id"]))
        samples = [row | _marked(row["text"], row["evidence"]) for row in mine]
        if samples:
            groups.append({"title": _title(division), "samples": samples})
    return groups


def _marked(text: str, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what of a text is shown in pieces, how many code points are not, and its evidence in words."""
    shown = shortened(text, TEXT_SHOWN)
    inside = [span for span in evidence if span["end"] <= len(shown)]
    return {
        "pieces": [
            {
                "text": piece.text,
                "how": piece.evidence[0]["how"] if piece.evidence and piece.evidence[0]["how"] in HOW else "other",
                "told": "\n".join(
                    f"{span['how']} · {span['source']} · {span['field']} · {span['license']}" for span in piece.evidence
                ),
            }
            for piece in pieces(shown, inside)
        ],
        "hidden": len(text) - len(shown),
        "evidence": [span | {"piece": shown[span["start"] : span["end"]]} for span in inside],
    }


def validation(results: Validation) -> dict[str, Any]:
    """Return the metrics, their figures, and the gains that could be measured."""
    metrics = results.metrics
    bits = {name: values for name, values in (metrics["bits_per_base"] or {}).items() if values}
    lines = [{"title": "Overall" if name == "overall" else _title(name), **values} for name, values in bits.items()]
    dots = [
        (line["title"], [Dot(key, name, line[key]) for key, name in MODELS.items() if line.get(key) is not None])
        for line in lines
    ]
    gains = {"its own text": metrics["text_gain"], "another row's": metrics["text_gain_shuffled"]}
    known = {name: gain for name, gain in gains.items() if gain and gain["value"] is not None}
    marks = [
        (
            name,
            [
                Dot(
                    "gain" if name == "its own text" else "shuffled",
                    "bits per base gained",
                    gain["value"],
                    gain["low"],
                    gain["high"],
                )
            ],
        )
        for name, gain in known.items()
    ]
    return {
        "metrics": metrics,
        "lines": lines,
        "models": MODELS,
        "bits_figure": dot_plot(dots, "bits per base, less is better", "Bits per base by division"),
        "gain": known.get("its own text"),
        "shuffled": known.get("another row's"),
        "gain_figure": dot_plot(marks, "gain in bits per base", "Gain from text", zero=True),
        "curve": results.curve,
    }
