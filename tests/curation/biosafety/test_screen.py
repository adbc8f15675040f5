"""Rows that are similar to excluded records are excluded or flagged, whatever record they are from."""

import random

import numpy as np
import polars as pl
import pytest
from support.each import each
from support.flatfile import record
from support.readrecord import read_record
from support.rederive import reverse_complement
from support.settings import pair_settings

from dnacorpus.cli.main import main
from dnacorpus.curation.biosafety.screen import SIMILAR, RowGuard
from dnacorpus.curation.biosafety.verdict import judge_records
from dnacorpus.curation.indexed_records import record_sequences
from dnacorpus.curation.kmer_index import KmerIndex, write_index
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.rows import Exclusion, PairRow, rows_of_record
from dnacorpus.sequence.kmers import canonical_kmers
from dnacorpus.storage.results import Results

BASES = "".join(random.Random(3).choices("ACGT", k=4000))
VIRUS = BASES[:1000]


class Holding:
    """An index of the k-mers of some sequences, without a filter or files."""

    def __init__(self, *sequences: str, k: int = 21) -> None:
        self.words = np.unique(np.concatenate([canonical_kmers(text.encode(), k) for text in sequences]))

    def positions(self, words):
        return np.array(
            [{int(word): place for place, word in enumerate(self.words)}.get(int(w), -1) for w in words], int
        )


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        (VIRUS, True),
        (reverse_complement(VIRUS), True),
        (BASES[1000:2000], False),
        (VIRUS[:330] + BASES[2000:2690], True),  # 310 of 1,000 k-mers
        (VIRUS[:320] + BASES[2000:2700], False),  # 300 of 1,000: at the limit, not above it
        (VIRUS[:20], False),  # no whole k-mer
        ("N" * 500, False),
        ("", False),
        ("N" * 500 + VIRUS[:40], True),
        (VIRUS[:60] * 20 + BASES[2000:2300], False),  # most windows, but few k-mers
        ("A" * 900 + VIRUS[:100], True),  # the A's are one k-mer
    ],
)
def test_a_row_is_similar_above_the_share_of_its_distinct_kmers(sequence, expected):
    assert RowGuard(Holding(VIRUS), 21, 0.3).is_similar(sequence.encode()) is expected


def rows_of(sequence: str, *spans: tuple[int, int]) -> list[PairRow | Exclusion]:
    features = [("CDS", f"{start + 1}..{end}", [("product", f"protein {start}")]) for start, end in spans]
    text = record(sequence=sequence, features=[("source", f"1..{len(sequence)}", []), *features])
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    return list(rows_of_record(Context(row, found.features, found.sequence), found.references, pair_settings(10_000)))


def test_rows_of_a_provirus_are_excluded_and_those_of_its_chromosome_kept():
    results = rows_of(BASES[1000:3000] + VIRUS + BASES[3000:], (100, 700), (2100, 2700))
    guard = RowGuard(Holding(VIRUS), 21, 0.3)
    kept = list(guard.keep_out(results))
    assert [result for result in kept if isinstance(result, Exclusion)] == [
        Exclusion("feature", "source", 4000, 0),
        Exclusion("feature", "biosafety", 600, 2),
    ]
    assert [result for result in kept if isinstance(result, PairRow)] == [results[0], results[2]]
    flagged = [row.values.get("biosafety") for row in guard.flag(results) if isinstance(row, PairRow)]
    assert flagged == [None, None, SIMILAR]
    assert all("biosafety" not in row.values for row in each(results) if isinstance(row, PairRow))


@pytest.mark.parametrize(
    ("kind", "counts_as", "expected"),
    [("record", None, "row"), ("window", None, "row"), ("qa", None, "row"), ("paper", "paper", "paper"),
     ("paper", None, "row"), ("gene", "feature", "feature")],
)  # fmt: skip
def test_an_excluded_row_still_accounts_for_its_unit(kind, counts_as, expected):
    made = PairRow({"kind": kind, "sequence": VIRUS, "feature_index": None}, None, counts_as)
    (found,) = RowGuard(Holding(VIRUS), 21, 0.3).keep_out([made])
    assert found == Exclusion(expected, "biosafety", 1000, None)


def test_the_guard_reads_an_index_written_from_excluded_records(tmp_path):
    text = record("AB000001.1", VIRUS, organism="Zika virus", lineage=["Viruses", "Riboviria"], topology="circular")
    (tmp_path / "mine.gb").write_text(record("AB000002.1", BASES[1000:]) + text)
    results = Results(tmp_path / "results")
    out = results.tables("mine", "mine")
    assert main(["parse", "--division", "mine", "--gbff", str(tmp_path / "mine.gb"), "--out", str(out)]) == 0
    judged = judge_records(pl.read_parquet(out / "records.parquet")).filter(pl.col("decision") == "exclude")
    write_index(record_sequences(results, judged), 31, tmp_path / "index")
    guard = RowGuard(KmerIndex.open(tmp_path / "index"), 31, 0.3)
    sequences = (VIRUS[500:] + VIRUS[:500], reverse_complement(VIRUS), BASES[1000:2000], VIRUS[:200] + BASES[2000:2800])
    assert [guard.is_similar(sequence.encode()) for sequence in sequences] == [True, True, False, False]
