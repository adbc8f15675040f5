"""Caps on the records of a cluster and a species and on held-out bases."""

from collections import Counter

import polars as pl
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.curation.duplicates import Caps, beyond_caps

ROW = {"division": "viral", "split": "train", "species": "Zika virus", "cluster": "c", "length": 10}


def kept(*rows: dict) -> pl.DataFrame:
    named = [{"rank": place, "accession": f"NC_{place:03d}.1", **ROW, **row} for place, row in enumerate(rows)]
    schema = {
        "rank": pl.UInt32, "accession": pl.String, "division": pl.String, "split": pl.String, "species": pl.String,
        "cluster": pl.String, "length": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(named, schema=schema)


def beyond(rows: list[dict], cluster: int = 0, species: int = 0, held_out: int = 0) -> dict[int, str]:
    return dict(sorted(beyond_caps(kept(*rows), Caps(cluster, species, held_out)).iter_rows()))


def test_without_limits_no_record_is_beyond_a_cap():
    assert beyond([{}] * 9) == {}


def test_the_first_records_of_a_cluster_are_kept():
    rows = [{"cluster": name} for name in "abaaab"]
    assert beyond(rows, cluster=2) == {3: "cluster_cap", 4: "cluster_cap"}


def test_one_record_of_each_cluster_of_a_species_precedes_a_second_one():
    rows = [{"cluster": name} for name in "aaabcc"]
    assert set(beyond(rows, species=3)) == {1, 2, 5}
    assert set(beyond(rows, species=4)) == {2, 5}
    assert set(beyond(rows, species=1)) == {1, 2, 3, 4, 5}


def test_records_without_a_species_have_no_species_cap():
    assert beyond([{"species": None}] * 5 + [{}] * 5, species=2) == dict.fromkeys((7, 8, 9), "species_cap")


def test_records_beyond_the_cluster_cap_do_not_count_for_the_species_cap():
    rows = [{"cluster": name} for name in "aaab"]
    assert beyond(rows, cluster=1, species=2) == {1: "cluster_cap", 2: "cluster_cap"}


def drawn(rows: list[dict]) -> list[int]:
    names = {place: f"NC_{place:03d}.1".encode() for place in range(len(rows))}
    return sorted(names, key=lambda place: xxhash.xxh3_64_intdigest(names[place]))


def test_held_out_records_are_kept_until_the_cap_of_their_division_and_split():
    rows = [{"split": "test"}] * 6
    order = drawn(rows)
    assert set(beyond(rows, held_out=25)) == set(order[3:])
    assert set(beyond(rows, held_out=30)) == set(order[3:])
    assert set(beyond(rows, held_out=1)) == set(order[1:]), "one stays, however long"
    assert set(beyond(rows, held_out=60)) == set()
    assert beyond([{"split": "train"}] * 6, held_out=1) == {}
    apart = [{"split": "test"}, {"split": "validation"}, {"split": "test", "division": "plant"}]
    assert beyond(apart, held_out=1) == {}


CASES = st.lists(
    st.fixed_dictionaries({
        "cluster": st.sampled_from("abc"), "species": st.sampled_from(["x", "y", None]),
        "split": st.sampled_from(["train", "test"]), "division": st.sampled_from(["viral", "plant"]),
    }),
    max_size=25,
)  # fmt: skip


@given(CASES, st.integers(0, 4), st.integers(0, 4), st.integers(0, 40))
def test_caps_hold_and_exclude_no_more_than_necessary(rows, cluster, species, held_out):
    found = beyond(rows, cluster, species, held_out)
    stay = [row for place, row in enumerate(rows) if found.get(place) != "cluster_cap"]
    if cluster:
        counts = Counter(row["cluster"] for row in rows)
        assert Counter(row["cluster"] for row in stay) == {name: min(n, cluster) for name, n in counts.items()}
    if species:
        left = [row for place, row in enumerate(rows) if found.get(place) not in {"cluster_cap", "species_cap"}]
        counts = Counter(row["species"] for row in stay)
        expected = {name: n if name is None else min(n, species) for name, n in counts.items()}
        assert Counter(row["species"] for row in left) == expected
        for name in ("x", "y"):  # a cluster is two ahead of another only where the other has no more
            mine = Counter(row["cluster"] for row in left if row["species"] == name)
            had = Counter(row["cluster"] for row in stay if row["species"] == name)
            assert all(mine[a] <= mine[b] + 1 or mine[b] == had[b] for a in mine for b in had)
    assert all(rows[place]["split"] == "test" for place, reason in found.items() if reason == "evaluation_cap")
    assert all(rows[place]["species"] for place, reason in found.items() if reason == "species_cap")
