"""The explain verb: one row of pairs, with the source field and its value for each evidence span of the text."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from dnacorpus.bounded import whole_number
from dnacorpus.dataset import manifest as manifests
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.printable import escaped, json_text
from dnacorpus.schemas.index import INDEX_DIGESTS
from dnacorpus.schemas.nulls import refuse_nulls
from dnacorpus.schemas.pairs import CONFIGS, PAIRS
from dnacorpus.schemas.parts import FEATURES
from dnacorpus.schemas.values import FEATURES_ON_SPAN, QUALIFIER_COLUMNS, STRANDS_IN_WORDS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.names import is_shard_path, shown

_PASSAGE = re.compile(r"passages\[([0-9]{1,18})\](/section)?")
_FEATURE = re.compile(r"features\[([0-9]{1,18})\]/")

Value = str | list[str] | None
"""The value of a field; None if it is not in the dataset, or not in the part of it that was pulled."""

MIN_DIGITS = 6
"""Fewest digits of a pair_id that can be queried."""
_PAIR_ID = re.compile(rf"[0-9a-f]{{{MIN_DIGITS},32}}")
_WIDTH = 100
_SHOWN = 400
_LINKS = {"dblink/Assembly": "assembly", "dblink/BioProject": "bioproject", "dblink/BioSample": "biosample"}


def explain(dataset: Path, pair_id: str) -> dict[str, Any]:
    """Return a row of a dataset folder with its evidence and the values of its fields, ready for JSON.

    ``pair_id`` may be shortened to its first six or more digits if they identify one row. The keys are those columns of
    the row that identify it, and ``file``, ``row`` (0-based in the file), ``split``, ``text`` and ``evidence``, in the
    order of the text. Each span has its ``words`` and the ``value`` of its field, None if that is not in the folder.
    Raises UsageError if no row, or several rows, match, and CorpusError if a file of the dataset is damaged.
    """
    manifests.read(dataset)
    try:
        return _explained(dataset, pair_id)
    except (pl.exceptions.PolarsError, OSError) as error:
        found = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise CorpusError(
            f"{dataset}: expected the Parquet files of a dataset, found: {found}; dnacorpus verify names the damaged"
            " files: remove them and pull or build again"
        ) from error


def _explained(dataset: Path, pair_id: str) -> dict[str, Any]:
    wanted = pair_id.strip().lower()
    if not _PAIR_ID.fullmatch(wanted):
        raise UsageError(
            f"pair {pair_id!r}: expected 32 hexadecimal digits, or at least the first {MIN_DIGITS};"
            " copy one from the column pair_id of pairs"
        )
    name, row = _locate(dataset, wanted)
    if not (dataset / name).is_file():
        raise UsageError(f"pair {pair_id} is row {row} of {name}, which is not in {dataset}; pull that file too")
    values = _row(dataset, name, row)
    fields = _Fields(dataset, name)
    shown = ("pair_id", "kind", "division", "accession", "organism", "feature_kind", "feature_index", "level")
    spans = sorted(values["evidence"], key=lambda span: (span["start"], -span["end"]))
    return {
        **{key: values[key] for key in (*shown, "start", "end", "strand", "parts", "topology")},
        **{"bases": len(values["sequence"]), "split": Path(name).name.split("-")[0], "file": name, "row": row},
        "text": values["text"],
        "evidence": [
            {**span, "words": values["text"][span["start"] : span["end"]], "value": fields.value(span, values)}
            for span in spans
        ],
    }


def _row(dataset: Path, name: str, row: int) -> dict[str, Any]:
    """Return a row of a shard of pairs; raises CorpusError if there is none, or if it lacks its text or evidence."""
    found = _checked(tables.scan(dataset / name, PAIRS).slice(row, 1), PAIRS, str(dataset / name), row)
    if found is None:
        raise CorpusError(f"{dataset / name}: expected a row {row}, found fewer; build or pull the dataset again")
    return found


def _checked(rows: pl.LazyFrame, schema: pa.Schema, where: str, number: int = 0) -> dict[str, Any] | None:
    """Return the first row, or None if there is none; raises CorpusError for a null where ``schema`` has none."""
    found = pa.Table.from_pylist(rows.head(1).collect().to_dicts(), schema=schema)
    refuse_nulls(found, schema, where, number)
    return dict(found.to_pylist()[0]) if found.num_rows else None


def _locate(dataset: Path, wanted: str) -> tuple[str, int]:
    """Return the shard and row of the only pair_id with a prefix, from the index if present, else from the shards."""
    index = dataset / "index" / "digests.parquet"
    if index.is_file():
        rows = tables.scan(index, INDEX_DIGESTS).select("pair_id", "file", "row").drop_nulls()
        matches = rows.filter(pl.col("pair_id").str.starts_with(wanted)).unique().collect()
    else:
        matches = pl.DataFrame(schema={"pair_id": pl.String, "file": pl.String, "row": pl.Int64})
        for path in sorted((dataset / "data" / "pairs").rglob("*.parquet")):
            rows = tables.scan(path, PAIRS).select("pair_id").with_row_index("row")
            here = rows.filter(pl.col("pair_id").str.starts_with(wanted)).collect()
            name = pl.lit(path.relative_to(dataset).as_posix()).alias("file")
            matches = matches.vstack(here.select("pair_id", name, pl.col("row").cast(pl.Int64)))
    if matches.is_empty():
        raise UsageError(
            f"pair {wanted}: {dataset} has no row with this pair_id; copy one from the column pair_id of pairs, or give"
            " the dataset that it is from; the row may have been dropped: copies/<division>.parquet of the build has"
            " the reason"
        )
    if len(matches) > 1:
        names = matches["pair_id"].sort().to_list()
        listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        raise UsageError(f"pair {wanted}: {len(names):,} rows begin with it: {listed}; give more digits")
    _, name, row = matches.row(0)
    if not is_shard_path(name) or row < 0:
        raise CorpusError(
            f"{index}: expected a shard and a row, found {shown(name)!r} and {row}; do not use this dataset"
        )
    return str(name), int(row)


class _Fields:
    """Looks up fields of records, features and papers in the shards of one dataset."""

    def __init__(self, dataset: Path, pairs: str) -> None:
        """Take the dataset folder and the path of the shard that the row is from."""
        self._dataset = dataset
        self._division, self._split = Path(pairs).parent.name, Path(pairs).name.split("-")[0]
        self._cache: dict[tuple[str, str, Any], dict[str, Any] | None] = {}

    def value(self, span: Mapping[str, Any], row: Mapping[str, Any]) -> Value:
        """Return the value of a span's field; for the bases, their number."""
        source, field = span["source"], span["field"]
        if source.startswith("PMID:"):
            pmid = whole_number(source.removeprefix("PMID:"))
            return None if pmid is None else _of_paper(self._row("papers", "pmid", pmid), field)
        if field == "sequence":
            return f"{len(row['sequence']):,} bases of the row"
        if field == "span":
            return f"{row['start'] + 1:,}..{row['end']:,}"
        if field == FEATURES_ON_SPAN:
            return self._features_on(source, row["start"], row["end"])
        if match := _FEATURE.match(field):
            return _of_feature(self._row("features", "accession", source, int(match[1])), field[match.end() :])
        return _of_record(self._row("records", "accession", source), field)

    def _features_on(self, accession: str, start: int, end: int) -> list[str] | None:
        """Return the numbers of features of each kind, without `source`, that overlap a half-open span of a record."""
        overlapping = (pl.col("accession") == accession) & (pl.col("start") < end) & (pl.col("end") > start)
        shards = [tables.scan(path, FEATURES) for path in self._shards("features")]
        kinds = [shard.filter(overlapping, pl.col("kind") != "source").select("kind").collect() for shard in shards]
        if not kinds:
            return None
        counts = pl.concat(kinds).group_by("kind").len().sort("kind")
        return [f"{count:,} {kind}" for kind, count in counts.iter_rows()] or ["no feature"]

    def _shards(self, config: str) -> list[Path]:
        # A paper is published with the first division that cites it, a record and its features with its rows.
        division = "*" if config == "papers" else self._division
        return sorted((self._dataset / "data" / config).glob(f"{division}/{self._split}-*.parquet"))

    def _row(self, config: str, column: str, key: str | int, index: int | None = None) -> dict[str, Any] | None:
        cache_key = (config, str(key), index)
        if cache_key not in self._cache:
            chosen = pl.col(column) == key
            chosen &= pl.col("index") == index if index is not None else True
            self._cache[cache_key] = None
            for path in self._shards(config):
                schema = CONFIGS[config]
                if found := _checked(tables.scan(path, schema).filter(chosen), schema, f"{path}: {key}"):
                    self._cache[cache_key] = found
                    break
        return self._cache[cache_key]


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
    values: list[str] = first + [entry["value"] or "" for entry in feature["qualifiers"] if entry["key"] == key]
    if not values and key == "pseudo":
        return "" if feature["pseudo"] else None
    if len(values) == 1:
        return values[0]
    return values or None


def _of_paper(paper: Mapping[str, Any] | None, field: str) -> Value:
    if paper is None:
        return None
    if match := _PASSAGE.fullmatch(field):
        passages = paper["passages"] or []
        number = int(match[1])
        return str(passages[number]["section" if match[2] else "text"]) if number < len(passages) else None
    return _plain(paper.get(field))


def _plain(value: Any) -> Value:
    if value is None:
        return None
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def for_people(row: Mapping[str, Any]) -> str:
    """Return the result of `explain` as lines of text; long values are shortened."""
    about = f"feature {row['feature_index']} ({row['feature_kind']})" if row["feature_kind"] else ""
    strand = STRANDS_IN_WORDS.get(row["strand"], "both strands")
    span = f"{row['start'] + 1:,}..{row['end']:,}, {strand}, {row['bases']:,} bases"
    what = [row["organism"] or "", row["accession"], about, span + (f", {row['level']}" if about else "")]
    lines = [
        f"pair    {row['pair_id']}",
        f"kind    {row['kind']}",
        f"of      {', '.join(filter(None, what))}",
        f"in      {row['split']}: row {row['row']:,} of {row['file']}",
        "",
        *textwrap.wrap(row["text"], _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
    ]
    for number, item in enumerate(row["evidence"], start=1):
        lines += _wrapped(f"[{number}]", json_text(item["words"]))
        lines += _wrapped("    <-", f"{item['field']} of {item['source']}, {item['how']}, {item['license']}")
        value = item["value"]
        shown = "not in this folder" if value is None else "; ".join(value) if isinstance(value, list) else value
        lines += _wrapped("     =", shown or "(a flag)")
    return "\n".join(map(escaped, lines))


def _wrapped(mark: str, text: str) -> list[str]:
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} ... {text[-_SHOWN // 2 :]}"
    mark = f"{mark:<6} "
    return textwrap.wrap(shown, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))
