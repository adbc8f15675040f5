"""Ranges and strings of unequal lengths without loops: the indices of many ranges, and Arrow string arrays."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """Return the integers of all half-open ranges ``start``..``start + length``, one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def strings(data: npt.NDArray[np.uint8], lengths: Ints, valid: npt.NDArray[np.bool_] | None = None) -> pa.StringArray:
    """Return concatenated ASCII text as an array of strings of these lengths, null where ``valid`` is false."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    bits = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [bits, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.string(), len(lengths), buffers)
