"""Claims of a record."""

from dnacorpus.text.claims import ClaimSource


def test_counts_are_singular_or_plural():
    source = ClaimSource("NC_1.1")
    assert source.count(1, "gene", "genes").text == "1 gene"
    assert source.count(1234, "gene", "genes").text == "1,234 genes"
