"""Who keeps among exact copies: the precedence, leaks between splits, and independence of the order of input."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.copies import copy_groups
from dnacorpus.duplicates import decide_pairs, decide_records

RECORD = {"part": "x.1", "ordinal": 0, "features": 1, "exclusion": None, "digest": b"d", "copy_group": "a"}


def records(*rows: dict) -> pl.DataFrame:
    numbered = [{**RECORD, "ordinal": place, **row} for place, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema_overrides={"exclusion": pl.String, "copy_group": pl.String})


def fates(frame: pl.DataFrame) -> dict[str, tuple[str, str, str | None]]:
    return {
        f"{row['division']}/{row['accession']}": (row["status"], row["reason"], row["duplicate_of"])
        for row in frame.iter_rows(named=True)
    }


@pytest.mark.parametrize(
    ("keeper", "other"),
    [
        ({"division": "plasmid", "accession": "XX000001.1"}, {"division": "bacteria", "accession": "NC_000001.1"}),
        ({"division": "mitochondrion", "accession": "NC_2.1"}, {"division": "plant", "accession": "NC_1.1"}),
        ({"division": "plant", "accession": "NW_2.1"}, {"division": "plant", "accession": "AB000001.1"}),
        ({"division": "plant", "accession": "NC_2.1"}, {"division": "plant", "accession": "NW_1.1"}),
        (
            {"division": "plant", "accession": "NC_2.1", "features": 5},
            {"division": "plant", "accession": "NC_1.1", "features": 4},
        ),
        ({"division": "plant", "accession": "NC_1.1"}, {"division": "plant", "accession": "NC_2.1"}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_precedence(keeper, other, turned):
    decided = decide_records(records(*([other, keeper] if turned else [keeper, other])))
    name = f"{other['division']}/{other['accession']}"
    assert fates(decided)[name] == ("duplicate", "exact", keeper["accession"])
    assert decided["copies"].to_list() == [2, 2]
    assert set(decided["cluster"]) == {min(keeper["accession"], other["accession"])}


def test_records_that_are_excluded_neither_keep_nor_are_kept_for():
    decided = decide_records(
        records(
            {"division": "viral", "accession": "NC_1.1", "exclusion": "length_mismatch", "copy_group": None},
            {"division": "viral", "accession": "XX1.1"},
        )
    )
    assert fates(decided) == {
        "viral/NC_1.1": ("excluded", "length_mismatch", None),
        "viral/XX1.1": ("kept", "", None),
    }
    assert decided["copies"].to_list() == [1, 1]


def test_one_accession_with_two_contents_stays_once():
    decided = decide_records(
        records(
            {"division": "plant", "accession": "NC_1.1", "copy_group": "a"},
            {"division": "plastid", "accession": "NC_1.1", "copy_group": "b"},
            {"division": "plant", "accession": "NC_9.1", "copy_group": "a"},
        )
    )
    assert fates(decided) == {
        "plastid/NC_1.1": ("kept", "", None),
        "plant/NC_1.1": ("excluded", "accession_conflict", None),
        "plant/NC_9.1": ("kept", "", None),
    }


def test_one_record_in_two_divisions_is_kept_in_the_more_specific():
    decided = decide_records(
        records({"division": "plant", "accession": "NC_1.1"}, {"division": "plastid", "accession": "NC_1.1"})
    )
    assert fates(decided) == {
        "plant/NC_1.1": ("duplicate", "exact", "NC_1.1"),
        "plastid/NC_1.1": ("kept", "", None),
    }


PAIR = {"division": "viral", "part": "viral.1", "accession": "NC_1.1", "informative": True, "bases": 3, "digest": b"d"}


def pairs(*rows: dict) -> pl.DataFrame:
    named = [{**PAIR, "pair_id": f"{place:032x}", "copy_group": "a", **row} for place, row in enumerate(rows)]
    return pl.DataFrame(named, schema_overrides={"copy_group": pl.String})


def statuses(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return list(frame.sort("pair_id").select("status", "reason").iter_rows())


def test_a_copy_in_another_split_is_a_leak():
    decided = decide_pairs(pairs({"split": "test"}, {"split": "train"}, {"split": "train"}, {"split": "validation"}))
    assert statuses(decided) == [("excluded", "leak"), ("kept", ""), ("duplicate", "exact"), ("excluded", "leak")]
    assert set(decided["copies"]) == {4}


def test_informative_text_goes_before_accession():
    decided = decide_pairs(
        pairs({"split": "train", "informative": False}, {"split": "train", "accession": "ZZ000001.1"})
    )
    assert statuses(decided) == [("duplicate", "exact"), ("kept", "")]


def test_pairs_without_a_group_stand_alone():
    decided = decide_pairs(pairs({"split": "train", "copy_group": None}, {"split": "test", "copy_group": None}))
    assert statuses(decided) == [("kept", ""), ("kept", "")]
    assert decided["copies"].to_list() == [1, 1]


@given(st.permutations(range(12)))
def test_the_order_of_input_decides_nothing(order):
    rows = [
        {
            "division": ["plant", "plastid", "bacteria"][n % 3],
            "accession": f"NC_{n % 5}.1",
            "ordinal": n,
            "features": n % 2,
            "copy_group": "abcd"[n % 4],
        }
        for n in range(12)
    ]
    expected = decide_records(records(*rows))
    assert decide_records(records(*[rows[place] for place in order])).equals(expected)
    assert expected.filter(pl.col("status") == "kept")["accession"].is_unique().all()


def test_equal_digests_of_different_bases_are_not_copies():
    contents = {0: b"A", 1: b"C", 2: b"A", 3: b"G"}
    keys = pl.DataFrame(
        {"key": [0, 1, 2, 3, 4], "digest": [b"x", b"x", b"x", b"y", None], "bases": [1, 1, 1, 1, 1]},
        schema_overrides={"digest": pl.Binary},
    )
    read: list[int] = []

    def reader(candidates: pl.DataFrame):
        for key in candidates["key"]:
            read.append(key)
            yield key, contents[key]

    groups = copy_groups(keys, reader)["copy_group"].to_list()
    assert groups[0] == groups[2] != groups[1]
    assert groups[3] not in groups[:3]
    assert groups[4] is None
    assert sorted(read) == [0, 1, 2], "a digest that stands once needs no look at its bases"


@given(st.lists(st.sampled_from([b"A", b"C", b"GG", b"TT"]), max_size=30), st.integers(1, 20))
def test_groups_equal_brute_force_for_any_number_of_buckets(contents, bucket_bases):
    keys = pl.DataFrame(
        {
            "key": list(range(len(contents))),
            "digest": [bytes([len(content)]) * 16 for content in contents],  # collides by length
            "bases": [len(content) for content in contents],
        },
        schema={"key": pl.Int64, "digest": pl.Binary, "bases": pl.Int64},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dnacorpus.copies.BUCKET_BASES", bucket_bases)
        grouped = copy_groups(keys, lambda chosen: ((key, contents[key]) for key in chosen["key"]))
    groups = grouped["copy_group"].to_list()
    for i, left in enumerate(contents):
        for j, right in enumerate(contents):
            assert (groups[i] == groups[j]) == (left == right)
