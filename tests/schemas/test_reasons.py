"""The reasons of the ledger: plain words, and options of the config that exist."""

import re

from support.settings import values

from dnacorpus.schemas.reasons import REASONS, in_words


def test_options_in_the_words_of_reasons_exist():
    options = {option for words in REASONS.values() for option in re.findall(r"\b([a-z]+)\.(?!md\b)([a-z_]+)", words)}
    assert options
    assert {(section, option) for section, option in options if option not in values()[section]} == set()


def test_each_limit_is_named():
    limits = ("uninformative", "cluster_cap", "species_cap", "evaluation_cap", "too_short", "too_long", "cap")
    assert [reason for reason in limits if not re.search(r"\b[a-z]+\.[a-z_]+$", in_words(reason))] == []


def test_a_paper_of_another_split_is_not_called_a_leak():
    assert in_words("other_split") == "the paper belongs to another split than this record"
    assert "record" not in in_words("leak")
