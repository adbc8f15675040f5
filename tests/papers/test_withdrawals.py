"""Deletions in a folder of PubMed files: in any order of files, as from PubMed's own."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.papers.files import in_directory, read_files
from dnacorpus.papers.withdrawals import Withdrawals, in_reading_order


def entries(*pmids: int) -> str:
    form = "<PubmedArticle><MedlineCitation><PMID>{}</PMID></MedlineCitation></PubmedArticle>"
    return "".join(map(form.format, pmids))


def deletion(*pmids: int, name: str = "DeleteCitation") -> str:
    named = "".join(map('<PMID Version="1">{}</PMID>'.format, pmids))
    return f"<{name}>{named}</{name}>"


def withdrawn(folder: Path, files: dict[str, str]) -> set[int]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<PubmedArticleSet>{content}</PubmedArticleSet>")
    return set(read_files(in_directory(folder), lambda paper: None).withdrawn)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"baseline.xml": entries(1, 2), "update.xml": deletion(1)}, {1}),
        ({"z.xml": entries(1, 2), "a.xml": deletion(2)}, {2}),
        ({"one.xml": entries(1, 2) + deletion(1)}, {1}),
        ({"pubmed26n0001.xml": entries(1), "pubmed26n0002.xml": deletion(1)}, {1}),
        ({"pubmed26n0002.xml": entries(1), "pubmed26n0001.xml": deletion(1)}, set()),
        ({"updatefiles/pubmed26n1400.xml": entries(1), "pubmed26n1399.xml": deletion(1)}, set()),
        ({"new/pubmed26n0001.xml": entries(1), "old/pubmed25n1500.xml": deletion(1)}, set()),
        ({"pubmed26n9999.xml": deletion(1), "pubmed26n10000.xml": entries(1)}, set()),
        ({"medline16n0900.xml": deletion(1), "medline16n0901.xml": entries(1) + deletion(1)}, {1}),
        ({"pubmed26n0002.xml": entries(1), "mine.xml": deletion(1)}, {1}),
        ({"pubmed26n0001.xml": deletion(1), "mine.xml": entries(1)}, {1}),
        ({"a.xml": deletion(7, 8), "b.xml": deletion(8, 9)}, {7, 8, 9}),
        ({"a.xml": deletion(5, name="DeleteDocument")}, {5}),
        ({"a.xml": entries(1)}, set()),
    ],
)
def test_which_papers_a_folder_withdraws(files, expected, tmp_path):
    assert withdrawn(tmp_path, files) == expected


STATED = st.lists(st.tuples(st.integers(1, 5), st.sets(st.integers(1, 3)), st.sets(st.integers(1, 3))), max_size=6)


@given(STATED, STATED)
def test_numbered_files_count_by_number_and_others_by_their_deletions_alone(numbered, others):
    names = {f"pubmed26n{number:04}.xml": (described, deleted) for number, described, deleted in numbered}
    names |= {f"{place}.xml": (described, deleted) for place, (_, described, deleted) in enumerate(others)}
    withdrawals = Withdrawals()
    for path in in_reading_order(map(Path, reversed(names))):
        withdrawals.add(path.name, *names[path.name])
    last: dict[int, bool] = {}
    for _, (described, deleted) in sorted(item for item in names.items() if item[0].startswith("pubmed")):
        last |= dict.fromkeys(described, False) | dict.fromkeys(deleted, True)
    elsewhere = {pmid for _, _, deleted in others for pmid in deleted}
    assert withdrawals.pmids() == {pmid for pmid, gone in last.items() if gone} | elsewhere
