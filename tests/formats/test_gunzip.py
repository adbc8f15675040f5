import gzip
import io
import subprocess
import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.flatfile import record
from support.lowered import lower

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


@pytest.mark.parametrize("data", [b"", bytes(40), b"\x1f", gzip.compress(b"ACGT", mtime=0)[:10]])
def test_a_stream_without_a_whole_member_is_cut(data):
    assert unzipped(data) == (b"", EOFError)


def test_a_member_of_nothing_is_whole():
    assert unzipped(gzip.compress(b"")) == (b"", None)


@given(st.binary(min_size=1, max_size=300), st.integers(0, 20), st.integers(8, 90))
def test_bytes_after_the_last_member_are_counted_and_left_out(garbage, zeros, chunk):
    assume(garbage.lstrip(b"\0") and not garbage.lstrip(b"\0").startswith(b"\x1f") and b"\x1f\x8b" not in garbage)
    data = gzip.compress(b"ACGT" * 9) + gzip.compress(b"TTTT") + bytes(zeros) + garbage
    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(gunzip, "CHUNK", chunk)
        stream, pieces = Gunzip(io.BytesIO(data)), []
        while piece := stream.read(1):
            pieces.append(piece)
    assert b"".join(pieces) == b"ACGT" * 9 + b"TTTT"
    assert stream.ignored == len(garbage.lstrip(b"\0"))


@pytest.mark.parametrize("chunk", [8, 9, 64, 1 << 20])
def test_a_member_after_other_bytes_is_damage_since_its_content_would_be_lost(monkeypatch, chunk):
    monkeypatch.setattr(gunzip, "CHUNK", chunk)
    data = gzip.compress(b"ACGT") + b"garbage" + gzip.compress(b"TTTT")
    assert unzipped(data) == (b"ACGT", OSError)


def test_what_gzip_itself_gives(tmp_path):
    data = gzip.compress(b"ACGT" * 99, mtime=0) + b"garbage"
    done = subprocess.run(["gzip", "-dc"], input=data, capture_output=True, check=False)
    assert (done.stdout, done.returncode) == (unzipped(data)[0], 2), done.stderr
    assert b"garbage ignored" in done.stderr


def test_a_stream_that_inflates_to_too_much_is_given_up(monkeypatch):
    lower(monkeypatch, "INFLATED_BYTES", 1 << 20)
    plain = bytes(range(256)) * 8192
    assert unzipped(gzip.compress(plain, 0)) == (plain, None)  # large, but not compressed
    assert unzipped(gzip.compress(bytes(1 << 20))) == (bytes(1 << 20), None)  # compressed, but not large
    told = r"expected at most 1,048,576 bytes \(limit INFLATED_BYTES\), found more, and more than 100 bytes per"
    stream = Gunzip(io.BytesIO(gzip.compress(bytes(16 << 20))))
    with pytest.raises(READ_ERRORS, match=told):
        while stream.read(1):
            pass
