"""The files of config/: the defaults, the examples and the schema agree with the models of the options."""

import re
import subprocess
import sys

import jsonschema
import pytest
import yaml
from support.each import each
from support.repository import REPOSITORY
from support.settings import values

from dnacorpus.config.checks import checked
from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import UsageError

CONFIG = REPOSITORY / "config" / "config.yaml"
SCHEMA = REPOSITORY / "workflow" / "schemas" / "config.schema.yaml"
OTHERS = [CONFIG.parent / "demo.yaml", *sorted((CONFIG.parent / "examples").glob("*.yaml"))]


def test_the_defaults_are_a_complete_config():
    settings = checked(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))
    assert settings.name == "refseq"


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_examples_are_configs(path):
    changes = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert checked(values(**changes)).name == changes["name"]
    jsonschema.validate(values(**changes), yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_is_that_of_the_models(tmp_path):
    made = tmp_path / "schema.yaml"
    subprocess.run([sys.executable, REPOSITORY / "docs" / "make_config_schema.py", made], check=True)
    assert SCHEMA.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize(
    "changes",
    [
        {"divisions": ["virus"]}, {"shard_rows": 5}, {"pairs": {"max_base": 5}}, {"pairs": {"copies": 0}},
        {"seed": "often"}, {"windows": {"max_n_share": 2}}, {"dedup": {"near": {"max_scaled": 3}}},
        {"papers": {"licenses": ["none"]}}, {"hub": {"repo_id": "alone"}}, {"custom_divisions": [{"path": "x"}]},
    ],
)  # fmt: skip
def test_schema_and_models_refuse_the_same(changes):
    with pytest.raises(UsageError):
        checked(values(**changes))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values(**changes), yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))


def test_schema_and_models_accept_all_divisions():
    assert checked(values(divisions="all")).divisions == tuple(DIVISIONS)
    jsonschema.validate(values(divisions="all"), yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))


def test_every_option_has_a_comment_above_it():
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    options = [place for place, line in enumerate(lines) if re.match(r" *\w+: \S", line)]
    assert len(options) > 60
    for place in each(options):
        assert lines[place - 1].lstrip().startswith("#"), f"no comment above {lines[place]!r}"
