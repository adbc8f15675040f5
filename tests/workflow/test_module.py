"""The workflow as a module of another one: partial configs, rules of the caller, the package that it needs."""

import subprocess
import sys

import pytest
import yaml
from support.repository import REPOSITORY
from support.smallrelease import small_release
from support.workflow import SNAKEMAKE, environment, jobs

pytestmark = pytest.mark.workflow

DEPLOYED = """
configfile: "config/config.yaml"


module dnacorpus:
    snakefile:
        "{repository}/workflow/Snakefile"
    config:
        config


use rule * from dnacorpus
"""
"""What `snakedeploy deploy-workflow` writes, with a path in place of `github(...)`."""
IMPORTED = """
module dnacorpus:
    snakefile:
        "{repository}/workflow/Snakefile"
    config:
        config["dnacorpus"]


rule count:
    input:
        "results/t/summary.txt",
    output:
        "count.txt",
    params:
        given=sorted(config["dnacorpus"]),
    shell:
        "echo {{params.given}} > {{output}}"


use rule * from dnacorpus as dnacorpus_*
"""
FEW_KEYS = {
    "name": "t",
    "mirror": "mirror",
    "divisions": ["plant", "plastid", "viral"],
    "splits": {"validation": 0.2, "test": 0.2, "always_train": []},
    "validate": {"preset": "off"},
}


def snakemake(folder, *arguments, **variables):
    return subprocess.run(
        [SNAKEMAKE[0], "--cores", "2", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={**environment(), **variables},
    )  # fmt: skip


def assert_reports(folder, *arguments):
    """Assert that Snakemake's report of a finished build has all texts and its results."""
    done = snakemake(folder, *arguments, "--report", "report.html")
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout.upper(), done.stdout
    page = (folder / "report.html").read_text()
    assert "built a dataset of DNA and text" in page
    assert "results/t/summary.txt" in page


def caller(folder, snakefile, config):
    """Make the folder of a workflow that imports this one."""
    (folder / "workflow").mkdir()
    (folder / "config").mkdir()
    (folder / "workflow" / "Snakefile").write_text(snakefile.format(repository=REPOSITORY))
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    small_release(folder / "mirror")
    return folder


def test_deployed_with_a_few_keys_it_plans_without_writing_then_builds(tmp_path, run):
    folder = caller(tmp_path, DEPLOYED, FEW_KEYS)
    plan = snakemake(folder, "--dry-run")
    assert plan.returncode == 0, plan.stdout
    assert jobs(plan.stdout)["catalog"] == 3
    assert not (folder / "results").exists()
    done = snakemake(folder)
    assert done.returncode == 0, done.stdout
    assert run("verify", folder / "results" / "t" / "dataset")[0] == 0
    whole = yaml.safe_load((folder / "results" / "t" / "config.yaml").read_text())
    defaults = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text())
    assert whole["splits"] == {**defaults["splits"], **FEW_KEYS["splits"]}
    assert whole["windows"] == defaults["windows"]
    assert (folder / "results" / "t" / "report" / "index.html").is_file()
    again = snakemake(folder)
    assert jobs(again.stdout) == {}, again.stdout
    assert_reports(folder)


def test_imported_under_a_prefix_its_outputs_feed_the_callers_rules(tmp_path):
    folder = caller(tmp_path, IMPORTED, FEW_KEYS)
    arguments = ("--configfile", "own.yaml")
    (folder / "own.yaml").write_text(yaml.safe_dump({"dnacorpus": FEW_KEYS, "mine": 1}))
    done = snakemake(folder, *arguments)
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout)["dnacorpus_parse"] == 5
    assert (folder / "count.txt").read_text().split() == sorted(FEW_KEYS), "the caller's config was changed"
    assert_reports(folder, *arguments)
    changed = {**FEW_KEYS, "pairs": {"max_bases": 500}, "windows": {"bases": 500}}
    (folder / "own.yaml").write_text(yaml.safe_dump({"dnacorpus": changed, "mine": 1}))
    plan = snakemake(folder, *arguments, "--dry-run")
    assert jobs(plan.stdout)["dnacorpus_pair"] == 5
    assert "dnacorpus_dedup" not in jobs(plan.stdout)
    kept = yaml.safe_load((folder / "results" / "t" / "config.yaml").read_text())
    assert kept["windows"]["bases"] != 500, "a dry run wrote the config"


def test_a_package_of_another_version_is_named_with_the_way_to_install_it(tmp_path):
    folder = caller(tmp_path, DEPLOYED, FEW_KEYS)
    other = tmp_path / "other" / "dnacorpus-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: dnacorpus\nVersion: 0.0.1\n")
    done = snakemake(folder, "--dry-run", PYTHONPATH=str(other.parent))
    assert done.returncode == 1
    assert "found 0.0.1" in done.stdout
    assert f"{sys.executable} -m pip install 'dnacorpus[build] @ file://{REPOSITORY}'" in done.stdout


def test_lint_finds_nothing_and_writes_no_results(tmp_path):
    folder = caller(tmp_path, DEPLOYED, FEW_KEYS)
    assert snakemake(folder, "--lint", "--snakefile", str(REPOSITORY / "Snakefile")).returncode == 0
    assert not (folder / "results").exists()
