"""A claim is refused if it supports no text or in no known way."""

import pytest

from dnacorpus.text.evidence import Claim


def claim(text: str, field: str = "definition", how: str = "verbatim") -> Claim:
    return Claim(text, "NC_1.1", field, how, "LicenseRef-NCBI")


@pytest.mark.parametrize("text", ["", " ", " a", "a\n"])
def test_an_empty_claim_or_one_with_outer_blanks_is_refused(text):
    with pytest.raises(ValueError, match="needs a text"):
        claim(text)


def test_how_is_one_of_four():
    with pytest.raises(ValueError, match="expected how"):
        claim("a", how="guessed")
