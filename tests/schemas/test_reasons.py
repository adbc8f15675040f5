"""The reasons of the ledger: plain words, and options of the config that exist."""

import re

import pytest
from support.settings import values

from dnacorpus.schemas.reasons import REASONS, in_words


@pytest.mark.parametrize("reason", REASONS)
def test_an_option_in_the_words_of_a_reason_exists(reason):
    for section, option in re.findall(r"\b([a-z]+)\.([a-z_]+)", REASONS[reason]):
        assert option in values()[section]


def test_each_limit_is_named():
    limits = ("uninformative", "cluster_cap", "species_cap", "evaluation_cap", "too_short", "too_long", "cap")
    assert [reason for reason in limits if not re.search(r"\b[a-z]+\.[a-z_]+$", in_words(reason))] == []


def test_a_paper_of_another_split_is_not_called_a_leak():
    assert in_words("other_split") == "the paper belongs to another split than this record"
    assert "record" not in in_words("leak")
