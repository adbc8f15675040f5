"""Imports point down: which package may import which, no stage another, and the one home of each outside library."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support.each import each

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dnacorpus"

BELOW_STAGES = {
    "config", "papers", "curation", "explore", "sources", "dataset", "formats", "pairs", "storage", "schemas",
    "sequence", "text", "train", "settings",
}  # fmt: skip

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "numbers": set(),
    "divisions": set(),
    "limits": set(),
    "bounded": set(),
    "printable": set(),
    "settings": set(),
    "schemas": set(),
    "sequence": set(),
    "text": {"schemas"},
    "plots": set(),
    "train": {"plots"},
    "storage": {"schemas"},
    "dataset": {"storage", "sequence", "schemas"},
    "formats": {"storage", "sequence", "schemas"},
    "pairs": {"text", "sequence", "schemas", "settings"},
    "curation": {"pairs", "storage", "sequence", "schemas", "settings"},
    "explore": {"dataset", "formats", "storage", "sequence", "schemas", "plots"},
    "sources": {"formats", "storage", "schemas", "settings"},
    "views": {"dataset", "text", "storage", "schemas"},
    "config": {"curation", "storage", "settings"},
    "papers": {"sources", "formats", "storage"},
    "simulate": {"sources", "sequence", "storage"},
    "stages": BELOW_STAGES,
    "cli": {"stages", "explore", "views", "dataset", "simulate", "config"},
    "__main__": {"cli"},
}
"""Package (or lone module) -> the packages that it may import. All may import ``errors``, ``divisions``,
``numbers``, ``limits``, ``bounded`` and ``printable``.
Figures are drawn by ``plots``, because both explore and train draw and neither may import the other."""
EVERYBODYS = {"errors", "divisions", "numbers", "limits", "bounded", "printable"}

HOMES = {
    "requests": {"sources.http"},
    "pydantic": {"settings", "config.checks"},
    "typing_extensions": {"settings.sources"},
    "yaml": {"config.resolved", "dataset.card"},
    "gb_io": {"formats.genbank.features"},
    "Bio": {"formats.genbank.features", "sequence.genetic_code"},
    "isal": {"formats.gunzip"},
    "argparse": {"cli"},
    "snakemake": set(),
    "torch": {"train"},
    "huggingface_hub": {"dataset.hub", "dataset.hub_bounds", "dataset.hub_errors", "dataset.hub_ranges"},
    "sourmash": {"curation.near"},
    "scipy": {"curation.components"},
    "httpx2": {"dataset.hub", "dataset.hub_bounds", "dataset.hub_errors"},
    "jinja2": {"explore.report"},
    "markupsafe": {"plots", "explore", "train.curve"},
    "pymupdf": {"papers.readers.pdf"},
}
"""Outside library -> the modules or packages that may import it; others not at all."""


class Tree:
    """The modules below a folder, and what each imports anywhere in it: modules of the tree and outside libraries."""

    def __init__(self, folder: Path) -> None:
        self.modules = {dotted(path.relative_to(folder)): path for path in sorted(folder.rglob("*.py"))}
        self.inside: dict[str, set[str]] = {module: set() for module in self.modules}
        self.outside: dict[str, set[str]] = {module: set() for module in self.modules}
        for module, path in self.modules.items():
            for name in imported_names(path):
                top, _, rest = name.partition(".")
                if top != "dnacorpus":
                    self.outside[module].add(top)
                elif rest and rest != "__version__":
                    self.inside[module].add(self.nearest(rest))

    def nearest(self, name: str) -> str:
        """Return the module that a dotted name is, or is defined in."""
        while name and name not in self.modules:
            name = name.rpartition(".")[0]
        return name or "__init__"

    def arrows(self) -> list[tuple[str, str]]:
        """Return (importing module, imported module) for every import inside the tree."""
        return [(module, other) for module in self.modules for other in sorted(self.inside[module])]


def dotted(path: Path) -> str:
    """Return the dotted name of a module from its path below the package."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imported_names(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import on line {node.lineno}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def package(module: str) -> str:
    """Return the package (or lone module) at the top of a dotted name."""
    return module.partition(".")[0]


def not_allowed(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """Return a message for each import that the table does not allow."""
    return [
        f"{module} imports {other}: {package(module)} may import {sorted(MAY_IMPORT[package(module)]) or 'nothing'}"
        for module, other in arrows
        if package(other) not in {package(module), *EVERYBODYS, "__init__"} | MAY_IMPORT[package(module)]
    ]


def between_stages(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """Return a message for each import of a stage by another."""
    return [
        f"{module} imports {other}: no stage imports another"
        for module, other in arrows
        if module != other and package(module) == package(other) == "stages" and other != "stages"
    ]


def cycles(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """Return the modules that lie on a cycle of imports or between two, sorted."""
    needs: dict[str, set[str]] = {}
    for module, other in arrows:
        if other not in {module, "__init__"}:
            needs.setdefault(module, set()).add(other)
            needs.setdefault(other, set())
    left = dict(needs)
    while True:
        free = {module for module in left if not left[module] & left.keys()}
        free |= set(left) - {other for others in left.values() for other in others}
        if not free:
            return sorted(left)
        left = {module: others - free for module, others in left.items() if module not in free}


def table_arrows(table: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return (importing package, imported package) for every import that a table allows."""
    return [(name, other) for name, others in table.items() for other in sorted(others)]


def strangers(tree: Tree, library: str) -> list[str]:
    """Return the modules that import an outside library without being its home."""
    users = [module for module in tree.modules if library in tree.outside[module]]
    return [user for user in users if not any(f"{user}.".startswith(f"{home}.") for home in HOMES[library])]


PACKAGE = Tree(SOURCE)


def test_every_package_is_in_the_table():
    assert {package(module) for module in PACKAGE.modules} - {"__init__"} == set(MAY_IMPORT)


def test_imports_point_down():
    assert not_allowed(PACKAGE.arrows()) == []


def test_the_table_lists_no_package_that_is_not_imported():
    used = {(package(module), package(other)) for module, other in PACKAGE.arrows()}
    unused = {name: sorted(other for other in MAY_IMPORT[name] if (name, other) not in used) for name in MAY_IMPORT}
    assert {name: others for name, others in unused.items() if others} == {}


def test_the_table_allows_no_cycle_of_packages():
    assert cycles(table_arrows(MAY_IMPORT)) == []


def test_no_stage_imports_another():
    assert between_stages(PACKAGE.arrows()) == []


def test_no_cycle_between_modules():
    assert cycles(PACKAGE.arrows()) == []


@pytest.mark.parametrize("library", HOMES)
def test_outside_libraries_have_one_home(library):
    assert strangers(PACKAGE, library) == [], f"the home of {library} is {HOMES[library] or 'outside the package'}"


def test_modules_are_short():
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in PACKAGE.modules.items()}
    assert {name: length for name, length in each(lengths.items()) if length > 310} == {}


SMALL_TREE = {
    "__init__.py": "",
    "errors.py": "",
    "schemas/__init__.py": "",
    "schemas/parts.py": "import pyarrow",
    "storage/__init__.py": "",
    "storage/ledger.py": "from dnacorpus.schemas.parts import LEDGER",
    "storage/atomic.py": "from dnacorpus.errors import CorpusError",
    "stages/__init__.py": "",
    "stages/pair.py": "from dnacorpus.storage import ledger",
    "stages/shard.py": "from dnacorpus.storage.atomic import whole_file",
}


def planted(folder: Path, **files: str) -> Tree:
    """Write the small tree with some files replaced, and return its modules."""
    for name, text in (SMALL_TREE | {name.replace("__", "/") + ".py": text for name, text in files.items()}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Tree(folder)


def test_the_small_tree_breaks_no_rule(tmp_path):
    tree = planted(tmp_path)
    assert len(tree.arrows()) == 4
    assert not_allowed(tree.arrows()) == between_stages(tree.arrows()) == cycles(tree.arrows()) == []
    assert strangers(tree, "torch") == []


@pytest.mark.parametrize(
    "text",
    [
        "from dnacorpus.stages.pair import run",
        "from dnacorpus.stages import pair",
        "import dnacorpus.stages.pair",
        "def late():\n    from dnacorpus.stages.pair import run",
    ],
)
def test_a_planted_upward_import_is_reported(tmp_path, text):
    tree = planted(tmp_path, storage__atomic=text)
    assert not_allowed(tree.arrows()) == ["storage.atomic imports stages.pair: storage may import ['schemas']"]


def test_a_planted_import_within_a_floor_is_reported(tmp_path):
    tree = planted(tmp_path, schemas__parts="from dnacorpus.sequence import bases", sequence__bases="")
    assert not_allowed(tree.arrows()) == ["schemas.parts imports sequence.bases: schemas may import nothing"]


def test_a_planted_import_between_stages_is_reported(tmp_path):
    tree = planted(tmp_path, stages__pair="from dnacorpus.stages.shard import CONFIGS")
    assert between_stages(tree.arrows()) == ["stages.pair imports stages.shard: no stage imports another"]


def test_a_planted_cycle_is_reported(tmp_path):
    tree = planted(
        tmp_path,
        storage__atomic="from dnacorpus.storage.paths import a",
        storage__paths="from dnacorpus.storage.results import b",
        storage__results="def late():\n    import dnacorpus.storage.atomic",
    )
    assert cycles(tree.arrows()) == ["storage.atomic", "storage.paths", "storage.results"]


def test_a_planted_upward_import_in_the_table_is_reported():
    upward = MAY_IMPORT | {"schemas": {"storage"}}
    assert {"schemas", "storage"} <= set(cycles(table_arrows(upward)))


def test_a_planted_use_of_a_library_outside_its_home_is_reported(tmp_path):
    tree = planted(tmp_path, storage__atomic="def late():\n    import torch.nn")
    assert strangers(tree, "torch") == ["storage.atomic"]


def test_a_planted_relative_import_is_refused(tmp_path):
    with pytest.raises(AssertionError, match="relative import on line 1"):
        planted(tmp_path, storage__atomic="from . import ledger")
