"""Imports point down: which package may import which, and which module is the one home of an outside library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dnacorpus"

BELOW_STAGES = {
    "config", "papers", "simulate", "curation", "explore", "sources", "views", "dataset", "formats", "pairs",
    "storage", "schemas", "sequence", "text", "train", "settings",
}  # fmt: skip

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "divisions": set(),
    "settings": set(),
    "schemas": set(),
    "sequence": set(),
    "text": {"schemas"},
    "train": set(),
    "storage": {"schemas"},
    "dataset": {"storage", "sequence", "schemas"},
    "formats": {"storage", "sequence", "schemas"},
    "pairs": {"text", "sequence", "schemas", "settings"},
    "curation": {"pairs", "storage", "sequence", "schemas", "settings"},
    "explore": {"dataset", "formats", "storage", "sequence", "schemas"},
    "sources": {"formats", "storage", "settings"},
    "views": {"dataset", "text", "storage", "schemas"},
    "config": {"pairs", "curation", "storage", "settings"},
    "papers": {"sources", "formats", "storage", "schemas", "settings"},
    "simulate": {"sources", "sequence", "storage"},
    "stages": BELOW_STAGES,
    "cli": {"stages", "explore", "views", "dataset", "simulate", "config"},
    "__main__": {"cli"},
}
"""Package (or lone module) -> the packages that it may import. All may import ``errors`` and ``divisions``."""
EVERYBODYS = {"errors", "divisions"}

HOMES = {
    "requests": {"sources.http"},
    "pydantic": {"settings", "config.checks"},
    "typing_extensions": {"settings.sources"},
    "yaml": {"config.resolved", "dataset.card"},
    "gb_io": {"formats.genbank.features"},
    "Bio": {"formats.genbank.features"},
    "isal": {"formats.gunzip"},
    "argparse": {"cli"},
    "snakemake": set(),
    "torch": {"train"},
    "huggingface_hub": {"dataset.hub", "dataset.hub_ranges"},
    "sourmash": {"curation.near"},
    "scipy": {"curation.components"},
    "httpx2": {"dataset.hub"},
    "jinja2": {"stages.report"},
    "markupsafe": {"explore"},
    "pymupdf": {"papers.readers.pdf"},
}
"""Outside library -> the modules or packages that may import it; others not at all."""


def module_of(path: Path) -> str:
    """Return the dotted name of a module below the package."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def modules(source: Path = SOURCE) -> dict[str, Path]:
    """Return dotted name -> file of every module."""
    return {module_of(path) if source == SOURCE else str(path): path for path in sorted(source.rglob("*.py"))}


MODULES = modules()


def inside_and_outside(path: Path) -> tuple[set[str], set[str]]:
    """Return the modules of the package and the outside top-level packages that a module imports, anywhere in it."""
    inside: set[str] = set()
    outside: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import on line {node.lineno}"
            found = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        else:
            continue
        for name in found:
            top, _, rest = name.partition(".")
            if top != "dnacorpus":
                outside.add(top)
            elif rest and rest != "__version__":
                inside.add(nearest(rest))
    return inside, outside


def nearest(name: str) -> str:
    """Return the module that a dotted name is, or is defined in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or "__init__"


def package(module: str) -> str:
    """Return the package (or lone module) at the top of a dotted name."""
    return module.partition(".")[0]


def arrows() -> Iterator[tuple[str, str]]:
    """Yield (importing module, imported module) for every import inside the package."""
    for module, path in MODULES.items():
        for other in sorted(inside_and_outside(path)[0]):
            yield module, other


def upward(edges: Iterator[tuple[str, str]]) -> list[str]:
    """Return the imports that the table does not allow, in words."""
    return [
        f"{module} imports {other}: {package(module)} may import {sorted(MAY_IMPORT[package(module)]) or 'nothing'}"
        for module, other in edges
        if package(other) not in {package(module), *EVERYBODYS, "__init__"} | MAY_IMPORT[package(module)]
    ]


def test_every_package_is_in_the_table():
    assert {package(module) for module in MODULES} - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.xfail(strict=True, reason="modules are moved; the splits that turn the last arrows follow")
def test_imports_point_down():
    assert upward(arrows()) == []


def test_no_cycle_between_modules():
    waiting = {module: inside_and_outside(path)[0] - {module, "__init__"} for module, path in MODULES.items()}
    while waiting:
        free = {module for module, needs in waiting.items() if not needs & set(waiting)}
        assert free, f"import cycle among {sorted(waiting)}"
        waiting = {module: needs for module, needs in waiting.items() if module not in free}


@pytest.mark.parametrize("library", HOMES)
def test_outside_libraries_have_one_home(library):
    users = {module for module, path in MODULES.items() if library in inside_and_outside(path)[1]}
    strangers = {user for user in users if not any(f"{user}.".startswith(f"{home}.") for home in HOMES[library])}
    assert not strangers, f"{strangers} import {library}, whose home is {HOMES[library] or 'outside the package'}"


def test_modules_are_short():
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: length for module, length in lengths.items() if length > 310} == {}
