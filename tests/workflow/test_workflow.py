"""The whole way with Snakemake: build, nothing to do, another division, other cores and paths, SIGKILL, bad input."""

import gzip
import os
import random
import shutil
import signal
import subprocess

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.each import each
from support.servers.refseq import serve
from support.smallrelease import PLANTS, pack, plain, small_release, texts
from support.traces import traces
from support.workflow import command, digests, environment, jobs, ledger, snakemake

from dnacorpus.cli.main import main

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A finished build of the small release."""
    folder = tmp_path_factory.mktemp("base")
    small_release(folder / "mirror")
    done = snakemake(folder, "mirror")
    assert done.returncode == 0, done.stdout
    return folder, done.stdout


def test_it_builds_says_what_became_of_everything_and_verifies(base, run):
    folder, output = base
    dataset = folder / "results" / "t" / "dataset"
    assert "ledger balances" in output
    code, out, err = run("verify", dataset)
    assert (code, err) == (0, "")
    assert "ok" in out
    entries = ledger(dataset)
    assert entries["record", "in", ""] == 10
    assert entries["record", "kept", ""] == 8
    assert entries["record", "duplicate", "exact"] == 2
    assert entries["file", "kept", ""] == 6
    assert entries["species", "in", ""] == entries["species", "kept", "name"] == 10
    assert "unreadable" not in {reason for _, _, reason in entries}
    summary = (folder / "results" / "t" / "summary.txt").read_text()
    assert "10 records in" in summary
    assert (folder / "results" / "t" / "config.yaml").is_file()


def test_the_planted_copies_are_found_across_divisions_strands_and_rotations(base):
    folder, _ = base
    rows = pl.read_parquet(folder / "results" / "t" / "dataset" / "index" / "accessions.parquet")
    fates = {(row["division"], row["accession"]): (row["status"], row["duplicate_of"]) for row in rows.to_dicts()}
    assert fates["plant", "NC_000020.1"] == ("duplicate", "NC_000020.1")
    assert fates["plastid", "NC_000020.1"] == ("kept", None)
    assert fates["viral", "AB000032.1"] == ("duplicate", "NC_000030.1")
    assert fates["viral", "NC_000030.1"] == ("kept", None)


def test_the_index_leads_to_the_rows(base):
    dataset = base[0] / "results" / "t" / "dataset"
    for row in each(pl.read_parquet(dataset / "index" / "accessions.parquet").filter(pl.col("rows") > 0).to_dicts()):
        rows = pl.read_parquet(dataset / row["file"]).slice(row["row"], row["rows"])
        assert set(rows["accession"]) == {row["accession"]}
        assert f"/{row['split']}-" in row["file"]
    for row in each(
        pl.read_parquet(dataset / "index" / "digests.parquet").filter(pl.col("file").is_not_null()).to_dicts()
    ):
        assert pl.read_parquet(dataset / row["file"])["pair_id"][row["row"]] == row["pair_id"]


def test_nothing_of_the_run_is_in_the_dataset(base):
    folder, _ = base
    assert traces(folder / "results" / "t" / "dataset", [str(folder), "mirror", "results/"]) == []


@pytest.mark.parametrize("where", ["cell", "nested cell", "schema metadata", "field metadata", "text file"])
def test_a_path_planted_in_a_dataset_is_seen(base, tmp_path, where):
    folder, _ = base
    shutil.copytree(folder / "results" / "t" / "dataset", tmp_path / "dataset")
    shard = next((tmp_path / "dataset" / "data" / "pairs").rglob("*.parquet"))
    table, planted = pq.read_table(shard), shard
    if where == "text file":
        planted = tmp_path / "dataset" / "README.md"
        planted.write_text(planted.read_text() + str(folder))
    elif where == "schema metadata":
        table = table.replace_schema_metadata({"made in": str(folder)})
    elif where == "field metadata":
        column = table.schema.field("text").with_metadata({"description": f"as in {folder}"})
        table = table.cast(table.schema.set(table.schema.get_field_index("text"), column))
    else:
        column, row = ("text", str(folder)) if where == "cell" else ("evidence", [{"source": str(folder)}])
        field = table.schema.field(column)
        cells = pa.array([row, *table[column].to_pylist()[1:]], field.type)
        table = table.set_column(table.schema.get_field_index(column), field, cells)
    if planted is shard:
        pq.write_table(table, shard, compression="zstd")
    assert traces(tmp_path / "dataset", [str(folder)]) == [
        (planted.relative_to(tmp_path / "dataset").as_posix(), str(folder))
    ]


def test_a_second_call_has_nothing_to_do(base):
    again = snakemake(base[0], "mirror")
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout
    assert jobs(again.stdout) == {}


def test_other_cores_name_and_mirror_path_and_http_give_the_same_bytes(base, tmp_path):
    folder, _ = base
    expected = digests(folder / "results" / "t" / "dataset")
    shutil.copytree(folder / "mirror", tmp_path / "elsewhere" / "copy")
    one = snakemake(tmp_path, tmp_path / "elsewhere" / "copy", "other-name", "[viral,plastid,plant]", 1)
    assert one.returncode == 0, one.stdout
    assert digests(tmp_path / "results" / "other-name" / "dataset") == expected
    with serve(folder / "mirror") as server:
        http = snakemake(tmp_path, server.url, "http")
    assert http.returncode == 0, http.stdout
    assert digests(tmp_path / "results" / "http" / "dataset") == expected


def test_another_division_reruns_its_parts_and_what_follows_dedup(base, tmp_path):
    shutil.copytree(base[0] / "mirror", tmp_path / "mirror")
    first = snakemake(tmp_path, "mirror", divisions="[plant,viral]")
    assert jobs(first.stdout)["parse"] == 3
    more = snakemake(tmp_path, "mirror")
    assert more.returncode == 0, more.stdout
    counts = jobs(more.stdout)
    assert counts["parse"] == counts["fetch"] == 2
    assert counts["catalog"] == 1
    assert counts["dedup"] == counts["collapse"] == counts["assemble"] == 1
    assert digests(tmp_path / "results" / "t" / "dataset") == digests(base[0] / "results" / "t" / "dataset")


def test_a_changed_option_reruns_from_its_stage_on(base, tmp_path):
    shutil.copytree(base[0] / "mirror", tmp_path / "mirror")
    assert snakemake(tmp_path, "mirror").returncode == 0
    changed = snakemake(
        tmp_path, "mirror", "t", "[plant,plastid,viral]", 2, "pairs={'max_bases': 500}", "windows={'bases': 500}"
    )
    assert changed.returncode == 0, changed.stdout
    counts = jobs(changed.stdout)
    assert "parse" not in counts
    assert "dedup" not in counts
    assert counts["pair"] == 5
    assert ledger(tmp_path / "results" / "t" / "dataset")["row", "excluded", "too_long"] == 8


@pytest.mark.parametrize("whole_group", [True, False], ids=["node lost", "only the scheduler killed"])
def test_killed_at_any_moment_and_run_again_it_ends_with_the_same_bytes(base, tmp_path, whole_group):
    shutil.copytree(base[0] / "mirror", tmp_path / "mirror")
    moments = random.Random(whole_group)
    finished, outputs = False, []
    for _ in range(12):
        process = subprocess.Popen(
            command(tmp_path / "mirror"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True, env=environment(),
        )  # fmt: skip
        try:
            process.communicate(timeout=moments.uniform(2, 7))
            finished = True
            break
        except subprocess.TimeoutExpired:
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
            process.wait()
            outputs.append(process.stdout)
    last = snakemake(tmp_path, tmp_path / "mirror")
    assert last.returncode == 0, last.stdout
    assert finished or "ledger balances" in last.stdout
    for output in outputs:
        output.read()  # ends when the last orphan of a killed scheduler, which inherited it, has ended
        output.close()
    assert digests(tmp_path / "results" / "t" / "dataset") == digests(base[0] / "results" / "t" / "dataset")
    if whole_group:
        assert list((tmp_path / "results").rglob(".*.tmp-*")) == []


def broken_release(folder):
    """The small release with two damaged files and every kind of bad record, and what is whole beside them."""
    files = texts()
    good = plain("NC_000040.1", "Secale cereale", PLANTS)
    other = plain("NC_000041.1", "Avena sativa", PLANTS)
    files["plant.2.genomic.gbff.gz"] = (
        good
        + plain("NC_000042.1", "Hordeum vulgare", PLANTS).removesuffix("//\n")  # two LOCUS lines without //
        + other
        + plain("NC_000043.1", "Hordeum vulgare", PLANTS).replace("900 bp", "9x0 bp")  # malformed
        + plain("NC_000044.1", "Hordeum vulgare", PLANTS).split("ORIGIN")[0] + "//\n"  # neither bases nor FASTA
        + plain("NC_000045.1", "Hordeum vulgare", PLANTS, locus_length=1000)  # not the promised length
    )  # fmt: skip
    files["plant.3.genomic.gbff.gz"] = ""  # an empty part
    packed = pack(files)
    packed["viral.2.genomic.gbff.gz"] = packed["viral.2.genomic.gbff.gz"][:-40]  # truncated, as its MD5 says too
    root = small_release(folder / "mirror", packed)
    wrong = root / "plastid" / "plastid.2.genomic.gbff.gz"
    wrong.write_bytes(gzip.compress(b"another content", mtime=0))
    return root


def test_bad_input_costs_what_is_bad_and_is_named(base, tmp_path, run):
    broken_release(tmp_path)
    done = snakemake(tmp_path, "mirror")
    dataset = tmp_path / "results" / "t" / "dataset"
    assert done.returncode == 1
    assert "viral.2.genomic.gbff.gz" in done.stdout
    assert "plastid.2.genomic.gbff.gz" in done.stdout
    assert "--forcerun results/t/raw/plastid/plastid.2 results/t/raw/viral/viral.2" in done.stdout
    assert not (tmp_path / "results" / "t" / "summary.txt").exists()
    assert run("verify", dataset)[0] == 0
    entries = ledger(dataset)
    assert entries["file", "rejected", "unreadable"] == 2
    assert entries["record", "rejected", "unterminated"] == 1
    assert entries["record", "rejected", "bad_locus"] == 1
    assert entries["record", "excluded", "no_sequence"] == 1
    assert entries["record", "excluded", "length_mismatch"] == 1
    whole = pl.read_parquet(base[0] / "results" / "t" / "dataset" / "data" / "pairs" / "**" / "*.parquet")
    here = pl.read_parquet(dataset / "data" / "pairs" / "**" / "*.parquet")
    lost = {"NC_000022.1", "AB000032.1", "NC_000033.1"}
    expected = set(whole.filter(~pl.col("accession").is_in(lost))["pair_id"])
    assert expected <= set(here["pair_id"])
    assert {"NC_000040.1", "NC_000041.1"} <= set(here["accession"])
    assert not {"NC_000042.1", "NC_000043.1", "NC_000044.1", "NC_000045.1"} & set(here["accession"])


def test_a_mended_file_completes_the_build(base, tmp_path):
    broken_release(tmp_path)
    assert snakemake(tmp_path, "mirror").returncode == 1
    shutil.rmtree(tmp_path / "mirror")
    small_release(tmp_path / "mirror")
    catalogs = [f"results/t/catalog/{division}.tsv" for division in ("plant", "plastid", "viral")]
    done = snakemake(tmp_path, "mirror", "t", "[plant,plastid,viral]", 2, "--forcerun", *catalogs)
    assert done.returncode == 0, done.stdout
    assert digests(tmp_path / "results" / "t" / "dataset") == digests(base[0] / "results" / "t" / "dataset")


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (["divisions=[viral,virus]"], "virus"),
        (["divisions=bacterium"], "bacterium"),
        (["shard_rows=5"], "shard_rows"),
        (["pairs={'max_base': 5}"], "max_base"),
        (["seed=often"], "often"),
        (["mirror=no/such/folder"], "no/such/folder"),
        (["splits={'validation': 0.5, 'test': 0.5}"], "splits.validation"),
    ],
)
def test_a_wrong_config_stops_before_anything_runs(base, tmp_path, config, named):
    done = subprocess.run(
        [*command(base[0] / "mirror"), *config], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=environment(),
    )  # fmt: skip
    assert done.returncode != 0
    assert named in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_a_changed_byte_fails_verify(base, tmp_path, capsys):
    dataset = tmp_path / "dataset"
    shutil.copytree(base[0] / "results" / "t" / "dataset", dataset)
    shard = next((dataset / "data" / "pairs").rglob("*.parquet"))
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.unlink()
    shard.write_bytes(content)
    assert main(["verify", str(dataset)]) == 1
    assert shard.name in capsys.readouterr().err
