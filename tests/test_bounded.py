"""Files and JSON are read up to a limit, and what is larger is refused by name."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.lowered import lower, lowered

from dnacorpus import limits
from dnacorpus.bounded import (
    JsonError,
    content_of,
    file_content,
    file_json,
    file_text,
    lines_of,
    read_json,
    short_lines,
    whole_number,
)
from dnacorpus.config.resolved import Config
from dnacorpus.curation.biosafety.rules import read_rules
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError, within_memory
from dnacorpus.sources.custom import custom_catalog
from dnacorpus.storage.catalog import read_notes, read_parts
from dnacorpus.text.templates import Templates

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


@pytest.mark.parametrize("end", [b"", b"\\", b'\\"'])
def test_brackets_inside_a_text_that_never_ends_are_no_levels(end):
    with pytest.raises(JsonError, match="Unterminated string"):
        read_json(b'["' + b"[" * 500 + end)


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


@given(st.binary(max_size=300), st.integers(1, 40))
def test_lines_are_those_of_the_whole(content, size):
    content = content.replace(b"a", b"\n")
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    assert list(lines_of(chunks, limits.TABLE_LINE, "table")) == content.split(b"\n")
    with_ends = list(short_lines(io.BytesIO(content), limits.TABLE_LINE, "table"))
    assert with_ends == list(io.BytesIO(content))


def test_a_line_without_an_end_is_refused(monkeypatch):
    told = r"table.txt: a line: expected at most 10 bytes \(limit TABLE_LINE\), found more"
    limit = lowered("TABLE_LINE", 10)
    for chunks in each(([b"x" * 11], [b"x\n", b"x" * 6, b"x" * 6], [b"x\n" + b"x" * 11 + b"\nx"])):
        with pytest.raises(LimitError, match=told):
            list(lines_of(chunks, limit, "table.txt"))
        with pytest.raises(LimitError, match=told):
            list(short_lines(io.BytesIO(b"".join(chunks)), limit, "table.txt"))


def _list_of_accessions(path):
    custom_catalog({"name": "mine", "accessions": str(path)}, path.parent / "x.tsv", 1, str(path.parent), None)


ROADS = {
    "catalog": read_parts,
    "notes": read_notes,
    "config": Config.load,
    "templates": Templates.load,
    "viruses": lambda path: read_rules(str(path)),
    "accessions": _list_of_accessions,
}


@pytest.mark.parametrize("road", ROADS)
def test_every_text_of_a_user_is_read_up_to_a_limit(tmp_path, monkeypatch, road):
    lower(monkeypatch, "TEXT_FILE", 100)
    lower(monkeypatch, "TEMPLATES", 100)
    path = tmp_path / "given"
    path.write_bytes(b"#" * 101)
    with pytest.raises(CorpusError, match=r"given: .*expected at most 100 bytes \(limit \w+\), found more"):
        ROADS[road](path)


def recurse():
    return recurse()


def exhaust():
    raise MemoryError


@pytest.mark.parametrize(("fails", "told"), [(recurse, "levels of nesting"), (exhaust, "fits in memory")])
def test_exhausted_memory_and_stack_are_errors_of_the_input(fails, told):
    with pytest.raises(LimitError, match=told) as caught, within_memory():
        fails()
    assert caught.value.__context__.__traceback__ is None  # it would keep what filled the memory


@pytest.mark.parametrize("text", ["", "-1", "1.0", "9" * 19, "9" * 5000, "\u0663", " 7", "7\n", "1_000"])
def test_a_number_of_too_many_digits_or_of_others_is_none(text):
    assert whole_number(text) is None


def test_a_number_of_18_digits_is_read():
    assert (whole_number("9" * 18), whole_number("007")) == (10**18 - 1, 7)


def test_every_limit_has_a_name_and_words():
    assert limits.TABLE["XML_ELEMENTS"] is limits.XML_ELEMENTS
    unnamed = [name for name, limit in limits.TABLE.items() if limit.name != name or not limit.largest or limit < 1]
    assert unnamed == []
    assert limits.JSON_DEPTH.exceeded(120) == "expected at most 100 levels (limit JSON_DEPTH), found 120"
