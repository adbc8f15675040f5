"""What the schemas are made of: a described column, the nested types that several tables share, the format version.

Coordinates are 0-based, half-open, int64; strand is +1, -1, or 0 where parts lie on both strands. A span across the
origin of a circular molecule has ``end > length``. No schema has an Arrow map type, which ``datasets`` refuses:
ordered lists of key/value structs instead.
"""

import pyarrow as pa


def column(name: str, kind: pa.DataType, description: str) -> pa.Field:
    """Return a field with a description, which the data dictionary and every Parquet file repeat."""
    return pa.field(name, kind, metadata={"description": description})


FORMAT_VERSION = 2
"""Increased when a table changes in a way that an older reader would misread."""

_SPAN = {"start": pa.int64(), "end": pa.int64()}
PART = pa.struct({"accession": pa.string(), **_SPAN, "strand": pa.int8()})
"""A stretch of a location; ``accession`` is that of the remote record, or null if it is on this record."""
LOCAL_PART = pa.struct({**_SPAN, "strand": pa.int8()})
RUN = pa.struct(_SPAN)
QUALIFIER = pa.struct({"key": pa.string(), "value": pa.string()})
"""``value`` is null for a qualifier without one, e.g. /pseudo."""
STRUCTURED_COMMENT = pa.struct({"block": pa.string(), "key": pa.string(), "value": pa.string()})
EVIDENCE = pa.struct(_SPAN | dict.fromkeys(("source", "field", "how", "license"), pa.string()))
"""A span of text in code points, the record or paper and the field that it is from, and how it follows from it."""
RANKED_NAME = pa.struct({"rank": pa.string(), "name": pa.string()})
"""A taxon of a lineage, with its rank as NCBI writes it."""
PASSAGE = pa.struct({
    "section": pa.string(), "paragraph": pa.int64(), "text": pa.large_string(), "page": pa.int64(),
})  # fmt: skip
"""A paragraph of a paper: the titles of its sections, its index in the paper and, of a PDF, the page it starts on."""

SEGMENT_BASES = 1 << 20
"""Most bases that one row of the segments table holds."""
