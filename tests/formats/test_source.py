import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import CorpusError
from dnacorpus.formats.gunzip import READ_ERRORS
from dnacorpus.formats.source import InputFile, open_input


def read(handle, size):
    return b"".join(iter(lambda: handle.read(size), b""))


@given(st.lists(st.sampled_from(["LOCUS x", "", "//", "ACGT"]), min_size=1, max_size=9), st.integers(1, 40))
def test_lines_that_end_with_a_carriage_return_alone_are_lines(lines, size):
    old = "".join(f"{line}\r" for line in lines)
    expected = old if (old.count("\r") == 1 and old.endswith("\r")) or size < 2 else old.replace("\r", "\n")
    found = read(InputFile(io.BytesIO(old.encode())), size)
    assert len(found) == len(old), "positions do not change"
    if size > len(old):
        assert found == expected.encode()


@given(st.lists(st.sampled_from(["LOCUS x", "a\rb", "//"]), min_size=2, max_size=9), st.sampled_from(["\n", "\r\n"]))
def test_a_file_with_newlines_is_unchanged(lines, end):
    text = "first" + end + end.join(lines)
    assert read(InputFile(io.BytesIO(text.encode())), 1000) == text.encode()


@pytest.mark.parametrize("name", ["x.fna.gz", "x.FNA.GZ", "x.fna.bgz"])
def test_a_file_is_gzipped_by_its_name_even_if_it_is_empty(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    with open_input(tmp_path / name) as handle, pytest.raises(READ_ERRORS, match="before any gzip data"):
        handle.read(10)


def test_a_file_is_gzipped_by_its_first_bytes(tmp_path):
    (tmp_path / "x.fna").write_bytes(gzip.compress(b">x\rACGT\r"))
    with open_input(tmp_path / "x.fna") as handle:
        assert read(handle, 100) == b">x\nACGT\n"
    (tmp_path / "y.fna").write_bytes(b"")
    with open_input(tmp_path / "y.fna") as handle:
        assert (handle.read(10), handle.ignored) == (b"", 0)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="expected a readable file"), open_input(tmp_path / "none"):
        pass
