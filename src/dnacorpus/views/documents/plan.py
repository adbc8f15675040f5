"""Which pairs stand together in which document, in what order and under which template.

Three structures: *family*, features of one kind with one product (or gene name) from different species;
*replicon*, genes in order along one record; *clade*, records of different species of one taxon, mostly a
genus. The name of a group holds the division, and rows of two splits never come here together, so that no
document crosses either: adding a division changes no document of another. Order and template are drawn
from digests of pair_ids, so that the order of files and rows does not matter.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from dnacorpus.text.templates import Filling
from dnacorpus.text.wording import alike
from dnacorpus.views.documents.render import Style, Template, clade_of

_GENES = ("CDS", "tRNA", "rRNA", "ncRNA", "tmRNA", "misc_RNA")
"""Features that tell of one gene each: an mRNA or mature peptide would tell of the same bases again."""
_PSEUDO = ("pseudo", "pseudogene")


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How documents are filled; ``contexts`` in characters of text and bases, ``most`` per structure and context."""

    structures: tuple[str, ...]
    contexts: tuple[int, ...]
    least_members: int
    most_uses: int
    reach: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that may stand in a document of its group: what planning needs of it.

    ``lengths`` are the characters of what fills each slot, ``prompt`` those of the lineage prompt;
    ``start`` and ``end`` are those of the pair, ``bases`` the length of its sequence.
    """

    pair_id: str
    species: str
    start: int
    end: int
    bases: int
    prompt: int
    lengths: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A document to be: its name, what it is, and its members in order."""

    document_id: str
    structure: str
    template: str
    context: int
    members: tuple[Candidate, ...]


def groups_of(row: Mapping[str, Any], said: Mapping[str, Filling]) -> Iterator[tuple[str, bytes]]:
    """Yield structure and group (16 bytes) for each structure in which a row of pairs may stand.

    ``said`` is what fills its slots. Rows that say nothing, and pseudogenes, stand in none.
    """
    if not row["informative"]:
        return
    division = row["division"] or ""
    if row["kind"] == "record" and (taxon := clade_of(row)):
        yield "clade", _name(division, "clade", *row["lineage"][: row["lineage"].index(taxon) + 1])
    if row["kind"] != "gene" or any(_is_said(row, key) for key in _PSEUDO):
        return
    for slot in ("product", "gene"):
        words = getattr(said.get(slot), "text", "")
        if alike(words):
            yield "family", _name(division, "family", row["feature_kind"], slot, alike(words))
            break
    if row["feature_kind"] in _GENES:
        yield "replicon", _name(division, "replicon", row["accession"])


def plans(
    structure: str, group: bytes, candidates: Sequence[Candidate], style: Style, limits: DocumentLimits
) -> Iterator[Plan]:
    """Yield the documents of one group, for each context: as many members as fit, in the drawn order.

    No document twice, none with fewer members than ``least_members`` or, of families and clades, two
    members of one species. A pair without a slot of the template, or too long for what is left, waits for
    the next document; after ``reach`` such pairs a document is closed. Templates are tried in an order
    that the first pair draws, until one finds it company.
    """
    templates = [template for template in style.templates if structure in template.structures]
    if structure != "replicon" and len({candidate.species for candidate in candidates}) < limits.least_members:
        return
    for context in sorted(set(limits.contexts)):
        made: set[str] = set()
        for use in range(limits.most_uses):
            waiting = deque(sorted(candidates, key=lambda candidate: _order(structure, use, candidate)))
            while len(waiting) >= limits.least_members:
                drawn = _drawn(f"{group.hex()}\0{context}\0{use}\0{waiting[0].pair_id}", templates)
                filled = (_fill(structure, waiting, template, style, context, limits) for template in drawn)
                plan = next((plan for plan in filled if plan), None)
                if plan is None:
                    waiting.popleft()  # it finds no company under any template
                elif plan.document_id not in made:
                    made.add(plan.document_id)
                    yield plan


def document_id(structure: str, template: str, context: int, pair_ids: Sequence[str]) -> str:
    """Return the name of a document: 32 hexadecimal digits of what it is made of, never of its text."""
    return xxhash.xxh3_128_hexdigest("\0".join([structure, template, str(context), *pair_ids]).encode())


def size(candidate: Candidate, template: Template, style: Style) -> int:
    """Return how many characters a member takes in a document, at most: a swallowed full stop makes it one fewer."""
    words = sum(candidate.lengths[slot] for slot in template.slots)
    return style.overhead + template.literal + words + candidate.prompt + candidate.bases


def _fill(  # noqa: PLR0917 - what one document is filled from and with
    structure: str, waiting: deque[Candidate], template: Template, style: Style, context: int, limits: DocumentLimits
) -> Plan | None:
    """Take the members of one document out of ``waiting``; None, and all as it was, where they are too few."""
    members: list[Candidate] = []
    passed: list[Candidate] = []
    looked: list[Candidate] = []
    species: set[str] = set()
    slots, room = set(template.slots), context - style.frame
    while waiting and len(passed) < limits.reach:
        candidate = waiting.popleft()
        looked.append(candidate)
        fits = slots <= candidate.lengths.keys() and size(candidate, template, style) <= room
        if fits and (_follows(members, candidate) if structure == "replicon" else candidate.species not in species):
            members.append(candidate)
            species.add(candidate.species)
            room -= size(candidate, template, style)
        elif members:
            passed.append(candidate)
        else:
            break
    if len(members) < limits.least_members:
        waiting.extendleft(reversed(looked))
        return None
    waiting.extendleft(reversed(passed))
    name = document_id(structure, template.name, context, [member.pair_id for member in members])
    return Plan(name, structure, template.name, context, tuple(members))


def _follows(members: Sequence[Candidate], candidate: Candidate) -> bool:
    """Tell whether a gene overlaps the last one by less than half of the shorter: no isoform of it."""
    if not members:
        return True
    last = members[-1]
    common = min(last.end, candidate.end) - max(last.start, candidate.start)
    return 2 * common < min(last.end - last.start, candidate.end - candidate.start)


def _drawn(seed: str, templates: Sequence[Template]) -> list[Template]:
    """Return the templates in the order that a seed draws."""
    return sorted(templates, key=lambda template: _draw(f"{seed}\0{template.name}"))


def _order(structure: str, use: int, candidate: Candidate) -> tuple[int, int, str]:
    if structure == "replicon":
        return candidate.start, candidate.end, candidate.pair_id
    return _draw(f"{use}\0{candidate.pair_id}"), 0, candidate.pair_id


def _draw(key: str) -> int:
    return xxhash.xxh3_64_intdigest(key.encode())


def _is_said(row: Mapping[str, Any], key: str) -> bool:
    return any(span["field"] == f"features[{row['feature_index']}]/{key}" for span in row["evidence"])


def _name(*parts: str) -> bytes:
    return xxhash.xxh3_128_digest("\0".join(parts).encode())
