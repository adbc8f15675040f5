"""Feature tables read as columns, against the same tables read feature by feature."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.flatfile import feature

from dnacorpus.formats.genbank.columns.lines import read_tables
from dnacorpus.formats.genbank.columns.table import SCHEMA, counts, feature_table, sources
from dnacorpus.formats.genbank.features import GenBankFeature, agrees, feature_row, read_features, source_of
from dnacorpus.formats.refusal import RefusalError

LENGTH = 500
BLANK = " " * 21
LOCATIONS = [
    "1..99", "7", "<1..>500", "complement(3..20)", "join(1..5,8..9)", "complement(join(1..5,<8..>9))",
    "join(490..500,1..9)",
    "order(1..3,5..6)", "join(complement(8..9),complement(1..5))", "J00194.1:1..9", "1^2", "500^1", "9..3", "0..4",
    "one-of(1,7)..20", "replace(1..3,4)", "join(1..9)", "5..999", "bond(1,2)", "complement(join(490..500,1..9))",
]  # fmt: skip
TABLE = [
    ("source", "1..500", [("organism", "x y"), ("mol_type", "genomic DNA"), ("db_xref", "taxon:562")]),
    ("gene", "complement(3..20)", [("gene", "abcA"), ("gene", "b"), ("locus_tag", "X_1"), ("pseudo", None)]),
    ("CDS", "join(1..5,8..9)", [
        ("product", "long words of a name " * 9), ("codon_start", "1"), ("transl_table", "11"),
        ("protein_id", "NP_1.1"),
        ("note", 'said "so" and more, = / all'), ("translation", "MKLV" * 60), ("trans_splicing", None),
        ("transl_except", "(pos:join(1..3,5..6),aa:OTHER)"), ("pseudogene", "unitary"), ("codon_start", "2"),
    ]),
]  # fmt: skip


def text(features):
    return "".join(f"{line}\n" for item in features for line in feature(*item))


def alone(table, circular=False):
    """Read a table feature by feature: rows, counts and source, or None where it is refused."""
    try:
        found = read_features(table.decode())
    except RefusalError:
        return None
    return (
        [feature_row(item, index, LENGTH, circular) for index, item in enumerate(found)],
        ([item.kind for item in found], [len(item.qualifiers) for item in found]),
        source_of(found),
    )


def together(tables, circular=False):
    """Read tables as columns: of each the same as `alone` gives, or None where it is odd."""
    columns = read_tables(tables)
    rows = feature_table(columns, np.full(len(tables), LENGTH), np.full(len(tables), circular)).to_pylist()
    found, end = [], 0
    for odd, count, source in zip(columns.odd.tolist(), counts(columns), sources(columns), strict=True):
        start, end = end, end + len(count[0])
        found.append(None if odd else (rows[start:end], count, source))
    assert end == len(rows)
    return found


WORDS = st.text(st.sampled_from('abc"/=,.<>()-'), min_size=1, max_size=70)
VALUES = st.one_of(st.none(), st.lists(WORDS, min_size=1, max_size=9).map(" ".join))
KEYS = st.sampled_from(["gene", "note", "product", "pseudo", "db_xref", "codon_start", "translation", "number"])
FEATURES = st.tuples(
    st.sampled_from(["source", "gene", "CDS", "5'UTR", "-10_signal", "misc_feature"]),
    st.sampled_from(LOCATIONS),
    st.lists(st.tuples(KEYS, VALUES), max_size=5),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(FEATURES, max_size=4), max_size=4), st.booleans())
def test_columns_equal_features_read_one_by_one(tables, circular):
    data = [text(features).encode() for features in tables]
    for table, found in zip(data, together(data, circular), strict=True):
        # What gb-io counts otherwise is read alone too.
        if found is not None and (not table or agrees(table, *found[1])):
            assert found == alone(table, circular)


CHARACTERS = st.sampled_from(
    [*list(' "/=\n,()<>.^:~aZ9_-\t\r\x00\x1cé\xa0'), '""', "\n" + BLANK, "\n     gene            ", "//"]
)
PLACES = st.tuples(st.floats(0, 1), st.integers(0, 3), CHARACTERS)


@example([(0.49430109443550474, 2, " ")], False)  # a blank at the end of a qualifier's key
@settings(max_examples=500, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=3), st.booleans())
def test_a_damaged_table_is_odd_or_read_as_by_itself(places, circular):
    damaged = text(TABLE)
    for share, cut, put in places:
        at = int(share * len(damaged))
        damaged = damaged[:at] + put + damaged[at + cut :]
    good = text(TABLE).encode()
    before, found, after = together([good, damaged.encode(), good], circular)
    assert before == after == alone(good, circular)
    if found is not None and agrees(damaged.encode(), *found[1]):
        assert found == alone(damaged.encode(), circular)


@pytest.mark.parametrize("at", range(0, len(text(TABLE)), 7))
def test_a_missing_letter_anywhere(at):
    whole = text(TABLE)
    damaged = (whole[:at] + whole[at + 1 :]).encode()
    (found,) = together([damaged])
    if found is not None and agrees(damaged, *found[1]):
        assert found == alone(damaged)


PLAIN = [
    ['/note="a b', "c-", 'd ""q"" x"', "/pseudo", '/translation="MK', 'LL"', "/codon_start=1"],
    ["/anticodon=(pos:1..3,", "aa:Met,seq:cat)", "/transl_except=(pos:join(1..3,", "5..6),aa:OTHER)"],
    ['/note=""', '/note="  x"', '/note="a  b"', '/note="x "'],
    ['/note="Phosphoserine.', "/evidence=ECO:0007744|PubMed:1,", 'ECO:1"', '/note="', 'b"', '/note="c', '"'],
    ['/note="a=b/c"', "/db_xref=taxon:7", "/codon_start=two", "/transl_table=1234567890123456789", "/gene"],
]


@pytest.mark.parametrize("lines", PLAIN)
def test_forms_of_ncbi_are_not_odd(lines):
    table = ("     CDS             complement(join(1..5,\n" + BLANK + "7..9))\n").encode()
    table += "".join(f"{BLANK}{line}\n" for line in lines).encode()
    (found,) = together([table])
    assert found is not None
    assert found == alone(table)
    assert agrees(table, *found[1])


ODD = [
    ['/note="not "doubled" here"'], ['/note="""begins', 'so"'], ['/note="a', "", 'b"'], ["  /label=indented"],
    ['/note="a', '   b"'], ["/empty="], ["/pseudo", "more"], ['/note="never closed'], ['/note="a ""', 'b"'], ["/a b=1"],
    ['/note="é"'], ['/note="a\tb"'], ["/note=x ", "/gene=y"], ['/no"te="x"'], ["/" + "long" * 9 + "=1"], ['/note=x"y'],
]  # fmt: skip


@pytest.mark.parametrize("lines", ODD)
def test_other_forms_are_odd(lines):
    table = "     CDS             1..9\n" + "".join(f"{BLANK}{line}\n" for line in lines)
    good = text(TABLE).encode()
    assert together([good, table.encode(), good]) == [alone(good), None, alone(good)]


@pytest.mark.parametrize(
    "table",
    [
        "rubbish\n", "\n", BLANK + "/gene=x\n", "     gene 1..5\n", "     Peptide Linker  25..58\n",
        "     gene            1..5",
        "     gene            join(1..5,\n" + BLANK + "7 ..9)\n", "     gene            1..\n" + BLANK + "5\n",
        '     gene            replace(1..5,"a")\n', "     gene            gene\n",
    ],
)  # fmt: skip
def test_tables_and_locations_of_another_form_are_odd(table):
    assert together([table.encode()]) == [None]


def test_no_tables_and_empty_tables():
    assert together([]) == []
    assert together([b"", b""]) == [([], ([], []), None)] * 2
    assert feature_table(read_tables([b""]), np.zeros(1, np.int64), np.zeros(1, np.bool_)).schema.equals(SCHEMA)


def test_a_source_is_the_first_one_of_its_table():
    others = [("gene", "1..5", []), ("source", "2..9", [("organism", "a")]), ("source", "3..9", [("organism", "b")])]
    data = [text(item).encode() for item in (others, others[:1], TABLE)]
    assert [found[2] for found in together(data)] == [
        GenBankFeature("source", "2..9", [("organism", "a")]),
        None,
        GenBankFeature("source", "1..500", TABLE[0][2]),
    ]
