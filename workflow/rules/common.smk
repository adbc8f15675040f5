"""
The config: defaults, what was given over them, checks. Then the functions that ask the catalogs which parts there are.

Parsing writes nothing and reads no more than small tables: every dry run and every job of a cluster parses this file.
All paths of the workflow's own files start from the place of this file, so that it works as a module of another workflow.
"""

import os
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config


def require_package():
    """Stop with the way to install it unless the Python package is there in the version of this workflow."""
    with open(workflow.source_path("../../pyproject.toml"), "rb") as file:
        needed = tomllib.load(file)["project"]["version"]
    try:
        found = version("dnacorpus")
    except PackageNotFoundError:
        found = "none"
    if found != needed:
        base = workflow.current_basedir
        source = (
            f"git+https://{base.host}/{base.repo}@{base.ref}"
            if hasattr(base, "repo")
            else f"file://{os.path.abspath(os.path.join(str(base), '..', '..'))}"
        )
        raise WorkflowError(
            f"this workflow calls the Python package dnacorpus {needed}, found {found} in the environment of snakemake"
            f" ({sys.executable}); install it there: {sys.executable} -m pip install 'dnacorpus[build] @ {source}'"
        )


require_package()

from dnacorpus.config.checks import checked, refuse_paths
from dnacorpus.config.stages import options_of
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.catalog import (
    groups_of,
    local_inputs,
    parts_of,
    read_parts,
    refuse_mixture,
)

# The default profile sets this too. Resources on the command line, or of another profile, win.
if "downloads" not in workflow.global_resources:
    workflow.register_resource("downloads", 2)

# Rules call `dnacorpus`: the one of the environment that runs snakemake, activated or not.
BIN = os.path.dirname(sys.executable)
if os.get_exec_path()[0] != BIN:
    os.environ.update(PATH=os.pathsep.join([BIN, *os.get_exec_path()]))


def parsed(value):
    """Return a value of the config; nested values of --config arrive as text, which is YAML."""
    if isinstance(value, dict):
        return {key: parsed(nested) for key, nested in value.items()}
    return yaml.safe_load(value) if value and isinstance(value, str) else value


def resolve(given):
    """Return the whole config: config/config.yaml, updated with what is given, and checked."""
    with open(workflow.source_path("../../config/config.yaml"), "rb") as file:
        config = yaml.safe_load(file)
    update_config(config, given)
    for key, value in config.items():
        config[key] = parsed(value) if isinstance(value, dict) else value
    try:
        settings = checked(config)
        refuse_paths(settings)
    except UsageError as error:
        raise WorkflowError(str(error)) from None
    return settings.model_dump(mode="json")


config = resolve(config)

CUSTOM = {entry["name"]: entry for entry in config["custom_divisions"]}
ALL_DIVISIONS = sorted([*config["divisions"], *CUSTOM])

# Memory of the jobs that compare the bases of copies: those held at once, and the keys (docs/dedup.md).
MATCH_MEMORY = 2000 + config["dedup"]["max_bases_at_once"] // 1_000_000


wildcard_constraints:
    name=re.escape(config["name"]),
    division="|".join(ALL_DIVISIONS),
    part=r"[a-z_]+\.\d+",
    group=r"\d+",
    bucket=r"\d+",


@cache
def keep_config():
    """Write the config beside the results, where the stages read it, unless it is there as it is.

    An input function of the first rules calls this while a run is planned. Dry runs, reports and the jobs of a
    cluster write nothing. It is no rule: Snakemake 9.27 plans nothing below a job that reruns but over its outputs, and
    an `ancient` output stops that, so that of a changed config only the file would be made anew and no stage rerun.
    """
    if workflow.executor_plugin and workflow.is_main_process and not workflow.dryrun:
        path = Path("results", config["name"], "config.yaml")
        text = yaml.safe_dump(config, sort_keys=True, allow_unicode=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)


def kept_config(wildcards):
    """Return no input; keep the config."""
    keep_config()
    return []


def custom_division(wildcards):
    """Return the config's entry of a custom division; None for a division of the release."""
    return CUSTOM.get(wildcards.division)


def custom_files(wildcards):
    """Return the local files that a custom division is read from."""
    try:
        return local_inputs(CUSTOM.get(wildcards.division, {}))
    except UsageError as error:
        raise WorkflowError(str(error)) from None


def is_chosen_by_taxon(wildcards):
    """Return whether the assemblies of a custom division are chosen by taxon, which needs the taxonomy."""
    return "taxon" in CUSTOM.get(wildcards.division, {})


def catalog(division):
    """Return the rows of a division's catalog; waits for all catalogs, so that the graph is drawn twice and not twelve times."""
    checkpoints.catalogs.get(name=config["name"])
    return catalogs_read()[division]


@cache
def catalogs_read():
    """Return the rows of all catalogs, which must be of one release."""
    folder = os.path.join("results", config["name"], "catalog")
    try:
        rows = {
            division: read_parts(os.path.join(folder, f"{division}.tsv"))
            for division in ALL_DIVISIONS
        }
        refuse_mixture(rows)
    except CorpusError as error:
        raise WorkflowError(f"{folder}: {error}") from None
    return rows


def of_parts(pattern):
    """Return an input function: `pattern` for every part of every division."""

    def paths_of_parts(wildcards):
        return [
            pattern.format(name=config["name"], division=division, part=part)
            for division in ALL_DIVISIONS
            for part in parts_of(catalog(division))
        ]

    return paths_of_parts


def of_group(pattern):
    """Return an input function: `pattern` for the parts of one shard group."""

    def paths_of_group(wildcards):
        return [
            pattern.format(name=config["name"], division=wildcards.division, part=part)
            for part in groups_of(catalog(wildcards.division))[wildcards.group]
        ]

    return paths_of_group


def of_groups(pattern):
    """Return an input function: `pattern` for every shard group of every division."""

    def paths_of_groups(wildcards):
        return [
            pattern.format(name=config["name"], division=division, group=group)
            for division in ALL_DIVISIONS
            for group in groups_of(catalog(division))
        ]

    return paths_of_groups
