"""The rules of the biosafety policy: a table of the taxa of viruses to keep or exclude, and what each infects.

The table is ``biosafety.tsv``, or a custom one in the same format, which the first lines of the file explain. The
deepest taxon of a lineage that has a row decides, so the order of the rows does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dnacorpus.bounded import file_text
from dnacorpus.errors import UsageError

DECISIONS = ("keep", "exclude", "host")
"""``host``: the lineage is mixed, so the stated host decides; without one the record is excluded."""
ROOT = "Viruses"
"""The taxon that decides if no deeper one has a row; every table has it."""
COLUMNS = ("taxon", "decision", "infects", "source")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table: the decision about a taxon, what it infects, and the source of that."""

    taxon: str
    decision: str  # one of DECISIONS
    infects: str
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole table: the `plain` name of each taxon and its rule."""

    by_name: dict[str, Rule]

    def deciding(self, lineage: Sequence[str]) -> Rule | None:
        """Return the rule of the deepest taxon that has one, or None; ``lineage`` goes from the root downwards."""
        rules = (self.by_name.get(plain(taxon)) for taxon in reversed(lineage))
        return next(filter(None, rules), None)


def plain(name: str) -> str:
    """Return the form in which names of taxa are compared: lower case, single blanks, no final full stop."""
    return " ".join(name.split()).rstrip(". ").casefold()


def parse_rules(text: str, name: str) -> Rules:
    """Return the rules of a table; messages call its file ``name``.

    Raises UsageError, which names file and line, for a row without four filled columns, an unknown decision
    or a taxon that already has a row; and for a table without a header or without a row for `ROOT`.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if not lines or tuple(_cells(lines[0][1])) != COLUMNS:
        found = repr(lines[0][1]) if lines else "no line"
        raise UsageError(
            f"{name}: expected the header {', '.join(COLUMNS)}, separated by tabs, found {found};"
            " write it above the rows"
        )
    rules: dict[str, Rule] = {}
    for number, line in lines[1:]:
        rule = _rule(line, f"{name}: line {number}")
        if plain(rule.taxon) in rules:
            raise UsageError(f"{name}: line {number}: expected one row a taxon, found {rule.taxon} again; remove one")
        rules[plain(rule.taxon)] = rule
    if plain(ROOT) not in rules:
        raise UsageError(f"{name}: expected a row for {ROOT}, which decides if no other does, found none; add one")
    return Rules(rules)


def _rule(line: str, where: str) -> Rule:
    cells = _cells(line)
    if len(cells) != len(COLUMNS) or not all(cells):
        raise UsageError(
            f"{where}: expected {len(COLUMNS)} filled columns, separated by tabs: {', '.join(COLUMNS)}; found {cells};"
            " correct the line"
        )
    if cells[1] not in DECISIONS:
        raise UsageError(
            f"{where}: {cells[0]}: expected the decision {', '.join(DECISIONS[:-1])} or {DECISIONS[-1]},"
            f" found {cells[1]!r}; correct the line"
        )
    return Rule(*cells)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")]


def read_rules(table: str) -> Rules:
    """Return the rules of a custom table in UTF-8, or those of the package if ``table`` is empty.

    Raises UsageError as `parse_rules` does, and for a file that cannot be read.
    """
    if not table:
        return built_in_rules()
    try:
        text = file_text(table, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{table}: expected a table of viruses in UTF-8, found: {error}; correct biosafety.table"
        ) from error
    return parse_rules(text, table)


@cache
def built_in_rules() -> Rules:
    """Return the rules of ``biosafety.tsv``."""
    return parse_rules(
        files("dnacorpus.curation.biosafety").joinpath("biosafety.tsv").read_text(encoding="utf-8"), "biosafety.tsv"
    )
