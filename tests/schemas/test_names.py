import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.schemas.names import (
    BY_FILE,
    NUMBERED,
    RecordNames,
    is_accession,
    is_placeholder,
    label_of,
    own_names,
    stretch_name,
    without_version,
)

OWN = st.sampled_from(
    ["contig_1", "contig_2", "1", "2", "NODE_1_length_9", "Exported", ".", "CP000001.1", "a:1", "x.1"]
)


@pytest.mark.parametrize(
    "name",
    ["NC_012920.1", "NZ_CP012345.1", "NW_1234567890.1", "U00096.3", "X12345", "CP000001.1", "AAAA01000001.1",
     "NZ_JAAAAA010000001.1", "CM000663.2", "EE000001.1:1001-1120", "EE000001.1:c20-5",
     "EE000001.1:join(1..9,20..29)"],
)  # fmt: skip
def test_accessions(name):
    assert is_accession(name)


@pytest.mark.parametrize(
    "name",
    ["contig_1", "contig00001", "NODE_1_length_5000_cov_3.2", "1", "chr1", "scaffold12.1", "own_1", "cp000001.1",
     "genome_a:contig_1", "CP000001.1:contig_1", "CP000001:1", "Exported", "", "A1", "NC_1"],
)  # fmt: skip
def test_other_names_are_no_accessions(name):
    assert not is_accession(name)


@given(st.dictionaries(st.sampled_from("abc"), st.lists(OWN, max_size=8)))
def test_names_are_unique_and_have_the_own_name_in_them(files):
    names = RecordNames({f"{label}.fna": label for label in files})
    given_names = {}
    for label, owns in files.items():
        for own in owns:
            name = names.name(f"{label}.fna", own)
            if is_accession(own):
                assert name == own
                continue
            assert name not in given_names, name
            given_names[name] = own
            assert not is_accession(name)
            assert name.startswith(f"{label}:")
            assert own in own_names(name) or is_placeholder(own) or re.fullmatch(r"a:1:\d+", name.partition(":")[2])
    assert names.counts[BY_FILE] + names.counts[NUMBERED] == len(given_names)


@given(st.lists(OWN, max_size=8), st.lists(OWN, max_size=8), st.lists(OWN, max_size=8))
def test_files_and_records_that_are_added_rename_no_other_record(mine, added, appended):
    alone, beside = RecordNames({"a.fna": "a"}), RecordNames({"a.fna": "a", "b.fna": "b"})
    before = [alone.name("a.fna", own) for own in mine]
    assert all(beside.name("b.fna", own) for own in added)
    assert [beside.name("a.fna", own) for own in [*mine, *appended]][: len(mine)] == before


def test_files_of_a_release_have_no_labels_and_names_as_they_are():
    names = RecordNames({})
    assert [names.name("x", own) for own in ("contig_1", "contig_1", "Exported")] == ["contig_1"] * 2 + ["Exported"]
    assert not names.counts


def test_the_example_is_the_first_record_named_by_its_file():
    names = RecordNames({"g.fna": "g"})
    assert [names.name("g.fna", own) for own in ("CP000001.1", "c", "c", "Exported")] == [
        "CP000001.1", "g:c", "g:c:2", "g:1",
    ]  # fmt: skip
    assert names.example == ("c", "g:c")
    assert dict(names.counts) == {"accession": 1, BY_FILE: 1, NUMBERED: 2}


@pytest.mark.parametrize(
    ("stem", "label"), [("genome_a", "genome_a"), ("my genome: 1", "my_genome_1"), ("v1.2-x+y", "v1.2-x+y")]
)
def test_a_label_has_neither_blanks_nor_colons(stem, label):
    assert label_of(stem) == label


def test_own_names_of_a_name():
    expected = {
        "genome_a:contig_1": ["contig_1"], "k:gid:2": ["gid:2", "gid"], "g:chr1:5-9": ["chr1:5-9"],
        "CP000001.1:chr": ["chr"], "EE000001.1:5-9": [], "NC_012920.1": [], "plain": [],
    }  # fmt: skip
    for name, owns in each(expected.items()):
        assert list(own_names(name)) == owns


def test_a_version_is_left_out_where_there_is_one():
    expected = {
        "NC_012920.1": "NC_012920", "X12345": "X12345", "EE000001.1:5-9": "EE000001", "g.v2:contig_1": "g.v2:contig_1",
        ".1": ".1", "g:contig.1": "g:contig",
    }  # fmt: skip
    for name, bare in each(expected.items()):
        assert without_version(name) == bare


def test_stretches_are_named_as_in_the_fasta_of_ncbi():
    assert stretch_name("X.1", "1001..1120") == "X.1:1001-1120"
    assert stretch_name("X.1", " complement(5..9) ") == "X.1:c9-5"
    assert stretch_name("X.1", "order(1..2, 5..9)") == "X.1:order(1..2,5..9)"
