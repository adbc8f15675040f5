"""How documents are written: templates and tokens of ``documents.toml`` and of a user's files, and the layout."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

from dnacorpus.errors import UsageError

STRUCTURES = ("family", "replicon", "clade")
LAYOUTS = ("text_dna", "dna_text", "either")
TOKENS = ("document_open", "document_close", "text_open", "text_close", "dna_open", "dna_close")


@dataclass(frozen=True)
class DocumentTemplate:
    """The text of each member of a document; ``text`` has the form that `compose` takes."""

    name: str
    structures: tuple[str, ...]
    text: str

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The slots, each as often as it occurs."""
        return tuple(slot for _, slot, _, _ in Formatter().parse(self.text) if slot)

    @cached_property
    def literal(self) -> int:
        """Characters outside slots."""
        return sum(len(literal) for literal, _, _, _ in Formatter().parse(self.text))


@dataclass(frozen=True)
class DocumentStyle:
    """How documents are written: templates, tokens around text and DNA, which comes first, with lineages or not."""

    templates: tuple[DocumentTemplate, ...]
    tokens: Mapping[str, str]
    layout: str
    lineage: bool

    @cached_property
    def frame(self) -> int:
        """Characters of a document outside its members, less one joint: none follows the last member."""
        return sum(len(self.tokens.get(name, "")) for name in TOKENS[:2]) - len(joints()["members"])

    @cached_property
    def overhead(self) -> int:
        """Characters of a member outside its text, lineage and DNA, including the joint to the next one."""
        return sum(len(self.tokens.get(name, "")) for name in TOKENS[2:]) + sum(map(len, joints().values()))

    def named(self, name: str) -> DocumentTemplate:
        """Return a template by its name."""
        return next(template for template in self.templates if template.name == name)


def defaults() -> dict[str, Any]:
    """Return the default settings of ``documents.toml``."""
    return dict(_file()["defaults"])


def style(layout: str, tokens: str, *, lineage: bool, more: str | None = None, own: str | None = None) -> DocumentStyle:
    """Return a style from names and from the contents of TOML files.

    ``tokens`` names a preset, unless ``own`` gives the tokens themselves; ``more`` has templates that are added to
    those of ``documents.toml`` or, by name, replace them. Raises UsageError for another form, and for a literal with
    a digit.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"layout {layout!r}: expected one of {', '.join(LAYOUTS)}; choose one")
    presets = _file()["tokens"]
    if own is None and tokens not in presets:
        raise UsageError(f"tokens {tokens!r}: expected a file or one of {', '.join(presets)}; choose one of them")
    chosen = presets[tokens] if own is None else _toml(own, "tokens")
    wrong = [name for name, text in chosen.items() if name not in TOKENS or not isinstance(text, str)]
    if wrong:
        raise UsageError(f"tokens: expected texts named {', '.join(TOKENS)}, found {wrong[0]!r}; correct it")
    found = _file()["template"] | (_toml(more, "templates").get("template", {}) if more is not None else {})
    return DocumentStyle(tuple(_template(name, found[name]) for name in sorted(found)), dict(chosen), layout, lineage)


def _template(name: str, table: Any) -> DocumentTemplate:
    known = isinstance(table, dict) and set(table) == {"structures", "text"}
    if not known or not table["structures"] or not set(table["structures"]) <= set(STRUCTURES):
        raise UsageError(
            f"template {name!r}: expected structures, some of {', '.join(STRUCTURES)}, and text, found {table!r};"
            " correct it"
        )
    template = DocumentTemplate(name, tuple(table["structures"]), str(table["text"]))
    try:
        pieces = list(Formatter().parse(template.text))
    except ValueError as error:
        raise UsageError(f"template {name!r}: expected text with {{slot}}s, found: {error}; correct it") from error
    # Slots with an article are refused: the article depends on the noun, so members would not share one template.
    plain = all(slot is None or (slot and not form and not conversion) for _, slot, form, conversion in pieces)
    if not plain or not template.slots or any(character.isdigit() for run, *_ in pieces for character in run):
        raise UsageError(
            f"template {name!r}: expected slots as {{product}} and no digit outside them, found {template.text!r};"
            " correct it"
        )
    return template


def _toml(text: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{what}: expected TOML, found: {error}; correct the file") from error


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("dnacorpus.views.documents").joinpath("documents.toml").read_text(encoding="utf-8"))


def joints() -> dict[str, str]:
    """Return the literals between members and between the halves of a member."""
    return dict(_file()["joints"])


def lineage_form() -> dict[str, Any]:
    """Return the literals of a lineage prompt, and the mark of each rank."""
    return dict(_file()["lineage"])
