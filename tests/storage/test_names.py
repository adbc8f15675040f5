import pytest

from dnacorpus.storage.names import MAX_NAME_BYTES, MAX_PATH_BYTES, name_flaw, path_flaw, shown, workflow_flaw

INVISIBLE = "\u034f\u115f\u17b4\u180b\u3164\ufe0f\uffa0\U000e0100"
"""Characters without a glyph that `str.isprintable` takes for printable."""


@pytest.mark.parametrize(
    "name", ["viral.1.genomic.gbff.gz", "a b.gbff", "é.fna", "$(x);'&.gb", "日本\u3000a.gb", "x" * MAX_NAME_BYTES]
)
def test_usable_names(name: str) -> None:
    assert name_flaw(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", ".snakemake_timestamp", ".x", "part.json", "PART.JSON", "a/b", "/etc/passwd", "a\\b", "a\nb",
        "a\x00b", "\x1b[2Ja", "a\x9b", "a\u202eb", "a\u2066b", "a\udc80b", "a\u2028b", "x" * (MAX_NAME_BYTES + 1),
        "ß" * (MAX_NAME_BYTES // 2 + 1), *(f"a{character}b" for character in INVISIBLE),
    ],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    assert name_flaw(name)
    assert path_flaw(f"data/{name}") or name == "a/b"


def test_a_path_is_checked_in_each_of_its_folders() -> None:
    assert path_flaw("data/pairs/viral/train-00000.parquet") == ""
    for path in ("/a", "a//b", "a/", "../a", "a/../b", "a/./b", "a/.b/c", "a/part.json"):
        assert path_flaw(path), path


def test_a_path_has_a_length_of_its_own() -> None:
    longest = "/".join(["a" * 127] * 8)
    assert len(longest) + 1 == MAX_PATH_BYTES
    assert path_flaw(f"{longest}a") == ""
    assert path_flaw(f"{longest}ab") == path_flaw(f"{longest}ß") == "more than 1024 bytes"


def test_paths_that_snakemake_reads_as_patterns() -> None:
    assert workflow_flaw("/data/it's $(a) & b;.gb") == ""
    assert workflow_flaw("/d/<b>{x}.gb") == "< > { }"
    assert workflow_flaw("/d{/a.gb") == "{"
    assert workflow_flaw("/d/\x1b.gb")


def test_a_name_is_shown_short_and_without_control_characters() -> None:
    assert shown("viral.1.gz") == "viral.1.gz"
    assert shown("a\x1b[2J\u202eb") == "a\\x1b[2J\\u202eb"
    assert shown(INVISIBLE) == ascii(INVISIBLE)[1:-1]
    assert len(shown("9" * 5000)) < 100
