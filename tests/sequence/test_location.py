import io
import warnings

import pytest
from Bio import SeqIO
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record
from support.oracle import parts as biopython_parts

from dnacorpus.errors import CorpusError
from dnacorpus.sequence.location import Location, extract_feature, problem, read

BASES = "ACGTTGCAAGGCTATCCGATNNACRTGGCATTACGGACTATCGGACTTAACGGGATATTTACGCCATAGGACTAGCCTATAACG"
LENGTH = len(BASES)
DEEP = "complement(" * 80 + "1..2" + ")" * 80


def row(text, length=LENGTH, circular=False, trans_spliced=False):
    place = read(text, length, circular, trans_spliced)
    names = ("accession", "start", "end", "strand")
    return {
        "kind": "CDS",
        "location": text,
        "start": place.start,
        "end": place.end,
        "strand": place.strand,
        "operator": place.operator,
        "parts": [{name: getattr(part, name) for name in names} for part in place.parts],
    }


def spans(text, **options):
    return [(part["start"], part["end"], part["strand"]) for part in row(text, **options)["parts"]]


def biopython(text, topology="linear"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = record("X1.1", BASES, [("CDS", text, [])], topology=topology)
        return next(SeqIO.parse(io.StringIO(text), "genbank"))


@st.composite
def locations(draw):
    """A nested location text of non-empty local spans."""

    def span():
        first, last = sorted((draw(st.integers(1, LENGTH)), draw(st.integers(1, LENGTH))))
        return draw(st.sampled_from([f"{first}..{last}", f"<{first}..{last}", f"{first}..>{last}", str(first)]))

    def either():
        return f"complement({span()})" if draw(st.booleans()) else span()

    pieces = [either() for _ in range(draw(st.integers(1, 5)))]
    text = pieces[0] if len(pieces) == 1 else f"join({','.join(pieces)})"
    # Biopython reads no complement inside a complement.
    return f"complement({text})" if "complement" not in text and draw(st.booleans()) else text


@given(locations())
def test_parts_and_bases_are_those_of_biopython(text):
    theirs = biopython(text)
    location = theirs.features[0].location
    ours = row(text)
    assert [(None, *span) for span in spans(text)] == biopython_parts(location)
    assert ours["strand"] == (location.strand or 0)
    assert (ours["start"], ours["end"]) == (int(location.start), int(location.end))
    assert extract_feature(BASES.encode(), ours) == bytes(location.extract(theirs.seq))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("join(3..5,9..12)", [(2, 5, 1), (8, 12, 1)]),
        ("complement(join(3..5,9..12))", [(8, 12, -1), (2, 5, -1)]),
        ("join(complement(9..12),complement(3..5))", [(8, 12, -1), (2, 5, -1)]),
        ("complement(join(3..5,complement(9..12)))", [(8, 12, 1), (2, 5, -1)]),
        ("order(3..5,join(7..8,9..12))", [(2, 5, 1), (6, 8, 1), (8, 12, 1)]),
        ("one-of(3..5,9..12)", [(2, 5, 1), (8, 12, 1)]),
        ("one-of(3,5)..12", [(2, 12, 1)]),
        ("3..one-of(9,12)", [(2, 12, 1)]),
        ("(3.5)..12", [(2, 12, 1)]),
        ("3.5..9.12", [(2, 12, 1)]),
        ("12", [(11, 12, 1)]),
        ("<1", [(0, 1, 1)]),
        ("12^13", [(12, 12, 1)]),
        (f"{LENGTH}^1", [(LENGTH, LENGTH, 1)]),
        ('replace(266..270,"c")', [(265, 270, 1)]),
    ],
)
def test_every_form_of_location_is_read(text, expected):
    assert spans(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "5.12",
        "12..5",
        "0..5",
        "-2..5",
        "5>",
        "join(1..2",
        "join(1..2,)",
        "1..2)",
        "bond(1,3)",
        "3^9",
        "gap()",
        DEEP,
    ],
)
def test_malformed_text_has_no_parts_and_an_empty_span(text):
    assert read(text, LENGTH, circular=False) == Location(
        0, 0, 0, "none", (), partial_start="<" in text, partial_end=">" in text
    )
    assert problem(row(text), LENGTH) == "malformed"


def test_a_complement_inside_a_complement_reads_its_own_strand():
    assert extract_feature(b"AACCGGTTTA", row("complement(join(1..3,complement(9..10)))", 10)) == b"TA" + b"GTT"


def test_partial_flags():
    assert [(p.partial_start, p.partial_end) for p in (read(t, 99, False) for t in ("<1..5", "1..>5", "1..5"))] == [
        (True, False),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (f"join(80..{LENGTH},1..7)", 79, LENGTH + 7),
        (f"join(70..75,80..{LENGTH},1..7,10..12)", 69, LENGTH + 12),
        (f"complement(join(80..{LENGTH},1..7))", 79, LENGTH + 7),
        (f"join(complement(1..7),complement(80..{LENGTH}))", 79, LENGTH + 7),
        ("80..7", 79, LENGTH + 7),
    ],
)
def test_span_across_the_origin(text, start, end):
    found = row(text, circular=True)
    assert (found["start"], found["end"]) == (start, end)
    assert all(0 <= part["start"] < part["end"] <= LENGTH for part in each(found["parts"]))
    assert problem(found, LENGTH) is None
    theirs = biopython(text, "circular")
    assert extract_feature(BASES.encode(), found) == bytes(theirs.features[0].location.extract(theirs.seq))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (f"join(80..{LENGTH},1..7)", {"circular": False}),
        (f"join(80..{LENGTH},1..7)", {"circular": True, "trans_spliced": True}),
        (f"join(80..{LENGTH},complement(1..7))", {"circular": True}),
        (f"join(80..{LENGTH},2..7)", {"circular": True}),
        (f"join(1..7,80..{LENGTH})", {"circular": True}),
        (f"join(80..{LENGTH},1..7,9..{LENGTH},1..3)", {"circular": True}),
        (f"join(5..{LENGTH},1..7)", {"circular": True}),
        (f"order(80..{LENGTH},1..7)", {"circular": True}),
    ],
)
def test_locations_that_do_not_cross_the_origin(text, options):
    found = row(text, **options)
    assert (found["start"], found["end"]) == (min(p["start"] for p in found["parts"]), LENGTH)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("order(1..2,4..5)", "order"),
        ("join(1..2,order(4..5,7..8))", "order"),
        ("one-of(1,3)..5", "one_of"),
        ("complement(one-of(1..2,4..5))", "one_of"),
        ("J00194.1:3..5", "remote"),
        ("join(1..2,J00194.1:3..5)", "remote"),
        ("complement(NC_1.2:3..5)", "remote"),
        ("12^13", "between"),
        (f"3..{LENGTH + 1}", "out_of_bounds"),
        (f"3..{LENGTH}", None),
        ("complement(join(<1..2,4..>5))", None),
    ],
)
def test_the_problem_of_a_location_is_named(text, reason):
    assert problem(row(text), LENGTH) == reason


def test_zero_length_is_reported_even_if_the_text_does_not_show_it():
    feature = row("3..5")
    feature["parts"][0]["end"] = feature["parts"][0]["start"]
    assert problem(feature, LENGTH) == "zero_length"


def test_a_remote_part_keeps_its_accession_and_leaves_the_span_alone():
    found = row("join(complement(J00194.1:100..202),1..5,20..30)")
    assert [part["accession"] for part in found["parts"]] == ["J00194.1", None, None]
    assert (found["start"], found["end"], found["strand"]) == (0, 30, 1)
    assert (row("J00194.1:3..5")["start"], row("J00194.1:3..5")["end"]) == (0, 0)


def test_extract_names_the_reason_for_refusing():
    with pytest.raises(CorpusError, match=r"CDS at 12\^13.*found between"):
        extract_feature(BASES.encode(), row("12^13"))


@pytest.mark.parametrize("text", ["1..9999999999999999999", "9999999999999999999", "join(1..2,4..9999999999999999999)"])
def test_numbers_beyond_int64_are_malformed(text):
    assert read(text, 9, circular=False).parts == ()
