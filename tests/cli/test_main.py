"""The command line: every verb by hand, exit codes, one line an error, a fast --help; and the config."""

import errno
import functools
import gzip
import importlib
import inspect
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from support.each import each
from support.flatfile import fasta, record
from support.smallrelease import bases
from support.stages import CONFIG, DIVISIONS, audit_by_hand, collapse_by_hand, decide_by_hand
from support.workflow import digests

from dnacorpus.cli import stages
from dnacorpus.cli.main import HEADINGS, main, parser
from dnacorpus.cli.options import BUILD
from dnacorpus.config.resolved import Config
from dnacorpus.errors import UsageError
from dnacorpus.schemas.parts import LEDGER
from dnacorpus.sources.http import Policy
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

VERBS = [verb.name for _, group in HEADINGS for verb in group]
COMMAND = [sys.executable, "-m", "dnacorpus"]


def test_all_stages_by_hand_give_the_same_dataset(built, tmp_path, run):
    root, mirror = tmp_path / "results", built.parent / "mirror"
    root.mkdir()
    (root / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"divisions": DIVISIONS}))

    def go(*arguments: object) -> str:
        code, out, err = run(*arguments)
        assert code == 0, err
        return out

    places = []
    for division in DIVISIONS:
        table = root / "catalog" / f"{division}.tsv"
        go("catalog", "--mirror", mirror, "--division", division, "--group-bytes", 1, "--out", table)
        places += [line.split("\t")[1:4] for line in table.read_text().splitlines()[1:]]
    for division, part, _ in places:
        raw, tables = root / "raw" / division / part, root / "tables" / division / part
        table = root / "catalog" / f"{division}.tsv"
        go("fetch", "--mirror", mirror, "--contact=a@b.example", "--catalog", table, "--part", part, "--out", raw)
        go("parse", "--raw", raw, "--out", tables)
    groups = list(dict.fromkeys((division, group) for division, _, group in places))
    buckets = CONFIG["dedup"]["buckets"]
    decide_by_hand(go, root, groups, buckets)
    for division, part, _ in places:
        out = root / "pairs" / division / part
        go("pair", "--build", root, "--division", division, "--part", part, "--out", out)
    collapse_by_hand(go, root, buckets)
    for division, _, group in places:
        out = root / "shards" / division / group
        go("shard", "--build", root, "--division", division, "--group", group, "--out", out)
    audit_by_hand(go, root, groups)
    go("assemble", "--build", root, "--out", root / "dataset")
    assert "ledger balances" in go("check", "--build", root, "--out", root / "summary.txt")
    assert go("verify", root / "dataset").endswith(" files, 86 rows, 12,900 bases of pairs: ok\n")
    assert digests(root / "dataset") == digests(built / "dataset")


def test_bad_data_is_one_line_and_exit_code_1(built, tmp_path, run):
    dataset = shutil.copytree(built / "dataset", tmp_path / "dataset")
    (dataset / "ledger.parquet").unlink()
    code, out, err = run("verify", dataset)
    assert (code, out) == (1, "")
    assert err.startswith(f"dnacorpus verify: {dataset}: ledger.parquet: missing")
    assert err.count("\n") == 1


def test_a_damaged_part_is_one_line_after_the_totals(built, tmp_path, run):
    entries = tables.read(built / "dataset" / "ledger.parquet", LEDGER).to_pylist()
    damage = {"detail": "viral.9.genomic.gbff.gz: ends early"}
    entries += [
        ledger.entry("viral", "viral.9", "file", "in", count=1),
        ledger.entry("viral", "viral.9", "file", "rejected", "unreadable", count=1, **damage),
    ]
    tables.write(tmp_path / "dataset" / "ledger.parquet", LEDGER, entries)
    shutil.copy(built / "config.yaml", tmp_path)
    code, out, err = run("check", "--build", tmp_path, "--out", tmp_path / "summary.txt")
    assert code == 1
    assert "1 rejected (unreadable)" in out
    assert err.count("\n") == 1
    assert "1 damaged file: viral.9.genomic.gbff.gz: ends early; " in err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["verify", "nowhere"], "nowhere/manifest.json: expected the manifest of a dataset"),
        (
            ["dedup", "--build", "nowhere", "--out", "out"],
            "nowhere is not a build (no config.yaml); give results/NAME of one that snakemake",
        ),
        (["parse", "--out", "out"], "--gbff"),
        (["parse", "--gbff", "a.gbff.gz", "--out", "out"], "--division"),
        (["parse", "--raw", "r", "--gbff", "a.gbff.gz", "--out", "out"], "--raw"),
        (["catalog", "--mirror", "m", "--division", "virus", "--group-bytes", "1", "--out", "o"], "'virus'"),
        (["catalog", "--mirror", "m", "--division", "viral", "--group-bytes", "1", "--out", "o"], "m"),
        (["verify"], "dnacorpus verify: error: the following arguments are required: DATASET"),
        (["brew"], "dnacorpus: no command 'brew'; `dnacorpus --help` lists all"),
        (["wher"], "dnacorpus: no command 'wher'; did you mean 'where'? `dnacorpus --help` lists all"),
        (["fetch", "--catalog", "c", "--part", "p", "--out", "o"], "either --build or --mirror, found neither"),
        (["fetch", "--build", "b", "--mirror", "m", "--catalog", "c", "--part", "p", "--out", "o"], "found both"),
        (["catalog", "--mirror", "m", "--division", "viral", "--out", "o"], "--group-bytes"),
        (
            ["catalog", "--build", "b", "--division", "d", "--group-bytes", "5", "--out", "o"],
            "no --group-bytes with it",
        ),
        (
            ["fetch", "--build", "b", "--catalog", "c", "--part", "p", "--out", "o", "--contact", "a@b.org"],
            "no --contact",
        ),
        (["find", "--kind", "CDS,", "results"], "expected values with commas between them, found 'CDS,'"),
        (["documents", "dataset", "--out", "o", "--structure", "clade,kin"], "invalid choice: 'kin'"),
    ],
)
def test_what_cannot_be_asked_is_exit_code_2(tmp_path, monkeypatch, run, arguments, named):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_the_help_is_printed(run):
    assert run() == run("--help")


@pytest.mark.parametrize(
    "arguments",
    [
        ["documents", "dataset", "--out", "taken"],
        ["documents", "dataset", "--out", "taken/below"],
        ["report", "dataset", "--out", "taken"],
        ["pull", "a/b", "taken"],
        ["simulate", "taken", "--bases", "50000"],
        ["check", "dataset", "--out", "taken/summary.txt"],
    ],
)
def test_an_output_folder_that_is_a_file_is_exit_code_2(tmp_path, monkeypatch, run, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").touch()
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.endswith("taken is a file; give a folder\n")


def test_an_output_file_that_is_a_folder_is_exit_code_2(tmp_path, run):
    code, _, err = run("check", "dataset", "--out", tmp_path)
    assert (code, err.endswith(f"{tmp_path} is a folder; give a file\n")) == (2, True)


def test_simulate_prints_the_command_that_builds_its_release(tmp_path, run):
    code, out, _ = run("simulate", tmp_path / "s", "--bases", 50000)
    assert code == 0
    (command,) = [line.removeprefix("build it: ") for line in out.splitlines() if line.startswith("build it: ")]
    words = shlex.split(command)
    assert words[:5] == ["snakemake", "--cores", "2", "--config", f"mirror={tmp_path / 's' / 'release'}"]
    divisions = words[-1].removeprefix("divisions=").split(",")
    assert [name for name in each(divisions) if not (tmp_path / "s" / "release" / name).is_dir()] == []


def test_an_unknown_part_or_group_is_exit_code_2(built, tmp_path, run):
    table = built / "catalog" / "viral.tsv"
    code, _, err = run("fetch", "--mirror", built.parent / "mirror", "--catalog", table, "--part", "viral.7",
                       "--out", tmp_path / "raw")  # fmt: skip
    assert code == 2
    assert "viral.7" in err
    code, _, err = run("shard", "--build", built, "--division", "viral", "--group", "9", "--out", tmp_path / "s")
    assert code == 2
    assert "'9'" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["catalog", "fetch"])
def test_a_server_that_does_not_answer_is_exit_code_3(built, tmp_path, run, monkeypatch, verb):
    monkeypatch.setattr(f"dnacorpus.stages.{verb}.Policy", functools.partial(Policy, attempts=2, first_wait=0.0))
    with socket.socket() as closed:  # bound and not listening: nobody else gets the port, and it refuses
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        what = (
            ["--division", "viral", "--group-bytes", 1]
            if verb == "catalog"
            else ["--catalog", built / "catalog" / "viral.tsv", "--part", "viral.1"]
        )
        code, out, err = run(verb, "--mirror", url, *what, "--out", tmp_path / "out")
    assert (code, out) == (3, "")
    assert f"dnacorpus {verb}: {url}" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_ends_json_output_quietly(built):
    command = [sys.executable, "-m", "dnacorpus", "verify", str(built / "dataset"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()
        errors = running.stderr.read()
        assert running.wait() == 0, errors
    assert "Traceback" not in errors


def test_a_closed_pipe_leaves_no_open_file():
    script = (
        "import os, sys\n"
        "from dnacorpus.cli.output import print_line\n"
        "count = lambda: len(os.listdir('/proc/self/fd'))\n"
        "sys.stdin.readline()\n"
        "before = count()\n"
        "print_line('x')\n"
        "print_line('y')\n"
        "sys.stderr.write(f'{count() - before}')\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], text=True, **pipes) as running:
        running.stdout.close()
        running.stdin.write("go\n")
        running.stdin.close()
        assert running.stderr.read() == "0"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_verb_ends_as_usual_if_the_shell_has_closed_a_stream(built, closed):
    command = f'"{sys.executable}" -m dnacorpus verify "$1" {closed}'
    done = subprocess.run(["sh", "-c", command, "sh", built / "dataset"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_manifest_that_is_no_file_is_exit_code_2(tmp_path, run):
    os.mkfifo(tmp_path / "manifest.json")
    code, _, err = run("verify", tmp_path)
    assert code == 2
    assert "manifest.json: expected a file, found none" in err


def test_a_full_disk_is_named_by_the_file_that_was_written(built, tmp_path, run, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr("dnacorpus.dataset.verify.verify", lambda dataset: full(dataset, tmp_path / "written"))
    code, _, errors = run("verify", built / "dataset")
    assert code == 1
    assert errors == f"dnacorpus verify: {tmp_path / 'written'}: No space left on device; make room and run again\n"


def test_a_file_that_is_missing_is_named_without_a_traceback(built, tmp_path, run):
    root = shutil.copytree(built, tmp_path / "results")
    (root / "raw" / "viral" / "viral.1" / "part.json").unlink()
    code, _, err = run("assemble", "--build", root, "--out", root / "again")
    assert code == 1
    assert "part.json" in err
    assert err.count("\n") == 1


def test_tables_that_are_not_parquet_are_named(built, tmp_path, run):
    root = shutil.copytree(built, tmp_path / "results")
    (root / "tables" / "viral" / "viral.1" / "records.parquet").write_bytes(b"PAR1 no")
    code, _, err = run("dedup", "--build", root, "--out", tmp_path / "decisions")
    assert code == 1
    assert "viral.1/records.parquet: expected a Parquet file" in err
    assert err.count("\n") == 1


def test_an_installed_command_ends_with_the_code_of_main(tmp_path):
    done = subprocess.run([*COMMAND, "verify", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_goes_in_and_out_and_shows_an_example(run, verb):
    code, out, err = run(verb, "--help")
    assert (code, err) == (0, "")
    assert "Out: " in out
    assert f"example: dnacorpus {verb} " in out


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_of_each_verb_can_be_parsed(verb):
    (example,) = [each.example for _, group in HEADINGS for each in group if each.name == verb]
    assert parser().parse_args(shlex.split(example)[1:]).verb == verb


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_quiet(verb):
    (example,) = [each.example for _, group in HEADINGS for each in group if each.name == verb]
    assert parser().parse_args([*shlex.split(example)[1:], "-q"]).quiet


def test_help_shows_each_verb_in_one_line_under_its_heading(run):
    code, out, _ = run("--help")
    assert code == 0
    lines = out.splitlines()
    first = lines.index("Use a dataset:")
    for heading, group in HEADINGS:
        assert lines[first] == f"{heading}:"
        shown = lines[first + 1 : first + 1 + len(group)]
        assert [line.split()[0] for line in shown] == [verb.name for verb in group]
        assert max(map(len, shown)) <= 100
        first += len(group) + 2


@pytest.mark.parametrize("verb", [verb for verb in stages.VERBS if BUILD in verb.options], ids=lambda verb: verb.name)
def test_a_stage_takes_the_values_of_its_options(verb):
    module = importlib.import_module(f"dnacorpus.stages.{verb.name.replace('-', '_')}")
    assert list(inspect.signature(module.run).parameters) == ["build", *(option.dest for option in verb.options[1:])]


def test_every_stage_module_has_a_verb_of_its_name():
    folder = Path(stages.__file__).parents[1] / "stages"
    modules = {path.stem.replace("_", "-") for path in folder.glob("*.py")} - {"--init--"}
    assert modules == {verb.name for verb in (*stages.VERBS, *HEADINGS[1][1])} - {"simulate"}


def test_help_of_every_verb_loads_no_table_library():
    script = (
        "import contextlib, io, json, sys\n"
        "from dnacorpus.cli.main import main\n"
        f"for verb in {VERBS}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "        main([verb, '--help'])\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"polars", "pyarrow", "numpy", "requests", "Bio", "gb_io", "yaml", "xxhash", "tqdm", "isal"}


@pytest.mark.parametrize("spelled", ["--fna {0} {1}", "--fna {0} --fna {1}"])
def test_several_fasta_files_in_both_spellings(tmp_path, run, spelled):
    flat = tmp_path / "plant.1.genomic.gbff"
    names = ["NW_000001.1", "NW_000002.1"]
    flat.write_text("".join(record(name, contig=f"join({name}:1..60)", locus_length=60) for name in names))
    paths = []
    for number, name in enumerate(names, start=1):
        path = tmp_path / f"plant.1.{number}.genomic.fna"
        path.write_text(fasta((name, bases(name, 60))))
        paths.append(path)
    out = tmp_path / "tables"
    code, _, err = run(
        "parse", "--division", "plant", "--gbff", flat, *spelled.format(*paths).split(), "--release", "7", "--out", out
    )
    assert code == 0, err
    found = pq.ParquetFile(out / "segments.parquet").read().to_pylist()
    assert {row["accession"]: row["sequence"] for row in found} == {name: bases(name, 60) for name in names}
    assert set(pq.ParquetFile(out / "records.parquet").read()["release"].to_pylist()) == {"7"}


def test_a_file_that_ends_early_leaves_what_can_be_read_and_exit_code_1(tmp_path, run):
    whole = gzip.compress(
        record("NC_000001.1", bases("a", 60)).encode() + record("NC_000002.1", bases("b", 6000)).encode()
    )
    path = tmp_path / "viral.1.genomic.gbff.gz"
    path.write_bytes(whole[:-400])
    code, out, err = run("parse", "--division", "viral", "--gbff", path, "--out", tmp_path / "tables")
    assert (code, out) == (1, "")
    assert path.name in err
    assert err.count("\n") == 1
    assert (tmp_path / "tables" / "ledger.parquet").is_file()


def test_the_version_is_the_packages(run):
    assert run("--version") == (0, f"dnacorpus {version('dnacorpus')}\n", "")


def load(tmp_path: Path, content: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(content)
    return Config.load(path)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("- viral\n", "found list"),
        ("", "found NoneType"),
        ("a: [\n", "expected YAML"),
        ("x: 1\n", "; divisions: expected a value"),
    ],
)
def test_a_config_of_another_form_is_a_usage_error(tmp_path, content, named):
    with pytest.raises(UsageError, match=named) as caught:
        _ = load(tmp_path, content).divisions
    assert "config.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_sections_are_named(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path, yaml.safe_dump(CONFIG | {"pairs": 5, "splits": {"unit": "species"}}))
    assert "; pairs: expected a section with keys, found 5" in str(caught.value)
    assert "; splits.test: expected a value" in str(caught.value)


def test_what_shapes_the_rows_is_the_same_for_lists_in_another_order(tmp_path):
    splits = CONFIG["splits"] | {"unit": "genus", "validation": 0, "test": 0.1, "always_train": ["Mus", "Homo"]}
    changed = {"divisions": ["viral", "plant"], "splits": splits}
    one = load(tmp_path, yaml.safe_dump(CONFIG | changed))
    splits["always_train"], changed["divisions"] = ["Homo", "Mus"], ["plant", "viral"]
    other = load(tmp_path, yaml.safe_dump(CONFIG | changed | {"name": "z", "mirror": "elsewhere"}))
    assert one.shaping() == other.shaping()
    assert one.divisions == ["plant", "viral"]
    assert set(one.shaping()) == {
        "divisions", "custom_divisions", "seed", "splits", "pairs", "windows", "qa", "passages", "papers",
        "shards", "audit", "biosafety", "dedup", "decontamination",
    }  # fmt: skip
    assert "source" not in one.shaping()["papers"]
    chosen = one.splits.settings
    assert (chosen.unit, chosen.test, chosen.always_train) == ("genus", 0.1, ("Homo", "Mus"))


def test_main_takes_the_arguments_of_the_process(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["dnacorpus", "verify", str(tmp_path)])
    assert main() == 2
    assert "expected the manifest of a dataset" in capsys.readouterr().err


def test_quiet_leaves_only_problems_on_stderr(built, tmp_path):
    arguments = ("catalog", "--mirror", built.parent / "mirror", "--division", "viral", "--group-bytes", 1, "--out")
    command = [sys.executable, "-m", "dnacorpus", *map(str, arguments)]
    shown, quiet = (
        subprocess.run([*command, str(tmp_path / name), *more], capture_output=True, text=True, check=True).stderr
        for name, more in (("shown.tsv", []), ("quiet.tsv", ["--quiet"]))
    )
    assert "viral: sizes: 2 of 2" in shown
    assert quiet == ""
    assert (tmp_path / "shown.tsv").read_bytes() == (tmp_path / "quiet.tsv").read_bytes()


def test_pull_takes_the_config_of_a_dataset_under_both_names():
    for name in ("--config", "--subset"):
        assert parser().parse_args(["pull", "a/b", "here", name, "pairs"]).subset == "pairs"


def test_totals_of_verify_as_json(built, run):
    code, out, _ = run("verify", built / "dataset", "--json")
    assert (code, json.loads(out)["rows"], json.loads(out)["ok"]) == (0, 86, True)


def test_problems_of_verify_are_one_a_line_and_a_list_in_json(built, tmp_path, run):
    dataset = shutil.copytree(built / "dataset", tmp_path / "dataset")
    (dataset / "ledger.parquet").unlink()
    (dataset / "README.md").unlink()
    code, out, err = run("verify", dataset)
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == f"dnacorpus verify: {dataset}: 2 problems; build or pull the dataset again"
    assert sorted(err.splitlines()[1:]) == [
        "dnacorpus verify: README.md: missing", "dnacorpus verify: ledger.parquet: missing",
    ]  # fmt: skip
    code, out, err = run("verify", dataset, "--json")
    assert (code, err) == (1, "")
    answer = json.loads(out)
    assert (answer["ok"], sorted(answer["problems"])) == (False, ["README.md: missing", "ledger.parquet: missing"])


def test_where_answers_the_other_queries_if_a_file_is_missing(built, run):
    code, out, err = run("where", built / "dataset", "no.fa", "NC_000001.1", "gone.fa")
    assert code == 2
    assert out.startswith("NC_000001.1: ")
    assert [line.split(":")[1] for line in err.splitlines()] == [" query no.fa", " query gone.fa"]
