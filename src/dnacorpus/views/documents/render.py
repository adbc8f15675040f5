"""The text of a document: its members' facts in one template, each followed or preceded by its DNA.

Facts come from a row of pairs alone: from its columns, and from the spans of its text, which evidence assigns to
fields. Only the lineage prompt may come from the ranked lineage of the records.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

import xxhash

from dnacorpus.errors import UsageError
from dnacorpus.schemas.values import STRANDS_IN_WORDS
from dnacorpus.text.claims import ClaimSource, grouped
from dnacorpus.text.compose import Filling, compose
from dnacorpus.text.evidence import Claim, ComposedText

STRUCTURES = ("family", "replicon", "clade")
LAYOUTS = ("text_dna", "dna_text", "either")
TOKENS = ("document_open", "document_close", "text_open", "text_close", "dna_open", "dna_close")

PairColumns = Mapping[str, Any]
Rank = tuple[str, Claim]
"""A rank as NCBI writes it, and the claim of a taxon's name."""

_NO_WORDS = ("kind", "location", "sequence")


@dataclass(frozen=True)
class Template:
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
class Style:
    """How documents are written: templates, tokens around text and DNA, which comes first, with lineages or not."""

    templates: tuple[Template, ...]
    tokens: Mapping[str, str]
    layout: str
    lineage: bool

    @cached_property
    def frame(self) -> int:
        """Characters of a document outside its members, less one joint: none follows the last member."""
        return sum(len(self.tokens.get(name, "")) for name in TOKENS[:2]) - len(_joints()["members"])

    @cached_property
    def overhead(self) -> int:
        """Characters of a member outside its text, lineage and DNA, including the joint to the next one."""
        return sum(len(self.tokens.get(name, "")) for name in TOKENS[2:]) + sum(map(len, _joints().values()))

    def named(self, name: str) -> Template:
        """Return a template by its name."""
        return next(template for template in self.templates if template.name == name)


def defaults() -> dict[str, Any]:
    """Return the default settings of ``documents.toml``."""
    return dict(_file()["defaults"])


def style(layout: str, tokens: str, *, lineage: bool, more: str | None = None, own: str | None = None) -> Style:
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
    return Style(tuple(_template(name, found[name]) for name in sorted(found)), dict(chosen), layout, lineage)


def words(row: PairColumns, tokens: Mapping[str, str]) -> dict[str, Filling]:
    """Return the fillings that a row of pairs has, by slot; those with a line break or a token in them are left out."""
    source = ClaimSource(row["accession"])
    found: dict[str, Filling] = {**_words_of_evidence(row), **_words_of_columns(row, source)}
    barred = ["\n", *filter(None, tokens.values())]
    return {slot: filling for slot, filling in found.items() if not any(mark in _plain(filling) for mark in barred)}


def plain_length(filling: Filling) -> int:
    """Return how many characters a filling takes."""
    return len(_plain(filling))


def lineage_of(row: PairColumns, ranked: Sequence[tuple[str, str]] | None) -> list[Rank]:
    """Return the ranks and names for a lineage prompt: those of the taxonomy, else those of the row itself.

    The row has a domain if its lineage begins with one, a genus if its lineage has the first
    word of the species, and a species. A name with a character of the prompt's syntax is left out.
    """
    source, species, lineage = ClaimSource(row["accession"]), row["species"], row["lineage"] or []
    marked = _lineage()["marks"]
    ranks = [(rank, source.verbatim(name, "ranked_lineage")) for rank, name in ranked or [] if rank in marked]
    if not ranks:
        if lineage[:1] and lineage[0] in ("Archaea", "Bacteria", "Eukaryota", "Viruses"):
            ranks.append(("domain", source.verbatim(lineage[0], "lineage")))
        if species and (genus := species.split()[0]) in lineage and genus != species:
            ranks.append(("genus", source.verbatim(genus, "lineage")))
        if species:
            ranks.append(("species", source.verbatim(species, "species")))
    return [(rank, claim) for rank, claim in ranks if not any(mark in claim.text for mark in "|;\n")]


def prompt(ranks: Sequence[Rank]) -> ComposedText | None:
    """Return a lineage as ``|d__Bacteria;...;s__Escherichia coli|``, absent ranks left out; None without any."""
    if not ranks:
        return None
    form = _lineage()
    slots = [f"{form['marks'][rank]}{{r{number}}}" for number, (rank, _) in enumerate(ranks)]
    template = form["open"] + form["between"].join(slots) + form["close"]
    return compose(template, {f"r{number}": claim for number, (_, claim) in enumerate(ranks)})


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a document: all of it, and the two pieces of it whose offsets are recorded."""

    row: PairColumns
    whole: ComposedText
    text: ComposedText
    dna: ComposedText


def render(
    document_id: str, template: Template, rows: Sequence[tuple[PairColumns, ComposedText | None]], style: Style
) -> dict[str, Any]:
    """Return ``text``, ``members`` and ``evidence`` of a document as ``schemas.DOCUMENTS`` has them.

    ``rows`` are rows of pairs, sequence included, each with its lineage prompt or None. The bases have
    a span of their own: field ``sequence``, verbatim.
    """
    layout = _layout(style, document_id)
    members = [_member(template, row, lineage, layout, style) for row, lineage in rows]
    inner = _joints()["members"].join(f"{{m{number}}}" for number in range(len(members)))
    whole = compose(_around("document", inner, style), {f"m{number}": m.whole for number, m in enumerate(members)})
    starts = {id(piece): start for piece, start in whole.piece_starts()}
    return {
        "text": whole.text,
        "members": [_columns(member, starts) for member in members],
        "evidence": list(whole.evidence),
    }


def _member(template: Template, row: PairColumns, lineage: ComposedText | None, layout: str, style: Style) -> _Member:
    fillings = words(row, style.tokens)
    text = compose(template.text, {slot: fillings[slot] for slot in template.slots}).as_one_piece()
    bases = ClaimSource(row["accession"]).verbatim(row["sequence"], "sequence")
    dna = compose("{it}", {"it": bases}).as_one_piece()
    halves = [_around("text", "{text}", style), _around("dna", "{lineage}{dna}" if lineage else "{dna}", style)]
    if layout == "dna_text":
        halves.reverse()
    claims: dict[str, Filling] = {"text": text, "dna": dna}
    if lineage:
        claims["lineage"] = lineage
    return _Member(row, compose(_joints()["halves"].join(halves), claims), text, dna)


def _columns(member: _Member, starts: Mapping[int, int]) -> dict[str, Any]:
    """Return the value of the column ``members``; ``starts`` are the starts of pieces in the document, by id."""
    row, text, dna = member.row, starts[id(member.text)], starts[id(member.dna)]
    return {
        **{column: row[column] for column in ("pair_id", "accession", "species")},
        **{"text_start": text, "text_end": text + len(member.text.text)},
        **{"dna_start": dna, "dna_end": dna + len(member.dna.text)},
    }


def _layout(style: Style, document_id: str) -> str:
    if style.layout != "either":
        return style.layout
    return LAYOUTS[xxhash.xxh3_64_intdigest(document_id.encode()) % 2]


def _around(what: str, inner: str, style: Style) -> str:
    first, last = (_escaped(style.tokens.get(f"{what}_{side}", "")) for side in ("open", "close"))
    return f"{first}{inner}{last}"


def _words_of_evidence(row: PairColumns) -> dict[str, Filling]:
    own = "" if row["feature_index"] is None else f"features[{row['feature_index']}]/"
    found: dict[str, Claim] = {}
    counts: list[Claim] = []
    for span in sorted(row["evidence"], key=lambda span: (span["start"], span["end"])):
        slot = span["field"].removeprefix(own)
        if span["source"] != row["accession"] or slot in _NO_WORDS:
            continue
        text = row["text"][span["start"] : span["end"]]
        claim = Claim(text, span["source"], span["field"], span["how"], span["license"])
        if slot == "features":
            counts.append(claim)
        elif span["how"] in ("verbatim", "normalised"):
            found.setdefault(slot.replace("/", "_"), claim)
    return {**found, **({"features": counts} if counts else {})}


def _words_of_columns(row: PairColumns, source: ClaimSource) -> dict[str, Filling]:
    bases = grouped(bases_of(row))
    found: dict[str, Claim] = {"accession": source.verbatim(row["accession"], "accession")}
    for slot, column in (("organism", "organism"), ("molecule", "molecule_type")):
        if row[column]:
            found[slot] = source.verbatim(row[column], column)
    if row["topology"]:
        # Old LOCUS lines leave out "linear".
        claim = source.verbatim if row["topology"] == "circular" else source.annotation
        found["topology"] = claim(row["topology"], "topology")
    if taxon := clade_of(row):
        found["taxon"] = source.verbatim(taxon, "lineage")
    found["length"] = source.computed(bases)
    if row["feature_index"] is not None:
        field = f"features[{row['feature_index']}]"
        found["kind"] = source.verbatim(row["feature_kind"], f"{field}/kind")
        if row["strand"] in STRANDS_IN_WORDS:
            found["strand"] = source.annotation(STRANDS_IN_WORDS[row["strand"]], f"{field}/location")
        # Across the origin the last position is counted from it, which takes the record's length: not in the row.
        if all(part["start"] >= row["start"] for part in row["parts"]):
            found["first"] = source.annotation(grouped(row["start"] + 1), "span")
            found["last"] = source.annotation(grouped(row["end"]), "span")
    return {**found}


def clade_of(row: PairColumns) -> str | None:
    """Return the lowest taxon of a row's lineage above its species."""
    species = row["species"] or row["organism"] or ""
    return next((taxon for taxon in reversed(row["lineage"] or []) if not f"{taxon} ".startswith(f"{species} ")), None)


def bases_of(row: PairColumns) -> int:
    """Return the length of a row's sequence, computed from its location alone."""
    return sum(part["end"] - part["start"] for part in row["parts"]) or row["end"] - row["start"]


def _plain(filling: Filling) -> str:
    return filling.text if isinstance(filling, Claim) else compose("{it}", {"it": filling}).text


def _escaped(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


def _template(name: str, table: Any) -> Template:
    known = isinstance(table, dict) and set(table) == {"structures", "text"}
    if not known or not table["structures"] or not set(table["structures"]) <= set(STRUCTURES):
        raise UsageError(
            f"template {name!r}: expected structures, some of {', '.join(STRUCTURES)}, and text, found {table!r};"
            " correct it"
        )
    template = Template(name, tuple(table["structures"]), str(table["text"]))
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


def _joints() -> dict[str, str]:
    return dict(_file()["joints"])


def _lineage() -> dict[str, Any]:
    return dict(_file()["lineage"])
