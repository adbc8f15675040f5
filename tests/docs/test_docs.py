"""What the documents say is what the code does: commands, config keys, columns, stages."""

import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY
from support.example import rendered

from dnacorpus.cli.main import parser

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
VERBS = parser()._subparsers._group_actions[0].choices
RULES = sorted(path.stem for path in (REPOSITORY / "workflow" / "rules").glob("*.smk") if path.stem != "common")


def test_the_data_dictionary_is_that_of_the_schemas(tmp_path):
    page = tmp_path / "columns.md"
    subprocess.run([sys.executable, REPOSITORY / "docs" / "make_columns.py", page], check=True)
    written = (REPOSITORY / "docs" / "columns.md").read_text(encoding="utf-8")
    assert written == page.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme_and_has_help_with_an_example(verb, run):
    assert f"`{verb}`" in README or f"dnacorpus {verb}" in README
    code, out, _ = run(verb, "--help")
    assert code == 0
    assert f"example: dnacorpus {verb}" in out
    assert ". Out:" in out.replace("\n", " ") or "Exit code" in out


@pytest.mark.parametrize("stage", RULES)
def test_every_rule_file_opens_with_its_contract_and_is_included_and_listed(stage):
    text = (REPOSITORY / "workflow" / "rules" / f"{stage}.smk").read_text(encoding="utf-8")
    assert re.match(r'"""\n\w+: .*REQUIRED INPUTS:\n.*OUTPUTS:\n.*?"""', text, re.DOTALL)
    assert not re.search(r"^\s+(run|script):", text, re.MULTILINE)
    assert f'include: "workflow/rules/{stage}.smk"' in (REPOSITORY / "Snakefile").read_text(encoding="utf-8")
    assert f"| `{stage}` |" in README
    assert stage in VERBS


def test_the_readme_shows_a_row_as_it_is_made():
    assert rendered() in README, rendered()
