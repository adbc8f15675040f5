"""A feature that knows its qualifiers by key answers as the plain row does; passages count their spans once."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.storage.parquet import TableWriter
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import compose, join, quote
from dnacorpus.text.evidence import ComposedText
from dnacorpus.text.qualifiers import has, indexed, value, values

_COLUMNS = ("gene", "locus_tag", "product", "protein_id")
_WORDS = st.none() | st.sampled_from(["", " ", "thrA", " thrA ", "b0002", "x  y"])
_KEYS = st.sampled_from([*_COLUMNS, "note", "pseudo"])
_QUALIFIERS = st.lists(st.fixed_dictionaries({"key": _KEYS, "value": _WORDS}), max_size=6)
_FEATURES = st.fixed_dictionaries(
    {
        **dict.fromkeys(_COLUMNS, _WORDS),
        **dict.fromkeys(("transl_table", "codon_start"), st.none() | st.integers(1, 3)),
        "index": st.just(4),
        "qualifiers": _QUALIFIERS,
    }
)


@given(_FEATURES)
def test_an_indexed_feature_says_what_the_plain_row_says(feature):
    known = indexed(feature)
    assert known == feature
    assert indexed(known) is known
    for key in (*_COLUMNS, "transl_table", "note", "pseudo", "absent"):
        column = [str(feature[key])] if feature.get(key) is not None else []
        written = column + [q["value"] for q in feature["qualifiers"] if q["key"] == key and q["value"] is not None]
        expected = [text.strip() for text in written if text.strip()]
        for row in (feature, known):
            assert values(row, key) == expected
            assert value(row, key) == (expected[0] if expected else None)
            assert has(row, key) == any(qualifier["key"] == key for qualifier in feature["qualifiers"])


def test_spans_of_nested_passages_point_at_their_words_however_deep():
    source = ClaimSource("NC_1.1")
    inner = compose("the gene {gene}.", {"gene": source.verbatim("thrA sp.", "features[1]/gene")})
    told = quote(source.verbatim("a long note", "features[1]/note"), (2, 6))
    whole = join([compose("({it})", {"it": [inner, told]}), inner])
    assert whole.text == "(the gene thrA sp. and a long note) the gene thrA sp."
    words = [whole.text[span["start"] : span["end"]] for span in whole.evidence]
    assert words == ["thrA sp.", "a long note", "long", "thrA sp."]
    assert whole == ComposedText(whole.text, whole.evidence)
    assert whole != ComposedText(whole.text, whole.evidence[1:])
    assert [claim.text for claim in whole.claims] == ["thrA sp.", "thrA sp."]


@pytest.mark.parametrize("outer", ["{it}.", "{it}. More"])
def test_a_full_stop_is_not_doubled_after_a_passage_that_left_its_own_out(outer):
    inner = compose("{name}.", {"name": ClaimSource("NC_1.1").verbatim("Bacillus sp.", "organism")})
    assert compose(outer, {"it": inner}).text == outer.format(it="Bacillus sp")


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2500])
def test_rows_that_are_gathered_early_are_all_there_in_one_row_group(tmp_path, count):
    schema = pa.schema([("number", pa.int64()), ("words", pa.list_(pa.string()))])
    rows = [{"number": number, "words": ["w"] * (number % 3)} for number in range(count)]
    with TableWriter(tmp_path / "made.parquet", schema) as writer:
        for row in rows:
            writer.write_row(row)
    assert pq.read_table(tmp_path / "made.parquet").to_pylist() == rows
    assert pq.ParquetFile(tmp_path / "made.parquet").metadata.num_row_groups == 1
