"""The summaries of the audit that the card and the report show."""

import polars as pl
import pyarrow as pa

from dnacorpus.dataset import audit_summary
from dnacorpus.schemas.curation import AUDIT


def made(shares_of: dict[tuple[str, str], list[float | None]]) -> pl.DataFrame:
    rows = [
        {"division": division, "split": split, "kind": "gene", "pair_id": f"{place}", "kmers": 9, "share": share}
        for (division, split), values in shares_of.items()
        for place, share in enumerate(values)
    ]
    return pl.DataFrame(pa.Table.from_pylist(rows, AUDIT))


MADE = {
    ("viral", "test"): [0.0, 0.1, 0.2, 0.3, 1.0, None],
    ("viral", "validation"): [0.25] * 99 + [0.999],
    ("plant", "test"): [None],
}


def test_quantiles():
    lines = audit_summary.quantiles(made(MADE)).rows()
    assert lines == [
        ("plant", "test", 1, 0, None, None, None, None, None),
        ("viral", "validation", 100, 100, 0.25, 0.25, 0.25, 0.999, 0.999),
        ("viral", "test", 6, 5, 0.0, 0.2, 1.0, 1.0, 1.0),
    ]


def test_histogram():
    counts = audit_summary.histogram(made(MADE))
    assert counts.filter(division="viral", split="test")["rows"].to_list() == [1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert counts.filter(division="viral", split="validation")["rows"].to_list() == [0, 0, 99, 0, 0, 0, 0, 0, 0, 1]
    assert counts.filter(division="plant").is_empty()
    assert counts["split"].unique(maintain_order=True).to_list() == ["validation", "test"]


def test_markdown():
    lines = audit_summary.markdown(made(MADE))
    assert lines[2:] == [
        "| plant | test | 1 | - | - | - | - | - |",
        "| viral | validation | 100 | 25.0 % | 25.0 % | 25.0 % | 99.9 % | 99.9 % |",
        "| viral | test | 6 | 0.0 % | 20.0 % | 100.0 % | 100.0 % | 100.0 % |",
    ]
    assert len({line.count("|") for line in lines}) == 1
    assert audit_summary.markdown(made({})) == lines[:2]
