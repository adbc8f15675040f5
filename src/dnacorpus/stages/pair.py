"""The pair stage: the kept records of one part become rows of DNA and text, every feature is accounted for."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from dnacorpus.curation.leaks import Meeting, met_by
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.paper.passages import PassageLimits
from dnacorpus.pairs.paper.rows import paper_rows
from dnacorpus.pairs.qa.rows import Questions, question_rows
from dnacorpus.pairs.rows import Exclusion, Limits, PairRow, rows_of_record
from dnacorpus.schemas.pairs import DECISIONS, PAIR_KEYS, PAIRS, PAPERS
from dnacorpus.schemas.parts import FEATURES, LEDGER, RECORDS, REFERENCES
from dnacorpus.schemas.splits import SPLITS, TEST
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory
from dnacorpus.storage.ledger import entry, merge
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.part_reader import ByOrdinal, Interval, molecules, rows_of_part
from dnacorpus.text.templates import Templates

Record = dict[str, Any]
Screen = Callable[[Iterable[PairRow | Exclusion]], Iterator[PairRow | Exclusion]]

UNDECIDED = {"cluster": None, "copies": None, "copies_in": None}
"""The columns of a pair that nobody knows before all pairs are compared."""


def pair(  # noqa: PLR0917 - the inputs and the output of one stage
    tables_of_part: Path,
    decisions: Path,
    limits: Limits,
    out: Path,
    papers: Path | None = None,
    passages: PassageLimits | None = None,
    questions: Questions | None = None,
    index: Path | None = None,
    screen: Screen | None = None,
    templates: Templates | None = None,
) -> None:
    """Write the pairs of one part.

    ``papers`` is a table of PAPERS; without one no paper is looked at, without ``passages`` no full text,
    without ``questions`` there are no qa rows.
    ``index`` is that of the held-out k-mers; without one none is met. ``screen`` is what the results of each
    record go through before they are written and counted, say `row_guard.RowGuard.keep_out`.
    ``templates`` are the phrasings of all texts, by default the package's.
    ``out`` holds ``<split>.parquet`` (PAIRS, cluster and copies still null), ``keys.parquet`` (PAIR_KEYS),
    ``met_<split>.parquet`` (MET: what of the index the records of train, and of validation, hold) and
    ``ledger.parquet``: every feature of the part, every paper that a kept record cites, every row that was proposed.
    """
    division, part = tables_of_part.parent.name, tables_of_part.name
    columns = ["part", "ordinal", "status", "reason", "split", "biosafety"]
    decided = pl.DataFrame(rows_of_part(decisions, DECISIONS, part, columns))
    kept = decided.filter(pl.col("status") == "kept")
    splits, flags = (dict(kept.select("ordinal", column).iter_rows()) for column in ("split", "biosafety"))
    books = Books(division, part)
    books.add_unused_features(tables.read(tables_of_part / "features.parquet", FEATURES, ["ordinal"]), decided)
    cited = _citations(tables_of_part, set(splits)) if papers else {}
    known = _papers_of(papers, set().union(*cited.values()), passages is not None) if papers and cited else {}
    books.add_citations(sum(map(len, cited.values())))
    meetings = {split: Meeting(index) for split in SPLITS if split != TEST}
    wanted = partial(_of_kinds, limits.kinds)
    with whole_directory(out) as workspace, ExitStack() as stack:
        writers = {split: stack.enter_context(TableWriter(workspace / f"{split}.parquet", PAIRS)) for split in SPLITS}
        keys = stack.enter_context(TableWriter(workspace / "keys.parquet", PAIR_KEYS))
        records = kept_records(tables_of_part, set(splits))
        for record, features, references, sequence, mask in tqdm(
            records, total=len(splits), desc=f"pair {part}", unit="record", disable=None
        ):
            split = splits[record["ordinal"]]
            if meeting := meetings.get(split):
                meeting.add(sequence, circular=record["topology"] == "circular")
            context = Context(record, features, sequence, mask, templates=templates)
            rows = rows_of_record(context, references, limits)
            with_papers = paper_rows(context, limits, known, split, passages) if papers else ()
            with_questions = question_rows(context, questions) if questions else ()
            for result in (screen or as_they_are)(map(wanted, chain(rows, with_papers, with_questions))):
                books.add(result)
                if isinstance(result, PairRow):
                    values = result.values
                    size = len(values["sequence"]) + len(values["text"])
                    flag = flags[record["ordinal"]] or values.get("biosafety")
                    writers[split].write_row({**values, **UNDECIDED, "biosafety": flag}, size)
                    keys.write_row(pair_key(result, division, part, split))
                    if meeting and values["parts"]:  # the record itself lacks what only joined parts make
                        meeting.add(values["sequence"].encode("ascii"))
        for split, meeting in meetings.items():
            meeting.write(workspace / met_by(split))
        tables.write(workspace / "ledger.parquet", LEDGER, books.table())


def as_they_are(results: Iterable[PairRow | Exclusion]) -> Iterator[PairRow | Exclusion]:
    """Return the results of a record unscreened."""
    return iter(results)


def _of_kinds(kinds: frozenset[str], result: PairRow | Exclusion) -> PairRow | Exclusion:
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


def _papers_of(path: Path, pmids: set[int], full_text: bool) -> dict[int, dict[str, Any]]:
    """Return the rows of some PMIDs; of those that may not be told neither abstract nor passages are held."""
    wanted = pa.array(sorted(pmids), pa.int64())
    columns = [name for name in PAPERS.names if full_text or name != "passages"]
    nothing = {"abstract": None, "passages": None}
    rows: dict[int, dict[str, Any]] = {}
    for batch in tables.batches(path, PAPERS, columns, rows=64 if full_text else 4096):
        for row in batch.filter(pc.is_in(batch["pmid"], value_set=wanted)).to_pylist():
            told = row["open"] and not row["retracted"]
            rows[row["pmid"]] = {"passages": None, **row} if told else row | nothing
    return rows


def pair_key(row: PairRow, division: str, part: str, split: str) -> dict[str, Any]:
    """Return the row of PAIR_KEYS of a pair."""
    values = row.values
    copied = {column: values[column] for column in ("pair_id", "accession", "informative")}
    digests = {"digest": row.digest, "bases_digest": row.bases_digest}
    return {"division": division, "part": part, **copied, "split": split, **digests, "bases": len(values["sequence"])}


class Books:
    """Counts what became of the features, of the cited papers and of the proposed rows of one part."""

    def __init__(self, division: str, part: str) -> None:
        self._division, self._part = division, part
        self._count: Counter[tuple[str, str, str]] = Counter()
        self._bases: Counter[tuple[str, str, str]] = Counter()

    def add_unused_features(self, features: pa.Table, decided: pl.DataFrame) -> None:
        """Account for the features of records that are not kept: they share their record's fate."""
        fates = (
            pl.DataFrame(features)
            .join(decided.select("ordinal", "status", "reason"), on="ordinal", how="left")
            .filter(pl.col("status") != "kept")
            .group_by("status", "reason")
            .len()
        )
        for status, reason, count in fates.iter_rows():
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
        """Return the books as a LEDGER table."""
        return merge(
            entry(
                self._division, self._part, unit, status, reason, count=count, bases=self._bases[unit, status, reason]
            )
            for (unit, status, reason), count in self._count.items()
        )


def kept_records(
    folder: Path, ordinals: set[int]
) -> Iterator[tuple[Record, list[Record], list[Record], bytes, list[Interval]]]:
    """Yield record, features, references, bases and soft mask of the wanted records, in file order.

    Holds the annotation of the part as Arrow tables and the bases of one record at a time.
    """
    records = ByOrdinal(tables.read(folder / "records.parquet", RECORDS))
    features = ByOrdinal(tables.read(folder / "features.parquet", FEATURES))
    references = ByOrdinal(tables.read(folder / "references.parquet", REFERENCES))
    for ordinal, sequence, mask in molecules(folder / "segments.parquet", ordinals):
        yield records.rows(ordinal)[0], features.rows(ordinal), references.rows(ordinal), sequence, mask
