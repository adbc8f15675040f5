"""Near-duplicates: pairs and clusters compared with brute force, in time linear in the records."""

import random
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.components import walked
from support.each import each
from support.nearrecords import (
    SETTINGS,
    Made,
    bases,
    cluster_of,
    clusters,
    kmers,
    mutated,
    sketched,
    turned,
    write_near,
    write_parts,
)

from dnacorpus.curation.near import compare as near
from dnacorpus.curation.near.candidates import SLOTS, candidates, chunks
from dnacorpus.curation.near.clusters import MIN_SHARED, near_clusters
from dnacorpus.errors import CorpusError
from dnacorpus.schemas.curation import NEAR
from dnacorpus.sequence.bases import reverse_complement
from dnacorpus.storage.parquet import read, write

CONTAINMENT = 0.95**21
KEY = ["division", "part", "ordinal"]


def joined(found: dict[str, str]) -> list[set[str]]:
    """Return the clusters of more than one record."""
    names = sorted(set(found.values()))
    groups = [{accession for accession, cluster in found.items() if cluster == name} for name in names]
    return [group for group in groups if len(group) > 1]


def family(rng: random.Random, name: str, count: int, length: int, share: float) -> list[Made]:
    ancestor = bases(rng, length)
    return [Made(f"{name}_{number:03}.1", mutated(rng, ancestor, share)) for number in range(count)]


# What is found


def test_similar_records_are_found_on_either_strand_and_at_any_rotation(tmp_path):
    rng = random.Random(0)
    one, other = bases(rng, 2_000), bases(rng, 2_000)
    found = cluster_of(
        tmp_path,
        [
            Made("NC_1.1", one, circular=True),
            Made("NC_2.1", turned(mutated(rng, one, 0.02), 777), circular=True),
            Made("NC_3.1", other),
            Made("NC_4.1", reverse_complement(mutated(rng, other, 0.02))),
            Made("NC_5.1", mutated(rng, other, 0.1)),
            Made("NC_6.1", other[:-60]),
        ],
    )
    assert joined(found) == [{"NC_1.1", "NC_2.1"}, {"NC_3.1", "NC_4.1", "NC_6.1"}]
    assert found["NC_4.1"] == "NC_3.1"


@pytest.mark.parametrize("length", [1_000, 2_000, 5_000])
def test_planted_pairs(tmp_path, length):
    """The whole table, to 5 Mb, is printed by bench/near.py."""
    rng = random.Random(length)
    made, pairs = [], 40
    for identity in (0.995, 0.99, 0.98, 0.90, 0.85):
        for number in range(pairs):
            one = bases(rng, length)
            circular = number % 2 == 0
            other = mutated(rng, one, 1 - identity)
            other = turned(other, rng.randrange(length)) if circular else other
            made += [Made(f"L{identity}:{number}", one, circular), Made(f"R{identity}:{number}", other, circular)]
    found = cluster_of(tmp_path, made)
    share = {
        identity: sum(found[f"L{identity}:{n}"] == found[f"R{identity}:{n}"] for n in range(pairs)) / pairs
        for identity in (0.995, 0.99, 0.98, 0.90, 0.85)
    }
    assert share == {0.995: 1, 0.99: 1, 0.98: 1, 0.90: 0, 0.85: 0}
    assert max(map(len, joined(found))) == 2


def test_a_record_contained_in_longer_ones_connects_nothing(tmp_path):
    """An insertion sequence in two genomes, and a plasmid integrated in one, are no likeness of them."""
    rng = random.Random(2)
    element, plasmid = bases(rng, 1_500), bases(rng, 3_000)
    found = cluster_of(
        tmp_path,
        [
            Made("NC_1.1", bases(rng, 12_000) + element + bases(rng, 8_000) + plasmid),
            Made("NC_2.1", bases(rng, 9_000) + element + bases(rng, 9_000)),
            Made("NC_3.1", element),
            Made("NC_4.1", plasmid, circular=True),
            Made("NC_5.1", mutated(rng, plasmid, 0.02), circular=True),
        ],
    )
    assert joined(found) == [{"NC_4.1", "NC_5.1"}]


def test_similar_records_are_found_among_many_longer_ones_that_contain_their_kmers(tmp_path):
    """Two copies of a gene stand in a hundred genomes: those are not the ones to compare it with."""
    rng = random.Random(3)
    gene = bases(rng, 1_200)
    genomes = [Made(f"NC_{number:03}.1", bases(rng, 8_000) + mutated(rng, gene, 0.01)) for number in range(100)]
    genes = [Made(f"NG_{number}.1", mutated(rng, gene, 0.01)) for number in range(2)]
    assert joined(cluster_of(tmp_path, genomes + genes)) == [{"NG_0.1", "NG_1.1"}]


def test_a_species_is_found_within_a_genus_of_longer_ones(tmp_path):
    """All k-mers of a strain stand in longer strangers; its own kind must still be compared."""
    rng = random.Random(4)
    ancestor = bases(rng, 5_000)
    made = []
    for species in range(15):
        kind = mutated(rng, ancestor, 0.041)  # 0.92 of each other
        made += [Made(f"S{species:02}:{strain}", mutated(rng, kind, 0.01)[: -20 * species - 1]) for strain in range(10)]
    groups = joined(cluster_of(tmp_path, made))
    assert [{name[:3] for name in group} for group in groups] == [{f"S{species:02}"} for species in range(15)]
    assert {len(group) for group in groups} == {10}


def test_exact_copies_are_in_one_cluster(tmp_path):
    made = [Made(f"NC_{n}.1", record.sequence) for n in range(3) for record in family(random.Random(5), "x", 1, 900, 0)]
    assert joined(cluster_of(tmp_path, made)) == [{"NC_0.1", "NC_1.1", "NC_2.1"}]


def test_records_too_short_or_without_bases_are_clusters_of_one(tmp_path):
    short = [Made("NC_1.1", b""), Made("NC_2.1", b"ACGTA"), Made("NC_3.1", b"ACGTA"), Made("NC_4.1", b"N" * 900)]
    few = [Made(f"NC_{number}.1", b"ACGTTGCAAGCTTACGGATCGA") for number in (5, 6)]
    assert joined(cluster_of(tmp_path, short + few)) == []


def test_an_array_of_repeats_is_not_its_unit(tmp_path):
    unit = bases(random.Random(6), 400)
    made = [Made("NC_1.1", unit * 50), Made("NC_2.1", unit * 2), Made("NC_3.1", unit * 40)]
    assert joined(cluster_of(tmp_path, made)) == [{"NC_1.1", "NC_3.1"}]


@pytest.mark.parametrize(("identity", "together"), [(0.95, True), (0.99, False)])
def test_the_threshold_is_that_of_the_settings(tmp_path, identity, together):
    rng = random.Random(7)
    one = bases(rng, 5_000)
    chosen = SETTINGS.model_copy(update={"min_ani": identity})
    found = cluster_of(tmp_path, [Made("NC_1.1", one), Made("NC_2.1", mutated(rng, one, 0.025))], chosen)
    assert (joined(found) != []) == together


def test_switched_off_nothing_is_compared(tmp_path):
    off = SETTINGS.model_copy(update={"min_ani": 0})
    rng = random.Random(8)
    folders = sketched(write_parts(tmp_path, {("viral", "viral.1"): family(rng, "x", 2, 900, 0)}), ["viral"])
    write_near(folders, 0, 1, off, tmp_path / "near.parquet")
    assert read(tmp_path / "near.parquet", NEAR).num_rows == 0


# What is counted


@settings(max_examples=12)
@given(st.integers(0, 10**9), st.integers(1, 5), st.sampled_from([10, 1000]))
def test_counts_are_those_of_brute_force(tmp_path_factory, seed, buckets, at_once):
    """At scaled 1 the shared hashes of each pair are its shared k-mers, over any number of buckets and passes."""
    rng = random.Random(seed)
    made = [record for name in "ab" for record in family(rng, name, 4, rng.randrange(200, 400), 0.02)]
    root = tmp_path_factory.mktemp("near")
    folders = sketched(write_parts(root, {("viral", "viral.1"): made}), ["viral"])
    counted: dict[tuple[int, int], int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "HASHES_AT_ONCE", at_once)
        for bucket in range(buckets):
            write_near(folders, bucket, buckets, SETTINGS, root / "near.parquet")
            for row in read(root / "near.parquet", NEAR).to_pylist():
                pair = row["ordinal"], row["near_ordinal"]
                counted[pair] = counted.get(pair, 0) + row["shared"]
                assert row["hashes"] == max(len(kmers(made[place].sequence, 21)) for place in pair)
    assert counted
    for (left, right), shared in counted.items():
        assert shared == len(kmers(made[left].sequence, 21) & kmers(made[right].sequence, 21))
    # Every pair that is near enough is joined, if not by itself then over others.
    theirs = [
        (left, right)
        for left, right in combinations(range(len(made)), 2)
        if near_enough(kmers(made[left].sequence, 21), kmers(made[right].sequence, 21))
    ]
    ours = [pair for pair, shared in counted.items() if near_enough(*(kmers(made[n].sequence, 21) for n in pair))]
    assert walked(len(made), ours) == walked(len(made), theirs)


def near_enough(left: set[bytes], right: set[bytes]) -> bool:
    shared = len(left & right)
    return shared >= MIN_SHARED and shared >= CONTAINMENT * max(len(left), len(right))


def test_sketches_are_compared_at_the_larger_scaled(tmp_path):
    rng = random.Random(9)
    longer = bases(rng, 9_000)
    made = [Made("NC_1.1", longer), Made("NC_2.1", longer[:6_500]), Made("NC_3.1", longer[:3_500])]
    folders = sketched(write_parts(tmp_path, {("viral", "viral.1"): made}), ["viral"])
    scaled = pl.read_parquet(folders[0] / "records.parquet")["scaled"].to_list()
    assert scaled == [8, 4, 2]
    write_near(folders, 0, 1, SETTINGS, tmp_path / "near.parquet")
    rows = {(row["ordinal"], row["near_ordinal"]): row for row in read(tmp_path / "near.parquet", NEAR).to_pylist()}
    assert (1, 0) in rows
    for (short, long), row in each(rows.items()):
        assert row["hashes"] == pytest.approx(len(made[long].sequence) / scaled[long], rel=0.1)
        # The shorter is a stretch of the longer: all that it keeps at the larger scaled is shared.
        assert row["shared"] == pytest.approx(len(made[short].sequence) / scaled[long], rel=0.1)


# What changes nothing


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Sketches of five parts of two divisions, with families that cross them."""
    rng = random.Random(10)
    made = [record for name in "abcd" for record in family(rng, name, 12, 1_500 if name < "c" else 4_000, 0.01)]
    made += [Made(f"z_{number}.1", bases(rng, 1_000)) for number in range(12)]
    rng.shuffle(made)
    parts = {("plant", f"plant.{n}"): made[n::5] for n in (1, 2)} | {
        ("viral", f"viral.{n}"): made[n % 5 :: 5] for n in (3, 4, 5)
    }
    root = tmp_path_factory.mktemp("corpus")
    return sketched(write_parts(root, parts), ["plant", "viral"]), root


@pytest.mark.parametrize("buckets", [1, 3, 16])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_files_and_the_number_of_buckets_change_nothing(corpus, tmp_path, buckets, seed):
    folders, root = corpus
    expected = clusters(folders, root / "near")
    turned_folders = random.Random(seed).sample(folders, len(folders))
    assert clusters(turned_folders, tmp_path, buckets=buckets).equals(expected)
    assert [len(group) for group in joined(dict(expected.select("accession", "cluster").iter_rows()))] == [12] * 4


def test_the_order_of_files_changes_no_byte(corpus, tmp_path):
    for name, folders in (("a", corpus[0]), ("b", corpus[0][::-1])):
        write_near(folders, 1, 3, SETTINGS, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_matches_may_come_in_any_order(corpus, tmp_path):
    folders = corpus[0]
    files = [tmp_path / f"{bucket}.parquet" for bucket in range(4)]
    for bucket, path in enumerate(files):
        write_near(folders, bucket, 4, SETTINGS, path)
    records = pl.concat(pl.read_parquet(folder / "records.parquet") for folder in folders)
    assert near_clusters(files[::-1], records[::-1], SETTINGS).equals(near_clusters(files, records, SETTINGS))


# What it costs


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_pairs_are_linear_in_the_records(tmp_path, limit):
    made = family(random.Random(11), "x", 300, 700, 0.005)
    folders = sketched(write_parts(tmp_path, {("viral", "viral.1"): made}), ["viral"])
    chosen = SETTINGS.model_copy(update={"max_comparisons": limit})
    write_near(folders, 0, 1, chosen, tmp_path / "near.parquet")
    pairs = pl.DataFrame(read(tmp_path / "near.parquet", NEAR))
    assert len(pairs) <= (limit + 1) * len(made)
    assert pairs.group_by("ordinal").len()["len"].max() <= limit + 1
    assert pairs.unique(["ordinal", "near_ordinal"]).height == len(pairs)
    found = clusters(folders, tmp_path / "near", chosen)
    assert found["cluster"].n_unique() == 1


def signatures(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return signatures of few values and some empty slots, so that many bands meet."""
    return rng.integers(0, 3, (count, SLOTS), dtype=np.uint32)


@pytest.mark.parametrize("seed", range(4))
def test_candidates_are_the_representatives_of_bands_by_brute_force(seed):
    """Without a limit: the first record of similar length that agrees in a band, for every band."""
    rng = np.random.default_rng(seed)
    found = signatures(rng, 60)
    lengths = np.full(60, 1_000)
    record, representative = candidates(found, lengths, limit=1_000, containment=CONTAINMENT)
    ours = set(zip(record.tolist(), representative.tolist(), strict=True))
    for row in range(60):
        for slot in range(SLOTS):
            for depth in (1, 3):
                band = [(slot + step) % SLOTS for step in range(depth)]
                if found[row, slot]:
                    first = next(other for other in range(row + 1) if (found[other, band] == found[row, band]).all())
                    assert first == row or (row, first) in ours
    assert all(other < row and (found[row] == found[other])[found[row] > 0].any() for row, other in each(ours))


def test_the_representatives_kept_are_those_of_most_slots():
    found = np.zeros((4, SLOTS), np.uint32)
    found[0, :10], found[1, 10:40], found[2, 40:60] = 1, 2, 3
    found[3, :10], found[3, 10:40], found[3, 40:60] = 1, 2, 3
    for limit, expected in ((1, [1]), (2, [1, 2]), (3, [0, 1, 2])):
        record, representative = candidates(found, np.full(4, 500), limit, CONTAINMENT)
        assert (record == 3).all()
        assert representative.tolist() == expected


def test_the_first_record_with_the_same_signature_is_always_compared():
    found = np.full((3, SLOTS), 7, np.uint32)
    found[0, 40:] = 8  # the representative of more slots
    record, representative = candidates(found, np.full(3, 500), 1, CONTAINMENT)
    assert list(zip(record.tolist(), representative.tolist(), strict=True)) == [(1, 0), (2, 0), (2, 1)]
    # Two arrays of one repeat with different lengths are not near-duplicates.
    assert len(candidates(found[1:], np.array([1_000, 330]), 1, CONTAINMENT)[0]) == 0


def test_a_much_longer_record_is_no_representative():
    found = np.tile(np.arange(1, SLOTS + 1, dtype=np.uint32), (3, 1))
    found[2, 5] = 99
    record, representative = candidates(found, np.array([100_000, 1_000, 990]), 8, CONTAINMENT)
    assert list(zip(record.tolist(), representative.tolist(), strict=True)) == [(2, 1)]


@pytest.mark.parametrize("scale", [1, 2, 5, 14, 33, 101])
def test_a_representative_of_another_length_does_not_replace_a_similar_record(scale):
    """The longest agrees in more slots, and may be of the same octaves, but contains too much else."""
    found = np.tile(np.arange(1, SLOTS + 1, dtype=np.uint32), (3, 1))
    found[1, 20:], found[2, :20] = 0, 0
    found[2, :20] = found[1, :20] = 7
    record, representative = candidates(found, np.array([1_000, 600, 330]) * scale, 1, CONTAINMENT)
    assert (2, 1) in set(zip(record.tolist(), representative.tolist(), strict=True))


@pytest.mark.parametrize("shorter", [350, 500, 700, 990])
def test_the_grids_of_length_separate_no_similar_records(shorter):
    """Lengths apart by less than the containment allows meet in at least one of the grids; others never."""
    found = np.tile(np.arange(1, SLOTS + 1, dtype=np.uint32), (2, 1))
    found[1, 0] += 1  # not the same signature: that would be a band of its own
    for scale in (1, 3, 11, 47, 1_003):
        lengths = np.array([1_000 * scale, shorter * scale])
        assert len(candidates(found, lengths, 8, CONTAINMENT)[0]) == 1
        assert len(candidates(found, np.array([1_000, 330]) * scale, 8, CONTAINMENT)[0]) == 0


def test_empty_signatures_propose_no_pairs():
    record, _ = candidates(np.zeros((5, SLOTS), np.uint32), np.zeros(5, np.int64), 8, CONTAINMENT)
    assert len(record) == 0
    assert len(candidates(np.zeros((0, SLOTS), np.uint32), np.zeros(0, np.int64), 8, CONTAINMENT)[0]) == 0


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20))
def test_chunks_cover_all_in_order_within_the_limit(sizes, limit):
    found = list(chunks(np.array(sizes, np.int64), limit))
    assert [place for some in found for place in range(some.start, some.stop)] == list(range(len(sizes)))
    assert all(sum(sizes[some]) <= limit or some.stop - some.start == 1 for some in found)


# Clusters from matches that are made up


def matches(path, rows: list[tuple[int, int, int, int]]):
    """Write (ordinal, near_ordinal, shared, hashes) of one part as a NEAR table."""
    place = {"division": "viral", "part": "viral.1", "near_division": "viral", "near_part": "viral.1"}
    names = ("ordinal", "near_ordinal", "shared", "hashes")
    write(path, NEAR, [place | dict(zip(names, row, strict=True)) for row in rows])
    return path


def keys(*accessions: str) -> pl.DataFrame:
    rows = [
        {"division": "viral", "part": "viral.1", "ordinal": at, "accession": name} for at, name in enumerate(accessions)
    ]
    return pl.DataFrame(rows, schema_overrides={"ordinal": pl.Int64})


@pytest.mark.parametrize(("shared", "together"), [(339, False), (340, False), (341, True)])
def test_an_edge_needs_the_containment_of_the_threshold(tmp_path, shared, together):
    assert 340 < CONTAINMENT * 1000 < 341
    files = [matches(tmp_path / "a", [(1, 0, 200, 1000)]), matches(tmp_path / "b", [(1, 0, shared - 200, 1000)])]
    found = near_clusters(files, keys("NC_2.1", "NC_1.1"), SETTINGS)
    assert found["cluster"].to_list() == (["NC_1.1"] * 2 if together else ["NC_2.1", "NC_1.1"])


@pytest.mark.parametrize(("shared", "together"), [(MIN_SHARED - 1, False), (MIN_SHARED, True)])
def test_an_edge_needs_three_hashes(tmp_path, shared, together):
    found = near_clusters([matches(tmp_path / "a", [(1, 0, shared, 3)])], keys("NC_1.1", "NC_2.1"), SETTINGS)
    assert (found["cluster"].n_unique() == 1) == together


def test_clusters_have_a_row_for_every_record_in_order(tmp_path):
    found = near_clusters([matches(tmp_path / "a", [])], keys("NC_2.1", "NC_1.1")[::-1], SETTINGS)
    assert found.columns == [*KEY, "cluster"]
    assert found.rows() == [("viral", "viral.1", 0, "NC_2.1"), ("viral", "viral.1", 1, "NC_1.1")]
    assert near_clusters([], keys("NC_1.1")[:0], SETTINGS).is_empty()


def test_a_pair_of_another_build_is_refused(tmp_path):
    path = matches(tmp_path / "near.parquet", [(1, 7, 400, 1000)])
    with pytest.raises(CorpusError, match=r"near\.parquet: expected pairs of records of this build, found others"):
        near_clusters([path], keys("NC_1.1", "NC_2.1"), SETTINGS)


def test_sketches_of_a_larger_scaled_are_refused(tmp_path):
    rng = random.Random(12)
    folders = sketched(write_parts(tmp_path, {("viral", "viral.1"): family(rng, "x", 2, 900, 0)}), ["viral"])
    with pytest.raises(CorpusError, match="a scaled of at most 64, found more"):
        write_near(folders, 0, 1, SETTINGS.model_copy(update={"max_scaled": 64}), tmp_path / "near.parquet")


def test_groups_without_records_give_an_empty_table(tmp_path):
    folders = sketched(write_parts(tmp_path, {("viral", "viral.1"): []}), ["viral"])
    write_near(folders, 0, 2, SETTINGS, tmp_path / "near.parquet")
    assert read(tmp_path / "near.parquet", NEAR).num_rows == 0
