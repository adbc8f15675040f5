"""An indexed feature has the same qualifiers as its row."""

from hypothesis import given
from hypothesis import strategies as st

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
def test_an_indexed_feature_has_the_qualifiers_of_the_plain_row(feature):
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
