"""What of a dataset a model reads: rows, spans and words, all by digest."""

import random
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.madedataset import genes, row, write_dataset

from dnacorpus.errors import CorpusError
from dnacorpus.train.data import (
    FIRST_WORD,
    NO_WORD,
    UNKNOWN_BASE,
    PairShard,
    TrainingRow,
    Vocabulary,
    allotted,
    encode_bases,
    is_tuning_row,
    read_rows,
    sees_text,
    span_of,
    without_bases,
    words,
)


def shards(folder, split="train"):
    paths = sorted(folder.glob(f"data/pairs/*/{split}-*.parquet"))
    return [PairShard(path, path.relative_to(folder).as_posix(), path.parent.name) for path in paths]


def made(name: str, division: str = "bacteria", text: str = "a text", **more) -> tuple[str, dict]:
    return "train", row(name, "ACGT" * 50, text, division=division, **more)


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 50), max_size=6), st.integers(0, 100))
def test_shares_are_even_and_use_all_they_may(available, wanted):
    dealt = allotted(available, wanted)
    assert sum(dealt.values()) == min(wanted, sum(available.values()))
    assert all(dealt[name] <= available[name] for name in available)
    short = [dealt[name] for name in available if dealt[name] < available[name]]
    assert not short or max(dealt.values()) - min(short) <= 1


def test_rows_do_not_depend_on_files_or_row_groups(tmp_path):
    rows = [(split, values) for split, values in genes(species=3)]
    one = write_dataset(tmp_path / "one", rows, row_group=7)
    other = write_dataset(tmp_path / "other", rows[::-1], row_group=1000)
    found = read_rows(shards(one), 10**6, 10**6, 0)
    assert found == read_rows(shards(other)[::-1], 10**6, 10**6, 0)
    assert len(found) == len({values["pair_id"] for split, values in rows if split == "train"})
    assert found != read_rows(shards(one), 10**6, 10**6, 1)


def test_genes_that_say_something_come_first_and_others_only_without_them(tmp_path):
    rows = [made(f"g{number}") for number in range(6)]
    rows += [made(f"h{number}", informative=False) for number in range(6)]
    rows += [made(f"r{number}", kind="record") for number in range(6)]
    rows += [made(f"o{number}", "viral", kind="record") for number in range(4)]
    found = read_rows(shards(write_dataset(tmp_path, rows, row_group=3)), 100, 10**6, 0)
    wanted = {values["pair_id"] for _, values in rows[:6] + rows[-4:]}
    assert {row.pair_id for row in found} == wanted


def test_no_more_rows_than_wanted_even_over_divisions(tmp_path):
    rows = [made(f"b{number}") for number in range(50)] + [made(f"v{number}", "viral") for number in range(5)]
    found = read_rows(shards(write_dataset(tmp_path, rows, row_group=10)), 20, 10**6, 0)
    divisions = [row.division for row in found]
    assert (divisions.count("bacteria"), divisions.count("viral")) == (15, 5)


def test_only_as_many_row_groups_are_read_as_are_needed(tmp_path, monkeypatch):
    folder = write_dataset(tmp_path, [made(f"b{number}") for number in range(100)], row_group=10)
    read = []
    group = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda *a, **k: read.append(a[1]) or group(*a, **k))
    assert len(read_rows(shards(folder), 25, 10**6, 0)) == 25
    assert len(read) == 3


def test_a_long_sequence_is_cut_to_a_stretch_of_itself(tmp_path):
    sequence = "".join(random.Random(0).choices("ACGT", k=1000))
    folder = write_dataset(tmp_path, [("train", row("long", sequence, "text"))])
    (found,) = read_rows(shards(folder), 1, 300, 0)
    assert len(found.sequence) == 300
    assert found.sequence in sequence


def test_a_row_without_a_species_is_of_its_organism(tmp_path):
    folder = write_dataset(
        tmp_path, [made("a", organism="Vibrio sp. 1"), made("b", "viral", species="Vibrio cholerae")]
    )
    assert {row.species for row in read_rows(shards(folder), 9, 999, 0)} == {"Vibrio sp. 1", "Vibrio cholerae"}


def test_a_file_that_is_not_pairs_is_named(tmp_path):
    path = tmp_path / "train.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(CorpusError, match=r"train\.parquet: expected a Parquet file of pairs"):
        read_rows([PairShard(path, path.name, "viral")], 1, 1, 0)
    pq.write_table(pa.table({"pair_id": ["a"]}), path)
    with pytest.raises(
        CorpusError, match=r"train\.parquet: expected the columns of pairs, found no division, evidence"
    ):
        read_rows([PairShard(path, path.name, "viral")], 1, 1, 0)


def test_what_was_computed_from_the_bases_is_blanked():
    text = "A gene. Its GC content is 41.2 %. It makes ATP."
    spans = [{"start": 26, "end": 32, "how": "sequence"}, {"start": 2, "end": 6, "how": "verbatim"}]
    assert without_bases(text, spans) == "A gene. Its GC content is" + " " * 7 + ". It makes ATP."
    assert without_bases(text, None) == text


def test_words_are_lower_case_and_stand_once():
    assert words("The cyaB gene (cyaB) codes for class IV adenylate cyclase, 1,809 bases; EC 4.6.1.1.") == [
        "the", "cyab", "gene", "codes", "for", "class", "iv", "adenylate", "cyclase", "1,809", "bases", "ec", "4.6.1.1",
    ]  # fmt: skip


def test_the_vocabulary_holds_what_many_rows_say():
    texts = ["gene of ATP synthase NP_001"] * 3 + ["gene of gyrase NP_002"] * 5 + ["gene once"]
    vocabulary = Vocabulary(texts, 4)
    # By rows: gene 9, of 8, gyrase 5, np_002 5; atp and synthase no longer fit.
    assert len(vocabulary) == 4
    assert vocabulary.encode("once NP_002 gyrase of a gene", 6).tolist() == [
        NO_WORD, NO_WORD, FIRST_WORD + 3, FIRST_WORD + 2, FIRST_WORD + 1, FIRST_WORD,
    ]  # fmt: skip
    assert vocabulary.encode("gene of gyrase", 2).tolist() == [FIRST_WORD + 1, FIRST_WORD + 2]
    assert vocabulary.encode("", 3).tolist() == [NO_WORD] * 3


@given(st.lists(st.text("ab ", max_size=12), max_size=9), st.text("ab ", max_size=12), st.integers(1, 4))
def test_a_text_always_fills_its_slots(texts, text, slots):
    vocabulary = Vocabulary(texts, 5, min_texts=1)
    tokens = vocabulary.encode(text, slots)
    assert len(tokens) == slots
    known = [word for word in words(text) if any(word in words(other) for other in texts)]
    assert (tokens >= FIRST_WORD).sum() <= min(slots, len(known))
    assert tokens.max() < FIRST_WORD + max(1, len(vocabulary))


@given(st.text("ACGTNRY", min_size=1, max_size=70), st.integers(0, 5))
def test_a_span_is_a_tile_of_its_row(sequence, turn):
    tokens = span_of(TrainingRow("0a", "viral", "s", sequence, ""), 16, turn, 0)
    tiles = [sequence[start : start + 16] for start in range(0, max(1, len(sequence) - 15), 16)]
    letters = "".join("ACGTN"[token] for token in tokens)
    called = [re.sub("[^ACGT]", "N", tile).ljust(16, "N") for tile in tiles]
    assert letters in called


def test_other_turns_show_other_spans_and_the_same_turn_the_same():
    long = TrainingRow("0b", "viral", "s", "".join(random.Random(0).choices("ACGT", k=4000)), "")
    spans = {span_of(long, 100, turn, 0).tobytes() for turn in range(30)}
    assert 15 < len(spans) <= 30
    assert np.array_equal(span_of(long, 100, 3, 0), span_of(long, 100, 3, 0))


def test_only_called_bases_have_a_number_below_four():
    assert encode_bases("ACGTNRYKacgt").tolist() == [0, 1, 2, 3, *[UNKNOWN_BASE] * 8]


def test_text_is_dropped_on_half_of_the_rows_by_digest():
    rows = [TrainingRow(f"{number:032x}", "viral", "s", "", "") for number in range(4000)]
    seen = [sees_text(one, 0, 0) for one in rows]
    assert sum(seen) == pytest.approx(2000, abs=130)
    assert seen == [sees_text(one, 0, 0) for one in rows]
    for other in ([sees_text(one, 1, 0) for one in rows], [sees_text(one, 0, 1) for one in rows]):
        assert sum(map(bool.__eq__, seen, other)) == pytest.approx(2000, abs=130)


def test_a_tenth_of_the_species_tunes_the_baseline():
    rows = [TrainingRow("", "viral", f"Vibrio {number}", "", "") for number in range(3000)]
    tried = [is_tuning_row(one, 0) for one in rows]
    assert sum(tried) == pytest.approx(300, abs=70)
