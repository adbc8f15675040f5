"""The public numbers: the card and the report show the same ones, and they are those of the files."""

import re
import statistics

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stages import published

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.statistics import Counts, dominant_species, median, open_dataset, species_in_several_splits
from dnacorpus.stages import report


@pytest.fixture(scope="module")
def counts(built) -> Counts:
    dataset = built / "dataset"
    return Counts.of(open_dataset(dataset, manifests.read(dataset)))


@pytest.fixture(scope="module")
def card(built) -> str:
    return (built / "dataset" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(built, tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("report")
    report.run(built / "dataset", None, out)
    return (out / "index.html").read_text(encoding="utf-8")


def in_card(card: str, name: str) -> list[int]:
    """Return the numbers of a row of one of the card's tables."""
    (cells,) = re.findall(rf"^\| {name} \|((?: [\d,]+ \|)+)$", card, re.MULTILINE)
    return [int(cell.replace(",", "")) for cell in cells.strip(" |").split(" | ")]


def in_page(page: str, key: str, name: str) -> list[str]:
    """Return the cells of a row of one of the report's tables, without its heading."""
    (row,) = re.findall(rf'<tr data-{key}="{name}">(.*?)</tr>', page, re.DOTALL)
    return [cell.replace(",", "") for cell in re.findall(r"<td[^>]*>([^<]*)</td>", row)]


@pytest.mark.parametrize("division", ["plant", "plastid", "protozoa", "viral"])
def test_card_and_report_show_the_same_numbers_of_a_division(card, page, division):
    records, bases, *_, pairs, species, _ = map(int, in_page(page, "division", division))
    assert [records, bases, pairs, species] == in_card(card, division)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_card_and_report_show_the_same_numbers_of_a_split(card, page, split):
    species, _, pairs, _, bases = in_page(page, "split", split)
    assert [int(pairs), int(bases), int(species)] == in_card(card, split)


@pytest.mark.parametrize(
    "where", [{}, {"division": "plant"}, {"split": "train"}, {"division": "viral", "split": "validation"}]
)
def test_totals_are_those_of_the_published_rows(built, counts, where):
    records = published(built / "dataset", "records").filter(pl.lit(True), **where)
    pairs = published(built / "dataset", "pairs").filter(pl.lit(True), **where)
    totals = counts.totals(**where)
    assert 0 < totals.records == len(records)
    assert 0 < totals.pairs == len(pairs)
    assert totals.record_bases == records["length"].sum()
    assert totals.pair_bases == pairs["sequence"].str.len_bytes().sum()
    assert totals.species == records["species"].drop_nulls().n_unique()
    assert totals.kinds == dict(pairs["kind"].value_counts().iter_rows())


def made(*rows: tuple[str, str, str | None, int]) -> Counts:
    """Return counts of (division, split, species, bases)."""
    species = pl.DataFrame(list(rows), schema=["division", "split", "species", "bases"], orient="row")
    return Counts(pl.DataFrame(), pl.DataFrame(), species)


def test_a_dominant_species_has_more_than_a_share_of_the_bases_of_a_split():
    counts = made(("a", "train", "X", 15), ("b", "train", "X", 10), ("a", "train", "Y", 20), ("a", "train", None, 55))
    assert dominant_species(counts, 0.2) == [("train", "X", 0.25)]
    assert dominant_species(counts, 0.25) == []


def test_species_in_several_splits_are_counted():
    unknown = [("b", "train", None, 1), ("a", "test", None, 1)]
    assert species_in_several_splits(made(("a", "train", "X", 1), ("b", "train", "X", 1), *unknown)) == 0
    assert species_in_several_splits(made(("a", "train", "X", 1), ("b", "test", "X", 1), *unknown)) == 1


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median_is_the_lower_one(values):
    frame = pl.DataFrame({"length": values, "count": [1] * len(values)})
    assert median(frame, "length") == statistics.median_low(values)
