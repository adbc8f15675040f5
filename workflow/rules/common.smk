"""
The config: the defaults, updated with the user's config and checked. Then the input functions, which read the parts and
groups from the catalogs.

Parsing writes nothing and reads only small tables, because every dry run and every cluster job parses this file.
Paths of the workflow's own files are relative to this file, so that it works as a module of another workflow.
"""

import atexit
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
    """Stop with an installation command unless the Python package is installed in the version of this workflow."""
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
from dnacorpus.storage.lock import release, take

# The default profile sets this, too. Resources given on the command line or by another profile take precedence.
if "downloads" not in workflow.global_resources:
    workflow.register_resource("downloads", 2)

# Rules call the `dnacorpus` of the environment that runs snakemake, even if it is not activated.
BIN = os.path.dirname(sys.executable)
if os.get_exec_path()[0] != BIN:
    os.environ.update(PATH=os.pathsep.join([BIN, *os.get_exec_path()]))


def parsed(value):
    """Return a value of the config, with nested values parsed: `--config` gives them as YAML text."""
    if isinstance(value, dict):
        return {key: parsed(nested) for key, nested in value.items()}
    return yaml.safe_load(value) if value and isinstance(value, str) else value


def resolve(given):
    """Return the complete config: config/config.yaml, updated with ``given``, and checked."""
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

# MB for the jobs that compare the bases of copies: the bases in memory, and the keys (docs/dedup.md).
MATCH_MEMORY = 2000 + config["dedup"]["max_bases_at_once"] // 1_000_000


wildcard_constraints:
    name=re.escape(config["name"]),
    division="|".join(ALL_DIVISIONS),
    part=r"[a-z_]+\.\d+",
    group=r"\d+",
    bucket=r"\d+",


def hold(folder):
    """Hold the lock of a build's folder until this process ends. Raises WorkflowError if another process holds it."""
    file, holder = take(folder)
    if file is None:
        raise WorkflowError(
            f"{folder}: {holder} is running this build; wait for it to end, or choose another name"
        )
    atexit.register(release, folder, file)


@cache
def keep_config():
    """Write the config to results/NAME/config.yaml, where the stages read it, unless that file is up to date.

    An input function of the first rules calls this while Snakemake plans a run. Dry runs, reports and cluster jobs write
    nothing. A rule cannot do this, because Snakemake 9.27 reruns jobs downstream of a rerun job only through its outputs. With an
    `ancient` output, a changed config would rewrite this file and rerun no stage.

    Jobs read the file while the run goes on, so a second run of this name must not start. The default profile sets
    `nolock`, because Snakemake's own lock outlives a killed run; this process holds one that does not.
    """
    if workflow.executor_plugin and workflow.is_main_process and not workflow.dryrun:
        path = Path("results", config["name"], "config.yaml")
        hold(path.parent)
        text = yaml.safe_dump(config, sort_keys=True, allow_unicode=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)


def kept_config(wildcards):
    """Return no input files; write the config."""
    keep_config()
    return []


def custom_division(wildcards):
    """Return the config entry of a custom division, or None for a division of the release."""
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
    """Return the rows of a division's catalog. Waits for all catalogs, so that the graph is computed twice, not per division."""
    checkpoints.catalogs.get(name=config["name"])
    return catalogs_read()[division]


@cache
def catalogs_read():
    """Return the rows of all catalogs. Raises WorkflowError unless they are of one release."""
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
