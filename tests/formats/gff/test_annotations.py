"""Annotation of several files: what belongs to which sequence, and the ledger of the lines that gave nothing."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import CorpusError
from dnacorpus.formats.gff.annotations import Annotations
from dnacorpus.formats.gunzip import Gunzip
from dnacorpus.schemas.reasons import REASONS

VERSION = "##gff-version 3"


def line(seqid, kind="gene", start=1, end=9, strand="+", attributes="ID=g", phase="."):  # noqa: PLR0917
    return f"{seqid}\tRefSeq\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{attributes}"


def text(*lines, version=VERSION):
    return "".join(f"{each}\n" for each in (version, *lines)).encode()


def annotations(*files):
    found = Annotations()
    for number, content in enumerate(files):
        assert found.read(io.BytesIO(content), f"{number}.gff") == ""
    return found


def names(annotation):
    return [feature["gene"] for feature in annotation.features()]


class Pieces:
    """A stream that comes in pieces of given sizes, and may break instead of ending."""

    def __init__(self, content, sizes, broken=False):
        self._content, self._sizes, self._broken = io.BytesIO(content), iter(sizes), broken

    def read(self, _size, /):
        piece = self._content.read(next(self._sizes, 7))
        if not piece and self._broken:
            raise EOFError("the file ends inside its gzip stream")
        return piece


@pytest.mark.parametrize(
    ("seqid", "accession", "found"),
    [
        ("NC_000001.1", "NC_000001.1", True),
        ("NC_000001", "NC_000001.1", True),
        ("ref|NC_000001.1|", "NC_000001.1", True),
        ("chr1", "chr1", True),
        ("NC_000001.1", "NC_000001.2", False),
        ("NC_000001.1", "NC_000001", True),
        ("NC_0000012", "NC_000001.2", False),
    ],
)
def test_a_sequence_claims_its_annotation_with_version_or_else_without(seqid, accession, found):
    held = annotations(text(line(seqid, attributes="ID=g;gene=abc")))
    claimed = held.claim(accession)
    assert (names(claimed) if claimed else None) == (["abc"] if found else None)
    assert held.claim(accession) is None, "once"
    assert list(held.lines()) == ([] if found else [("rejected", "no_bases", 1)])


def test_an_equal_version_is_preferred():
    held = annotations(text(line("NC_1", attributes="ID=a;gene=bare"), line("NC_1.1", attributes="ID=b;gene=exact")))
    assert names(held.claim("NC_1.1")) == ["exact"]
    assert names(held.claim("NC_1.2")) == ["bare"]


def test_lines_with_flaws_are_counted_by_reason():
    held = annotations(
        text(
            line("A.1", attributes="ID=whole"),
            "A.1\tRefSeq\tgene",
            line("A.1", start="x"),
            line("A.1", start=0),
            line("A.1", start=9, end=1),
            line("A.1", strand="1"),
            line("A.1", phase="3"),
            "##sequence-region A.1 one two",
            line("A.1", kind="match"),
            line("A.1", kind="cDNA_match"),
            line("A.1", kind="tRNA", attributes="ID=%zz;Parent=nobody"),  # escape and parent: noted, and a feature
        )
    )
    assert len(held.claim("A.1").entries) == 2
    lost = {(status, reason): count for status, reason, count in held.lines()}
    assert lost == {
        ("excluded", "no_feature"): 2,
        ("kept", "escape"): 1,
        ("kept", "parent"): 1,
        ("rejected", "columns"): 1,
        ("rejected", "coordinates"): 2,
        ("rejected", "directive"): 1,
        ("rejected", "phase"): 1,
        ("rejected", "reversed"): 1,
        ("rejected", "strand"): 1,
    }
    assert list(lost) == sorted(lost)
    assert {reason for _, reason in lost} | {"annotated_twice", "no_bases"} <= REASONS.keys()


def test_the_first_of_two_annotations_of_a_sequence_counts():
    first = text(line("A.1", attributes="ID=g;gene=first"))
    second = text(line("A.1", attributes="ID=g;gene=second"), line("A.1", attributes="ID=h"), line("B.1"))
    held = annotations(first, second)
    assert names(held.claim("A.1")) == ["first"]
    assert names(held.claim("B.1")) == [None]
    assert list(held.lines()) == [("excluded", "annotated_twice", 2)]


def test_a_file_without_features_does_not_replace_annotation():
    nothing = text("##sequence-region A.1 1 9", "A.1\tx", line("A.1", kind="match"))
    held = annotations(nothing, text(line("A.1", attributes="ID=g;gene=a")))
    assert names(held.claim("A.1")) == ["a"]
    assert list(held.lines()) == [("excluded", "no_feature", 1), ("rejected", "columns", 1)]


def test_unclaimed_annotation_is_counted_by_features():
    held = annotations(text(*(line("A.1", kind="CDS", start=n, end=n + 2, attributes="ID=c") for n in (1, 9, 17))))
    assert list(held.lines()) == [("rejected", "no_bases", 1)]
    assert annotations(text()).claim("A.1") is None
    assert list(annotations(b"").lines()) == []


SEVERAL = text(
    *(line(f"S{n}.1", start=n, end=n + 20, attributes=f"ID=g{n};gene=abc{n}") for n in range(1, 6)), "S9.1\tbad"
)


@given(st.lists(st.integers(1, 90), max_size=12), st.booleans(), st.booleans())
def test_annotation_is_the_same_for_any_chunk_size(sizes, windows, ended):
    content = SEVERAL.replace(b"\n", b"\r\n") if windows else SEVERAL
    content = content if ended else content.rstrip()
    held = Annotations()
    assert held.read(Pieces(content, sizes), "a.gff") == ""
    assert [names(held.claim(f"S{n}.1")) for n in range(1, 6)] == [[f"abc{n}"] for n in range(1, 6)]
    assert list(held.lines()) == [("rejected", "columns", 1)]


@given(st.integers(len(VERSION) + 1, len(SEVERAL)))
def test_a_broken_stream_gives_its_complete_lines(size):
    held = Annotations()
    assert (
        held.read(Pieces(SEVERAL[:size], [], broken=True), "a.gff") == "EOFError: the file ends inside its gzip stream"
    )
    whole = SEVERAL[:size].rpartition(b"\n")[0].count(b"\tgene\t")
    claimed = [names(found) for n in range(1, 6) if (found := held.claim(f"S{n}.1"))]
    assert claimed == [[f"abc{n}"] for n in range(1, whole + 1)]
    assert sum(count for _, _, count in held.lines()) == SEVERAL[:size].endswith(b"bad\n")


def test_a_gzip_with_a_wrong_checksum_gives_its_lines_and_the_error():
    packed = bytearray(gzip.compress(SEVERAL, mtime=0))
    packed[-6] ^= 1
    held = Annotations()
    assert held.read(Gunzip(io.BytesIO(bytes(packed))), "a.gff.gz")
    assert [names(held.claim(f"S{n}.1")) for n in (1, 5)] == [["abc1"], ["abc5"]]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"@read1\nACGT\n+\nIIII\n", r"FASTQ: reads, not records; assemble"),
        (b"##fileformat=VCFv4.2\n#CHROM\tPOS\nA.1\t3\t.\tA\tC\t9\t.\t.\n", r"VCF: differences from a sequence"),
        (b">A.1\nACGT\n", r"FASTA: bases without annotation; give it as FASTA \(--fna\)"),
        (b"no table\nat all\n", r"no readable line; the first is line 1: 'no table'"),
    ],
)
def test_a_file_of_another_format_is_refused_by_name(content, named):
    with pytest.raises(CorpusError, match=rf"^mine\.gff: expected GFF3 or GTF, found {named}"):
        Annotations().read(io.BytesIO(content), "mine.gff")
