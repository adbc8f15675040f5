"""The tables that `dnacorpus find` reads, of a build or a dataset, as scans that read only the needed parts."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.find.query import RECORD
from dnacorpus.storage.parquet import refuse_large_file
from dnacorpus.storage.results import PartKey, Results

RECORDS = ("accession", *RECORD, "organism", "species", "topology", "length", "features")
FEATURES = (
    *("accession", "ordinal", "index", "kind", "start", "end", "strand", "operator", "parts", "partial_start"),
    *("partial_end", "location", "gene", "locus_tag", "product", "protein_id", "pseudo", "transl_table"),
    *("codon_start", "qualifiers"),
)
_SEGMENTS = ("accession", "ordinal", "start", "sequence")
_NEEDED = {"records": RECORDS, "features": FEATURES, "segments": _SEGMENTS}
_BASES_AT_ONCE = 1 << 28


@dataclass(frozen=True, slots=True)
class FeatureTables:
    """The features, records and segments below a folder.

    In a build, a record is identified by its part and ordinal. A shard of a dataset has rows of several parts, but each
    accession once.
    """

    root: Path
    published: bool

    @classmethod
    def below(cls, root: Path) -> "FeatureTables":
        """Return the tables of ``results/NAME``, of its dataset if they were removed, or of a dataset folder.

        Raises UsageError if ``root`` has neither, or has features without records.
        """
        choices = (cls(root, published=False), cls(root, published=True), cls(root / "dataset", published=True))
        tables = next((choice for choice in choices if choice.files("features")), None)
        if tables is None:
            raise UsageError(
                f"{root}: expected results/NAME of a build or a dataset folder, found no features table; give another"
                " folder, or pull the features: dnacorpus pull ORG/NAME DEST --config features"
            )
        tables.need("records")
        return tables

    def need(self, table: str) -> list[Path]:
        """Return the files of a table; raises UsageError if there are none."""
        files = self.files(table)
        if not files:
            raise UsageError(
                f"{self.root}: expected the table {table} beside the features, found none; pull it:"
                f" dnacorpus pull ORG/NAME DEST --config {table}"
            )
        return files

    def files(self, table: str, parts: Set[PartKey] | None = None) -> list[Path]:
        """Return the files of a table, sorted; if ``parts`` are given, only theirs."""
        if self.published:
            paths = sorted(self.root.glob(f"data/{table}/*/*.parquet"))
            divisions = parts if parts is None else {division for division, _ in parts}
            return [path for path in paths if divisions is None or path.parent.name in divisions]
        pattern = (Results(Path()).tables("*", "*") / f"{table}.parquet").as_posix()
        paths = [path for path in sorted(self.root.glob(pattern)) if not path.parent.name.startswith(".")]
        return [path for path in paths if parts is None or (path.parts[-3], path.parts[-2]) in parts]

    def records(self) -> pl.LazyFrame:
        """Return the columns ``RECORDS`` of the records."""
        return self._scan("records", self.files("records"))

    def features(self, records: pl.LazyFrame, needs: pl.Expr, parts: Set[PartKey] | None = None) -> pl.LazyFrame:
        """Return the features of some records that meet ``needs``, with the columns of their records.

        ``parts`` are those of the records, if known.
        """
        files = self.files("features", parts) or self.files("features")[:1]  # a scan of no file is an error
        names = {"division": -2} if self.published else {"division": -3, "part": -2}
        folders = [{"path": str(path)} | {name: path.parts[at] for name, at in names.items()} for path in files]
        features = self._scan("features", files).filter(needs).join(pl.LazyFrame(folders), on="path").drop("path")
        key = ["division", "accession"] if self.published else list(RECORD)
        beside = ["organism", "species", "topology", "length", *(["part"] if self.published else [])]
        return features.join(records.select(*key, *beside), on=key)

    def molecules(self, records: pl.DataFrame) -> Iterator[tuple[tuple[Any, ...], bytes]]:
        """Yield (division, part, ordinal) and sequence of some records, given by ``RECORD``, accession and length.

        Records without a sequence in the tables are left out. Raises UsageError if there are no segments at all.
        """
        self.need("segments")
        name = "accession" if self.published else "ordinal"
        groups = ["division"] if self.published else ["division", "part"]
        ordered = records.sort(*RECORD).with_columns(turn=pl.col("length").cum_sum().over(groups) // _BASES_AT_ONCE)
        for batch in ordered.partition_by(*groups, "turn", maintain_order=True):
            files = self.files("segments", set(batch.select("division", "part").iter_rows()))
            if not files:
                continue
            keys = {row[name]: tuple(row[column] for column in RECORD) for row in batch.iter_rows(named=True)}
            rows = self._scan("segments", files).filter(pl.col(name).is_in(list(keys))).sort(name, "start").collect()
            for (value,), pieces in rows.group_by(name, maintain_order=True):
                yield keys[value], "".join(pieces["sequence"]).encode("ascii")

    def _scan(self, table: str, files: list[Path]) -> pl.LazyFrame:
        path = "path" if table == "features" else None
        for file in files:
            refuse_large_file(file)
        scanned = pl.scan_parquet(files, include_file_paths=path, hive_partitioning=False, glob=False)
        return scanned.select(*_NEEDED[table], *([path] if path else []))

    def damage(self, error: Exception) -> CorpusError:
        """Return the error for a table that could not be read; it names the file if one file is the cause."""
        for table, columns in _NEEDED.items():
            for path in self.files(table):
                try:
                    pl.scan_parquet(path, hive_partitioning=False, glob=False).select(columns).collect()
                except (pl.exceptions.PolarsError, OSError) as cause:
                    return CorpusError(
                        f"{path}: expected a table of {table} of this version, found: {_line(cause)}; remove it and"
                        " run or pull again"
                    )
        return CorpusError(
            f"{self.root}: expected tables of one version, found: {_line(error)}; build or pull them again"
        )


def _line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
