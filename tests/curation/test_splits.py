"""The split depends on the seed and the name of the species alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dnacorpus.curation.splits import SplitPolicy
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.settings.curation import SplitSettings


def policy(seed: int = 0, **changes: object) -> SplitPolicy:
    lists = {"always_train": ("Homo sapiens",), "always_validation": (), "always_test": ()}
    values = {"unit": "species", "validation": 0.1, "test": 0.2, "max_eval_bases": 0} | lists | changes
    return SplitPolicy(SplitSettings(**values), seed)


def test_shares_of_splits_hold_over_many_species():
    names = [f"Genus species{number}" for number in range(20_000)]
    shares = {split: sum(policy().split_of(name, None) == split for name in names) / len(names) for split in SPLITS}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.1, "test": 0.2}, abs=0.01)


def test_pinned_values_of_the_format():
    """A change of these moves species between splits of published corpora."""
    dealt = {
        "Escherichia coli": "test",
        "Arabidopsis thaliana": "train",
        "Zika virus": "validation",
        "Danio rerio": "train",
        "Felis catus": "test",
        "Oryza sativa": "test",
    }
    assert {name: policy(validation=0.3, test=0.3).split_of(name, None) for name in dealt} == dealt


@given(st.text(min_size=1))
def test_a_species_is_in_one_split_whatever_its_genus(name):
    assert policy().split_of(name, "Genus") == policy().split_of(name, None)


def test_a_genus_is_in_one_split_if_the_unit_is_the_genus():
    found = {policy(unit="genus").split_of(f"Mus species{n}", "Mus") for n in range(100)}
    assert len(found) == 1


def test_listed_species_and_unknown_ones_are_in_train():
    everything_out = policy(validation=0.45, test=0.45)
    assert everything_out.split_of("Homo sapiens", "Homo") == "train"
    assert everything_out.split_of(None, None) == "train"
    assert everything_out.split_of("Pan troglodytes", "Pan") != "train"


def test_a_listed_genus_is_in_train_if_the_unit_is_the_genus():
    chosen = policy(unit="genus", validation=0.45, test=0.45, always_train=frozenset({"Mus"}))
    assert chosen.split_of("Mus spretus", "Mus") == "train"


def test_a_listed_species_fixes_its_genus_if_the_unit_is_the_genus():
    chosen = policy(unit="genus", validation=0.45, test=0.45, always_train=frozenset({"Mus musculus"}))
    assert chosen.split_of("Mus musculus", "Mus") == chosen.split_of("Mus spretus", "Mus") == "train"
    assert chosen.split_of("Rattus rattus", "Rattus") != "train"


def test_another_seed_assigns_other_species():
    names = [f"Genus species{number}" for number in range(1000)]
    assert [policy().split_of(n, None) for n in names] != [policy(seed=1).split_of(n, None) for n in names]


def test_a_larger_share_only_adds_to_it():
    names = [f"Genus species{number}" for number in range(2000)]
    small = {name for name in names if policy(test=0.1).split_of(name, None) == "test"}
    large = {name for name in names if policy(test=0.2).split_of(name, None) == "test"}
    assert small < large


def test_listed_species_and_genera_are_in_the_split_of_their_list():
    held = policy(always_validation=frozenset({"Brassica"}), always_test=frozenset({"Mus musculus", "Brassica rapa"}))
    assert held.split_of("Mus musculus", "Mus") == "test"
    assert held.split_of("Brassica oleracea", "Brassica") == "validation"
    assert held.split_of("Brassica rapa", "Brassica") == "test"  # a species before its genus
    assert held.split_of("Homo sapiens", "Homo") == "train"
    unlisted = [f"Rattus species{n}" for n in range(100)]
    assert [held.split_of(name, "Rattus") for name in unlisted] == [
        policy().split_of(name, "Rattus") for name in unlisted
    ]


def test_a_listed_species_holds_out_its_genus_if_the_unit_is_the_genus():
    held = policy(unit="genus", always_test=frozenset({"Mus musculus"}))
    assert {held.split_of(f"Mus species{n}", "Mus") for n in range(100)} == {"test"}


def test_names_in_two_lists_are_found():
    with pytest.raises(ValidationError, match="found Homo sapiens in two"):
        policy(always_test=("Homo sapiens",))
    lists = {"always_train": ("Mus musculus",), "always_test": ("Mus spretus",)}
    policy(**lists)
    with pytest.raises(ValidationError, match="found Mus in two"):
        policy(unit="genus", **lists)
