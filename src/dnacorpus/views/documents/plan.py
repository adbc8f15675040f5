"""Which pairs form which document, in what order and with which template.

Three structures: *family*, features of one kind with one product (or gene name) from different species;
*replicon*, genes in order along one record; *clade*, records of different species of one taxon, mostly a
genus. The name of a group includes the division, and rows of different splits are planned separately, so no
document mixes either, and adding a division changes no document of another. Order and template are drawn
by digests of pair_ids, so the order of files and rows does not matter.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from dnacorpus.text.compose import Filling
from dnacorpus.text.wording import alike
from dnacorpus.views.documents.fillings import clade_of
from dnacorpus.views.documents.style import DocumentStyle, DocumentTemplate

_GENES = ("CDS", "tRNA", "rRNA", "ncRNA", "tmRNA", "misc_RNA")
"""Features of one gene each; an mRNA or mature peptide would repeat the same bases."""
_PSEUDO = ("pseudo", "pseudogene")


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How documents are filled.

    ``contexts`` are in characters of text and bases; ``most`` documents are made per structure and context.
    """

    structures: tuple[str, ...]
    contexts: tuple[int, ...]
    min_members: int
    max_uses: int
    reach: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that may become a member of a document of its group: what planning needs of it.

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
    """A planned document: its name, what it is, and its members in order."""

    document_id: str
    structure: str
    template: str
    context: int
    members: tuple[Candidate, ...]


def groups_of(row: Mapping[str, Any], fillings: Mapping[str, Filling]) -> Iterator[tuple[str, bytes]]:
    """Yield structure and group (16 bytes) for each structure that a row of pairs may be used in.

    ``fillings`` are what fills its slots. Uninformative rows and pseudogenes are used in none.
    """
    if not row["informative"]:
        return
    division = row["division"] or ""
    if row["kind"] == "record" and (taxon := clade_of(row)):
        yield "clade", _name(division, "clade", *row["lineage"][: row["lineage"].index(taxon) + 1])
    if row["kind"] != "gene" or any(_has_evidence(row, key) for key in _PSEUDO):
        return
    for slot in ("product", "gene"):
        words = getattr(fillings.get(slot), "text", "")
        if alike(words):
            yield "family", _name(division, "family", row["feature_kind"], slot, alike(words))
            break
    if row["feature_kind"] in _GENES:
        yield "replicon", _name(division, "replicon", row["accession"])


def plans(
    structure: str, group: bytes, candidates: Sequence[Candidate], style: DocumentStyle, limits: DocumentLimits
) -> Iterator[Plan]:
    """Yield the documents of one group, for each context: as many members as fit, in the drawn order.

    No document is yielded twice or has fewer members than ``min_members``; families and clades have one member of
    a species. A pair without a slot of the template, or too long for the space left, waits for
    the next document; after ``reach`` such pairs a document is closed. Templates are tried in an order
    that the first pair draws, until one gives a document.
    """
    templates = [template for template in style.templates if structure in template.structures]
    if structure != "replicon" and len({candidate.species for candidate in candidates}) < limits.min_members:
        return
    for context in sorted(set(limits.contexts)):
        made: set[str] = set()
        for use in range(limits.max_uses):
            waiting = deque(sorted(candidates, key=lambda candidate: _order(structure, use, candidate)))
            while len(waiting) >= limits.min_members:
                drawn = _shuffled(f"{group.hex()}\0{context}\0{use}\0{waiting[0].pair_id}", templates)
                filled = (_fill(structure, waiting, template, style, context, limits) for template in drawn)
                plan = next((plan for plan in filled if plan), None)
                if plan is None:
                    waiting.popleft()  # no template gives it a document
                elif plan.document_id not in made:
                    made.add(plan.document_id)
                    yield plan


def document_id(structure: str, template: str, context: int, pair_ids: Sequence[str]) -> str:
    """Return the name of a document: 32 hexadecimal digits of its members, template and context, never of its text."""
    return xxhash.xxh3_128_hexdigest("\0".join([structure, template, str(context), *pair_ids]).encode())


def size(candidate: Candidate, template: DocumentTemplate, style: DocumentStyle) -> int:
    """Return how many characters a member takes in a document at most; a full stop left out makes it one fewer."""
    words = sum(candidate.lengths[slot] for slot in template.slots)
    return style.overhead + template.literal + words + candidate.prompt + candidate.bases


def _fill(  # noqa: PLR0917 - what one document is filled from and with
    structure: str,
    waiting: deque[Candidate],
    template: DocumentTemplate,
    style: DocumentStyle,
    context: int,
    limits: DocumentLimits,
) -> Plan | None:
    """Take the members of one document out of ``waiting``; return None and leave it unchanged if they are too few."""
    members: list[Candidate] = []
    skipped: list[Candidate] = []
    taken: list[Candidate] = []
    species: set[str] = set()
    slots, room = set(template.slots), context - style.frame
    while waiting and len(skipped) < limits.reach:
        candidate = waiting.popleft()
        taken.append(candidate)
        fits = slots <= candidate.lengths.keys() and size(candidate, template, style) <= room
        if fits and (_follows(members, candidate) if structure == "replicon" else candidate.species not in species):
            members.append(candidate)
            species.add(candidate.species)
            room -= size(candidate, template, style)
        elif members:
            skipped.append(candidate)
        else:
            break
    if len(members) < limits.min_members:
        waiting.extendleft(reversed(taken))
        return None
    waiting.extendleft(reversed(skipped))
    name = document_id(structure, template.name, context, [member.pair_id for member in members])
    return Plan(name, structure, template.name, context, tuple(members))


def _follows(members: Sequence[Candidate], candidate: Candidate) -> bool:
    """Return whether a gene overlaps the last one by less than half of the shorter, so that it is no isoform of it."""
    if not members:
        return True
    last = members[-1]
    common = min(last.end, candidate.end) - max(last.start, candidate.start)
    return 2 * common < min(last.end - last.start, candidate.end - candidate.start)


def _shuffled(seed: str, templates: Sequence[DocumentTemplate]) -> list[DocumentTemplate]:
    """Return the templates in the order that a seed draws."""
    return sorted(templates, key=lambda template: _draw(f"{seed}\0{template.name}"))


def _order(structure: str, use: int, candidate: Candidate) -> tuple[int, int, str]:
    if structure == "replicon":
        return candidate.start, candidate.end, candidate.pair_id
    return _draw(f"{use}\0{candidate.pair_id}"), 0, candidate.pair_id


def _draw(key: str) -> int:
    return xxhash.xxh3_64_intdigest(key.encode())


def _has_evidence(row: Mapping[str, Any], key: str) -> bool:
    return any(span["field"] == f"features[{row['feature_index']}]/{key}" for span in row["evidence"])


def _name(*parts: str) -> bytes:
    return xxhash.xxh3_128_digest("\0".join(parts).encode())
