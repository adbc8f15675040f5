"""The explain verb: one row of pairs, and for each stretch of its text the field that says so, side by side."""

import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dnacorpus.dataset.verify import read_manifest
from dnacorpus.errors import UsageError
from dnacorpus.schemas.values import QUALIFIER_COLUMNS, STRANDS_IN_WORDS

Value = str | list[str] | None
"""What a field holds; None where the dataset, or what is here of it, does not hold the field."""

LEAST_DIGITS = 6
"""Fewest digits of a pair_id that are looked for."""
_WIDTH = 100
_SHOWN = 400
_LINKS = {"dblink/Assembly": "assembly", "dblink/BioProject": "bioproject", "dblink/BioSample": "biosample"}


def explain(dataset: Path, pair_id: str) -> dict[str, Any]:
    """Return a row of a dataset folder with its evidence explained: plain values, ready for JSON.

    ``pair_id`` may be shortened to the first six digits or more, if one row alone begins so. The keys are
    those of the row that say what it is, and ``file``, ``row`` (0-based there), ``split``, ``text`` and
    ``evidence``, in the order of the text; each span has its ``words`` and the ``value`` of its field, None
    where that is not held here. Raises UsageError when there is no such row, or several.
    """
    read_manifest(dataset)
    wanted = pair_id.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_DIGITS},32}}", wanted):
        raise UsageError(
            f"pair {pair_id!r}: expected 32 hexadecimal digits, or at least the first {LEAST_DIGITS};"
            " copy one from the column pair_id of pairs"
        )
    name, row = _place(dataset, wanted)
    if not (dataset / name).is_file():
        raise UsageError(f"pair {pair_id}: it is row {row} of {name}, which is not in {dataset}; pull that file too")
    values = pl.scan_parquet(dataset / name, hive_partitioning=False).slice(row, 1).collect().row(0, named=True)
    fields = _Fields(dataset, name)
    told = ("pair_id", "kind", "division", "accession", "organism", "feature_kind", "feature_index", "level")
    spans = sorted(values["evidence"], key=lambda span: (span["start"], -span["end"]))
    return {
        **{key: values[key] for key in (*told, "start", "end", "strand", "parts", "topology")},
        **{"bases": len(values["sequence"]), "split": Path(name).name.split("-")[0], "file": name, "row": row},
        "text": values["text"],
        "evidence": [
            {**span, "words": values["text"][span["start"] : span["end"]], "value": fields.value(span, values)}
            for span in spans
        ],
    }


def _place(dataset: Path, wanted: str) -> tuple[str, int]:
    """Return the shard and the row of the one pair that begins so: from the index, or else from the shards."""
    index = dataset / "index" / "digests.parquet"
    if index.is_file():
        rows = pl.scan_parquet(index).select("pair_id", "file", pl.col("row").cast(pl.Int64))
        found = rows.filter(pl.col("pair_id").str.starts_with(wanted)).unique().collect()
    else:
        found = pl.DataFrame(schema={"pair_id": pl.String, "file": pl.String, "row": pl.Int64})
        for path in sorted((dataset / "data" / "pairs").rglob("*.parquet")):
            rows = pl.scan_parquet(path, hive_partitioning=False).select("pair_id").with_row_index("row")
            here = rows.filter(pl.col("pair_id").str.starts_with(wanted)).collect()
            name = pl.lit(path.relative_to(dataset).as_posix()).alias("file")
            found = found.vstack(here.select("pair_id", name, pl.col("row").cast(pl.Int64)))
    if found.is_empty():
        raise UsageError(
            f"pair {wanted}: {dataset} has no row with this pair_id; look in the column pair_id of pairs, or in the"
            " dataset of the build that it is from"
        )
    if len(found) > 1:
        names = found["pair_id"].sort().to_list()
        shown = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        raise UsageError(f"pair {wanted}: {len(names):,} rows begin so: {shown}; give more digits")
    _, name, row = found.row(0)
    return str(name), int(row)


class _Fields:
    """Looks up fields of records, features and papers in the shards of one dataset."""

    def __init__(self, dataset: Path, pairs: str) -> None:
        self._dataset = dataset
        self._division, self._split = Path(pairs).parent.name, Path(pairs).name.split("-")[0]
        self._held: dict[tuple[str, str, Any], dict[str, Any] | None] = {}

    def value(self, span: Mapping[str, Any], row: Mapping[str, Any]) -> Value:
        """Return what the field of a span holds; of the bases, their number."""
        source, field = span["source"], span["field"]
        if source.startswith("PMID:"):
            return _of_paper(self._row("papers", "pmid", int(source.removeprefix("PMID:"))), field)
        if field == "sequence":
            return f"the row's own {len(row['sequence']):,} bases"
        if field == "span":
            return f"{row['start'] + 1:,}..{row['end']:,}"
        if field == "span/features":
            return self._features_on(source, row["start"], row["end"])
        if found := re.match(r"features\[(\d+)\]/", field):
            return _of_feature(self._row("features", "accession", source, int(found[1])), field[found.end() :])
        return _of_record(self._row("records", "accession", source), field)

    def _features_on(self, accession: str, start: int, end: int) -> list[str] | None:
        """Return how many features of each kind have a base between two places, `source` left out."""
        here = (pl.col("accession") == accession) & (pl.col("start") < end) & (pl.col("end") > start)
        shards = [pl.scan_parquet(path, hive_partitioning=False) for path in self._shards("features")]
        found = [shard.filter(here, pl.col("kind") != "source").select("kind").collect() for shard in shards]
        if not found:
            return None
        counts = pl.concat(found).group_by("kind").len().sort("kind")
        return [f"{count:,} {kind}" for kind, count in counts.iter_rows()] or ["no feature"]

    def _shards(self, config: str) -> list[Path]:
        # A paper is published with the first division that cites it, a record and its features with its rows.
        division = "*" if config == "papers" else self._division
        return sorted((self._dataset / "data" / config).glob(f"{division}/{self._split}-*.parquet"))

    def _row(self, config: str, column: str, key: str | int, index: int | None = None) -> dict[str, Any] | None:
        place = (config, str(key), index)
        if place not in self._held:
            chosen = pl.col(column) == key
            chosen &= pl.col("index") == index if index is not None else True
            self._held[place] = None
            for path in self._shards(config):
                found = pl.scan_parquet(path, hive_partitioning=False).filter(chosen).head(1).collect()
                if len(found):
                    self._held[place] = found.row(0, named=True)
                    break
        return self._held[place]


def _of_record(record: Mapping[str, Any] | None, field: str) -> Value:
    if record is None:
        return None
    if field.startswith("structured_comment/"):
        key = field.partition("/")[2]
        return [entry["value"] for entry in record["structured_comment"] if entry["key"] == key] or None
    if field == "features":
        return f"{record['features']:,} features, source included"
    name = {"references": "pmids", **_LINKS}.get(field, field)
    return _plain(record.get(name))


def _of_feature(feature: Mapping[str, Any] | None, key: str) -> Value:
    if feature is None:
        return None
    if key in ("kind", "location", "sequence"):
        return _plain(feature["location" if key == "sequence" else key])
    first = [str(feature[key])] if key in QUALIFIER_COLUMNS and feature[key] is not None else []
    found = first + [entry["value"] or "" for entry in feature["qualifiers"] if entry["key"] == key]
    if not found and key == "pseudo":
        return "" if feature["pseudo"] else None
    return None if not found else found[0] if len(found) == 1 else found


def _of_paper(paper: Mapping[str, Any] | None, field: str) -> Value:
    if paper is None:
        return None
    if place := re.fullmatch(r"passages\[(\d+)\](/section)?", field):
        passages = paper["passages"] or []
        number = int(place[1])
        return str(passages[number]["section" if place[2] else "text"]) if number < len(passages) else None
    return _plain(paper.get(field))


def _plain(value: Any) -> Value:
    if value is None:
        return None
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def for_people(found: Mapping[str, Any]) -> str:
    """Set what `explain` returns as lines of text; long values are shortened."""
    about = f"feature {found['feature_index']} ({found['feature_kind']})" if found["feature_kind"] else ""
    strand = STRANDS_IN_WORDS.get(found["strand"], "both strands")
    span = f"{found['start'] + 1:,}..{found['end']:,}, {strand}, {found['bases']:,} bases"
    what = [found["organism"] or "", found["accession"], about, span + (f", {found['level']}" if about else "")]
    lines = [
        f"pair    {found['pair_id']}",
        f"kind    {found['kind']}",
        f"of      {', '.join(filter(None, what))}",
        f"in      {found['split']}: row {found['row']:,} of {found['file']}",
        "",
        *textwrap.wrap(found["text"], _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
    ]
    for number, item in enumerate(found["evidence"], start=1):
        lines += _wrapped(f"[{number}]", json.dumps(item["words"], ensure_ascii=False))
        lines += _wrapped("    <-", f"{item['field']} of {item['source']}, {item['how']}, {item['license']}")
        value = item["value"]
        shown = "not held here" if value is None else "; ".join(value) if isinstance(value, list) else value
        lines += _wrapped("     =", shown or "(a flag)")
    return "\n".join(lines)


def _wrapped(mark: str, text: str) -> list[str]:
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} ... {text[-_SHOWN // 2 :]}"
    mark = f"{mark:<6} "
    return textwrap.wrap(shown, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))
