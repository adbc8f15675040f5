"""Claims as a made record states them."""

from dnacorpus.text.evidence import Claim


def claim(text: str, field: str = "definition", how: str = "verbatim") -> Claim:
    """Return a claim of NC_1.1."""
    return Claim(text, "NC_1.1", field, how, "LicenseRef-NCBI")
