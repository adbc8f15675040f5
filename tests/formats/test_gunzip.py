import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.flatfile import record

from dnacorpus.formats import gunzip
from dnacorpus.formats.gunzip import READ_ERRORS, Gunzip


def unzipped(data):
    stream, pieces = Gunzip(io.BytesIO(data)), []
    try:
        while piece := stream.read(1):
            pieces.append(piece)
    except READ_ERRORS as error:
        return b"".join(pieces), type(error)
    return b"".join(pieces), None


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=4), st.integers(0, 40), st.integers(8, 90))
def test_gunzip_reads_all_members_and_padding(members, padding, chunk):
    data = b"".join(map(gzip.compress, members)) + b"\0" * padding
    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(gunzip, "CHUNK", chunk)
        assert unzipped(data) == (b"".join(members), None)


def test_gunzip_returns_all_bytes_before_it_raises():
    records = [record(f"NC_{n:06}.1", "ACGT" * (20 * n), [("source", f"1..{80 * n}", [])]) for n in range(1, 6)]
    content = "".join(records).encode() * 50
    data = bytearray(gzip.compress(content))
    cut, error = unzipped(bytes(data[: len(data) // 2]))
    assert (cut, error) == (zlib.decompressobj(31).decompress(data[: len(data) // 2]), EOFError)
    data[-6] ^= 255
    got, error = unzipped(bytes(data))
    assert got == content
    assert error is not None
    assert unzipped(b"no gzip at all")[1] is not None
    assert unzipped(gzip.compress(content) + b"garbage")[1] is not None
    assert unzipped(b"") == (b"", None)
