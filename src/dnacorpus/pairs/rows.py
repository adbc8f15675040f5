"""The record, window and gene rows of one record, and why the other windows and features get none."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_choice import local_bases, skip_reasons
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.gene import describe_feature
from dnacorpus.pairs.loci import Loci
from dnacorpus.pairs.naming import informative
from dnacorpus.pairs.record import describe_record
from dnacorpus.pairs.window import describe_window, evenly, tiles
from dnacorpus.sequence.bases import canonical, canonical_digest
from dnacorpus.sequence.location import Interval, extract_feature, flanked
from dnacorpus.settings.pairs import PairSettings, WindowSettings
from dnacorpus.text.evidence import ComposedText
from dnacorpus.text.qualifiers import FeatureRow, values

_PUBMED = re.compile(r"PMID:\s*([0-9]{1,9})(?![0-9])")
_CITATION = re.compile(r"\[([0-9]{1,9})\]")
_TRANSLATED = ("CDS", "mat_peptide", "sig_peptide")


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: ``values`` are the columns of `schemas.pairs.PAIRS` but cluster, copies and copies_in.

    ``digest``: 16 bytes of what makes gene rows copies: canonical bases, feature kind and genetic
    code; None for a row that never collapses. ``counts_as``: the unit of the ledger, feature or paper, for which
    the row is counted as kept; None if there is none, or if another row of the same paper is counted.
    """

    values: dict[str, Any]
    digest: bytes | None
    counts_as: str | None = None

    @property
    def bases_digest(self) -> bytes:
        """16 bytes of the canonical bases alone, for a row of any kind."""
        return canonical_digest(self.values["sequence"].encode("ascii"), circular=False)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row, feature or cited paper that was considered and gives no pair; ``bases`` are those of its row."""

    unit: str  # row | feature | paper
    reason: str
    bases: int
    index: int | None = None  # of the feature, if the unit is one


def pair_id(  # noqa: PLR0917 - the parts of one name
    kind: str, accession: str, feature_index: int | None, start: int, end: int, variant: str = ""
) -> str:
    """Return the name of a pair: 32 hexadecimal digits of what it is about, never of its text."""
    parts = (kind, accession, "" if feature_index is None else str(feature_index), str(start), str(end), variant)
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())


def rows_of_record(
    context: Context,
    references: Sequence[Mapping[str, Any]],
    settings: PairSettings,
    windows: WindowSettings | None = None,
) -> Iterator[PairRow | Exclusion]:
    """Yield the record's row, its windows if there are settings for them, and one result for every feature.

    ``references`` are rows of their table, features come in its order. The record comes first: a PairRow, or an
    Exclusion of unit row. Every window that `window.tiles` proposes follows likewise; reasons: gap (too many N), cap
    (more windows than the settings allow). A feature gives a PairRow or an Exclusion of unit feature, for the reasons
    of `feature_choice.skip_reasons`.
    """
    bases = len(context.sequence)
    if not bases or bases > settings.max_bases:
        yield Exclusion("row", "too_long" if bases else "no_sequence", bases)
    else:
        yield _record_row(context)
    if windows:
        yield from _window_rows(context, windows)
    bounds = settings.min_bases, settings.max_bases - 2 * settings.flank
    reasons = skip_reasons(
        context.features, bases, bounds, settings.max_uninformative_share, context.record["accession"]
    )
    for feature in context.features:
        if reason := reasons.get(feature["index"]):
            yield Exclusion("feature", reason, max(local_bases(feature), 0), feature["index"])
        else:
            yield _gene_row(context, feature, references, settings.flank)


def _record_row(context: Context) -> PairRow:
    span = 0, len(context.sequence)
    name = pair_id("record", context.record["accession"], None, *span)
    row = stretch_row(context, name, "record", describe_record(context, name), span)
    pmids = sorted(set(context.record["pmids"] or []))
    return PairRow(row | {"informative": True, "pmids": pmids}, None)


def _window_rows(context: Context, settings: WindowSettings) -> Iterator[PairRow | Exclusion]:
    without_gaps: list[Interval] = []
    for start, end in tiles(len(context.sequence), settings):
        if context.sequence.count(b"N", start, end) > settings.max_n_share * (end - start):
            yield Exclusion("row", "gap", end - start)
        else:
            without_gaps.append((start, end))
    loci = Loci(context.features, len(context.sequence), settings.bases)
    chosen = set(evenly(len(without_gaps), settings.max_windows))
    for number, span in enumerate(without_gaps):
        if number not in chosen:
            yield Exclusion("row", "cap", span[1] - span[0])
            continue
        name = pair_id("window", context.record["accession"], None, *span)
        text, annotated = describe_window(context, loci, span, name, settings.max_features)
        row = stretch_row(context, name, "window", text, span)
        yield PairRow(row | {"informative": annotated, "pmids": []}, None)


def _gene_row(context: Context, feature: FeatureRow, references: Sequence[Mapping[str, Any]], flank: int) -> PairRow:
    kind = feature["kind"]
    cut = flanked(feature, len(context.sequence), flank)
    sequence, parts = extract_feature(context.sequence, cut), cut["parts"]
    name = pair_id("gene", context.record["accession"], feature["index"], cut["start"], cut["end"])
    sides = feature["start"] - cut["start"], cut["end"] - feature["end"]
    text = describe_feature(context, feature, name, len(sequence), sides)
    row = _shared_columns(context, name, "gene", sequence, text) | {
        "feature_kind": kind,
        "feature_index": feature["index"],
        "level": KINDS[kind].level,
        "start": cut["start"],
        "end": cut["end"],
        "strand": cut["strand"],
        "parts": [{key: part[key] for key in ("start", "end", "strand")} for part in parts] if len(parts) > 1 else [],
        "transl_table": _genetic_code(feature),
        "mask": _mask(context, [(part["start"], part["end"], part["strand"]) for part in parts]),
        "informative": informative(feature),
        "pmids": _cited(feature, references),
    }
    content = canonical(sequence, circular=False) + f"\0{kind}\0{row['transl_table']}".encode()
    return PairRow(row, xxhash.xxh3_128_digest(content), "feature")


def _genetic_code(feature: FeatureRow) -> int | None:
    """Return the genetic code of a coding feature; a CDS without one uses the standard code, 1."""
    if feature["kind"] not in _TRANSLATED:
        return None
    table: int | None = feature["transl_table"]
    return 1 if table is None and feature["kind"] == "CDS" else table


def stretch_row(context: Context, name: str, kind: str, text: ComposedText, span: Interval) -> dict[str, Any]:
    """Return the columns of a row about a stretch of a record, forward strand, but informative and pmids.

    ``span`` is half-open and does not cross the origin.
    """
    return _shared_columns(context, name, kind, context.sequence[span[0] : span[1]], text) | {
        "feature_kind": None,
        "feature_index": None,
        "level": "genomic",
        "start": span[0],
        "end": span[1],
        "strand": 1,
        "parts": [],
        "transl_table": None,
        "mask": _mask(context, [(*span, 1)]),
    }


def _shared_columns(context: Context, name: str, kind: str, sequence: bytes, text: ComposedText) -> dict[str, Any]:
    """Return the columns that every kind of row fills alike: those of the record, the sequence and the text."""
    record = context.record
    columns = ("division", "organism", "species", "species_taxid", "lineage", "accession", "genome", "topology")
    return {column: record[column] for column in (*columns, "molecule_type")} | {
        "pair_id": name,
        "kind": kind,
        "sequence": sequence.decode("ascii"),
        "n_share": sequence.count(b"N") / len(sequence),
        "text": text.text,
        "evidence": list(text.evidence),
        "orientation_free": text.orientation_free,
        "licenses": sorted({span["license"] for span in text.evidence}),
    }


def mask_of_parts(mask: Sequence[Interval], parts: Sequence[tuple[int, int, int]]) -> list[Interval]:
    """Map a record's soft-masked intervals into a sequence made of parts, each (start, end, strand) of the record.

    ``mask`` is sorted and disjoint; the intervals returned are half-open in the new sequence, sorted, and
    never touch.
    """
    mapped: list[Interval] = []
    offset = 0
    for start, end, strand in parts:
        number = max(bisect_right(mask, start, key=lambda interval: interval[0]) - 1, 0)
        of_part: list[Interval] = []
        while number < len(mask) and mask[number][0] < end:
            low, high = max(mask[number][0], start), min(mask[number][1], end)
            if low < high:
                of_part.append((low - start, high - start) if strand != -1 else (end - high, end - low))
            number += 1
        mapped += [(offset + low, offset + high) for low, high in sorted(of_part)]
        offset += end - start
    return _merged(mapped)


def _merged(intervals: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for low, high in intervals:
        if merged and merged[-1][1] == low:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged


def _mask(context: Context, parts: Sequence[tuple[int, int, int]]) -> list[dict[str, int]]:
    """Return the soft mask of a sequence made of parts, as values of `schemas.types.RUN`."""
    return [{"start": start, "end": end} for start, end in mask_of_parts(context.mask, parts)]


def _cited(feature: FeatureRow, references: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the PubMed ids that a feature cites, sorted: by number of a reference, or in its qualifiers."""
    named = {int(n) for q in feature["qualifiers"] for n in _PUBMED.findall(q["value"] or "")}
    numbers = {int(n) for text in values(feature, "citation") for n in _CITATION.findall(text)}
    referred = {reference["pmid"] for reference in references if reference["index"] + 1 in numbers}
    return sorted((named | referred) - {None, 0})
