"""
The config, validated once, and the few functions that ask the catalogs which parts there are.

Nothing here reads more than small tables: every job of a cluster run parses this file.
"""

import os
import re
import shlex
import sys
from functools import cache
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from dnacorpus.config.checks import refuse_contradictions, refuse_secrets
from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import UsageError
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.catalog import groups_of, local_inputs, parts_of, read_parts, refuse_mixture

# What the default profile says too; resources on the command line, or another profile, replace that one.
if "downloads" not in workflow.global_resources:
    workflow.register_resource("downloads", 2)

# Rules call `dnacorpus`: take the one of this environment, activated or not. A prefix replaces strict mode.
shell.prefix(
    f'set -euo pipefail; export PATH={shlex.quote(os.path.dirname(sys.executable))}:"$PATH"; '
)


def resolve(config):
    """Spell out `all`, validate, and keep the config beside the results."""
    for section in filter(lambda value: isinstance(value, dict), config.values()):
        for key, value in section.items():  # nested values of --config arrive as text
            section[key] = (
                yaml.safe_load(value) if value and isinstance(value, str) else value
            )
    for section, key in (("validate", "preset"), ("biosafety", "policy")):
        if config[section][key] is False:  # YAML reads `off` so
            config[section][key] = "off"
    if config["divisions"] == "all":
        config["divisions"] = list(DIVISIONS)
    elif isinstance(config["divisions"], str):
        config["divisions"] = [name.strip() for name in config["divisions"].split(",")]
    try:
        refuse_secrets(
            config
        )  # first: the message of a failed validation shows the value
        validate(
            config,
            os.path.join(workflow.basedir, "workflow", "schemas", "config.schema.yaml"),
            set_default=False,
        )
        refuse_contradictions(config)
    except UsageError as error:
        raise WorkflowError(str(error)) from None
    config["divisions"] = sorted(config["divisions"])  # their order decides nothing
    path = os.path.join("results", config["name"], "config.yaml")
    text = yaml.safe_dump(dict(config), sort_keys=True, allow_unicode=True)
    if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
        write_text(Path(path), text)


resolve(config)

CUSTOM = {entry["name"]: entry for entry in config["custom_divisions"]}
ALL_DIVISIONS = sorted([*config["divisions"], *CUSTOM])


wildcard_constraints:
    name=re.escape(config["name"]),
    division="|".join(ALL_DIVISIONS),
    part=r"[a-z_]+\.\d+",
    group=r"\d+",
    bucket=r"\d+",


def catalog(division):
    """Return the rows of a division's catalog; waits for all catalogs, so that the graph is drawn twice and not twelve times."""
    checkpoints.catalogs.get(name=config["name"])
    return catalogs_read()[division]


@cache
def catalogs_read():
    """Return the rows of all catalogs, which must be of one release."""
    folder = os.path.join("results", config["name"], "catalog")
    rows = {
        division: read_parts(os.path.join(folder, f"{division}.tsv"))
        for division in ALL_DIVISIONS
    }
    try:
        refuse_mixture(rows)
    except UsageError as error:
        raise WorkflowError(f"{folder}: {error}") from None
    return rows


def of_parts(pattern):
    """Return an input function: `pattern` for every part of every division."""
    return lambda wildcards: [
        pattern.format(name=config["name"], division=division, part=part)
        for division in ALL_DIVISIONS
        for part in parts_of(catalog(division))
    ]


def of_group(pattern):
    """Return an input function: `pattern` for the parts of one shard group."""
    return lambda wildcards: [
        pattern.format(name=config["name"], division=wildcards.division, part=part)
        for part in groups_of(catalog(wildcards.division))[wildcards.group]
    ]


def of_groups(pattern):
    """Return an input function: `pattern` for every shard group of every division."""
    return lambda wildcards: [
        pattern.format(name=config["name"], division=division, group=group)
        for division in ALL_DIVISIONS
        for group in groups_of(catalog(division))
    ]
