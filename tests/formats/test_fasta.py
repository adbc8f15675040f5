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
        ("ENA|CP000001|CP000001.1", "CP000001.1"),
        ("sp|P01308|INS_HUMAN", "P01308"),
        ("tr|A0A1|A0A1_9BACT", "A0A1"),
        ("pdb|1T38|B", "1T38_B"),
        ("gnl|Prokka|contig_1", "gnl|Prokka|contig_1"),
        ("gi|1|lcl|contig_1", "contig_1"),
        ("gi|1|ref|NC_1.1|:190-255", "NC_1.1:190-255"),
        ("ref|NC_1.1|:c255-190", "NC_1.1:c255-190"),
        ("NC_1.1:190-255", "NC_1.1:190-255"),
        ("chr1:100-200(+)", "chr1:100-200(+)"),
        ("NC_003197|1", "NC_003197|1"),
        ("1T38:B|PDBID|CHAIN|SEQUENCE", "1T38:B|PDBID|CHAIN|SEQUENCE"),
        ("gi|123", "gi|123"),
        ("gi|123|", "gi|123|"),
        ("gb||SCU49845", "gb||SCU49845"),
        ("lcl|", "lcl|"),
    ],
)
def test_accession_of(identifier, accession):
    assert accession_of(identifier) == accession


@pytest.mark.parametrize(
    ("title", "accession", "definition"),
    [
        ("tab\tsep desc", "tab", "sep desc"),
        ("X.1 \t a  title", "X.1", "a  title"),
        (" X.1 a title ", "X.1", "a title"),
        ("gi|1|gb|AB458345.1|the name;taxID=45453", "AB458345.1", "the name;taxID=45453"),
        ("gi|1|gb|U49845.1|SCU49845 Saccharomyces cerevisiae TCP1", "U49845.1", "Saccharomyces cerevisiae TCP1"),
        ("gi|2|ref|NC_000866.4| Enterobacteria phage T4", "NC_000866.4", "Enterobacteria phage T4"),
        ("emb|X1.1|E. coli genes", "X1.1", "E. coli genes"),
        ("ENA|CP000001|CP000001.1 Bacillus cereus", "CP000001.1", "Bacillus cereus"),
        ("X.1 Chain A | of [two]", "X.1", "Chain A | of [two]"),
        ("lcl|NC_1.1_cds_1 [gene=thrL] [locus_tag=b0001]", "NC_1.1_cds_1", "[gene=thrL] [locus_tag=b0001]"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_name_ends_at_the_first_blank_or_tab_and_the_title_is_whole(title, accession, definition, end):
    (entry,), *_ = index(f">{title}{end}ACGT{end}".encode())
    assert (entry.accession, entry.definition, entry.flaw) == (accession, definition, None)


def test_of_joined_titles_the_first_gives_the_name():
    (entry,), *_ = index(b">gi|1|ref|WP_1.1| a [X]\x01gi|2|ref|WP_2.1| b [Y]\nACGT\n")
    assert entry.accession == "WP_1.1"
    (entry,), *_ = index(b">WP_1.1\x01WP_2.1\nACGT\n")
    assert entry.accession == "WP_1.1"


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
