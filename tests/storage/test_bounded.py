"""Files and JSON are read up to a limit, and what is larger is refused by name."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lowered import lower, lowered

from dnacorpus import limits
from dnacorpus.limits import LimitError, within_memory
from dnacorpus.storage.bounded import JsonError, content_of, file_content, file_json, file_text, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_is_what_the_standard_library_reads(value):
    content = json.dumps(value).encode()
    assert read_json(content) == json.loads(content) == value


@pytest.mark.parametrize("content", [b"", b"{", b"[1,", b'"\\', b"\xff", b'{"a": 1' + b"0" * 5000 + b"}", b"nul"])
def test_anything_else_is_one_error(content):
    with pytest.raises(JsonError):
        read_json(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[" * 101 + b"]" * 101, "more than 100 levels .limit JSON_DEPTH"),
        (b'{"a":' * 200_000, "more than 100 levels .limit JSON_DEPTH"),
        (b"[" + b"0," * 5000 + b"0]", "more than 5,000 values .limit JSON_VALUES"),
        (b"[" + b" " * 10_000 + b"]", "more than 10,000 bytes .limit JSON_BYTES"),
    ],
)
def test_json_beyond_a_limit_is_refused(content, told, monkeypatch):
    lower(monkeypatch, "JSON_VALUES", 5000 if b"0," in content else limits.JSON_VALUES)
    lower(monkeypatch, "JSON_BYTES", 10_000 if b"  " in content else limits.JSON_BYTES)
    with pytest.raises(JsonError, match=told):
        read_json(content)


def test_brackets_inside_texts_are_no_levels():
    assert read_json(json.dumps(["[" * 500, 'a"\\[' * 500]).encode())[0] == "[" * 500


def test_a_file_may_be_as_large_as_its_limit_and_no_larger(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"a\r\nb" * 2)
    assert file_content(path, lowered("TEXT_FILE", 8)) == b"a\r\nb" * 2
    assert file_text(path) == path.read_text() == "a\nba\nb"
    with pytest.raises(LimitError, match=r"list.txt: expected at most 7 bytes \(limit TEXT_FILE\), found more"):
        file_content(path, lowered("TEXT_FILE", 7))


def test_a_file_without_an_end_is_read_up_to_its_limit(monkeypatch):
    lower(monkeypatch, "JSON_BYTES", 1 << 20)
    with pytest.raises(LimitError, match="/dev/zero: expected at most 1,048,576 bytes"):
        file_json("/dev/zero")
    with pytest.raises(LimitError, match="at most 3 bytes"):
        content_of(io.BytesIO(b"four"), lowered("TEXT_FILE", 3))


def recurse():
    return recurse()


def exhaust():
    raise MemoryError


@pytest.mark.parametrize(("fails", "told"), [(recurse, "levels of nesting"), (exhaust, "fits in memory")])
def test_exhausted_memory_and_stack_are_errors_of_the_input(fails, told):
    with pytest.raises(LimitError, match=told) as caught, within_memory():
        fails()
    assert caught.value.__context__.__traceback__ is None  # it would keep what filled the memory


def test_every_limit_has_a_name_and_words():
    assert limits.TABLE["XML_ELEMENTS"] is limits.XML_ELEMENTS
    unnamed = [name for name, limit in limits.TABLE.items() if limit.name != name or not limit.largest or limit < 1]
    assert unnamed == []
    assert limits.JSON_DEPTH.exceeded(120) == "expected at most 100 levels (limit JSON_DEPTH), found 120"
