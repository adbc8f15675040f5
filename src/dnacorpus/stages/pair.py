"""The pair stage: the kept records of one part become rows of DNA and text; every feature is accounted for.

In: the tables of the part, the decisions of its division, the papers, and the indexes of k-mers. Out: a folder of
``<split>.parquet`` (PAIRS, cluster and copies still null), ``keys.parquet`` (PAIR_KEYS), ``seen_<split>.parquet``
(SEEN_KMERS: which held-out k-mers occur in the records of train, and of validation) and ``ledger.parquet``: every
feature of the part, every paper that a kept record cites, every row that was proposed. Memory: the annotation of the
part as Arrow tables, the papers that it cites, the bases of one record, and one bit for each k-mer of the index.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from tqdm import tqdm

from dnacorpus.config.build import Build
from dnacorpus.curation.biosafety.screen import RowGuard
from dnacorpus.curation.kmer_index import KmerIndex
from dnacorpus.curation.leaks import SeenKmers, seen_file
from dnacorpus.curation.rights import papers_for_rows
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.paper.rows import paper_rows
from dnacorpus.pairs.qa.rows import question_rows
from dnacorpus.pairs.rows import Exclusion, PairRow, rows_of_record
from dnacorpus.schemas.pairs import DECISIONS, PAIR_KEYS, PAIRS, UNDECIDED
from dnacorpus.schemas.parts import FEATURES, LEDGER, RECORDS, REFERENCES
from dnacorpus.schemas.splits import SPLITS, TEST
from dnacorpus.settings.pairs import PairSettings, PassageSettings, QaSettings, WindowSettings
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.ledger import entry, merge
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.part_reader import ByOrdinal, molecules, rows_of_part
from dnacorpus.storage.progress import hidden
from dnacorpus.storage.results import KMERS_OF_EXCLUDED, KMERS_OF_HELD_OUT
from dnacorpus.text.templates import Templates

Screen = Callable[[Iterable[PairRow | Exclusion]], Iterator[PairRow | Exclusion]]


def unscreened(results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
    """Return the results of a record as they are."""
    return iter(results)


@dataclass(frozen=True, slots=True)
class PartInputs:
    """The files that a part's pairs are made from; without a table of papers no paper has rows."""

    tables: Path
    decisions: Path
    papers: Path | None = None


@dataclass(frozen=True, slots=True)
class RowSettings:
    """Which rows are made: without ``windows``, ``passages`` or ``qa`` no windows, no full text, no questions.

    ``templates`` are the phrasings of all texts, by default those of the package.
    """

    pairs: PairSettings
    windows: WindowSettings | None = None
    passages: PassageSettings | None = None
    qa: QaSettings | None = None
    templates: Templates | None = None


@dataclass(frozen=True, slots=True)
class Guards:
    """What rows are compared with: the index of held-out k-mers, and the screen that the results of a record pass."""

    held_out: Path | None = None
    screen: Screen = unscreened


def run(build: Build, division: str, part: str, out: Path) -> None:
    """Write the pairs of one part into the folder ``out``.

    Rows too similar to an excluded record are left out or flagged, as the biosafety policy has it. A build without a
    table of papers has no rows of papers. Raises CorpusError for tables or an index that are not whole.
    """
    results, config = build.results, build.config
    kinds = config.settings.pairs.kinds
    with_papers = "paper" in kinds and results.papers().is_file()
    inputs = PartInputs(
        results.tables(division, part), results.decisions(division), results.papers() if with_papers else None
    )
    excluded = KmerIndex.open(results.kmers() / KMERS_OF_EXCLUDED)
    guard = RowGuard(excluded, excluded.k, config.settings.biosafety.max_overlap)
    screens: dict[str, Screen] = {"exclude": guard.keep_out, "flag": guard.flag, "off": unscreened}
    guards = Guards(results.kmers() / KMERS_OF_HELD_OUT, screens[config.settings.biosafety.policy])
    settings = RowSettings(
        config.settings.pairs,
        config.settings.windows if "window" in kinds else None,
        config.settings.passages if "paper" in kinds else None,
        config.settings.qa if "qa" in kinds else None,
        Templates.load(config.templates),
    )
    write_pairs(inputs, settings, guards, out)


def write_pairs(inputs: PartInputs, settings: RowSettings, guards: Guards, out: Path) -> None:
    """Write the pairs of the part whose tables are in ``inputs.tables``, a folder <division>/<part>."""
    division, part = inputs.tables.parent.name, inputs.tables.name
    columns = ["part", "ordinal", "status", "reason", "split", "biosafety"]
    decided = pl.DataFrame(rows_of_part(inputs.decisions, DECISIONS, part, columns))
    kept = decided.filter(pl.col("status") == "kept")
    splits, flags = (dict(kept.select("ordinal", column).iter_rows()) for column in ("split", "biosafety"))
    counts = PartLedger(division, part)
    counts.add_unused_features(tables.read(inputs.tables / "features.parquet", FEATURES, ["ordinal"]), decided)
    cited = _citations(inputs.tables, set(splits)) if inputs.papers else {}
    counts.add_citations(sum(map(len, cited.values())))
    results_of = _ResultsOfRecord(settings, inputs.papers, set().union(*cited.values()))
    seen_kmers = {split: SeenKmers(guards.held_out) for split in SPLITS if split != TEST}
    with whole_directory(out) as workspace, ExitStack() as stack:
        writers = {split: stack.enter_context(TableWriter(workspace / f"{split}.parquet", PAIRS)) for split in SPLITS}
        keys = stack.enter_context(TableWriter(workspace / "keys.parquet", PAIR_KEYS))
        records = kept_records(inputs.tables, set(splits), settings.templates)
        for context, references in tqdm(
            records, total=len(splits), desc=f"pair {part}", unit="record", disable=hidden()
        ):
            ordinal = context.record["ordinal"]
            split = splits[ordinal]
            seen = seen_kmers.get(split)
            if seen:
                seen.add(context.sequence, circular=context.record["topology"] == "circular")
            for result in guards.screen(results_of(context, references, split)):
                counts.add(result)
                if isinstance(result, PairRow):
                    values = result.values
                    size = len(values["sequence"]) + len(values["text"])
                    flag = flags[ordinal] or values.get("biosafety")
                    writers[split].write_row({**values, **dict.fromkeys(UNDECIDED), "biosafety": flag}, size)
                    keys.write_row(pair_key(result, division, part, split))
                    if seen and values["parts"]:  # the record itself lacks what only joined parts make
                        seen.add(values["sequence"].encode("ascii"))
        for split, seen in seen_kmers.items():
            seen.write(workspace / seen_file(split))
        tables.write(workspace / "ledger.parquet", LEDGER, counts.table())


class _ResultsOfRecord:
    """Makes the rows, and the exclusions, of one record after another."""

    def __init__(self, settings: RowSettings, papers: Path | None, pmids: set[int]) -> None:
        self._settings, self._with_papers = settings, papers is not None
        self._papers = papers_for_rows(papers, pmids, settings.passages is not None) if papers and pmids else {}

    def __call__(self, context: Context, references: list[dict[str, Any]], split: str) -> Iterator[PairRow | Exclusion]:
        """Return the results of a record; a row whose kind the config leaves out is an exclusion."""
        settings = self._settings
        of_papers = (context, settings.pairs.max_bases, self._papers, split, settings.passages)
        results = chain(
            rows_of_record(context, references, settings.pairs, settings.windows),
            paper_rows(*of_papers) if self._with_papers else (),
            question_rows(context, settings.qa) if settings.qa else (),
        )
        return map(partial(_of_kinds, settings.pairs.kinds), results)


def _of_kinds(kinds: Container[str], result: PairRow | Exclusion) -> PairRow | Exclusion:
    """Return a result, or the exclusion of a row whose kind the config leaves out."""
    if isinstance(result, Exclusion) or result.values["kind"] in kinds:
        return result
    unit = "feature" if result.values["kind"] == "gene" else "row"
    return Exclusion(unit, "not_wanted", len(result.values["sequence"]), result.values["feature_index"])


def _citations(folder: Path, ordinals: set[int]) -> dict[int, set[int]]:
    """Return the PMIDs of each kept record that cites any."""
    columns = tables.read(folder / "records.parquet", RECORDS, ["ordinal", "pmids"])
    cited = zip(columns["ordinal"].to_pylist(), columns["pmids"].to_pylist(), strict=True)
    return {ordinal: {pmid for pmid in pmids if pmid} for ordinal, pmids in cited if ordinal in ordinals and pmids}


def pair_key(row: PairRow, division: str, part: str, split: str) -> dict[str, Any]:
    """Return the row of PAIR_KEYS of a pair."""
    values = row.values
    copied = {column: values[column] for column in ("pair_id", "accession", "informative")}
    digests = {"digest": row.digest, "bases_digest": row.bases_digest}
    return {"division": division, "part": part, **copied, "split": split, **digests, "bases": len(values["sequence"])}


class PartLedger:
    """Counts what became of the features, of the cited papers and of the proposed rows of one part."""

    def __init__(self, division: str, part: str) -> None:
        self._division, self._part = division, part
        self._count: Counter[tuple[str, str, str]] = Counter()
        self._bases: Counter[tuple[str, str, str]] = Counter()

    def add_unused_features(self, features: pa.Table, decided: pl.DataFrame) -> None:
        """Account for the features of records that are not kept: they share what became of it."""
        unused = (
            pl.DataFrame(features)
            .join(decided.select("ordinal", "status", "reason"), on="ordinal", how="left")
            .filter(pl.col("status") != "kept")
            .group_by("status", "reason")
            .len()
        )
        for status, reason, count in unused.iter_rows():
            self._count["feature", status, f"record_{reason}"] += count

    def add_citations(self, count: int) -> None:
        """Account for the papers that kept records cite, each once for each record."""
        if count:
            self._count["paper", "in", ""] += count

    def add(self, result: PairRow | Exclusion) -> None:
        """Account for one row, or for one feature, paper or record that gave none."""
        if isinstance(result, Exclusion):
            self._count[result.unit, "excluded", result.reason] += 1
            if result.unit == "row":
                self._count["row", "in", ""] += 1
                self._bases["row", "in", ""] += result.bases
                self._bases["row", "excluded", result.reason] += result.bases
            return
        self._count["row", "in", ""] += 1
        self._bases["row", "in", ""] += len(result.values["sequence"])
        if result.counts_as is not None:
            self._count[result.counts_as, "kept", ""] += 1

    def table(self) -> pa.Table:
        """Return the counts as a LEDGER table."""
        return merge(
            entry(
                self._division, self._part, unit, status, reason, count=count, bases=self._bases[unit, status, reason]
            )
            for (unit, status, reason), count in self._count.items()
        )


def kept_records(
    folder: Path, ordinals: set[int], templates: Templates | None = None
) -> Iterator[tuple[Context, list[dict[str, Any]]]]:
    """Yield the wanted records of a part with their references, in file order.

    Holds the annotation of the part as Arrow tables and the bases of one record at a time.
    """
    records = ByOrdinal(tables.read(folder / "records.parquet", RECORDS))
    features = ByOrdinal(tables.read(folder / "features.parquet", FEATURES))
    references = ByOrdinal(tables.read(folder / "references.parquet", REFERENCES))
    for ordinal, sequence, mask in molecules(folder / "segments.parquet", ordinals):
        record = records.rows(ordinal)[0]
        yield (
            Context(record, features.rows(ordinal), sequence, mask, templates=templates),
            references.rows(ordinal),
        )
