"""The pairs of one record: every span that gets a row of DNA and text, and why the others get none."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from dnacorpus.errors import UsageError
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_choice import local_bases, untold
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.gene import describe_feature, informative
from dnacorpus.pairs.loci import Loci
from dnacorpus.pairs.record import describe_record
from dnacorpus.pairs.window import WindowSettings, describe_window, evenly, tiles
from dnacorpus.sequence.bases import canonical, canonical_digest
from dnacorpus.sequence.location import Interval, extract_feature, flanked
from dnacorpus.text.evidence import ComposedText
from dnacorpus.text.qualifiers import FeatureRow, values

_PUBMED = re.compile(r"PMID:\s*(\d{1,9})")
_CITATION = re.compile(r"\[(\d+)\]")
_TRANSLATED = ("CDS", "mat_peptide", "sig_peptide")


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a row: ``max_bases`` and, of features, ``min_bases``; and how records are cut into windows.

    Without ``windows`` there are none. At most ``max_uninformative`` of a record's rows of features are about
    hypothetical proteins and the like. ``flank``: bases of the record on either side of a feature that stand in
    its row as well. ``kinds``: of the rows that are wanted. Raises UsageError for windows larger than a row may be.
    """

    max_bases: int
    windows: WindowSettings | None = None
    min_bases: int = 1
    max_uninformative: float = 1.0
    flank: int = 0
    kinds: frozenset[str] = frozenset(("record", "gene", "window", "paper", "qa"))

    def __post_init__(self) -> None:
        if self.windows and self.windows.bases > self.max_bases:
            raise UsageError(
                f"windows.bases: expected at most max_bases, {self.max_bases}, found {self.windows.bases};"
                " lower the one or raise the other"
            )


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: ``values`` are the columns of ``schemas.PAIRS`` but cluster, copies and copies_in.

    ``digest``: 16 bytes of what makes gene rows copies, canonical bases, feature kind and genetic
    code; None for a row that never collapses. ``counts_as``: the unit of the ledger, feature or paper, for which
    the row is counted as kept; None where none is, or where another row of the same paper is counted.
    """

    values: dict[str, Any]
    digest: bytes | None
    counts_as: str | None = None

    @property
    def bases_digest(self) -> bytes:
        """Return 16 bytes of the canonical bases alone, whatever the kind of row."""
        return canonical_digest(self.values["sequence"].encode("ascii"), circular=False)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row, feature or cited paper that was looked at and gives no pair; ``bases`` are those it would have held."""

    unit: str  # row | feature | paper
    reason: str
    bases: int
    index: int | None = None  # of the feature, where the unit is one


def pair_id(  # noqa: PLR0917 - the parts of one name
    kind: str, accession: str, feature_index: int | None, start: int, end: int, variant: str = ""
) -> str:
    """Return the name of a pair: 32 hexadecimal digits of what it is about, never of its text."""
    parts = (kind, accession, "" if feature_index is None else str(feature_index), str(start), str(end), variant)
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())


def rows_of_record(  # noqa: PLR0917 - one record's rows of the tables
    record: dict[str, Any],
    features: Sequence[FeatureRow],
    references: list[dict[str, Any]],
    sequence: bytes,
    mask: list[Interval],
    limits: Limits,
) -> Iterator[PairRow | Exclusion]:
    """Yield the record's row, its windows, and one result for every feature, in the table's order.

    ``record``, ``features`` and ``references`` are rows of their tables, ``sequence`` the record's
    bases, ``mask`` its soft-masked half-open runs, sorted and disjoint. The record comes first: a PairRow,
    or an Exclusion of unit row. Every window that `windows.tiles` proposes follows likewise; reasons: gap
    (too many N), cap (more windows than the settings allow). A feature gives a PairRow or an Exclusion of
    unit feature, for the reasons that `feature_choice.untold` names.
    """
    context = Context(record, features)
    told = context.features
    if not sequence or len(sequence) > limits.max_bases:
        yield Exclusion("row", "too_long" if sequence else "no_sequence", len(sequence))
    else:
        yield _record_row(context, sequence, mask)
    if limits.windows:
        yield from _window_rows(context, sequence, mask, limits.windows)
    bounds = limits.min_bases, limits.max_bases - 2 * limits.flank
    reasons = untold(told, len(sequence), bounds, limits.max_uninformative, record["accession"])
    for feature in told:
        if reason := reasons.get(feature["index"]):
            yield Exclusion("feature", reason, max(local_bases(feature), 0), feature["index"])
        else:
            yield _gene_row(context, feature, references, sequence, mask, limits.flank)


def _record_row(context: Context, sequence: bytes, mask: Sequence[Interval]) -> PairRow:
    name = pair_id("record", context.record["accession"], None, 0, len(sequence))
    passage = describe_record(context, name, sequence)
    row = stretch_row(context, name, "record", passage, sequence, (0, len(sequence)), mask)
    pmids = sorted(set(context.record["pmids"] or []))
    return PairRow(row | {"informative": True, "pmids": pmids}, None)


def _window_rows(
    context: Context, sequence: bytes, mask: Sequence[Interval], settings: WindowSettings
) -> Iterator[PairRow | Exclusion]:
    called: list[Interval] = []
    for start, end in tiles(len(sequence), settings):
        if sequence.count(b"N", start, end) > settings.max_n_share * (end - start):
            yield Exclusion("row", "gap", end - start)
        else:
            called.append((start, end))
    loci = Loci(context.features, len(sequence), settings.bases)
    chosen = set(evenly(len(called), settings.most_windows))
    for number, (start, end) in enumerate(called):
        if number not in chosen:
            yield Exclusion("row", "cap", end - start)
            continue
        name = pair_id("window", context.record["accession"], None, start, end)
        bases = sequence[start:end]
        passage, annotated = describe_window(context, loci, start, end, name, bases, settings.most_features)
        row = stretch_row(context, name, "window", passage, bases, (start, end), mask)
        yield PairRow(row | {"informative": annotated, "pmids": []}, None)


def _gene_row(  # noqa: PLR0917 - one row's parts
    context: Context,
    feature: FeatureRow,
    references: Sequence[Mapping[str, Any]],
    record_sequence: bytes,
    mask: Sequence[Interval],
    flank: int,
) -> PairRow:
    kind = feature["kind"]
    cut = flanked(feature, len(record_sequence), flank)
    sequence, parts = extract_feature(record_sequence, cut), cut["parts"]
    name = pair_id("gene", context.record["accession"], feature["index"], cut["start"], cut["end"])
    sides = feature["start"] - cut["start"], cut["end"] - feature["end"]
    text = describe_feature(context, feature, name, len(sequence), sides)
    row = shared_columns(context, name, "gene", sequence, text)
    table = feature["transl_table"]
    row |= {
        "feature_kind": kind,
        "feature_index": feature["index"],
        "level": KINDS[kind].level,
        "start": cut["start"],
        "end": cut["end"],
        "strand": cut["strand"],
        "parts": [{key: part[key] for key in ("start", "end", "strand")} for part in parts] if len(parts) > 1 else [],
        "transl_table": 1 if kind == "CDS" and table is None else table if kind in _TRANSLATED else None,
        "mask": as_structs(mask_of_parts(mask, [(part["start"], part["end"], part["strand"]) for part in parts])),
        "informative": informative(feature),
        "pmids": _cited(feature, references),
    }
    content = canonical(sequence, circular=False) + f"\0{kind}\0{row['transl_table']}".encode()
    return PairRow(row, xxhash.xxh3_128_digest(content), "feature")


def stretch_row(  # noqa: PLR0917 - one row's parts
    context: Context,
    name: str,
    kind: str,
    passage: ComposedText,
    sequence: bytes,
    span: Interval,
    mask: Sequence[Interval],
) -> dict[str, Any]:
    """Return the columns of a row about a stretch of a record, forward strand, but informative and pmids.

    ``sequence`` is the stretch's bases, ``span`` its half-open place, ``mask`` the record's soft mask.
    """
    return shared_columns(context, name, kind, sequence, passage) | {
        "feature_kind": None,
        "feature_index": None,
        "level": "genomic",
        "start": span[0],
        "end": span[1],
        "strand": 1,
        "parts": [],
        "transl_table": None,
        "mask": as_structs(mask_of_parts(mask, [(*span, 1)])),
    }


def shared_columns(context: Context, name: str, kind: str, sequence: bytes, passage: ComposedText) -> dict[str, Any]:
    """Return the columns that every kind of row fills alike: those of the record, the sequence and the text."""
    record = context.record
    columns = ("division", "organism", "species", "species_taxid", "lineage", "accession", "genome", "topology")
    return {column: record[column] for column in (*columns, "molecule_type")} | {
        "pair_id": name,
        "kind": kind,
        "sequence": sequence.decode("ascii"),
        "n_share": sequence.count(b"N") / len(sequence),
        "text": passage.text,
        "evidence": list(passage.evidence),
        "orientation_free": passage.orientation_free,
        "licenses": sorted({span["license"] for span in passage.evidence}),
    }


def mask_of_parts(mask: Sequence[Interval], parts: Sequence[tuple[int, int, int]]) -> list[Interval]:
    """Map a record's soft-masked runs into a sequence made of parts, each (start, end, strand) of the record.

    ``mask`` is sorted and disjoint; the runs returned are half-open in the new sequence, sorted, and
    never touch.
    """
    mapped: list[Interval] = []
    offset = 0
    for start, end, strand in parts:
        place = max(bisect_right(mask, start, key=lambda run: run[0]) - 1, 0)
        runs: list[Interval] = []
        while place < len(mask) and mask[place][0] < end:
            low, high = max(mask[place][0], start), min(mask[place][1], end)
            if low < high:
                runs.append((low - start, high - start) if strand != -1 else (end - high, end - low))
            place += 1
        mapped += [(offset + low, offset + high) for low, high in sorted(runs)]
        offset += end - start
    return _merged(mapped)


def _merged(runs: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for low, high in runs:
        if merged and merged[-1][1] == low:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged


def as_structs(runs: Sequence[Interval]) -> list[dict[str, int]]:
    """Return runs as values of ``schemas.RUN``."""
    return [{"start": start, "end": end} for start, end in runs]


def _cited(feature: FeatureRow, references: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the PubMed ids that a feature cites: by number of a reference, or in its qualifiers, sorted."""
    found = {int(n) for q in feature["qualifiers"] for n in _PUBMED.findall(q["value"] or "")}
    numbers = {int(n) for text in values(feature, "citation") for n in _CITATION.findall(text)}
    cited = {reference["pmid"] for reference in references if reference["index"] + 1 in numbers}
    return sorted((found | cited) - {None, 0})
