"""What the documents say is what the code does: commands, config keys, columns, stages, packages, paths."""

import ast
import re
import subprocess
import sys

import pytest
from support.example import rendered
from support.gff_forms import FORMS
from support.repository import REPOSITORY
from test_packages import MAY_IMPORT, SOURCE

from dnacorpus.cli.main import parser

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
VERBS = parser()._subparsers._group_actions[0].choices
RULES = sorted(path.stem for path in (REPOSITORY / "workflow" / "rules").glob("*.smk") if path.stem != "common")
PAGES = [
    page
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "config/*.md", "profiles/*.md")
    for page in sorted(REPOSITORY.glob(pattern))
]
PACKAGES = sorted(SOURCE.rglob("__init__.py"))
NAMED_PATH = re.compile(
    r"(?<![\w./<>*-])(?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|smk|yaml|yml)(?!\w)|(?<=\]\()(?!https?:)[^)#<>]+"
)
"""A path with a folder and a suffix of this repository, or the target of a link inside it."""


def name_of(path):
    return path.relative_to(REPOSITORY).as_posix()


def section(page, heading):
    return re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", page)[1]


def test_the_data_dictionary_is_that_of_the_schemas(tmp_path):
    page = tmp_path / "columns.md"
    subprocess.run([sys.executable, REPOSITORY / "docs" / "make_columns.py", page], check=True)
    written = (REPOSITORY / "docs" / "columns.md").read_text(encoding="utf-8")
    assert written == page.read_text(encoding="utf-8"), "run `make docs`"


def test_the_page_of_limits_is_that_of_the_code(tmp_path):
    page = tmp_path / "limits.md"
    subprocess.run([sys.executable, REPOSITORY / "docs" / "make_limits.py", page], check=True)
    written = (REPOSITORY / "docs" / "limits.md").read_text(encoding="utf-8")
    assert written == page.read_text(encoding="utf-8"), "run `make docs`"


def names_verb(text, verb):
    """Return whether a page names a verb: `match-pairs` does not name `match`."""
    return re.search(rf"(?:`|dnacorpus ){verb}(?![\w-])", text) is not None


def missing_of_help(verb, text):
    """Return what the help of a verb does not state: its inputs, its outputs, an example."""
    wanted = {"In:": r"(?m)^In: \S", "Out:": r"(?m)^Out: \S", "example:": rf"(?m)^example: dnacorpus {verb}(?![\w-])"}
    return [name for name, pattern in wanted.items() if not re.search(pattern, text)]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme_and_its_help_states_inputs_outputs_and_an_example(verb, run):
    assert names_verb(README, verb)
    code, out, _ = run(verb, "--help")
    assert code == 0
    assert missing_of_help(verb, out) == []


def test_a_missing_verb_or_part_of_its_help_is_reported():
    assert names_verb("`match` and `match-pairs`", "match")
    assert names_verb("dnacorpus match results", "match")
    assert not names_verb("`match-pairs`, dnacorpus match-pairs", "match")
    whole = "Find.\nIn: a folder.\nOut: a file.\n\nexample: dnacorpus match --out x\n"
    assert missing_of_help("match", whole) == []
    assert missing_of_help("match", whole.replace("Out: a file.\n", "Exit code 1.\n")) == ["Out:"]
    assert missing_of_help("match", whole.replace("In: a folder.\n", "")) == ["In:"]
    assert missing_of_help("match", whole.replace("match", "match-pairs")) == ["example:"]


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


def test_the_architecture_names_every_package():
    shown = section((REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8"), "The packages")
    assert sorted(name for name in MAY_IMPORT if name != "__main__" and not re.search(rf"\b{name}\b", shown)) == []


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_every_package_says_what_it_is_for_and_holds_nothing_else(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = ast.get_docstring(tree) or ""
    assert 1 <= len(re.findall(r"\.(?:\s|$)", words)) <= 3, f"expected one to three sentences, found {words!r}"
    assert len(words.split()) >= 5, f"expected what the package is for, found {words!r}"
    if name_of(path.parent) not in ("src/dnacorpus", "src/dnacorpus/train"):  # the version; a variable for torch
        assert len(tree.body) == 1, "expected nothing but the docstring"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_that_a_page_names_exists(page):
    text = re.sub(r"(?ms)^## Planned packages\n.*?(?=^## |\Z)", "", page.read_text(encoding="utf-8"))
    named = sorted({path for path in NAMED_PATH.findall(text) if not path.startswith("results/")})
    absent = [path for path in named if not any((base / path).exists() for base in (page.parent, REPOSITORY, SOURCE))]
    assert absent == []


def test_paths_are_found_in_text_and_links():
    text = "See `stages/gone.py`, [a page](gone.md#part), docs/gone.md. [Web](https://x.org/a.md); <division>/x.toml"
    assert NAMED_PATH.findall(text) == ["stages/gone.py", "gone.md", "docs/gone.md"]
    assert len(PAGES) > 12


def test_the_table_of_sources_of_annotation_has_a_test_for_each():
    table = section((REPOSITORY / "docs" / "annotation.md").read_text(encoding="utf-8"), "Sources and their forms")
    sources = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:]
    assert sorted(sources) == sorted(FORMS)
    differing = {name for name in FORMS if name in table.rpartition("|")[2]}
    assert differing >= {"JGI", "BRAKER GTF", "Excel", "NCBI GTF", "FlyBase"}
