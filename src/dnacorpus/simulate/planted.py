"""The planted cases of a simulated release: what each is, and what must become of it.

Every case starts from a molecule made for it alone. A case is one entry of `CASES`; its maker yields the
records to write, in order, each with the fate that the pipeline owes it.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dnacorpus.simulate.evolution import mutate_bases, stream
from dnacorpus.simulate.genbank_writer import flat_record
from dnacorpus.simulate.genomes import REPLICONS, Feature, Molecule, reversed_strand, rotated
from dnacorpus.simulate.records import fasta_text, flat_text, header_of

IDENTITIES = (0.99, 0.98, 0.95, 0.90, 0.80)
"""Of near-duplicates: the share of places at which they equal their original; no base is put in or left out."""

_REPLICON = {(replicon.organism, replicon.name): replicon for replicon in REPLICONS}
BACTERIAL_PLASMID = _REPLICON["bacterium", "plasmid"]
CHLOROPLAST = _REPLICON["plant", "chloroplast"]
SCAFFOLD = _REPLICON["plant", "chromosome"]
PHAGE = _REPLICON["phage", "genome"]


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted record: its text in the flat file and in FASTA, either may be empty, and its fate.

    ``status`` and ``reason`` are the ledger's, ``facts`` what else is true of it, for truth.json.
    """

    division: str
    accession: str | None
    flat: str
    fasta: bytes
    bases: int
    status: str
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the makers work with: fresh molecules of a replicon by name, and further accessions."""

    fresh: Callable[[Any, str], Molecule]
    accession: Callable[[str], str]
    seed: int


Maker = Callable[[Workshop, str], Iterator[Planted]]


def planted(workshop: Workshop) -> Iterator[tuple[str, Planted]]:
    """Yield (case, record) for every case, in the order in which they are to be written."""
    for case, make in CASES.items():
        for record in make(workshop, case):
            yield case, record


def _kept(workshop: Workshop, molecule: Molecule, **facts: Any) -> Planted:
    return _as(workshop, molecule, "kept", **facts)


def _as(workshop: Workshop, molecule: Molecule, status: str, reason: str = "", **facts: Any) -> Planted:
    text = flat_text(molecule, (), workshop.seed)
    division = molecule.replicon.divisions[0]
    length = len(molecule.sequence)
    return Planted(division, molecule.accession, text, fasta_text(molecule), length, status, reason, facts)


def _renamed(workshop: Workshop, molecule: Molecule, **changes: Any) -> Molecule:
    accession = workshop.accession(molecule.replicon.prefix)
    return dataclasses.replace(molecule, accession=accession, **changes)


def _copies(replicon: Any, change: Callable[[Molecule], Molecule], status: str, reason: str, **facts: Any) -> Maker:
    """Make a maker of an original and one changed copy of it."""

    def make(workshop: Workshop, case: str) -> Iterator[Planted]:
        original = workshop.fresh(replicon, case)
        yield _kept(workshop, original)
        copy = _renamed(workshop, change(original))
        yield _as(workshop, copy, status, reason, of=original.accession, **facts)

    return make


def _third(molecule: Molecule) -> Molecule:
    return rotated(molecule, len(molecule.sequence) // 3)


def _linear_third(molecule: Molecule) -> Molecule:
    # A gene that lies across the ends of a linear molecule is none.
    turned = _third(molecule)
    both = zip(molecule.features, turned.features, strict=True)
    features = tuple(after for before, after in both if len(after.parts) == len(before.parts))
    return dataclasses.replace(turned, features=features)


def _near_duplicates(workshop: Workshop, case: str) -> Iterator[Planted]:
    original = workshop.fresh(BACTERIAL_PLASMID, case)
    yield _kept(workshop, original)
    length = len(original.sequence)
    for identity in IDENTITIES:
        substitutions = round(length * (1 - identity))
        sequence = mutate_bases(original.sequence, substitutions, stream(workshop.seed, case, identity))
        copy = _renamed(workshop, original, sequence=sequence, gaps=())
        facts = {"of": original.accession, "identity": identity, "substitutions": substitutions}
        yield _kept(workshop, copy, **facts)


def _contig_only(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(SCAFFOLD, case)
    masked = tuple((start, end) for start, end in molecule.gaps if end - start > 40)
    molecule = dataclasses.replace(molecule, contig=True, mask=masked)
    yield _kept(workshop, molecule, masked_bases=sum(end - start for start, end in masked))
    without = dataclasses.replace(workshop.fresh(SCAFFOLD, f"{case}.lost"), contig=True)
    yield dataclasses.replace(_as(workshop, without, "excluded", "no_sequence"), fasta=b"")


def _fasta_only(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(SCAFFOLD, case)
    yield dataclasses.replace(_kept(workshop, molecule), flat="")


def _ambiguous(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(CHLOROPLAST, case)
    sequence = bytearray(molecule.sequence)
    start, end = max(molecule.gaps, key=lambda gap: (gap[1] - gap[0], -gap[0]))
    codes = b"RYSWKMBDHV"
    sequence[start : start + len(codes)] = codes
    sequence[end - 15 : end] = b"N" * 15
    sequence[30:33] = b"NNN"  # the eleventh codon of the first gene
    changed = dataclasses.replace(molecule, sequence=bytes(sequence))
    yield _kept(workshop, changed, ambiguous=len(codes) + 18)


def _genes(workshop: Workshop, molecule: Molecule, features: list[Feature], **facts: Any) -> Planted:
    tags = [dict(feature.qualifiers)["locus_tag"] for feature in features]
    return _kept(workshop, molecule, locus_tags=tags, **facts)


def _spliced(workshop: Workshop, case: str) -> Iterator[Planted]:
    for number in itertools.count():
        molecule = workshop.fresh(SCAFFOLD, f"{case}{number}")
        found = [feature for feature in molecule.features if feature.kind == "CDS" and len(feature.parts) > 1]
        if found:
            yield _genes(workshop, molecule, found)
            return


def _origin_spanning(workshop: Workshop, case: str) -> Iterator[Planted]:
    for strand in (1, -1):
        molecule = workshop.fresh(BACTERIAL_PLASMID, f"{case}{strand}")
        if strand == -1:
            molecule = reversed_strand(molecule)
        first = next(f for f in molecule.features if f.kind == "CDS" and f.strand == strand)
        turned = rotated(molecule, first.parts[0][0] + 100)
        yield _genes(workshop, turned, [f for f in turned.features if f.kind == "CDS" and len(f.parts) > 1])


def _partial(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(PHAGE, case)
    coding = [feature for feature in molecule.features if feature.kind == "CDS"]
    start, end = 30, coding[-1].parts[0][0] + 60 if len(coding) > 1 else len(molecule.sequence)
    features = []
    for feature in molecule.features:
        (first, last), strand = feature.parts[0], feature.strand
        if last > start and first < end:
            cut = (first < start, last > end)
            part = (max(first, start) - start, min(last, end) - start)
            partial = cut if strand == 1 else cut[::-1]
            features.append(dataclasses.replace(feature, parts=(part,), partial=partial))
    molecule = dataclasses.replace(
        molecule, sequence=molecule.sequence[start:end], features=tuple(features), gaps=(), topology="linear"
    )
    yield _genes(workshop, molecule, [f for f in features if f.kind == "CDS" and any(f.partial)])


def _accession_conflict(workshop: Workshop, case: str) -> Iterator[Planted]:
    # Not in FASTA, where an accession stands once.
    first = workshop.fresh(BACTERIAL_PLASMID, case)
    yield dataclasses.replace(_kept(workshop, first), fasta=b"")
    other = workshop.fresh(BACTERIAL_PLASMID, f"{case}.other")
    other = dataclasses.replace(other, accession=first.accession, features=other.features[:1])
    yield dataclasses.replace(_as(workshop, other, "excluded", "accession_conflict"), fasta=b"")


def _master(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(BACTERIAL_PLASMID, case)
    wgs = f"SIMW01000001-SIMW01{len(molecule.features):06d}"
    header = dataclasses.replace(header_of(molecule, (), workshop.seed), length=len(molecule.features), wgs=wgs)
    text = flat_record(dataclasses.replace(header, unit="rc"), [], b"")
    yield Planted("bacteria", molecule.accession, text, b"", 0, "excluded", "master")


def _protein(workshop: Workshop, case: str) -> Iterator[Planted]:
    molecule = workshop.fresh(BACTERIAL_PLASMID, case)
    header = header_of(dataclasses.replace(molecule, accession=workshop.accession("NP_9")), (), workshop.seed)
    text = flat_record(dataclasses.replace(header, unit="aa", molecule="", topology="linear", length=120), [], b"")
    yield Planted("bacteria", header.accession, text, b"", 0, "rejected", "protein")


def _damaged(status: str, reason: str, damage: Callable[[str], str], legible: bool = True) -> Maker:
    """Make a maker of one record whose text is damaged; its bases are not in FASTA."""

    def make(workshop: Workshop, case: str) -> Iterator[Planted]:
        molecule = workshop.fresh(PHAGE, case)
        text = damage(flat_text(molecule, (), workshop.seed))
        accession, bases = (molecule.accession, len(molecule.sequence)) if legible else (None, 0)
        yield Planted("viral", accession, text, b"", bases, status, reason)

    return make


def _without_length(text: str) -> str:
    return re.sub(r" \d(\d*) bp ", r" x\1 bp ", text, count=1)


def _foreign_letters(text: str) -> str:
    return re.sub(r"(?m)^( +61 )\w{4}", r"\1zjqx", text)


def _short(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-3] + lines[-1:])


def _open_quote(text: str) -> str:
    return re.sub(r'(/locus_tag="\w+)"', r"\1", text, count=1)


CASES: dict[str, Maker] = {
    "exact_duplicate": _copies(BACTERIAL_PLASMID, lambda molecule: molecule, "duplicate", "exact"),
    "reverse_strand_duplicate": _copies(SCAFFOLD, reversed_strand, "duplicate", "exact"),
    "rotated_duplicate": _copies(BACTERIAL_PLASMID, _third, "duplicate", "exact"),
    "rotated_reverse_duplicate": _copies(
        CHLOROPLAST, lambda molecule: reversed_strand(_third(molecule)), "duplicate", "exact"
    ),
    "rotated_linear": _copies(SCAFFOLD, _linear_third, "kept", ""),
    "near_duplicate": _near_duplicates,
    "contig_only": _contig_only,
    "fasta_only": _fasta_only,
    "ambiguity_codes": _ambiguous,
    "spliced": _spliced,
    "origin_spanning": _origin_spanning,
    "partial": _partial,
    "accession_conflict": _accession_conflict,
    "master": _master,
    "protein": _protein,
    "bad_locus": _damaged("rejected", "bad_locus", _without_length),
    "unterminated": _damaged("rejected", "unterminated", lambda text: text.removesuffix("//\n")),
    "foreign_alphabet": _damaged("rejected", "alphabet", _foreign_letters),
    "open_quote": _damaged("rejected", "features", _open_quote),
    "length_mismatch": _damaged("excluded", "length_mismatch", _short),
    "no_record": _damaged("rejected", "no_locus", lambda _: "<html><body>Simulated error page</body></html>\n", False),
}
"""Case name to what makes its records."""
