import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import fasta

from dnacorpus.formats import fasta as module
from dnacorpus.formats.fasta import FastaIndex, accession_of, index_fasta, read_bases
from dnacorpus.formats.gunzip import Gunzip


def index(data, name="x.fna"):
    scratch = io.BytesIO()
    entries, damage = index_fasta(io.BytesIO(data), scratch, name)
    return entries, scratch, damage


@given(
    st.lists(
        st.tuples(st.from_regex(r"[A-Z]{2}_\d{1,6}\.\d( [a-z ,>]{0,40})?", fullmatch=True), st.text("ACGTNacgtn")),
        max_size=8,
    ),
    st.integers(1, 90),
    st.integers(1, 200),
)
def test_entries_are_unchanged_for_any_chunk_size(records, width, chunk):
    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        entries, scratch, damage = index(fasta(*records, width=width).encode())
    assert damage == ""
    assert [(entry.accession, entry.definition) for entry in entries] == [
        (title.split()[0], title.partition(" ")[2].strip()) for title, _ in records
    ]
    assert [read_bases(scratch, entry).raw.decode() for entry in entries] == [bases for _, bases in records]


@pytest.mark.parametrize(
    ("bases", "mask"),
    [("ACgtNN", [(2, 4)]), ("acGTnn", [(0, 2), (4, 6)]), ("acgtnn", []), ("ACGT", []), ("", [])],
)
def test_mask_is_lower_case_beside_upper_case(bases, mask):
    entries, scratch, _ = index(fasta(("X.1", bases), width=3).encode())
    assert read_bases(scratch, entries[0]).mask == mask


def test_windows_line_ends_and_blank_lines():
    entries, scratch, _ = index(b"\r\n>X.1 a b\r\nAC\r\n\r\nGT\r\n>Y.2\r\nTT")
    assert [(entry.accession, entry.definition, entry.flaw) for entry in entries] == [
        ("X.1", "a b", None),
        ("Y.2", "", None),
    ]
    assert [read_bases(scratch, entry).raw for entry in entries] == [b"ACGT", b"TT"]


def test_text_before_the_first_record_and_a_nameless_record_are_flaws():
    entries, *_ = index(b"hello\n>X.1\nAC\n>\nGT\n")
    assert [(entry.accession, entry.flaw, entry.start, entry.end) for entry in entries] == [
        ("", "no_locus", 0, 6),
        ("X.1", None, 6, 14),
        ("", "header", 14, 19),
    ]


def test_an_empty_file_has_no_entries():
    assert index(b"")[0] == index(b"\n\n")[0] == []


def test_a_broken_stream_truncates_its_last_entry():
    data = gzip.compress(fasta(*((f"X{n}.1", "ACGT" * 5000) for n in range(200))).encode())
    scratch = io.BytesIO()
    entries, damage = index_fasta(Gunzip(io.BytesIO(data[: len(data) // 2])), scratch, "x")
    assert damage.startswith("EOFError")
    assert all(entry.flaw == ("truncated" if entry is entries[-1] else None) for entry in each(entries))


@pytest.mark.parametrize(
    ("identifier", "accession"),
    [
        ("NC_1.1", "NC_1.1"),
        ("gi|123|ref|NC_1.1|", "NC_1.1"),
        ("ref|NC_1.1|", "NC_1.1"),
        ("gb|U49845.1|SCU49845", "U49845.1"),
        ("lcl|contig_1", "contig_1"),
    ],
)
def test_accession_of(identifier, accession):
    assert accession_of(identifier) == accession


def found(names, accession):
    entry = FastaIndex(index(fasta(*((name, "ACGT") for name in names)).encode())[0]).claim(accession)
    return entry and entry.accession


@pytest.mark.parametrize(
    ("names", "accession", "expected"),
    [
        (["X.1", "X.2"], "X.2", "X.2"),
        (["X.2"], "X.1", None),
        (["X"], "X.1", "X"),
        (["X.1"], "X", "X.1"),
        (["X.1", "X.2"], "X", None),
        (["X", "X.2"], "X.1", None),
        (["Y.1"], "X.1", None),
    ],
)
def test_claim_goes_by_accession_and_version(names, accession, expected):
    assert found(names, accession) == expected


def test_unclaimed_entries_include_copies():
    entries, *_ = index(fasta(("X.1", "A"), ("Y.1", "C"), ("X.1", "G")).encode())
    claims = FastaIndex(entries)
    assert claims.claim("X.1") == claims.claim("X.1") == entries[0]
    assert claims.unclaimed() == entries[1:]
