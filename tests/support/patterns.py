"""The regular expressions of the package: those of its modules, how they are used, and those made in functions."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dnacorpus

SOURCE = Path(dnacorpus.__file__).parent
ANCHORED = frozenset({"match", "fullmatch"})
UNTIMED = frozenset({"pattern", "flags", "groups", "groupindex"})


@dataclass(frozen=True)
class Found:
    """A pattern, the module and name where it is, and the methods that are to be timed."""

    module: str
    name: str
    pattern: "re.Pattern[Any]"
    methods: tuple[str, ...]


def module_patterns() -> list[Found]:
    """Return every pattern in the values of modules and their classes, also inside tuples, lists and dicts."""
    methods, found = _methods(), {}
    for module in _modules():
        for name, value in vars(importlib.import_module(module)).items():
            for pattern in _inside(value, module) if not name.startswith("__") else ():
                found.setdefault(id(pattern), Found(module, name, pattern, methods(module, name)))
    return list(found.values())


def made_in_functions() -> tuple[list[Found], list[str]]:
    """Return the patterns that functions make around `re.escape`, and the places of all others, which are wrong."""
    made, wrong = [], []
    for module, tree in _trees().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
        calls = {id(call): call for function in functions for call in ast.walk(function) if _is_of_re(call)}
        for call in calls.values():
            place = f"{module}:{call.lineno}"
            text = _around_escape(call.args[0]) if call.args else None
            if text is None:
                wrong.append(f"{place}: expected a constant of the module, found {ast.unparse(call)}")
            else:
                made.append(Found(module, f"line {call.lineno}", re.compile(text), ("search", "sub", "fullmatch")))
    return made, wrong


def _modules() -> list[str]:
    names = [info.name for info in pkgutil.walk_packages(dnacorpus.__path__, "dnacorpus.")]
    return sorted(name for name in names if not name.endswith("__main__"))


def _inside(value: object, module: str) -> "Iterator[re.Pattern[Any]]":
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _inside(item, module)
    elif isinstance(value, dict):
        yield from _inside(list(value.values()), module)
    elif isinstance(value, type) and value.__module__ == module:
        yield from (item for item in vars(value).values() if isinstance(item, re.Pattern))


@cache
def _trees() -> dict[str, ast.Module]:
    paths = sorted(SOURCE.rglob("*.py"))
    return {_module_of(path): ast.parse(path.read_text()) for path in paths}


def _module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _methods() -> Any:
    """Return a function from module and name to the methods that are used of it; a value passed on may be searched."""
    used: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for module, tree in _trees().items():
        origin = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }  # fmt: skip
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used[origin.get(node.value.id, (module, node.value.id))].add(node.attr)
                called.add(id(node.value))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                used[origin.get(node.id, (module, node.id))].add("")

    def methods(module: str, name: str) -> tuple[str, ...]:
        names = used[module, name] - UNTIMED or {""}
        return (*sorted(names & ANCHORED), *(("search", "sub") if names - ANCHORED else ()))

    return methods


def _is_of_re(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=name)):
            return name != "escape"
    return False


def _around_escape(node: ast.expr) -> str | None:
    """Return the pattern of an f-string whose values are all escaped, with a word in their place; else None."""
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces = []
    for piece in node.values:
        match piece:
            case ast.Constant(str(text)):
                pieces.append(text)
            case ast.FormattedValue(value=ast.Call(func=ast.Attribute(value=ast.Name("re"), attr="escape"))):
                pieces.append("ab1")
            case _:
                return None
    return "".join(pieces)
