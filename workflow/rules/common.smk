"""
The config, validated once, and the few functions that ask the catalogs which parts there are.

Nothing here reads more than small tables: every job of a cluster run parses this file.
"""

import os
import re
import shlex
import sys
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from dnacorpus.divisions import DIVISIONS
from dnacorpus.files import write_text
from dnacorpus.release import groups_of, parts_of, read_parts

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
    if config["validate"]["preset"] is False:  # YAML reads `off` so
        config["validate"]["preset"] = "off"
    if config["divisions"] == "all":
        config["divisions"] = list(DIVISIONS)
    elif isinstance(config["divisions"], str):
        config["divisions"] = [name.strip() for name in config["divisions"].split(",")]
    validate(
        config,
        os.path.join(workflow.basedir, "workflow", "schemas", "config.schema.yaml"),
        set_default=False,
    )
    config["divisions"] = sorted(config["divisions"])  # their order decides nothing
    names = config["divisions"] + [
        entry["name"] for entry in config["custom_divisions"]
    ]
    if not names or len(set(names)) < len(names):
        raise WorkflowError(
            f"config: expected divisions or custom_divisions of different names, found {', '.join(names) or 'none'}"
        )
    if config["splits"]["validation"] + config["splits"]["test"] > 0.9:
        raise WorkflowError(
            "config: splits.validation and splits.test together leave less than 0.1 for train"
        )
    if (
        config["divisions"]
        and "://" not in config["mirror"]
        and not os.path.isfile(os.path.join(config["mirror"], "RELEASE_NUMBER"))
    ):
        raise WorkflowError(
            f"config: mirror {config['mirror']!r}: expected a URL or a folder with RELEASE_NUMBER and the divisions; "
            "give another with --config mirror=..."
        )
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


def catalog(division):
    """Return the rows of a division's catalog; waits for all catalogs, so that the graph is drawn twice and not twelve times."""
    checkpoints.catalogs.get(name=config["name"])
    return read_parts(
        os.path.join("results", config["name"], "catalog", f"{division}.tsv")
    )


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
