"""Writes documents: related pairs in one context with one template, as Parquet files.

The pairs are read twice, in memory that does not grow with their text. The first pass takes what planning
needs of each row and shuffles it by group into bucket files, which are planned one by one. The second
shuffles the rows that are used in a document, bases included, by document; buckets are rendered one by one.
Peak memory is at most about

    200 MB + 48 bytes a use of a pair + 300 a document + 1,000 a pair of the largest group
    + 3 times the largest bucket

where a use is a pair in a document, and a bucket has its size in Arrow. By default there are as many
buckets as give `BUCKET_BYTES` of Parquet each, `MAX_BUCKETS` at most.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dnacorpus.bounded import whole_number
from dnacorpus.dataset import manifest
from dnacorpus.dataset.manifest_form import PULLED
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.views import DOCUMENTS
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.digests import sha256
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.views.documents.fillings import bases_of, fillings_of, lineage_of, plain_length, prompt
from dnacorpus.views.documents.parallelism import score_document
from dnacorpus.views.documents.plan import Candidate, DocumentLimits, groups_of, plans
from dnacorpus.views.documents.render import render
from dnacorpus.views.documents.shuffle import by_document, by_group, groups, read_bucket, shuffle
from dnacorpus.views.documents.style import DocumentStyle
from dnacorpus.views.whole import whole_view

BUCKET_BYTES = 64 << 20
"""Compressed bytes of pairs, times their uses, per bucket."""
MAX_BUCKETS = 512
"""Files open at the same time; systems allow 1,024."""
_SPAN_BYTES = 600
"""Bytes of a span of evidence in Python, to estimate what waits to be written."""

_NARROW = [
    "pair_id", "kind", "division", "organism", "species", "lineage", "accession", "feature_kind", "feature_index",
    "start", "end", "strand", "parts", "topology", "molecule_type", "text", "evidence", "informative",
]  # fmt: skip
_CANDIDATES = pa.schema([
    ("structure", pa.string()), ("group", pa.binary()), ("pair_id", pa.string()), ("species", pa.string()),
    ("start", pa.int64()), ("end", pa.int64()), ("bases", pa.int64()), ("prompt", pa.int64()),
    ("slots", pa.list_(pa.string())), ("lengths", pa.list_(pa.int64())), ("file", pa.int64()), ("row", pa.int64()),
])  # fmt: skip
_MEMBERS = pa.schema([
    *(PAIRS.field(name) for name in (*_NARROW, "sequence")), ("document_id", pa.string()),
    ("structure", pa.string()), ("template", pa.string()), ("context", pa.int64()), ("position", pa.int64()),
])  # fmt: skip

Ranks = Mapping[str, tuple[tuple[str, str], ...]]
"""Species -> ranks and names from the root."""


@dataclass(frozen=True, slots=True)
class _Document:
    document_id: str
    structure: str
    template: str
    context: int
    rows: NDArray[np.int64]  # file and row of each member


def documents(  # noqa: PLR0917 - inputs, output, how
    pairs: Mapping[str, Sequence[Path]],
    out: Path,
    limits: DocumentLimits,
    style: DocumentStyle,
    records: Mapping[str, Sequence[Path]] | None = None,
    buckets: int | None = None,
) -> list[dict[str, Any]]:
    """Write the documents of one division: ``<split>.parquet`` (DOCUMENTS) unless empty, and ``shards.json``.

    ``pairs`` and ``records`` are files of these configs by split, in any order; a lineage prompt takes its
    ranks from the records. Rows are sorted by document_id. Returns what ``shards.json`` holds: config,
    split, rows, bases, bytes and sha256 of each file. Raises CorpusError as `storage.parquet.batches` does.
    """
    shards = []
    with whole_directory(out) as workspace:
        for split in sorted(pairs):
            ranks = _ranks((records or {}).get(split, [])) if style.lineage else {}
            found = _of_split(pairs[split], workspace / f"{split}.parquet", limits, style, ranks, buckets)
            if found is not None:
                shards.append({"config": "documents", "split": split, **found})
        write_text(workspace / "shards.json", json.dumps(shards, indent=1, sort_keys=True) + "\n")
    return shards


def of_dataset(dataset: Path, out: Path, limits: DocumentLimits, style: DocumentStyle) -> list[dict[str, Any]]:
    """Write the documents of a dataset folder into ``out``/<division>/, as `documents` does, and ``view.json`` last.

    A dataset pulled in part gives documents of the files that are there. Returns what is written, each with its
    division. Raises UsageError if there are no pairs, CorpusError if the manifest names a file that is missing.
    """
    described = manifest.read(dataset)
    entries = [entry for entry in described.entries if entry.config in ("pairs", "records")]
    missing = [entry.path for entry in entries if not (dataset / entry.path).is_file()]
    if missing and not (dataset / PULLED).is_file():
        raise CorpusError(
            f"{dataset / missing[0]}: expected a file of the manifest, found none; pull or build it again"
        )
    here = [entry for entry in entries if entry.path not in missing]
    divisions = sorted({entry.division for entry in here if entry.config == "pairs"})
    if not divisions:
        raise UsageError(f"{dataset}: expected files of the config pairs, found none; pull them with --config pairs")
    if style.lineage and not any(entry.config == "records" for entry in here):
        raise UsageError(f"{dataset}: lineages are in the config records, which is not there; pull it too")
    written = []
    with whole_view(out, "documents", described) as files:
        for division in divisions:
            of_config: dict[str, dict[str, list[Path]]] = {"pairs": {}, "records": {}}
            for entry in here:
                if entry.division == division:
                    of_config[entry.config].setdefault(entry.split, []).append(dataset / entry.path)
            found = documents(of_config["pairs"], out / division, limits, style, of_config["records"])
            written += [{"division": division, **shard} for shard in found]
            files += [
                {"division": division, "path": f"{division}/{shard['split']}.parquet", **shard} for shard in found
            ]
    return written


def _of_split(  # noqa: PLR0917 - one file's inputs
    files: Sequence[Path], out: Path, limits: DocumentLimits, style: DocumentStyle, ranks: Ranks, buckets: int | None
) -> dict[str, Any] | None:
    uses = len(limits.structures) * len(limits.contexts) * limits.max_uses
    bucketed = 1 + uses * sum(path.stat().st_size for path in files) // BUCKET_BYTES
    count = buckets or min(bucketed, MAX_BUCKETS)
    shuffled = out.parent / "shuffle"
    shuffled.mkdir()
    rows = bases = 0
    try:
        candidates = shuffle(_candidates(files, limits, style, ranks), _CANDIDATES, by_group, shuffled / "c", count)
        planned = _plan(candidates, limits, style)
        if not planned:
            return None
        members = shuffle(_members(files, planned), _MEMBERS, by_document, shuffled / "m", count)
        with TableWriter(out, DOCUMENTS) as writer:
            for path in members:
                for document in _rendered(path, style, ranks):
                    writer.write_row(document, len(document["text"]) + _SPAN_BYTES * len(document["evidence"]))
                    rows += 1
                    bases += sum(member["dna_end"] - member["dna_start"] for member in document["members"])
    finally:
        shutil.rmtree(shuffled)
    return {"rows": rows, "bases": bases, "bytes": out.stat().st_size, "sha256": sha256(out)}


def _ranks(files: Sequence[Path]) -> Ranks:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in files:
        for batch in tables.foreign_batches(path, RECORDS, ["species", "ranked_lineage"], rows=256):
            for row in batch.to_pylist():
                lineage = tuple((taxon["rank"], taxon["name"]) for taxon in row["ranked_lineage"] or [])
                if row["species"] and lineage:
                    # The least of differing lineages, so that the order of files does not matter.
                    found[row["species"]] = min(found.get(row["species"], lineage), lineage)
    return found


def _candidates(
    files: Sequence[Path], limits: DocumentLimits, style: DocumentStyle, ranks: Ranks
) -> Iterator[pa.Table]:
    slots = {
        structure: {slot for template in style.templates if structure in template.structures for slot in template.slots}
        for structure in limits.structures
    }
    for number, path in enumerate(files):
        first = 0
        for batch in tables.foreign_batches(path, PAIRS, _NARROW, rows=1024):
            found = []
            for number_in_file, row in enumerate(batch.to_pylist(), start=first):
                try:
                    found += [
                        candidate | {"file": number, "row": number_in_file}
                        for candidate in _candidates_of(row, slots, style, ranks)
                    ]
                except ValueError as error:
                    raise CorpusError(
                        f"{path}: row {number_in_file}: {error}; run `dnacorpus verify`, build or pull again"
                    ) from error
            first += batch.num_rows
            yield pa.Table.from_pylist(found, schema=_CANDIDATES)


def _candidates_of(
    row: Mapping[str, Any], slots: Mapping[str, set[str]], style: DocumentStyle, ranks: Ranks
) -> Iterator[dict[str, Any]]:
    """Yield the candidates that a row of pairs gives; raises ValueError for a row whose values make no claims."""
    bases = bases_of(row)
    if not 0 < bases < 1 << 62:
        raise ValueError(f"expected coordinates of a sequence, found {bases} bases")
    fillings = fillings_of(row, style.tokens) if row["kind"] in ("gene", "record") else {}
    for structure, group in groups_of(row, fillings):
        if structure in slots:
            usable = sorted(slots[structure] & fillings.keys())
            lineage = _prompt(row, style, ranks)
            yield {
                **{name: row[name] for name in ("pair_id", "start", "end")},
                **{"structure": structure, "group": group, "species": row["species"] or row["organism"]},
                **{"bases": bases, "prompt": len(lineage.text) if lineage else 0},
                **{"slots": usable, "lengths": [plain_length(fillings[slot]) for slot in usable]},
            }


def _prompt(row: Mapping[str, Any], style: DocumentStyle, ranks: Ranks) -> Any:
    return prompt(lineage_of(row, ranks.get(row["species"]))) if style.lineage else None


def _plan(paths: Iterable[Path], limits: DocumentLimits, style: DocumentStyle) -> list[_Document]:
    """Return the documents of all buckets in the order of their names, the first ``most`` of each kind."""
    found: dict[tuple[str, int], list[_Document]] = {}
    for path in paths:
        for of_group in groups(read_bucket(path).sort_by("group"), "group"):
            structure, group = of_group[0]["structure"], of_group[0]["group"]
            rows, candidates = {}, []
            for row in of_group:
                rows[row["pair_id"]] = (row["file"], row["row"])
                lengths = dict(zip(row["slots"], row["lengths"], strict=True))
                narrow = {name: row[name] for name in ("pair_id", "species", "start", "end", "bases", "prompt")}
                candidates.append(Candidate(**narrow, lengths=lengths))
            for plan in plans(structure, group, candidates, style, limits):
                at = np.array([rows[member.pair_id] for member in plan.members], np.int64)
                document = _Document(plan.document_id, structure, plan.template, plan.context, at)
                found.setdefault((structure, plan.context), []).append(document)
    kept = [sorted(same, key=lambda document: document.document_id)[: limits.most] for same in found.values()]
    return sorted((document for same in kept for document in same), key=lambda document: document.document_id)


def _members(files: Sequence[Path], planned: Sequence[_Document]) -> Iterator[pa.Table]:
    """Yield the rows that documents use, once for each use, with the columns of the document."""
    used = np.concatenate([document.rows for document in planned])
    sizes = [len(document.rows) for document in planned]
    owner = np.repeat(np.arange(len(planned)), sizes)
    position = np.concatenate([np.arange(size) for size in sizes])
    order = np.lexsort((owner, used[:, 1], used[:, 0]))
    used, owner, position = used[order], owner[order], position[order]
    for number, path in enumerate(files):
        low, high = np.searchsorted(used[:, 0], [number, number + 1])
        wanted, first = used[low:high, 1], 0
        for batch in tables.foreign_batches(path, PAIRS, [*_NARROW, "sequence"], rows=256):
            left, right = np.searchsorted(wanted, [first, first + batch.num_rows])
            if left < right:
                taken = pa.Table.from_batches([batch.take(pa.array(wanted[left:right] - first))])
                mine = [planned[position] for position in owner[low + left : low + right]]
                for name in ("document_id", "structure", "template", "context"):
                    values = [getattr(document, name) for document in mine]
                    taken = taken.append_column(name, pa.array(values, _MEMBERS.field(name).type))
                yield taken.append_column("position", pa.array(position[low + left : low + right])).cast(_MEMBERS)
            first += batch.num_rows


def _rendered(path: Path, style: DocumentStyle, ranks: Ranks) -> Iterator[dict[str, Any]]:
    rows = read_bucket(path).sort_by([("document_id", "ascending"), ("position", "ascending")])
    for members in groups(rows, "document_id"):
        yield _document(members, style, ranks)


def _document(rows: Sequence[Mapping[str, Any]], style: DocumentStyle, ranks: Ranks) -> dict[str, Any]:
    first = rows[0]
    rendered = render(
        first["document_id"], style.named(first["template"]), [(row, _prompt(row, style, ranks)) for row in rows], style
    )
    score = score_document(rendered["text"], rendered["members"], rendered["evidence"])
    papers = {span["source"] for span in rendered["evidence"] if span["source"].startswith("PMID:")}
    pmids = (whole_number(source.removeprefix("PMID:")) for source in papers)
    return {
        **{column: first[column] for column in ("document_id", "structure", "template", "division", "context")},
        **rendered,
        "pmids": sorted(pmid for pmid in pmids if pmid is not None),
        "licenses": sorted({span["license"] for span in rendered["evidence"]}),
        "parallel_pairs": score.parallel_pairs,
        "phrase_pairs": score.phrase_pairs,
        "structure_score": score.share,
    }
