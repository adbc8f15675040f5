"""Every test asserts something whatever its data: a loop over nothing asserts nothing, and would pass."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
WRAPPERS = frozenset("enumerate sorted zip list set tuple reversed dict product permutations combinations".split())
"""Functions with a result of something if every argument holds something."""


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called: `raises` of `pytest.raises(...)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


class Function:
    """A test or helper, and whether it asserts something in each run."""

    def __init__(self, node: ast.FunctionDef, helpers: frozenset[str]) -> None:
        self.node, self.helpers = node, helpers
        self.local = {
            target.id: assigned.value
            for assigned in ast.walk(node) if isinstance(assigned, ast.Assign)
            for target in assigned.targets if isinstance(target, ast.Name)
        }  # fmt: skip

    def holds_something(self, node: ast.expr) -> bool:
        """Return whether a loop over this runs at least once: a literal, a constant, a range, or `each(...)`."""
        match node:
            case ast.List(elts) | ast.Tuple(elts) | ast.Set(elts):
                return any(not isinstance(item, ast.Starred) or self.holds_something(item.value) for item in elts)
            case ast.Dict():
                return any(key is not None for key in node.keys)
            case ast.Constant():
                return True
            case ast.Name():
                return node.id.isupper() or (node.id in self.local and self.holds_something(self.local[node.id]))
            case ast.Call(func=ast.Attribute(value, "items" | "values" | "keys")):
                return self.holds_something(value)
            case ast.Call(func=ast.Attribute(ast.Constant(), "split")):
                return True
            case ast.Call():
                wrapped = name_of(node) in WRAPPERS and all(map(self.holds_something, node.args))
                return wrapped or name_of(node) in ("each", "range")
            case (
                ast.ListComp(generators=[ast.comprehension(iter=over, ifs=[])])
                | ast.DictComp(generators=[ast.comprehension(iter=over, ifs=[])])
            ):
                return self.holds_something(over)
            case ast.BinOp():
                return self.holds_something(node.left) or self.holds_something(node.right)
        return False

    def collects(self, made: ast.expr) -> bool:
        """Return whether a comprehension looks at something; another expression always does."""
        if isinstance(made, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return self.holds_something(made.generators[0].iter)
        return True

    def compares(self, test: ast.expr) -> bool:
        """Return whether an asserted expression looks at something: all(...) of nothing is true."""
        match test:
            case ast.BoolOp(ast.And(), values):
                return any(map(self.compares, values))
            case ast.Call(func=ast.Name("all"), args=[made]):
                return isinstance(made, ast.GeneratorExp) and self.collects(made)
            case ast.Call(func=ast.Attribute(attr="all")):
                return False
            case ast.UnaryOp(ast.Not(), ast.Call(func=ast.Name("any"), args=[made])) | ast.UnaryOp(ast.Not(), made):
                return self.collects(made)
            case ast.Compare(made, [ast.Eq()], [ast.List([]) | ast.Dict([]) | ast.Call(func=ast.Name("set"), args=[])]):
                return self.collects(made)
        return True

    def asserts(self, statements: Iterable[ast.stmt] | None = None) -> bool:
        """Return whether some statement asserts something in each run."""
        return any(map(self._asserts, self.node.body if statements is None else statements))

    def _asserts(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assert(test) if self.compares(test):
                return True
            case ast.With(items, body):
                calls = [item.context_expr for item in items if isinstance(item.context_expr, ast.Call)]
                return any(name_of(call) == "raises" for call in calls) or self.asserts(body)
            case ast.For(iter=over, body=body):
                return self.holds_something(over) and self.asserts(body)
            case ast.If(body=body, orelse=other):
                return self.asserts(body) and self.asserts(other)
            case ast.Try(body=body, finalbody=after):
                return self.asserts(body) or self.asserts(after)
            case ast.While() | ast.FunctionDef():
                return False
        return any(isinstance(call, ast.Call) and name_of(call) in self.helpers for call in ast.walk(statement))


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def asserting(tree: ast.Module, helpers: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names of a module's functions, tests and fixtures apart, that assert something in each run."""
    return frozenset(
        node.name
        for node in functions(tree)
        if not node.name.startswith("test_") and not node.decorator_list and Function(node, helpers).asserts()
    )


SUPPORT = [ast.parse(path.read_text(encoding="utf-8")) for path in (TESTS / "support").rglob("*.py")]
HELPERS = frozenset(name for tree in SUPPORT for name in asserting(tree)) - {"each"}


def may_assert_nothing(source: str) -> list[str]:
    """Return the tests of a module that pass if their loops have nothing to do; not those of generated examples."""
    tree = ast.parse(source)
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    helpers = HELPERS & imported
    helpers |= asserting(tree, helpers)
    return [
        node.name
        for node in functions(tree)
        if node.name.startswith("test_")
        and not any(isinstance(mark, ast.Call) and name_of(mark) == "given" for mark in node.decorator_list)
        and not Function(node, helpers).asserts()
    ]


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_every_test_asserts_something_whatever_its_data(path):
    """Write `for row in each(rows)`: `support.each` fails if there are none."""
    assert may_assert_nothing(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "body",
    [
        "for row in rows():\n        assert row",
        "found = rows()\n    for row in found:\n        assert row",
        "assert all(row for row in rows())",
        "assert not any(row for row in rows())",
        "assert [row for row in rows() if row] == []",
        "assert (rows() == rows()).all()",
        "rows()",
        "for row in each(rows()):\n        for cell in row:\n            assert cell",
        "for row in each(rows()):\n        if row:\n            assert row > 1",
    ],
)
def test_a_test_that_may_assert_nothing_is_reported(body):
    assert may_assert_nothing(f"def test_it(rows):\n    {body}\n") == ["test_it"]


@pytest.mark.parametrize(
    "body",
    [
        "for row in each(rows()):\n        assert row",
        "for row in (1, 2):\n        assert row",
        "for row in ROWS.items():\n        assert row",
        "assert all(row for row in each(rows()))",
        "for row in rows():\n        assert row\n    assert len(rows()) > 3",
        "assert rows() == []",
        "with pytest.raises(ValueError):\n        rows()",
        "check(rows())",
    ],
)
def test_a_test_that_asserts_something_is_not_reported(body):
    source = f"def check(row):\n    assert row\n\ndef test_it(rows):\n    {body}\n"
    assert may_assert_nothing(source) == []
