"""The features of many records as rows of the features table, built column by column.

The rows equal those of `genbank.features.feature_row`, for all features that `columns.lines` has read.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dnacorpus.formats.genbank.columns.lines import Columns
from dnacorpus.formats.genbank.columns.locations import Molecules, read_locations
from dnacorpus.formats.genbank.columns.ragged import Ints, ranges
from dnacorpus.formats.genbank.features import COLUMNS, NUMBERS, GenBankFeature
from dnacorpus.schemas.parts import FEATURES
from dnacorpus.schemas.types import QUALIFIER

_NUMBER = r"^[0-9]{1,18}$"
SCHEMA = pa.schema([field for field in FEATURES if field.name not in ("accession", "ordinal")])
"""The features table without the columns accession and ordinal."""


def feature_table(columns: Columns, lengths: Ints, circular: npt.NDArray[np.bool_]) -> pa.Table:
    """Return the rows of all features, in order; ``lengths`` (bases) and ``circular`` are those of each molecule."""
    owner = np.repeat(np.arange(len(columns.table)), columns.qualifiers)
    codes = columns.keys.indices.to_numpy()
    code = {name: number for number, name in enumerate(columns.keys.dictionary.to_pylist())}
    is_null = columns.values.is_null().to_numpy(zero_copy_only=False)

    def having(*keys: str) -> npt.NDArray[np.bool_]:
        flags = np.zeros(len(columns.table), np.bool_)
        for key in keys:
            flags[owner[codes == code.get(key)]] = True
        return flags

    rest = np.ones(len(codes), np.bool_)
    firsts = {}
    for name in COLUMNS + NUMBERS:
        rows = np.flatnonzero(codes == code[name]) if name in code else np.zeros(0, np.int64)
        rows = rows[np.diff(owner[rows], prepend=-1) > 0]
        if name in NUMBERS:
            number = pc.match_substring_regex(columns.values.take(pa.array(rows)), _NUMBER).fill_null(False)
            rows = rows[number.to_numpy(zero_copy_only=False)]
        else:
            rows = rows[~is_null[rows]]
        rest[rows] = False
        firsts[name] = _scattered(columns.values, rows, owner[rows], len(columns.table))
    rest &= ~((codes == code.get("pseudo")) & is_null)
    molecules = Molecules(lengths[columns.table], circular[columns.table], having("trans_splicing"))
    starts = np.cumsum(np.bincount(columns.table, minlength=len(lengths)))
    starts = np.concatenate(([0], starts[:-1]))
    made = {
        "index": pa.array(np.arange(len(columns.table)) - starts[columns.table]),
        "kind": _decoded(columns.kinds),
        **read_locations(columns.locations, molecules),
        "location": columns.locations,
        **{name: firsts[name] for name in COLUMNS},
        "pseudo": pa.array(having("pseudo", "pseudogene")),
        **{name: firsts[name].cast(pa.int64()) for name in NUMBERS},
        "qualifiers": _qualifiers(columns, rest, np.bincount(owner[rest], minlength=len(columns.table))),
    }
    return pa.Table.from_arrays([made[name] for name in SCHEMA.names], schema=SCHEMA)


def counts(columns: Columns) -> list[tuple[list[str], list[int]]]:
    """Return, for each table, its feature keys in order and the number of qualifiers of each feature."""
    ends = np.cumsum(np.bincount(columns.table, minlength=len(columns.odd))).tolist()
    kinds, qualifiers = _decoded(columns.kinds).to_pylist(), columns.qualifiers.tolist()
    return [(kinds[start:end], qualifiers[start:end]) for start, end in pairwise([0, *ends])]


def sources(columns: Columns) -> list[GenBankFeature | None]:
    """Return the first ``source`` feature of each table, or None."""
    code = columns.kinds.dictionary.index("source").as_py()
    rows = np.flatnonzero(columns.kinds.indices.to_numpy() == code)
    rows = rows[np.diff(columns.table[rows], prepend=-1) > 0]
    count = columns.qualifiers[rows]
    picked = pa.array(ranges((np.cumsum(columns.qualifiers) - columns.qualifiers)[rows], count))
    pairs = list(
        zip(_decoded(columns.keys.take(picked)).to_pylist(), columns.values.take(picked).to_pylist(), strict=True)
    )
    first_sources: list[GenBankFeature | None] = [None] * len(columns.odd)
    ends = np.cumsum(count).tolist()
    locations = columns.locations.take(pa.array(rows)).to_pylist()
    for table, location, start, end in zip(columns.table[rows].tolist(), locations, [0, *ends], ends, strict=False):
        first_sources[table] = GenBankFeature("source", location, pairs[start:end])
    return first_sources


def _decoded(values: pa.DictionaryArray) -> pa.StringArray:
    return values.dictionary.take(values.indices)


def _scattered(values: pa.StringArray, rows: Ints, owner: Ints, size: int) -> pa.StringArray:
    """Return ``size`` values: at each ``owner`` the value of its row, null elsewhere."""
    index, absent = np.zeros(size, np.int64), np.ones(size, np.bool_)
    index[owner], absent[owner] = rows, False
    return values.take(pa.array(index, mask=absent))


def _qualifiers(columns: Columns, rest: npt.NDArray[np.bool_], count: Ints) -> pa.ListArray:
    kept = pa.array(rest)
    values = pa.StructArray.from_arrays(
        [_decoded(columns.keys.filter(kept)), columns.values.filter(kept)], fields=list(QUALIFIER)
    )
    offsets = np.zeros(len(count) + 1, np.int32)
    np.cumsum(count, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=pa.list_(QUALIFIER))
