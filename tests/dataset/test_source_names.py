"""The names of the sources of a dataset."""

import pytest

from dnacorpus.dataset.source_names import sources_in_words


@pytest.mark.parametrize(
    ("releases", "words"),
    [
        (["236", "236"], "RefSeq release 236"),
        (["assemblies"], "NCBI assemblies"),
        (["local", "nuccore", "236", "assemblies", "local"],
         "RefSeq release 236, NCBI assemblies, files of its own, records of NCBI Nucleotide"),
        (["236", "9"], "RefSeq release 236, RefSeq release 9"),
        ([], ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [1, -1])
def test_sources_in_words_lists_releases_first(releases: list[str], words: str, order: int) -> None:
    assert sources_in_words(releases[::order]) == words
