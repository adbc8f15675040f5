"""The whole real mirror, built as the README says, against Biopython's own reading of the same files."""

import gzip
import io
import os
import re
import shutil
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from Bio import SeqIO
from Bio.Seq import UndefinedSequenceError
from Bio.SeqRecord import SeqRecord
from datasets import load_dataset
from support import rederive
from support.each import each
from support.proteins import FAULTY, translate
from support.workflow import NO_TRAINING, SNAKEMAKE, digests, environment, ledger

POLICY = "biosafety={'policy': 'off'}"
"""All real records are looked at here; what the policy leaves out is tested by tests/curation/biosafety."""

pytestmark = [pytest.mark.mirror, pytest.mark.workflow]


@pytest.fixture(scope="module")
def real(mirror, tmp_path_factory) -> Path:
    """The dataset folder of the main job over all divisions."""
    folder = tmp_path_factory.mktemp("real")
    place = os.path.relpath(mirror, folder)
    done = subprocess.run(
        [*SNAKEMAKE, "--cores", "2", "--config", f"mirror={place}", "name=real", "divisions=all", POLICY],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "ledger balances" in done.stdout
    return folder / "results" / "real" / "dataset"


@pytest.fixture(scope="module")
def pairs(real) -> list[dict]:
    """All rows of pairs, with their split."""
    files = sorted((real / "data" / "pairs").rglob("*.parquet"))
    return [
        {**row, "split": path.name.split("-")[0]}
        for path in files
        for row in pl.read_parquet(path).iter_rows(named=True)
    ]


@pytest.fixture(scope="module")
def biopython(mirror) -> dict[tuple[str, str], SeqRecord]:
    """Every record of the mirror's flat files as Biopython reads it, its bases from the FASTA where it has none.

    By (division, VERSION): where ACCESSION and VERSION disagree Biopython's id is neither of the two.
    """
    fasta = {}
    for path in sorted(mirror.glob("*/*.genomic.fna.gz")):
        with gzip.open(path, "rt") as file:
            fasta |= {(path.parent.name, record.id): record.seq for record in SeqIO.parse(file, "fasta")}
    found = {}
    for path in sorted(mirror.glob("*/*.genomic.gbff.gz")):
        for text in re.split(r"(?<=\n//\n)", gzip.decompress(path.read_bytes()).decode()):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for record in SeqIO.parse(io.StringIO(text), "genbank"):
                    try:
                        bytes(record.seq)
                    except UndefinedSequenceError:
                        record.seq = fasta[path.parent.name, record.id]
                    version = re.search(r"^VERSION +(\S+)", text, re.MULTILINE)
                    found[path.parent.name, version[1] if version else record.id] = record
    return found


def test_verify_passes_and_the_books_count_every_record(real, biopython, run):
    assert run("verify", real)[0] == 0
    entries = ledger(real)
    assert entries["record", "in", ""] >= len(biopython)
    assert entries["record", "excluded", "length_mismatch"] == 1
    assert {reason for unit, status, reason in each(entries) if status == "rejected"} == set()


def test_datasets_and_polars_read_it(real, pairs):
    train = load_dataset(str(real), "pairs", split="train")
    assert len(train) == sum(row["split"] == "train" for row in pairs)
    assert train[0]["text"]
    viral = load_dataset(str(real), "pairs-viral", split="train", streaming=True)
    assert next(iter(viral))["division"] == "viral"
    for config in ("records", "features", "segments"):
        rows = load_dataset(str(real), config, split="train").num_rows
        assert (
            rows == pl.scan_parquet(real / "data" / config / "*" / "train-*.parquet").select(pl.len()).collect().item()
        )


def test_every_sequence_is_what_biopython_extracts(pairs, biopython):
    checked = Counter()
    for row in each(pairs):
        record = biopython[row["division"], row["accession"]] if row["kind"] == "gene" else None
        if record is not None:
            feature = record.features[row["feature_index"]]
            assert feature.type == row["feature_kind"]
            expected = feature.extract(record.seq)
        elif (row["division"], row["accession"]) in biopython:
            expected = biopython[row["division"], row["accession"]].seq[row["start"] : row["end"]]
        else:
            continue  # a FASTA record without a flat-file record
        assert row["sequence"] == str(expected).upper().replace("U", "T"), row["pair_id"]
        checked[row["kind"]] += 1
    assert checked["record"] > 400
    assert checked["gene"] > 10_000
    assert checked["window"] > 1_000
    assert checked["qa"] > 400


def test_coordinates_alone_give_the_sequence(pairs, biopython):
    for row in each(pairs):
        record = biopython.get((row["division"], row["accession"]))
        if record is None:
            continue
        molecule = str(record.seq).upper().replace("U", "T")
        spans = row["parts"] or [{key: row[key] for key in ("start", "end", "strand")}]
        pieces = []
        for span in spans:
            piece = (molecule * 2)[span["start"] : span["end"]] if span["end"] > len(molecule) else molecule[
                span["start"] : span["end"]
            ]  # fmt: skip
            pieces.append(reverse_complement(piece) if span["strand"] == -1 else piece)
        assert "".join(pieces) == row["sequence"], row["pair_id"]


def reverse_complement(sequence: str) -> str:
    return sequence.translate(str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN"))[::-1]


def test_every_cds_translates_to_its_own_translation(pairs, biopython):
    checked, differ = 0, Counter()
    for row in pairs:
        if row["feature_kind"] == "CDS":
            feature = biopython[row["division"], row["accession"]].features[row["feature_index"]]
            if "translation" in feature.qualifiers:
                checked += 1
                differ[row["accession"]] += translate(row["sequence"], feature) != feature.qualifiers["translation"][0]
    assert checked > 10_000
    # Copies that collapse make a record's own count smaller, never larger; nothing else may differ.
    differing = {accession: count for accession, count in differ.items() if count}
    assert set(differing) <= set(FAULTY)
    assert all(count <= FAULTY[accession][0] for accession, count in each(differing.items()))


def test_every_span_of_evidence_can_be_derived_again(pairs, biopython):
    checked, wrong = 0, {}
    for row in pairs:
        record = biopython[row["division"], row["accession"]]
        if "_REF" in record.name or "_REF" in record.id:
            continue  # edited LOCUS lines, which Biopython reads by columns they have lost
        checked += 1
        if found := rederive.problems(row, record):
            wrong[row["pair_id"]] = found
    assert not wrong, (len(wrong), list(wrong.items())[:5])
    assert checked > 15_000


def test_no_species_and_no_bases_stand_in_two_splits(pairs):
    for column, rows in (("species", pairs), ("sequence", [row for row in pairs if row["kind"] == "gene"])):
        splits: dict[str, set[str]] = {}
        for row in rows:
            key = row[column]
            if column == "sequence":
                key = (min(key, reverse_complement(key)), row["feature_kind"], row["transl_table"])
            if key is not None:
                splits.setdefault(key, set()).add(row["split"])
        assert all(len(found) == 1 for found in each(splits.values()))
    assert {row["split"] for row in pairs} == {"train", "validation", "test"}


def test_gene_rows_stand_once(pairs):
    keys = Counter(
        (min(row["sequence"], reverse_complement(row["sequence"])), row["feature_kind"], row["transl_table"])
        for row in pairs
        if row["kind"] == "gene"
    )
    assert max(keys.values()) == 1
    assert max(row["copies"] for row in pairs) > 1


def test_published_segments_join_to_the_records(real, biopython):
    joined: dict[tuple[str, str], list[str]] = {}
    for path in sorted((real / "data" / "segments").rglob("*.parquet")):
        for row in pl.read_parquet(path).iter_rows(named=True):
            joined.setdefault((path.parent.name, row["accession"]), []).append(row["sequence"])
    assert len(joined) == ledger(real)["record", "kept", ""]
    for key in each(set(joined) & set(biopython)):
        assert "".join(joined[key]) == str(biopython[key].seq).upper().replace("U", "T")


def test_another_order_cores_name_and_place_give_the_same_bytes(real, mirror, tmp_path):
    shutil.copytree(mirror, tmp_path / "copy")
    done = subprocess.run(
        [*SNAKEMAKE, "--cores", "1", "--config", "mirror=copy", "name=again", "divisions=all", POLICY, NO_TRAINING],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert digests(tmp_path / "results" / "again" / "dataset") == digests(real)
