import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record

from dnacorpus.errors import CorpusError
from dnacorpus.formats.genbank import reader as genbank
from dnacorpus.formats.genbank.reader import FlatFile, bases_of, sections_of, text_of
from dnacorpus.formats.gunzip import Gunzip

RECORDS = [record(f"NC_{n:06}.1", "ACGT" * (20 * n), [("source", f"1..{80 * n}", [])]) for n in range(1, 6)]


def split(data, **options):
    flat = FlatFile(io.BytesIO(data), "x.gbff")
    return [(raw.flaw, raw.data) for raw in flat], flat.damage


def letters(data):
    return bases_of(data, sections_of(data))


def whole(*texts):
    return [(None, text.encode()) for text in texts]


@given(st.lists(st.sampled_from(RECORDS), max_size=6), st.integers(1, 300))
def test_records_are_unchanged_for_any_chunk_size(texts, chunk):
    patched = pytest.MonkeyPatch()
    with patched.context() as patch:
        patch.setattr(genbank, "CHUNK", chunk)
        assert split("".join(texts).encode()) == (whole(*texts), "")


@given(st.integers(0, 3), st.randoms(use_true_random=False))
def test_byte_ranges_tile_the_file(blank_lines, random):
    texts = [text + "\n" * random.randint(0, blank_lines) for text in RECORDS]
    data = "".join(texts).encode()
    for raw in each(FlatFile(io.BytesIO(data), "x"), at_least=len(RECORDS)):
        assert data[raw.start : raw.end] == raw.data


@settings(max_examples=200)
@given(st.integers(0, 4), st.data())
def test_one_bad_record_leaves_the_others_unchanged(victim, data):
    lines = RECORDS[victim].splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    change = data.draw(st.sampled_from(["drop", "garbage", "cut", "blank"]))
    changed = {
        "drop": lines[:at] + lines[at + 1 :],
        "garbage": [*lines[:at], data.draw(st.text("ACGT/ \"'xyz0189", max_size=80)) + "\n", *lines[at + 1 :]],
        "cut": lines[:at],
        "blank": [*lines[:at], "\n", *lines[at:]],
    }[change]
    texts = [*RECORDS[:victim], "".join(changed), *RECORDS[victim + 1 :]]
    found, _ = split("".join(texts).encode())
    others = whole(*(text for number, text in enumerate(RECORDS) if number != victim))
    assert [item for item in found if item in others] == others
    assert b"".join(raw for _, raw in found).replace(b"\n", b"") == "".join(texts).replace("\n", "").encode()


def test_a_record_without_its_end_is_cut_at_the_next_locus():
    open_ended = RECORDS[0].removesuffix("//\n")
    assert split((open_ended + RECORDS[1]).encode())[0] == [
        ("unterminated", open_ended.encode()),
        *whole(RECORDS[1]),
    ]
    assert split((RECORDS[1] + open_ended).encode())[0] == [*whole(RECORDS[1]), ("unterminated", open_ended.encode())]
    assert split(RECORDS[0].removesuffix("\n").encode())[0] == whole(RECORDS[0].removesuffix("\n"))


def test_text_between_records_is_separated_from_them():
    headless = RECORDS[0].replace("LOCUS", "XOCUS", 1)
    found, _ = split((RECORDS[1] + headless + headless + "\n//\n\n" + RECORDS[2]).encode())
    assert [flaw for flaw, _ in found] == [None, "no_locus", "no_locus", None]
    assert found[1][1] == headless.encode()


def test_preamble_of_a_release_file_is_no_record_but_other_text_is():
    preamble = "GBBCT1.SEQ          Genetic Sequence Data Bank\n                 15 August 2026\n\n  9 loci\n\n"
    assert split((preamble + RECORDS[0]).encode())[0] == whole(RECORDS[0])
    assert [flaw for flaw, _ in split(("hello\n" + RECORDS[0]).encode())[0]] == ["no_locus", None]
    assert split(("\ufeff\n\n" + RECORDS[0]).encode())[0][-1] == (None, RECORDS[0].encode())


@pytest.mark.parametrize("data", [b"", b"\n\n", b"//\n", b" \r\n"])
def test_an_empty_file_has_no_record(data):
    assert split(data) == ([], "")


@pytest.mark.parametrize(
    ("line", "name"), [(b"ID   X_HUMAN  Reviewed;  9 AA.\n", "UniProt"), (b"\n>NC_1.1 x\nACGT\n", "FASTA")]
)
def test_other_formats_are_refused_by_name(line, name):
    with pytest.raises(CorpusError, match=f"part.gbff: expected a GenBank or EMBL flat file, found {name}"):
        list(FlatFile(io.BytesIO(line), "part.gbff"))


def test_a_broken_stream_gives_the_records_before_the_break():
    data = gzip.compress("".join(RECORDS).encode())
    flat = FlatFile(Gunzip(io.BytesIO(data[:-30])), "x")
    found = [(raw.flaw, raw.data) for raw in flat]
    assert flat.damage == "EOFError: the file ends inside its gzip stream"
    assert found[:-1] == whole(*RECORDS[:-1])
    assert found[-1][0] == "truncated"
    assert RECORDS[-1].encode().startswith(found[-1][1])


def test_windows_line_ends_change_nothing_but_the_bytes():
    data = RECORDS[0].replace("\n", "\r\n").encode()
    assert split(data * 2)[0] == [(None, data)] * 2
    plain = sections_of(RECORDS[0].encode())
    assert (sections_of(data).header, sections_of(data).features) == (plain.header, plain.features)
    assert letters(data) == letters(RECORDS[0].encode())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_a_carriage_return_inside_a_line_is_a_blank(end):
    text = record("NC_1.1", "ACGT" * 30, [("CDS", "1..30", [("product", "two words"), ("note", "x")])]).replace(
        "\n", end
    )
    plain = sections_of(text.replace("\r", "").encode())
    found = sections_of(text.replace("two words", "two\rwords").encode())
    assert (found.header, found.features) == (plain.header, plain.features)
    assert letters(text.replace(" acgt", "\racgt").encode()) == b"acgt" * 30


def test_sections():
    text = record("NC_1.1", "ACGTNryk", [("gene", "1..5", [("gene", "ORIGIN")])], contig="join(NZ_X.1:1..8)")
    sections = sections_of(text.encode())
    assert sections.features == '     gene            1..5\n                     /gene="ORIGIN"\n'
    assert sections.header.splitlines()[0].startswith("LOCUS")
    assert sections.header.splitlines()[-1] == "CONTIG      join(NZ_X.1:1..8)"
    assert letters(text.encode()) == b"acgtnryk"


def test_contig_after_the_bases_is_part_of_the_header():
    text = record("NC_1.1", "ACGT" * 30).replace("//\n", "CONTIG      join(NZ_X.1:1..120)\n//\n")
    assert "CONTIG      join(NZ_X.1:1..120)" in sections_of(text.encode()).header
    assert letters(text.encode()) == b"acgt" * 30


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_bases_of_a_record_for_any_chunk_size(monkeypatch, chunk):
    monkeypatch.setattr(genbank, "CHUNK", chunk)
    assert letters(RECORDS[4].encode()) == b"acgt" * 100


def test_a_record_without_origin_has_no_bases():
    assert letters(record("NC_1.1").encode()) == b""


def test_text_that_is_not_utf_8_is_read_as_windows_1252():
    for text in each(["é", "DeepVent™ polymerase, 37–55 °C", "the “wild” strain’s", "Škoda €"]):
        assert text_of(text.encode()) == text
        assert text_of(text.encode("cp1252")) == text
    assert text_of(b"\xe9 \x81\x8d\x8f\x90\x9d") == "é \x81\x8d\x8f\x90\x9d"
