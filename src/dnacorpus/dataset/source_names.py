"""The names of the sources of a dataset, as its card and the answers of `dnacorpus where` show them."""

from collections.abc import Iterable


def sources_in_words(releases: Iterable[str]) -> str:
    """Return the names of the sources for a reader: "RefSeq release 236, NCBI assemblies"."""
    words = {"assemblies": "NCBI assemblies", "nuccore": "records of NCBI Nucleotide", "local": "files of its own"}
    ordered = sorted(set(releases), key=lambda release: (not release.isdecimal(), release))
    return ", ".join(words.get(release, f"RefSeq release {release}") for release in ordered)
