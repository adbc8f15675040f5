"""Where the tables of a dataset have a value in every row, and the one check that they do.

Items of lists are never null; neither are the fields of structs, except those in `NULLABLE_FIELDS`.
"""

import pyarrow as pa

from dnacorpus.errors import CorpusError
from dnacorpus.schemas.index import INDEX_ACCESSIONS, INDEX_DIGESTS, INDEX_NAMES, INDEX_TAXA
from dnacorpus.schemas.pairs import PAIRS, PAPERS
from dnacorpus.schemas.parts import FEATURES, LEDGER, RECORDS, SEGMENTS
from dnacorpus.schemas.types import PART, PASSAGE, QUALIFIER, STRUCTURED_COMMENT

NULLABLE_FIELDS = {
    PART: ("accession",),
    PASSAGE: ("section", "paragraph", "page"),
    QUALIFIER: ("value",),
    STRUCTURED_COMMENT: ("block", "value"),
}
"""Struct -> its fields that may be null."""

NEVER_NULL: tuple[tuple[pa.Schema, tuple[str, ...]], ...] = (
    (PAIRS, ("pair_id", "kind", "division", "accession", "start", "end", "parts", "sequence", "text", "evidence")),
    (RECORDS, ("accession", "division", "length", "features", "structured_comment")),
    (FEATURES, ("accession", "index", "kind", "start", "end", "strand", "location", "qualifiers")),
    (SEGMENTS, ("accession", "start", "sequence")),
    (PAPERS, ("pmid",)),
    (LEDGER, tuple(LEDGER.names)),
    (INDEX_ACCESSIONS, ("accession", "division", "status")),
    (INDEX_DIGESTS, ("accession", "division")),
    (INDEX_NAMES, ("accession",)),
    (INDEX_TAXA, ("rank", "division", "status", "records", "bases")),
)
"""A schema and its columns without nulls."""


def never_null(schema: pa.Schema) -> tuple[str, ...]:
    """Return the columns of a schema that have a value in every row; () for a schema that is not listed."""
    return next((columns for known, columns in NEVER_NULL if known.equals(schema)), ())


def null_rows(rows: pa.RecordBatch | pa.Table, schema: pa.Schema) -> dict[int, str]:
    """Return the rows that have a null where none may be: index in ``rows`` -> its place, e.g. ``evidence[].start``.

    ``rows`` may have only some of the columns of ``schema``.
    """
    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    required = never_null(schema)
    if not _null_place(table, required):
        return {}
    places = ((index, _null_place(table.slice(index, 1), required)) for index in range(table.num_rows))
    return {index: place for index, place in places if place}


def refuse_nulls(rows: pa.RecordBatch | pa.Table, schema: pa.Schema, where: str, first: int = 0) -> None:
    """Raise CorpusError, naming ``where`` and the row, for a null where ``schema`` has none.

    ``rows`` has some columns of the schema; ``first`` is the number of its first row in the file.
    """
    for index, place in null_rows(rows, schema).items():
        raise CorpusError(
            f"{where}: row {first + index}: expected a value in {place}, found none; build or pull the dataset again"
        )


def _null_place(table: pa.Table, required: tuple[str, ...]) -> str:
    """Return the place of a null where none may be, or ""."""
    for name in table.column_names:
        for chunk in table[name].chunks:
            if place := _null_in(chunk, name, required=name in required):
                return place
    return ""


def _null_in(values: pa.Array, place: str, *, required: bool) -> str:
    if required and values.null_count:
        return place
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        return _null_in(values.flatten(), f"{place}[]", required=True)
    if pa.types.is_struct(values.type):
        nullable = NULLABLE_FIELDS.get(values.type, ())
        fields = ((field.name, values.field(index)) for index, field in enumerate(values.type))
        found = (_null_in(inner, f"{place}.{name}", required=name not in nullable) for name, inner in fields)
        return next(filter(None, found), "")
    return ""
