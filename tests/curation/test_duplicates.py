"""Decisions over copies: precedence, leaks between splits, and independence of the order of the input."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.settings import copies

from dnacorpus.curation.duplicates import Caps, decide_pairs
from dnacorpus.curation.duplicates import decide_records as decide

NO_CAPS = Caps(max_per_cluster=0, max_per_species=0, max_eval_bases=0)
RECORD = {
    "part": "x.1", "features": 1, "length": 10, "species": "S", "split": "train", "exclusion": None, "digest": b"d",
    "copy_group": "a", "near": None, "policy": None,
}  # fmt: skip


def records(*rows: dict) -> pl.DataFrame:
    numbered = [{**RECORD, "ordinal": place, **row} for place, row in enumerate(rows)]
    names = dict.fromkeys(("exclusion", "copy_group", "near", "policy"), pl.String)
    return pl.DataFrame(numbered, schema_overrides=names)


def decide_records(frame: pl.DataFrame, caps: Caps = NO_CAPS) -> pl.DataFrame:
    return decide(frame, caps)


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
        ({"division": "mine", "accession": "AB000001.1"}, {"division": "mine", "accession": "ab_genome:contig_1"}),
        ({"division": "mine", "accession": "AB000001.1"}, {"division": "mine", "accession": "NC_000001.1:5-9"}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_precedence(keeper, other, turned):
    decided = decide_records(records(*([other, keeper] if turned else [keeper, other])))
    name = f"{other['division']}/{other['accession']}"
    assert fates(decided)[name] == ("duplicate", "exact", keeper["accession"])
    assert decided["copies"].to_list() == [2, 2]
    assert set(decided["cluster"]) == {min(keeper["accession"], other["accession"])}


def test_excluded_records_have_no_duplicates_and_are_none():
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


def test_of_one_accession_with_different_bases_one_record_is_kept():
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


def named(*rows: dict, **shared) -> pl.DataFrame:
    full = [{"accession": f"NC_{place}.1", "division": "viral", **shared, **row} for place, row in enumerate(rows)]
    return records(*full)


def test_all_copies_of_a_record_that_a_policy_excludes_are_excluded():
    frame = named({}, {"policy": "biosafety", "division": "plant"}, {}, {"copy_group": None, "digest": b"e"})
    decided = decide_records(frame)
    assert fates(decided) == {
        "viral/NC_0.1": ("excluded", "biosafety", None),
        "plant/NC_1.1": ("excluded", "biosafety", None),
        "viral/NC_2.1": ("excluded", "biosafety", None),
        "viral/NC_3.1": ("kept", "", None),
    }
    assert decided.sort("accession")["copies"].to_list() == [3, 3, 3, 1]


def test_reasons_of_parse_precede_those_of_a_policy_and_conflicts():
    frame = named(
        {"exclusion": "master", "policy": "biosafety", "digest": None, "copy_group": None},
        {"accession": "NC_9.1"},
        {"accession": "NC_9.1", "policy": "biosafety", "copy_group": "b"},
        {"accession": "NC_9.1", "copy_group": "c"},
    )
    reasons = decide_records(frame).sort("ordinal")["reason"].to_list()
    assert reasons == ["master", "", "biosafety", "accession_conflict"]


def clusters(*rows: dict) -> list[str]:
    if not rows:
        return []
    return decide_records(named(*rows)).sort("ordinal")["cluster"].to_list()


def test_the_cluster_is_the_smallest_name_of_near_duplicates_and_their_copies():
    near = [{"copy_group": None, "near": "x"}, {"copy_group": "a", "near": "x"}, {"copy_group": "a"}]
    assert clusters({"copy_group": None}, *near) == ["NC_0.1", "NC_1.1", "NC_1.1", "NC_1.1"]


def test_copies_connect_near_duplicates_in_a_chain():
    links = [(None, "a"), ("g", "a"), ("g", "b"), ("h", "b"), ("h", "c"), ("i", "c"), ("i", None), (None, None)]
    rows = [{"copy_group": group, "near": near} for group, near in reversed(links)]
    assert clusters(*rows) == ["NC_0.1", *["NC_1.1"] * 7]


@given(st.lists(st.tuples(st.sampled_from([None, *"abcdef"]), st.sampled_from([None, *"uvwxyz"])), max_size=20))
def test_clusters_equal_brute_force(links):
    found = clusters(*({"copy_group": group, "near": near, "accession": f"NC_{place:02}.1"}
                       for place, (group, near) in enumerate(links)))  # fmt: skip
    label, before = list(range(len(links))), []
    while label != before:
        before = label
        label = [
            min([label[i], *(label[j] for j, other in enumerate(links)
                             if any(a is not None and a == b for a, b in zip(mine, other, strict=True)))])
            for i, mine in enumerate(links)
        ]  # fmt: skip
    assert found == [f"NC_{place:02}.1" for place in label]


def test_a_long_chain_of_copies_and_near_duplicates_is_one_cluster():
    rows = [{"copy_group": f"g{place // 2}", "near": f"n{(place + 1) // 2}"} for place in range(10_000)]
    assert set(clusters(*reversed(rows))) == {"NC_0.1"}


def test_an_unusable_record_is_in_no_cluster():
    excluded = {"exclusion": "length_mismatch", "digest": None, "copy_group": None, "near": "x"}
    assert clusters(excluded, {"copy_group": None, "near": "x"}) == ["NC_0.1", "NC_1.1"]


def test_copies_of_a_record_beyond_a_cap_are_excluded():
    rows = [{"copy_group": "a"}, {"copy_group": "a"}, {"copy_group": "b"}, {"copy_group": "b"}]
    decided = decide_records(named(*rows), Caps(max_per_cluster=0, max_per_species=1, max_eval_bases=0))
    assert list(fates(decided).values()) == [
        ("kept", "", None), ("duplicate", "exact", "NC_0.1"),
        ("excluded", "species_cap", None), ("excluded", "species_cap", None),
    ]  # fmt: skip


def test_caps_count_only_kept_records():
    rows = [{"policy": "biosafety"}, {"copy_group": "b"}, {"copy_group": "b"}, {"copy_group": "c"}, {"copy_group": "d"}]
    decided = decide_records(named(*rows, near="n"), Caps(max_per_cluster=2, max_per_species=0, max_eval_bases=0))
    assert decided.sort("ordinal")["reason"].to_list() == ["biosafety", "", "exact", "", "cluster_cap"]


def test_the_evaluation_cap_excludes_in_hash_order():
    rows = [{"copy_group": None, "split": "test"} for _ in range(20)]
    decided = decide_records(named(*rows), Caps(max_per_cluster=0, max_per_species=0, max_eval_bases=50))
    assert decided["reason"].value_counts(sort=True).rows() == [("evaluation_cap", 15), ("", 5)]
    assert decided.filter(pl.col("reason") == "")["ordinal"].to_list() != list(range(5)), "drawn, not the first"


def test_a_copy_in_train_of_a_record_beyond_the_evaluation_cap_is_kept():
    held_out = [{"division": "plasmid", "copy_group": None, "split": "test"} for _ in range(6)]
    copies = [{"division": "plasmid", "copy_group": "z", "split": "test"}]
    copies += [{"division": "bacteria", "copy_group": "z", "split": split} for split in ("train", "train", "test")]
    caps = Caps(max_per_cluster=0, max_per_species=0, max_eval_bases=1)
    for number in range(12):  # whichever is drawn
        names = [f"NC_{number}{place}.1" for place in range(10)]
        rows = [{"accession": name, **row} for name, row in zip(names, held_out + copies, strict=True)]
        decided = decide_records(records(*rows), caps).sort("ordinal").to_dicts()
        first, *others = decided[6:]
        if first["status"] == "kept":
            assert {row["status"] for row in others} == {"duplicate"}
            continue
        assert (first["status"], first["reason"]) == ("excluded", "evaluation_cap")
        assert [(row["status"], row["reason"], row["duplicate_of"]) for row in others] == [
            ("kept", "", None), ("duplicate", "exact", names[7]), ("excluded", "evaluation_cap", None),
        ]  # fmt: skip


COLLAPSE = copies(1, 10)
PAIR = {"division": "viral", "part": "viral.1", "accession": "NC_1.1", "informative": True, "leak": False}


def pairs(*rows: dict) -> pl.DataFrame:
    named = [
        {**PAIR, "pair_id": f"{place:032x}", "bases_group": "a", "copy_group": "a", **row}
        for place, row in enumerate(rows)
    ]
    return pl.DataFrame(named, schema_overrides={"copy_group": pl.String, "bases_group": pl.String})


def statuses(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return list(frame.sort("pair_id").select("status", "reason").iter_rows())


def test_a_copy_in_another_split_is_a_leak():
    frame = pairs({"split": "test"}, {"split": "train"}, {"split": "train"}, {"split": "validation"})
    decided = decide_pairs(frame, COLLAPSE)
    assert statuses(decided) == [("excluded", "leak"), ("kept", ""), ("duplicate", "exact"), ("excluded", "leak")]
    assert set(decided["copies"]) == {4}


def test_informative_text_precedes_accession():
    decided = decide_pairs(
        pairs({"split": "train", "informative": False}, {"split": "train", "accession": "ZZ000001.1"}), COLLAPSE
    )
    assert statuses(decided) == [("duplicate", "exact"), ("kept", "")]


def test_pairs_without_a_copy_group_are_kept():
    apart = {"copy_group": None, "bases_group": None}
    decided = decide_pairs(pairs({"split": "train", **apart}, {"split": "test", **apart}), COLLAPSE)
    assert statuses(decided) == [("kept", ""), ("kept", "")]
    assert decided["copies"].to_list() == [1, 1]
    assert decided["copies_in"].to_list() == [[], []]


@pytest.mark.parametrize("most", [0, 1, 5])
@pytest.mark.parametrize("groups", [("a CDS 11", "a CDS 4"), ("a CDS 11", None), (None, None)])
def test_the_same_bases_in_a_row_of_another_kind_are_a_leak_for_any_limit(most, groups):
    frame = pairs({"split": "train", "copy_group": groups[0]}, {"split": "validation", "copy_group": groups[1]})
    decided = decide_pairs(frame, copies(most, 10))
    assert statuses(decided) == [("kept", ""), ("excluded", "leak")]
    assert decided["duplicate_of"].to_list() == [None, None]
    assert decided["copies"].to_list() == [1, 1]


def test_the_same_bases_in_rows_of_different_kinds_of_one_split_are_kept():
    decided = decide_pairs(pairs({"split": "test", "copy_group": "a gene"}, {"split": "test"}), COLLAPSE)
    assert statuses(decided) == [("kept", ""), ("kept", "")]


def test_a_leak_is_excluded_with_all_pairs_of_equal_bases():
    held_out = [{"split": split} for split in ("validation", "validation", "test")]
    held_out[1]["leak"] = True
    other = {"split": "test", "leak": True, "bases_group": None, "copy_group": None}
    train = {"split": "train", "leak": True, "bases_group": "t", "copy_group": "t"}
    decided = decide_pairs(pairs(*held_out, other, train), COLLAPSE)
    assert statuses(decided) == [("excluded", "leak")] * 4 + [("kept", "")], "train itself never leaks"
    assert decided["duplicate_of"].to_list() == [None] * 5


@pytest.mark.parametrize(("most", "stay"), [(0, 4), (1, 1), (3, 3), (9, 4)])
def test_a_cap_keeps_the_first_of_a_cluster(most, stay):
    rows = [{"split": "train", "informative": place != 0, "accession": f"NC_{place}.1"} for place in range(4)]
    decided = decide_pairs(pairs(*rows, {"split": "test"}), copies(most, 10)).sort("pair_id")
    # The first of all has nothing to tell, so it goes last.
    order = [1, 2, 3, 0]
    kept = [decided.row(place, named=True) for place in order[:stay]]
    assert [row["status"] for row in kept] == ["kept"] * stay
    assert set(decided["cluster"]) == {f"{0:032x}"}
    assert set(decided["copies"]) == {5}
    rest = decided.filter(pl.col("status") == "duplicate")
    assert len(rest) == 4 - stay
    assert set(rest["duplicate_of"]) <= {f"{1:032x}"}
    assert statuses(decided)[4] == ("excluded", "leak")


def test_the_smallest_accessions_of_the_other_copies_are_listed():
    rows = [{"split": "train", "accession": f"NC_{place}.1"} for place in (5, 3, 3, 1, 4, 2)]
    decided = decide_pairs(pairs(*rows), copies(0, 3)).sort("pair_id")
    names = {5: [1, 2, 3], 3: [1, 2, 3], 1: [2, 3, 4], 4: [1, 2, 3], 2: [1, 3, 4]}
    expected = [[f"NC_{n}.1" for n in names[place]] for place in (5, 3, 3, 1, 4, 2)]
    assert decided["copies_in"].to_list() == expected
    collapsed = decide_pairs(pairs(*rows), copies(1, 10)).sort("pair_id")["copies_in"].to_list()
    assert collapsed == [[], [], [], [f"NC_{n}.1" for n in (2, 3, 4, 5)], [], []]


@given(st.permutations(range(12)))
def test_decisions_do_not_depend_on_the_order_of_records(order):
    rows = [
        {
            "division": ["plant", "plastid", "bacteria"][n % 3],
            "accession": f"NC_{n % 5}.1",
            "ordinal": n,
            "features": n % 2,
            "copy_group": "abcd"[n % 4],
            "near": "xyz"[n // 4] if n % 2 else None,
            "species": "ST"[n % 2],
            "split": "test" if n % 2 else "train",
            "policy": "biosafety" if n == 7 else None,
        }
        for n in range(12)
    ]
    caps = Caps(max_per_cluster=2, max_per_species=2, max_eval_bases=15)
    expected = decide_records(records(*rows), caps)
    assert decide_records(records(*[rows[place] for place in order]), caps).equals(expected)
    assert expected.filter(pl.col("status") == "kept")["accession"].is_unique().all()


@given(st.permutations(range(12)), st.integers(0, 3))
def test_decisions_do_not_depend_on_the_order_of_pairs(order, most):
    rows = [
        {
            "pair_id": f"{n:032x}",
            "split": ["train", "train", "validation"][n % 3],
            "accession": f"NC_{n % 5}.1",
            "bases_group": "abc"[n // 4],
            "copy_group": None if n % 4 == 0 else "abc"[n // 4],
            "leak": n == 11,
        }
        for n in range(12)
    ]
    expected = decide_pairs(pairs(*rows), copies(most, 2))
    assert decide_pairs(pairs(*[rows[place] for place in order]), copies(most, 2)).equals(expected)
