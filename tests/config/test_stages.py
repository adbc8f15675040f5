"""Which options each rule depends on: every option has a rule, and every rule that has options lists them."""

import ast
import re
from collections.abc import Iterator

import pytest
from support.each import each
from support.repository import REPOSITORY
from support.settings import values

from dnacorpus.config.stages import NO_RERUN, OPTIONS, SHAPING, options_of, value_at

RULES = {
    name: text
    for path in sorted((REPOSITORY / "workflow" / "rules").glob("*.smk"))
    for name, text in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", path.read_text(encoding="utf-8"), re.M | re.S)
}


def options(section: dict, prefix: str = "") -> Iterator[str]:
    """Yield the dotted key of every option."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def covered(key: str, by: tuple[str, ...]) -> bool:
    return any(f"{key}.".startswith(f"{one}.") for one in by)


@pytest.mark.parametrize("key", list(options(values())))
def test_every_option_reruns_a_rule_or_is_known_to_change_no_result(key):
    reruns = any(covered(key, listed) for listed in OPTIONS.values())
    assert reruns != covered(key, NO_RERUN)


@pytest.mark.parametrize("rule", OPTIONS)
def test_every_listed_option_exists_and_the_rule_has_it_as_params(rule):
    assert list(options_of(rule, values())) == list(OPTIONS[rule])
    assert f'options_of("{rule}", config)' in RULES[rule]


def test_what_shapes_the_rows_reruns_a_rule_before_assemble():
    before = tuple(key for rule, listed in OPTIONS.items() if rule != "assemble" for key in listed)
    known_at_parse_time = {"divisions", "custom_divisions"}  # they add or remove whole jobs
    for key in SHAPING:
        every = options({key: value_at(key, values())})
        assert key in known_at_parse_time or all(covered(one, before) for one in each(every)), key


DERIVED = {
    "splits": ("splits", "seed"),
    "caps": ("dedup.max_per_cluster", "dedup.max_per_species", "splits.max_eval_bases"),
    "templates": ("pairs.templates",),
    "pinned": ("catalog",),
    "shaping": SHAPING,
}
"""What `config.resolved.Config` computes from options; its divisions are known when the jobs are planned."""
STAGES = sorted((REPOSITORY / "src" / "dnacorpus" / "stages").glob("[a-z]*.py"))


def read_by(source: str) -> set[str]:
    """Return the options, or sections, that a stage reads of ``build.config``."""
    chains = {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    keys: set[str] = set()
    for chain in chains:
        if found := re.search(r"\bsettings\.([a-z_.]+)$", chain):
            keys.add(found[1].replace("validation.", "validate."))
        elif found := re.search(r"\bconfig\.([a-z]+)$", chain):
            keys.update(DERIVED.get(found[1], ()))
    return {key for key in keys if key.partition(".")[0] in values()}


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_a_stage_reads_no_option_that_does_not_rerun_it(path):
    listed = (*OPTIONS.get(path.stem, ()), *NO_RERUN)
    read = read_by(path.read_text(encoding="utf-8"))
    missed = {key for key in read if not covered(key, listed) and not any(covered(one, (key,)) for one in listed)}
    assert missed == set()


def test_what_stages_read_is_found():
    assert read_by("x = build.config.settings.dedup.near\ny = config.caps") == {
        "dedup.near", *DERIVED["caps"], "dedup",
    }  # fmt: skip
    stages = {path.stem: read_by(path.read_text(encoding="utf-8")) for path in STAGES}
    assert "windows" in stages["pair"]
    assert "seed" in stages["dedup"]
    assert "qa" in stages["assemble"]
