import io
import warnings

import pytest
from Bio import SeqIO
from hypothesis import given
from hypothesis import strategies as st
from support.flatfile import feature, record
from support.oracle import qualifiers_in_order

from dnacorpus.formats.genbank import features as annotation
from dnacorpus.formats.genbank.features import GenBankFeature, feature_row, read_features, source_of, taxid_of
from dnacorpus.formats.refusal import RefusalError

BLANK = " " * 21


def block(*features):
    return "".join(f"{line}\n" for item in features for line in feature(*item))


def biopython(text):
    return qualifiers_in_order(
        f"LOCUS       X            0 bp    DNA\nFEATURES             Location/Qualifiers\n{text}ORIGIN\n//\n"
    )


def as_tuples(features):
    return [(item.kind, item.location, item.qualifiers) for item in features]


words = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"]) | st.sampled_from(' "/=é'), min_size=1, max_size=150
)
values = words.map(lambda text: " ".join(text.split())).filter(bool)


@given(
    st.lists(
        st.tuples(st.sampled_from(["gene", "note", "product", "pseudo", "db_xref"]), values | st.none()), max_size=8
    )
)
def test_qualifier_values_are_read_as_written(qualifiers):
    text = block(("source", "1..99", []), ("CDS", "join(1..5,complement(7..9))", qualifiers))
    found = read_features(text)
    assert as_tuples(found) == biopython(text)
    assert found[1].qualifiers == [(key, value if value is None else reflowed(key, value)) for key, value in qualifiers]


def reflowed(key, value):
    # A word longer than a line is broken by the writer, and a reader joins lines with a blank.
    lines = feature("CDS", "1", [(key, value)])[1:]
    joined = " ".join(line.strip() for line in lines)
    return joined.removeprefix(f'/{key}="').removesuffix('"').replace('""', '"')


@pytest.mark.parametrize(
    "lines",
    [
        ['/note="a b', "c-", 'd ""q"" x"', "/pseudo", '/translation="MK', 'LL"', "/codon_start=1"],
        ["/anticodon=(pos:1..3,", "aa:Met,seq:cat)", "/transl_except=(pos:join(1..3,", "5..6),aa:OTHER)"],
        ['/note=""', '/note="  x "', '/note="a  b"', '/note=" "'],
        ['/note="see', '/gene=x y"', "/gene=abc"],
        ["/number=1", "/empty=", "/pseudo", "/pseudo"],
        ['/note="a', "", 'b"', '/note="""quoted"""'],
        ['/note="not "doubled" here"', '/note="x"'],
        ['/note="""Ai, "not" doubled', 'either."'],
        ["  /label=indented", '  /note="a', '   b"'],
        ['/inference="COORDINATES: similar to AA sequence:RefSeq:WP_1.1"', "/locus_tag=X_1"],
    ],
)
def test_qualifier_forms_equal_biopythons(lines):
    text = (
        "     CDS             complement(join(1..5,\n"
        + BLANK
        + "7..9))\n"
        + "".join(f"{BLANK}{line}\n" for line in lines)
    )
    assert as_tuples(read_features(text)) == biopython(text)


def test_odd_keys_are_read_by_biopython():
    text = f"     Peptide Linker  25..58\n{BLANK}/label=x\n     gene            1..5\n"
    assert as_tuples(read_features(text)) == [("Peptide Linker", "25..58", [("label", "x")]), ("gene", "1..5", [])]


def test_no_features():
    assert read_features("") == read_features("\n  \n") == []


@pytest.mark.parametrize(
    "text",
    [f'     gene            1..5\n{BLANK}/note="never closed\n', "rubbish\n", "  from to\n pept 1 > 200\n"],
)
def test_a_table_that_both_readers_refuse_is_refused_with_both_errors(text):
    with pytest.raises(RefusalError, match=r"gb-io: .*; Biopython: .*") as refused:
        read_features(text)
    assert refused.value.reason == "features"


def test_a_panic_is_a_refusal_and_an_interrupt_is_not(monkeypatch):
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    text = block(("gene", "1..5", [("gene", "x")]))

    def broken(error):
        def load(_):
            raise error

        monkeypatch.setattr(annotation.gb_io, "load", load)

    broken(panic("index out of bounds"))
    assert read_features(text) == [GenBankFeature("gene", "1..5", [("gene", "x")])]
    broken(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        read_features(text)


def row(qualifiers, location="1..9", **options):
    return feature_row(
        GenBankFeature("CDS", location, qualifiers), 3, options.get("length", 99), options.get("circular", False)
    )


def test_columns_take_the_first_value_of_a_qualifier():
    found = row(
        [
            ("gene", "a"), ("gene", "b"), ("note", "n"), ("codon_start", "2"), ("codon_start", "3"),
            ("transl_table", "11"), ("product", "p"), ("protein_id", "X.1"), ("locus_tag", "t"),
        ]
    )  # fmt: skip
    assert (found["gene"], found["locus_tag"], found["product"], found["protein_id"]) == ("a", "t", "p", "X.1")
    assert (found["transl_table"], found["codon_start"]) == (11, 2)
    assert [(item["key"], item["value"]) for item in found["qualifiers"]] == [
        ("gene", "b"),
        ("note", "n"),
        ("codon_start", "3"),
    ]
    assert (found["index"], found["kind"], found["pseudo"]) == (3, "CDS", False)


def test_invalid_numbers_stay_in_the_qualifiers():
    found = row([("transl_table", "eleven"), ("codon_start", None)])
    assert (found["transl_table"], found["codon_start"]) == (None, None)
    assert [(item["key"], item["value"]) for item in found["qualifiers"]] == [
        ("transl_table", "eleven"),
        ("codon_start", None),
    ]


@pytest.mark.parametrize(
    ("qualifiers", "pseudo", "rest"),
    [
        ([("pseudo", None)], True, []),
        ([("pseudogene", "unitary")], True, [("pseudogene", "unitary")]),
        ([("pseudo", "yes")], True, [("pseudo", "yes")]),
        ([("note", "pseudo")], False, [("note", "pseudo")]),
    ],
)
def test_pseudo(qualifiers, pseudo, rest):
    found = row(qualifiers)
    assert found["pseudo"] is pseudo
    assert [(item["key"], item["value"]) for item in found["qualifiers"]] == rest


def test_a_trans_spliced_feature_is_no_span_across_the_origin():
    assert row([], "join(90..99,1..5)", circular=True)["end"] == 104
    assert row([("trans_splicing", None)], "join(90..99,1..5)", circular=True)["end"] == 99


def test_source_and_taxid():
    features = read_features(
        block(
            ("gene", "1..5", [("db_xref", "taxon:1")]),
            ("source", "1..9", [("db_xref", "ATCC:7"), ("db_xref", "taxon:562"), ("db_xref", "taxon:9")]),
            ("source", "1..9", [("db_xref", "taxon:10")]),
        )
    )
    assert taxid_of(source_of(features)) == 562
    assert source_of([]) is None
    assert taxid_of(None) is None
    assert taxid_of(GenBankFeature("source", "1..9", [("db_xref", "taxon:many"), ("db_xref", None)])) is None


def test_features_of_a_whole_record_agree_with_seqio():
    text = record(
        "X1.1",
        "ACGT" * 30,
        [
            ("source", "1..120", [("organism", "x y"), ("mol_type", "genomic DNA")]),
            ("CDS", "join(" + ",".join(f"{n}..{n + 1}" for n in range(1, 120, 4)) + ")", [("product", "long " * 30)]),
        ],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = next(SeqIO.parse(io.StringIO(text), "genbank")).features
    ours = read_features(text.split("Qualifiers\n")[1].split("ORIGIN")[0])
    assert [(item.kind, dict(item.qualifiers)) for item in ours] == [
        (item.type, {key: value[0] for key, value in item.qualifiers.items()}) for item in theirs
    ]
    assert len(row([], ours[1].location, length=120)["parts"]) == len(theirs[1].location.parts) == 30
