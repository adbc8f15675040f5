"""The find verb: the features of a build or dataset that match a query, as lines to print."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.find import output as find_output
from dnacorpus.explore.find import positions as find_positions
from dnacorpus.explore.find import query as find_query
from dnacorpus.explore.find.output import Row
from dnacorpus.explore.find.query import RECORD, Query
from dnacorpus.explore.find.tables import FeatureTables
from dnacorpus.schemas.nulls import never_null
from dnacorpus.schemas.parts import FEATURES
from dnacorpus.sequence.location import extract_feature, problem
from dnacorpus.storage.results import PartKey

_FEW_RECORDS = 1000
"""Up to this number of records, features are filtered by accession, which skips row groups of other records."""
_UNORDERED = {"order", "one_of"}
"""Problems of `location.problem` that leave the positions of the parts certain, but not how they are joined."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result: ``lines`` for stdout, ``notes`` for stderr, and the numbers of matching and of all features."""

    lines: list[str]
    notes: list[str]
    matches: int
    features: int


def find(
    root: Path, query: Query, form: str = "table", *, protein: bool = False, width: int | None = None
) -> SearchResult:
    """Return the features that match a query, as lines.

    ``root`` is ``results/NAME`` of a build, or a dataset folder, complete or pulled in part. ``form`` is table, tsv,
    fasta, bed or json. ``protein`` gives FASTA of the annotated translations; ``width`` limits the lines of a table, in
    characters. Raises UsageError if ``root`` is neither or lacks a needed table, CorpusError if a table cannot be read.
    """
    if protein and form != "fasta":
        raise UsageError(f"--protein: expected --format fasta, found {form}; give both or neither")
    tables = FeatureTables.below(root)
    try:
        rows, notes = _search(tables, query)
        shown = rows if query.limit is None else rows.head(query.limit)
        _check(tables, shown)
        left_out: Counter[str] = Counter()
        lines = list(_written(tables, shown, "protein" if protein else form, width, left_out))
        total = int(tables.records().select(pl.col("features").sum()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise tables.damage(error) from error
    notes += [f"{count:,} left out: {reason}" for reason, count in sorted(left_out.items())]
    count = f"{len(rows):,} of {total:,} features" if len(rows) else f"no feature matches, of {total:,}"
    count += f", the first {len(shown):,} shown" if len(shown) < len(rows) else ""
    return SearchResult(lines, [*notes, *_copies(rows, tables), count], len(rows), total)


def _check(tables: FeatureTables, rows: pl.DataFrame) -> None:
    """Raise CorpusError for a feature that lacks a value, or whose strand is none."""
    flaws = [
        f"a value in {name}, found none"
        for name in never_null(FEATURES)
        if name in rows.columns and rows[name].null_count()
    ]
    flaws += [f"a strand of +1, -1 or 0, found {found}" for found in sorted(set(rows["strand"]) - {1, -1, 0, None})]
    if flaws:
        raise CorpusError(f"{tables.root}: a table of features: expected {flaws[0]}; build or pull it again")


@dataclass(frozen=True, slots=True)
class _Scope:
    """The records to search, and the parts and condition that limit which features are read."""

    tables: FeatureTables
    records: pl.LazyFrame
    parts: set[PartKey] | None = None
    here: pl.Expr = field(default_factory=lambda: pl.lit(True))

    def features(self, needs: pl.Expr, of_proteins: pl.Expr) -> pl.DataFrame:
        """Return the features that meet ``needs`` and, after `measured`, ``of_proteins``."""
        features = self.tables.features(self.records, self.here & needs, self.parts)
        return features.with_columns(find_query.measured()).filter(of_proteins).collect()


def _scope(tables: FeatureTables, query: Query) -> tuple[_Scope, list[str]]:
    everything = tables.records()
    if query.divisions:
        have = everything.select(pl.col("division").unique().sort()).collect()["division"].to_list()
        for division in query.divisions:
            if division not in have:
                raise UsageError(f"--division: no division {division!r}; choose from {', '.join(have)}")
    if query.organism is None and not query.divisions and not query.records:
        return _Scope(tables, everything), []
    chosen = everything.filter(find_query.of_records(query)).collect()
    if query.region is not None:
        for length, topology in chosen.select("length", "topology").iter_rows():
            find_positions.check_region(query.region, length, topology == "circular")
    few = len(chosen) <= _FEW_RECORDS
    here = pl.col("accession").is_in(chosen["accession"].to_list()) if few else pl.lit(True)
    parts = set(chosen.select("division", "part").iter_rows())
    return _Scope(tables, chosen.lazy(), parts, here), _missing(tables, query, chosen)


def _missing(tables: FeatureTables, query: Query, chosen: pl.DataFrame) -> list[str]:
    """Return notes about the records of the query that no table has, or a note if no record meets all conditions."""
    known = chosen if query.organism is None and not query.divisions else tables.records().collect()
    missing = [
        name
        for name in query.records
        if not known["accession"].str.contains(find_query.accession_pattern((name,))).any()
    ]
    notes = [f"no record {name} in {tables.root}; see `dnacorpus where`" for name in missing]
    return notes or (["no record matches"] if chosen.is_empty() else [])


def _search(tables: FeatureTables, query: Query) -> tuple[pl.DataFrame, list[str]]:
    """Return the matching rows, sorted, and notes about the search."""
    scope, notes = _scope(tables, query)
    rows = scope.features(find_query.of_features(query), find_query.of_proteins(query))
    if query.region is not None:
        rows = find_positions.in_region(rows, query.region)
    if query.near is not None:
        name, within = query.near
        anchors = scope.features(find_query.of_anchors(name), pl.lit(True))
        notes += [f"--near: no gene or product {name} here"] if anchors.is_empty() else []
        rows = find_positions.near(rows, anchors, within)
    if rows.is_empty() and query.kinds:
        notes += _unknown_kinds(scope, query.kinds)
    if query.cluster is not None:
        rows = find_positions.clustered(rows, query.cluster, query.cluster_size)
    return find_query.ordered(rows, query), notes


def _unknown_kinds(scope: _Scope, kinds: tuple[str, ...]) -> list[str]:
    features = scope.tables.features(scope.records, scope.here, scope.parts)
    here = features.select(pl.col("kind").unique().sort()).collect()["kind"].to_list()
    known = {kind.lower() for kind in here}
    unknown = [kind for kind in kinds if here and kind.lower() not in known]
    return [f"no feature has the kind {kind} (kinds here: {', '.join(here)})" for kind in unknown]


def _written(
    tables: FeatureTables, rows: pl.DataFrame, form: str, width: int | None, left_out: Counter[str]
) -> Iterator[str]:
    match form:
        case "table":
            return find_output.aligned(rows, width)
        case "tsv":
            return find_output.tsv(rows)
        case "json":
            return find_output.json_lines(rows)
        case "bed":
            return find_output.bed(_located(rows, left_out))
        case "protein":
            return find_output.fasta(_translations(rows, left_out))
        case "fasta":
            return find_output.fasta(_sequences(tables, rows, left_out))
    raise UsageError(f"--format: expected table, tsv, fasta, bed or json, found {form}; give one of these")


def _located(rows: pl.DataFrame, left_out: Counter[str]) -> Iterator[Row]:
    for row in rows.iter_rows(named=True):
        reason = problem(row, row["length"])
        if reason is None or reason in _UNORDERED:
            yield row
        else:
            left_out[f"location {reason.replace('_', ' ')}"] += 1


def _translations(rows: pl.DataFrame, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    for row in rows.with_columns(find_query.first_value("translation").alias("letters")).iter_rows(named=True):
        if row["letters"]:
            yield row, row["letters"]
        else:
            left_out[f"{row['kind']} without /translation"] += 1


def _sequences(tables: FeatureTables, rows: pl.DataFrame, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    """Yield the features with their sequences, in the order of ``rows``."""
    of_record: dict[tuple[object, ...], list[int]] = {}
    features = list(rows.iter_rows(named=True))
    for number, row in enumerate(features):
        of_record.setdefault(tuple(row[name] for name in RECORD), []).append(number)
    letters: dict[int, str] = {}
    for key, sequence in tables.molecules(rows.select(*RECORD, "accession", "length").unique()):
        for number in of_record.pop(key):
            reason = problem(features[number], len(sequence))
            if reason is None:
                letters[number] = extract_feature(sequence, features[number]).decode("ascii")
            else:
                left_out[f"location {reason.replace('_', ' ')}"] += 1
    if missing := sum(map(len, of_record.values())):
        left_out["the record has no sequence in these tables"] += missing
    yield from ((features[number], letters[number]) for number in sorted(letters))


def _copies(rows: pl.DataFrame, tables: FeatureTables) -> list[str]:
    """Return a note if features are on records that are in several divisions, as those of organelles can be."""
    repeated = rows.filter(pl.struct(RECORD).n_unique().over("accession") > 1).height if len(rows) else 0
    if not repeated:
        return []
    return [
        f"{repeated:,} are on records that are in several divisions: select one with --division, or search"
        f" {tables.root / 'dataset'}, which has each record once"
    ]
