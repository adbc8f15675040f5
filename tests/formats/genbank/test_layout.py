"""Feature tables of other programs give the same features as in the layout of the Feature Table Definition."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record

from dnacorpus.formats.batch import BatchReader
from dnacorpus.formats.genbank.features import read_features
from dnacorpus.formats.genbank.layout import laid_out
from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.refusal import RefusalError

FEATURES = [
    ("source", "1..90", [("organism", "Zea mays")]),
    (
        "CDS",
        "join(10..30,41..60)",
        [("gene", "exa1"), ("product", "pump of drugs"), ("codon_start", "2"), ("pseudo", None)],
    ),
    ("oriT", "complement(70..80)", [("note", "strong; drives transcription of viral RNA"), ("label", "oriT")]),
    ("misc_feature", "90", [("long_key_of_a_program", "x"), ("note", 'a "word" = b')]),
]
PLAIN = record("pEXA.1", "ACGTACGTAC" * 9, FEATURES)
# What a program writes, in place of what.
FORMS = {
    "text in column 1": [("drives transcription of", "drives\ntranscription of"), ("pump of", "pump\nof")],
    "words of GenBank in column 1": [("of viral RNA", "of\nviral\nRNA")],
    "an empty line and a quote in column 1": [('viral RNA"', 'viral RNA\n\n"')],
    "tabs as columns": [("     ", "\t"), ("\t\t\t\t", "\t\t")],
    "tabs after the keys only": [("CDS             ", "CDS\t"), ("oriT            ", "oriT\t\t")],
    "a tab before each qualifier": [(" " * 21 + "/", " " * 8 + "\t/")],
    "blanks around =": [("/product=", "/product = "), ("/gene=", "/gene= "), ("/codon_start=", "/codon_start= ")],
    "a key on a line of its own": [("/long_key_of_a_program=", "/long_key_of_a_program\n" + " " * 21 + "=")],
    "eight blanks more": [(" " * 21 + "/", " " * 29 + "/")],
}


def rows_of(text: str) -> list[dict]:
    (raw,) = FlatFile(io.BytesIO(text.encode()), "x")
    batch = BatchReader(lambda _: None)
    batch.add(raw.data)
    (read,) = batch.read()
    if isinstance(read, RefusalError):
        raise read
    assert read.row["accession"] == "pEXA.1"
    assert len(read.sequence) == 90
    features = read.features
    rows = features if isinstance(features, list) else features.table.slice(features.start, len(features)).to_pylist()
    return [{key: value for key, value in row.items() if key not in ("accession", "ordinal")} for row in rows]


def with_form(name: str) -> str:
    head, title, rest = PLAIN.partition("FEATURES")
    table, origin, bases = rest.partition("ORIGIN")
    first, line_end, table = table.partition("\n")
    for before, after in each(FORMS[name]):
        assert before in table
        table = table.replace(before, after)
    return head + title + first + line_end + table + origin + bases


@pytest.mark.parametrize("name", FORMS)
def test_another_layout_gives_the_same_features(name):
    expected = rows_of(PLAIN)
    for row in expected:  # a line break before the last quote is a blank, as in any other value
        for qualifier in row["qualifiers"] if name == "an empty line and a quote in column 1" else []:
            qualifier["value"] = qualifier["value"] and qualifier["value"].replace("viral RNA", "viral RNA ")
    assert rows_of(with_form(name)) == expected


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("ending", ["pump of drugs", "a word = b", "exa1"])
def test_a_quote_that_is_missing_costs_the_record(name, ending):
    text = with_form(name)
    if f'{ending}"' in text:
        with pytest.raises(RefusalError) as caught:
            rows_of(text.replace(f'{ending}"', ending))
        assert caught.value.reason == "features"


@pytest.mark.parametrize("line", ["gene\t\tcomplement(1..\t9)", "gene", "gene\t\tx y", "gene\t1..9 10"])
def test_a_line_of_no_known_form_costs_the_record(line):
    for start in each(["     ", "\t", "  \t"]):
        with pytest.raises(RefusalError) as caught:
            rows_of(with_form("tabs as columns").replace("\toriT\t", f"{start}{line}\n\toriT\t"))
        assert caught.value.reason == "features"


def test_a_value_without_its_last_quote_takes_no_qualifier_with_it():
    with pytest.raises(RefusalError, match=r"no quote at the end of the value before /product"):
        rows_of(PLAIN.replace('exa1"', "exa1"))


def test_tables_in_the_layout_are_unchanged():
    tables = [PLAIN.partition("Qualifiers\n")[2].partition("ORIGIN")[0]]
    tables += ['     gene            1..9\n                     /note="a\n                     /b = c"\n']
    for table in each(tables):
        assert read_features(laid_out(table)) == read_features(table)


@given(
    st.lists(st.sampled_from(["     CDS  ", "\t", "\n", '"', "/a", "=", " ", "1..9", "x", " " * 21, "\u2028"])).map(
        "".join
    )
)
def test_any_text_is_read_or_refused(text):
    once = laid_out(text)
    assert laid_out(once).split() == once.split()
    assert "".join(once.split()) == "".join(text.split())
    with contextlib.suppress(RefusalError):
        assert isinstance(read_features(once), list)
