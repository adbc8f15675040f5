"""The stages match and dedup: every record of every part is kept, a duplicate, or excluded, and gets its split.

Match, one job for each bucket of digests, finds the copies; its peak RSS over its imports is at most 150 MB, 500 bytes
a record of the bucket, ``bases_at_once`` and one molecule. That of dedup, which never holds a sequence, is at most
150 MB and 1,500 bytes a record (docs/dedup.md; bench/dedup_memory.py measures it).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from dnacorpus.curation.duplicates import Caps, decide_records
from dnacorpus.curation.exact import copy_groups, in_bucket
from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import MATCHES
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.sequence.bases import canonical
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.part_reader import molecules
from dnacorpus.storage.results import Results

Place = tuple[str, str]

_PLACE = ["division", "part", "ordinal"]
_DECIDING = ["ordinal", "accession", "species", "genus", "length", "features", "digest", "exclusion"]
_TOLD = ["ordinal", "species", "species_taxid", "taxid", "organism", "length", "digest", "exclusion"]
_FATE = ["ordinal", "accession", "status", "reason", "duplicate_of", "cluster", "copies", "split"]
_USABLE = pl.when(pl.col("exclusion").is_null()).then("digest").alias("digest")
_DECIDERS = {
    "accession": pl.col("accession"),
    "species": pl.col("species"),
    "split": pl.col("split"),
    "length": pl.col("length"),
    "features": pl.col("features").cast(pl.Int32),
    "digest": _USABLE,
    "exclusion": pl.col("exclusion"),
}


def match(  # noqa: PLR0917 - the inputs and the output of one job
    results: Results, divisions: Sequence[str], bucket: int, buckets: int, bases_at_once: int, out: Path
) -> None:
    """Write to ``out`` (MATCHES) the copies among the records whose digest is in ``bucket`` of ``buckets``.

    Sequences are read of candidates alone, in passes of about ``bases_at_once`` bases. Raises UsageError for a bucket
    that there is not, and CorpusError as `copy_groups` does.
    """
    chosen = in_bucket("digest", bucket, buckets)
    columns = ["ordinal", "topology", "length", "digest", "exclusion"]
    places = _places(results, divisions)
    kinds = _place_kinds(places)
    keys = pl.concat(
        pl.DataFrame(tables.read(_records(results, place), RECORDS, columns))
        .filter(pl.col("exclusion").is_null() & chosen)
        .select(
            **_constants(kinds, place),
            ordinal="ordinal",
            circular=pl.col("topology") == "circular",
            bases="length",
            digest="digest",
        )
        for place in places
    )
    keys = keys.with_row_index("key").cast({"key": pl.Int64})
    matched = copy_groups(keys, lambda candidates: _canonical(results, candidates), bases_at_once)
    tables.write(out, MATCHES, matched.select(MATCHES.names).sort(_PLACE).to_arrow().cast(MATCHES))


def dedup(  # noqa: PLR0917 - the inputs and the output of one stage
    results: Results,
    divisions: Sequence[str],
    policy: SplitPolicy,
    caps: Caps,
    matches: Sequence[Path],
    out: Path,
    near: pl.DataFrame | None = None,
    excluded: pl.DataFrame | None = None,
    flags: pl.DataFrame | None = None,
) -> None:
    """Write ``out/<division>.parquet`` (DECISIONS) for every division, over all of them together.

    ``matches`` are the tables that `match` wrote, one for each bucket, ``near`` has division, part, ordinal and
    cluster of the records that are near-duplicates, ``excluded`` division, part, ordinal and reason of those that
    a policy excludes, ``flags`` division, part, ordinal and rule of those that it flags. Raises CorpusError when the
    matches are not those of all buckets of these tables.
    """
    places = _places(results, divisions)
    # No name holds the rows here: they are given up once they are sorted.
    decided = decide_records(_deciding(results, places, policy, matches, near, excluded), caps)
    sizes = {tuple(place): size for *place, size in decided.group_by("division", "part").len().iter_rows()}
    start = 0
    for division in sorted(set(divisions)):
        with whole_file(out / f"{division}.parquet") as path, TableWriter(path, DECISIONS) as writer:
            for place in places:
                if place[0] == division:
                    fates = decided.slice(start, size := sizes.get(place, 0)).select(_FATE)
                    start += size
                    told = pl.DataFrame(tables.read(_records(results, place), RECORDS, _TOLD)).with_columns(_USABLE)
                    rows = fates.join(told, on="ordinal", how="left", maintain_order="left").with_columns(
                        division=pl.lit(division), part=pl.lit(place[1])
                    )
                    rows = _flagged(rows, flags, place).select(DECISIONS.names)
                    writer.write_table(rows.to_arrow().cast(DECISIONS))


def _deciding(  # noqa: PLR0917 - all that decides
    results: Results,
    places: Sequence[Place],
    policy: SplitPolicy,
    matches: Sequence[Path],
    near: pl.DataFrame | None,
    excluded: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return one small row for each record, as `decide_records` wants them."""
    kinds = _place_kinds(places)
    numbers: dict[str, int] = {}
    records = pl.concat(
        _with_split(pl.DataFrame(tables.read(_records(results, place), RECORDS, _DECIDING)), policy, numbers).select(
            **_constants(kinds, place), ordinal="ordinal", **_DECIDERS
        )
        for place in places
    )
    records = _joined(records, _matches(matches), "copy_group", kinds)
    if wrong := records.filter(
        pl.when(pl.col("copy_group").is_null())
        .then(pl.col("digest").is_not_null() & pl.col("digest").is_duplicated())
        .otherwise(pl.col("digest").is_null())
    ).height:
        raise CorpusError(
            f"matches: expected those of every bucket of these tables, found {wrong} records that they lack or that are"
            " not to be matched; remove the folder of matches and run again"
        )
    records = _joined(records, near, "cluster", kinds).rename({"cluster": "near"})
    return _joined(records, excluded, "reason", kinds).rename({"reason": "policy"})


def _flagged(rows: pl.DataFrame, flags: pl.DataFrame | None, place: Place) -> pl.DataFrame:
    if flags is None:
        return rows.with_columns(biosafety=pl.lit(None, pl.String))
    here = flags.filter(division=place[0], part=place[1]).select("ordinal", biosafety="rule")
    return rows.join(here, on="ordinal", how="left", maintain_order="left")


def _places(results: Results, divisions: Sequence[str]) -> list[Place]:
    return sorted({(division, part) for division in divisions for part in results.parts(division)})


def _records(results: Results, place: Place) -> Path:
    return results.tables(*place) / "records.parquet"


def _place_kinds(places: Sequence[Place]) -> dict[str, pl.Enum]:
    """Return types that hold the name of a division or part in a few bytes, and sort as the names do."""
    divisions, parts = ({place[number] for place in places} for number in (0, 1))
    return {"division": pl.Enum(sorted(divisions)), "part": pl.Enum(sorted(parts))}


def _constants(kinds: dict[str, pl.Enum], place: Place) -> dict[str, pl.Expr]:
    return {name: pl.lit(value, kinds[name]) for name, value in zip(("division", "part"), place, strict=True)}


def _with_split(records: pl.DataFrame, policy: SplitPolicy, numbers: dict[str, int]) -> pl.DataFrame:
    """Add the split, and put a number in place of each species; ``numbers`` are those of all parts."""
    units = records.select("species", "genus").unique(maintain_order=True)
    for species in units["species"].drop_nulls():
        numbers.setdefault(species, len(numbers))
    units = units.with_columns(
        split=pl.Series([policy.split_of(*unit) for unit in units.iter_rows()], dtype=pl.Enum(SPLITS)),
        number=pl.Series([numbers.get(species) for species in units["species"]], dtype=pl.UInt32),
    )
    found = records.join(units, on=["species", "genus"], how="left", nulls_equal=True, maintain_order="left")
    return found.drop("species", "genus").rename({"number": "species"})


def _matches(paths: Sequence[Path]) -> pl.DataFrame:
    found = pl.concat([pl.DataFrame(tables.read(path, MATCHES)) for path in paths])
    return found.with_columns(pl.col("copy_group").rank("dense"))


def _joined(records: pl.DataFrame, found: pl.DataFrame | None, column: str, kinds: dict[str, pl.Enum]) -> pl.DataFrame:
    """Add a column of ``found`` by place, null where a record has none; raise CorpusError for one of no record."""
    if found is None:
        return records.with_columns(pl.lit(None, pl.String).alias(column))
    here = found.select(*(pl.col(name).cast(kind, strict=False) for name, kind in kinds.items()), "ordinal", column)
    joined = records.join(here, on=_PLACE, how="left", maintain_order="left")
    if (known := joined[column].count()) != found.height or joined.height != records.height:
        raise CorpusError(
            f"{column} of {found.height} records: expected each to be one record of the tables, found {known};"
            " it is of another run: remove it and run again"
        )
    return joined


def _canonical(results: Results, candidates: pl.DataFrame) -> Iterator[tuple[int, bytes]]:
    for (division, part), rows in candidates.group_by("division", "part", maintain_order=True):
        wanted = {row["ordinal"]: row for row in rows.iter_rows(named=True)}
        folder = results.tables(str(division), str(part))
        for ordinal, sequence, _ in molecules(folder / "segments.parquet", wanted):
            row = wanted[ordinal]
            yield row["key"], canonical(sequence, row["circular"])
