"""The audit: shares against plain sets of words, sampling, and what it finds with decontamination off and on."""

import ast
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from support.contaminated import (
    DIVISIONS,
    INSIDE,
    ORGANELLE,
    POLICY,
    TINY,
    K,
    build,
    finish,
    found_leaks,
    shares,
    words,
)
from support.settings import settings
from support.stages import published

from dnacorpus.config.build import Build
from dnacorpus.config.resolved import Config
from dnacorpus.curation import audit as method
from dnacorpus.dataset import audit_summary
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import AUDIT, SEEN_KMERS
from dnacorpus.schemas.parts import SEGMENTS
from dnacorpus.settings.curation import AuditSettings
from dnacorpus.stages import audit, audit_group, audit_list
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results

EVERY = AuditSettings(k=K, max_kmers=10**9)


@pytest.fixture(scope="module")
def off(tmp_path_factory) -> Results:
    """A build whose leaks stay."""
    results = build(tmp_path_factory.mktemp("audit") / "off")
    finish(results, leaking=None)
    return results


@pytest.fixture(scope="module")
def on(off) -> Results:
    """The same build without its leaks."""
    results = Results(shutil.copytree(off.root, off.root.with_name("on")))
    shutil.rmtree(results.root / "dataset")
    shutil.rmtree(results.root / "shards")
    finish(results, leaking=found_leaks(results))
    return results


def audited(results: Results, folder: Path, wanted: AuditSettings = EVERY, *, turned: bool = False) -> pl.DataFrame:
    groups = results.group_keys(DIVISIONS)
    order = -1 if turned else 1
    config = Config(settings(divisions=DIVISIONS[::order], audit={"k": wanted.k, "max_kmers": wanted.max_kmers}))
    one = Build(Results(folder / "build"), config)
    one.results.root.mkdir(parents=True)
    for name in ("catalog", "shards"):
        (one.results.root / name).symlink_to(results.root / name)
    audit_list.run(one, folder / "list")
    for division, group in groups[::order]:
        audit_group.run(one, division, group, folder / "list", one.results.audit_of_group(division, group))
    audit.run(one, folder / "list", folder / "audit.parquet")
    return pl.DataFrame(tables.read(folder / "audit.parquet", AUDIT))


def test_it_shares_no_code_with_what_it_audits():
    sources = (Path(module.__file__) for module in (method, audit_list, audit_group, audit))
    trees = (ast.parse(source.read_text(encoding="utf-8")) for source in sources)
    names = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "dnacorpus.storage.results" in names
    others = ("curation.kmer_index", "curation.leaks", "curation.near", "curation.exact", "curation.copies", "sequence")
    assert not [name for name in names if name.startswith(tuple(f"dnacorpus.{other}" for other in others))]


@pytest.mark.parametrize("which", ["off", "on"])
def test_every_published_held_out_row_has_the_share_of_plain_sets(which, request, tmp_path):
    results = request.getfixturevalue(which)
    rows = published(results.root / "dataset", "pairs").filter(pl.col("split") != "train")
    found = audited(results, tmp_path)
    told = found.select("division", "split", "kind", "pair_id").sort("pair_id")
    assert told.equals(rows.select("division", "split", "kind", "pair_id").sort("pair_id"))
    assert dict(found.select("pair_id", "share").iter_rows()) == {
        name: share for name, share in shares(results, circles=False).items() if name in set(rows["pair_id"])
    }
    sizes = {name: len(words(sequence)) for name, sequence in rows.select("pair_id", "sequence").iter_rows()}
    assert dict(found.select("pair_id", "kmers").iter_rows()) == sizes


def test_decontamination_shows(off, on, tmp_path):
    before, after = audited(off, tmp_path / "off"), audited(on, tmp_path / "on")
    # Four genes and three windows; a fifth gene, an exact copy of a row of train, is in neither.
    assert before.filter(pl.col("share") > POLICY.max_overlap).height == 7
    assert len(found_leaks(off)) == 8
    assert after.filter(pl.col("share") > POLICY.max_overlap).height == 0
    most = {
        which: audit_summary.quantiles(frame)["maximum"].to_list() for which, frame in (("off", before), ("on", after))
    }
    assert most["off"] == [1.0, 0.0]  # plant test, viral validation
    assert most["on"][0] == pytest.approx(0.3)
    assert most["on"][1] == 0.0


def test_planted_stretches_have_the_expected_share(off, tmp_path):
    found = audited(off, tmp_path)
    genes = published(off.root / "dataset", "pairs").filter(kind="gene").join(found, on="pair_id")

    def share(span: tuple[int, int]) -> float | None:
        return genes.row(by_predicate=(pl.col("start") == span[0]) & (pl.col("end") == span[1]), named=True)["share"]

    assert share(INSIDE) == 1.0  # on the other strand
    assert share(ORGANELLE) == 940 / 970  # the words across the origin stand in no published row or segment
    assert share(TINY) is None


@pytest.mark.parametrize("most", [20_000, 19_999, 5_000, 700, 1])
def test_a_sample_is_bounded_and_agrees(off, tmp_path, most):
    every = audited(off, tmp_path / "every")
    sample = audited(off, tmp_path / "sample", AuditSettings(k=K, max_kmers=most))
    scaled = json.loads((tmp_path / "sample" / "list" / "audit.json").read_text())["scaled"]
    held_out = published(off.root / "dataset", "segments").filter(pl.col("split") != "train")["sequence"]
    bases = held_out.str.len_bytes().sum()
    assert bases // scaled <= most
    assert scaled == 1 or bases // (scaled // 2) > most
    listed = np.load(tmp_path / "sample" / "list" / "words.npy")
    assert set(listed) <= set(np.load(tmp_path / "every" / "list" / "words.npy"))
    assert len(listed) <= 1.3 * most + 20
    both = every.join(sample, on="pair_id", suffix="_sampled")
    assert len(both) == len(every) == len(sample)
    certain = both.filter(pl.col("share").is_in([0.0, 1.0]) & (pl.col("kmers_sampled") > 0))
    assert certain["share"].equals(certain["share_sampled"], null_equal=True)
    close = both.filter(pl.col("kmers_sampled") >= 200)
    assert (close["share"] - close["share_sampled"]).abs().max() in (None, pytest.approx(0, abs=0.12))
    assert both.filter(kmers_sampled=0)["share_sampled"].null_count() == len(both.filter(kmers_sampled=0))


def test_words_are_sampled_evenly(off, tmp_path):
    audited(off, tmp_path)
    listed = np.load(tmp_path / "list" / "words.npy")
    for scaled in (2, 8, 64):
        assert np.count_nonzero(listed < 2**64 // scaled) == pytest.approx(len(listed) / scaled, rel=0.3)


def test_the_order_of_divisions_and_groups_changes_no_byte(off, tmp_path):
    audited(off, tmp_path / "a")
    audited(off, tmp_path / "b", turned=True)
    for name in ("audit.parquet", "list/words.npy", "list/audit.json", "build/audit/plastid/00000.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("size", [17, 1000])
def test_words_across_two_segments_of_one_record_count_those_across_two_records_do_not(off, tmp_path, size):
    copied = Results(shutil.copytree(off.root, tmp_path / "results"))
    folder = copied.shards("plant", "00000")
    (folder / "pairs-train.parquet").unlink()
    segment = pl.read_parquet(folder / "segments-train.parquet").row(0, named=True)
    whole = segment["sequence"]
    cut = [whole[start : start + size] for start in range(0, len(whole), size)]

    def write(indices: list[int]) -> None:
        rows = [
            {**segment, "sequence": piece, "index": index, "mask": []}
            for piece, index in zip(cut, indices, strict=True)
        ]
        tables.write(folder / "segments-train.parquet", SEGMENTS, rows)

    write(list(range(len(cut))))
    together = audited(copied, tmp_path / "together")
    tables.write(folder / "segments-train.parquet", SEGMENTS, [{**segment, "index": 0}])
    assert together.equals(audited(copied, tmp_path / "whole"))
    write([0] * len(cut))
    apart = audited(copied, tmp_path / "apart")
    assert apart["share"].sum() < together["share"].sum()


def test_a_build_without_held_out_rows_or_without_train_has_an_audit(off, tmp_path):
    copied = Results(shutil.copytree(off.root, tmp_path / "results"))
    for path in (copied.root / "shards").glob("*/*/*-train.parquet"):
        path.unlink()
    assert set(audited(copied, tmp_path / "no_train")["share"]) == {0.0, None}
    for path in (copied.root / "shards").glob("*/*/pairs-*.parquet"):
        path.unlink()
    assert audited(copied, tmp_path / "nothing").is_empty()


def test_seen_kmers_of_another_list_are_refused(off, tmp_path):
    audited(off, tmp_path)
    path = tmp_path / "seen.parquet"
    tables.write(path, SEEN_KMERS, [{"position": 10**9}])
    listed = method.WordList.open(tmp_path / "list")
    with pytest.raises(CorpusError, match=r"seen.parquet: expected positions below \d+, found 1000000000"):
        method.audit_rows(off, DIVISIONS, listed, [path])


@pytest.mark.parametrize("text", ["", "{}", '{"k": null, "scaled": 1}'])
def test_a_damaged_list_is_refused_by_name(off, tmp_path, text):
    audited(off, tmp_path)
    (tmp_path / "list" / "audit.json").write_text(text)
    with pytest.raises(CorpusError, match=r"list: expected a list of words, found: .*; remove it and run again"):
        audit_group.run(Build.open(off.root), "plant", "00000", tmp_path / "list", tmp_path / "seen.parquet")
