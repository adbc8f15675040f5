"""The planted cases of a simulated release, each with the result that the pipeline must give.

A case is one entry of `CASES`, and has its own molecules. Its function yields the records to write, in
order, each with its expected outcome.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dnacorpus.simulate.evolution import mutate_bases, random_stream
from dnacorpus.simulate.genbank_writer import flat_record
from dnacorpus.simulate.molecules import REPLICONS, Feature, Molecule, Replicon, reversed_strand, rotated
from dnacorpus.simulate.records import fasta_text, flat_text, header_of

_LENGTH = re.compile(r" \d(\d*) bp ")
_SECOND_LINE = re.compile(r"(?m)^( +61 )\w{4}")
_LOCUS_TAG = re.compile(r'(/locus_tag="\w+)"')

IDENTITIES = (0.99, 0.98, 0.95, 0.90, 0.80)
"""Identities of the near-duplicates to their original; they differ by substitutions only."""

_REPLICON = {(replicon.organism, replicon.name): replicon for replicon in REPLICONS}
BACTERIAL_PLASMID = _REPLICON["bacterium", "plasmid"]
CHLOROPLAST = _REPLICON["plant", "chloroplast"]
SCAFFOLD = _REPLICON["plant", "chromosome"]
PHAGE = _REPLICON["phage", "genome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status and reason that a record must have in the ledger, and further ``facts`` for truth.json."""

    status: str
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlantedRecord:
    """One planted record: its text in the flat file and in FASTA, of which one may be empty, and its outcome."""

    division: str
    accession: str | None
    flat: str
    fasta: bytes
    bases: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What the cases need: new molecules of a replicon, by name, and further accessions, by prefix."""

    new_molecule: Callable[[Replicon, str], Molecule]
    accession: Callable[[str], str]
    seed: int


Case = Callable[[CaseContext, str], Iterator[PlantedRecord]]


def planted_records(context: CaseContext) -> Iterator[tuple[str, PlantedRecord]]:
    """Yield (case, record) for every case, in the order in which they are written."""
    for case, records_of in CASES.items():
        for record in records_of(context, case):
            yield case, record


def _kept(context: CaseContext, molecule: Molecule, **facts: Any) -> PlantedRecord:
    return _record(context, molecule, Outcome("kept", facts=facts))


def _record(context: CaseContext, molecule: Molecule, outcome: Outcome) -> PlantedRecord:
    text = flat_text(molecule, (), context.seed)
    division = molecule.replicon.divisions[0]
    return PlantedRecord(division, molecule.accession, text, fasta_text(molecule), len(molecule.sequence), outcome)


def _copy_with(context: CaseContext, molecule: Molecule, **changes: Any) -> Molecule:
    accession = context.accession(molecule.replicon.prefix)
    return dataclasses.replace(molecule, accession=accession, **changes)


def _original_and_copy(
    replicon: Replicon, change: Callable[[Molecule], Molecule], status: str, reason: str = ""
) -> Case:
    """Return a case of an original and one changed copy of it, which must get ``status`` and ``reason``."""

    def records(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
        original = context.new_molecule(replicon, case)
        yield _kept(context, original)
        copy = _copy_with(context, change(original))
        yield _record(context, copy, Outcome(status, reason, {"of": original.accession}))

    return records


def _rotated_by_a_third(molecule: Molecule) -> Molecule:
    return rotated(molecule, len(molecule.sequence) // 3)


def _linear_rotated_by_a_third(molecule: Molecule) -> Molecule:
    # A gene cannot span the ends of a linear molecule.
    changed = _rotated_by_a_third(molecule)
    both = zip(molecule.features, changed.features, strict=True)
    features = tuple(after for before, after in both if len(after.parts) == len(before.parts))
    return dataclasses.replace(changed, features=features)


def _near_duplicates(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    original = context.new_molecule(BACTERIAL_PLASMID, case)
    yield _kept(context, original)
    length = len(original.sequence)
    for identity in IDENTITIES:
        substitutions = round(length * (1 - identity))
        sequence = mutate_bases(original.sequence, substitutions, random_stream(context.seed, case, identity))
        copy = _copy_with(context, original, sequence=sequence, gaps=())
        facts = {"of": original.accession, "identity": identity, "substitutions": substitutions}
        yield _kept(context, copy, **facts)


def _contig_only(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(SCAFFOLD, case)
    masked = tuple((start, end) for start, end in molecule.gaps if end - start > 40)
    molecule = dataclasses.replace(molecule, contig=True, mask=masked)
    yield _kept(context, molecule, masked_bases=sum(end - start for start, end in masked))
    without = dataclasses.replace(context.new_molecule(SCAFFOLD, f"{case}.lost"), contig=True)
    yield dataclasses.replace(_record(context, without, Outcome("excluded", "no_sequence")), fasta=b"")


def _fasta_only(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(SCAFFOLD, case)
    yield dataclasses.replace(_kept(context, molecule), flat="")


def _ambiguous(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(CHLOROPLAST, case)
    sequence = bytearray(molecule.sequence)
    start, end = max(molecule.gaps, key=lambda gap: (gap[1] - gap[0], -gap[0]))
    codes = b"RYSWKMBDHV"
    sequence[start : start + len(codes)] = codes
    sequence[end - 15 : end] = b"N" * 15
    sequence[30:33] = b"NNN"  # the eleventh codon of the first gene
    changed = dataclasses.replace(molecule, sequence=bytes(sequence))
    yield _kept(context, changed, ambiguous=len(codes) + 18)


def _kept_for_genes(context: CaseContext, molecule: Molecule, features: list[Feature]) -> PlantedRecord:
    tags = [dict(feature.qualifiers)["locus_tag"] for feature in features]
    return _kept(context, molecule, locus_tags=tags)


def _spliced(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    for number in itertools.count():
        molecule = context.new_molecule(SCAFFOLD, f"{case}{number}")
        spliced = [feature for feature in molecule.features if feature.kind == "CDS" and len(feature.parts) > 1]
        if spliced:
            yield _kept_for_genes(context, molecule, spliced)
            return


def _origin_spanning(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    for strand in (1, -1):
        molecule = context.new_molecule(BACTERIAL_PLASMID, f"{case}{strand}")
        if strand == -1:
            molecule = reversed_strand(molecule)
        first = next(f for f in molecule.features if f.kind == "CDS" and f.strand == strand)
        changed = rotated(molecule, first.parts[0][0] + 100)
        spanning = [f for f in changed.features if f.kind == "CDS" and len(f.parts) > 1]
        yield _kept_for_genes(context, changed, spanning)


def _partial(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(PHAGE, case)
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
    yield _kept_for_genes(context, molecule, [f for f in features if f.kind == "CDS" and any(f.partial)])


def _accession_conflict(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    # Neither record is in FASTA, where an accession may occur only once.
    first = context.new_molecule(BACTERIAL_PLASMID, case)
    yield dataclasses.replace(_kept(context, first), fasta=b"")
    other = context.new_molecule(BACTERIAL_PLASMID, f"{case}.other")
    other = dataclasses.replace(other, accession=first.accession, features=other.features[:1])
    yield dataclasses.replace(_record(context, other, Outcome("excluded", "accession_conflict")), fasta=b"")


def _master(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(BACTERIAL_PLASMID, case)
    wgs = f"SIMW01000001-SIMW01{len(molecule.features):06d}"
    header = dataclasses.replace(header_of(molecule, (), context.seed), length=len(molecule.features), wgs=wgs)
    text = flat_record(dataclasses.replace(header, unit="rc"), [], b"")
    yield PlantedRecord("bacteria", molecule.accession, text, b"", 0, Outcome("excluded", "master"))


def _protein(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
    molecule = context.new_molecule(BACTERIAL_PLASMID, case)
    header = header_of(dataclasses.replace(molecule, accession=context.accession("NP_9")), (), context.seed)
    text = flat_record(dataclasses.replace(header, unit="aa", molecule="", topology="linear", length=120), [], b"")
    yield PlantedRecord("bacteria", header.accession, text, b"", 0, Outcome("rejected", "protein"))


def _damaged(status: str, reason: str, damage: Callable[[str], str], readable: bool = True) -> Case:
    """Return a case of one record with a damaged text; its bases are not in FASTA.

    ``readable`` says whether the accession can still be read.
    """

    def records(context: CaseContext, case: str) -> Iterator[PlantedRecord]:
        molecule = context.new_molecule(PHAGE, case)
        text = damage(flat_text(molecule, (), context.seed))
        accession, bases = (molecule.accession, len(molecule.sequence)) if readable else (None, 0)
        yield PlantedRecord("viral", accession, text, b"", bases, Outcome(status, reason))

    return records


def _without_length(text: str) -> str:
    return _LENGTH.sub(r" x\1 bp ", text, count=1)


def _with_foreign_letters(text: str) -> str:
    return _SECOND_LINE.sub(r"\1zjqx", text)


def _without_last_line(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-3] + lines[-1:])


def _with_open_quote(text: str) -> str:
    return _LOCUS_TAG.sub(r"\1", text, count=1)


CASES: dict[str, Case] = {
    "exact_duplicate": _original_and_copy(BACTERIAL_PLASMID, lambda molecule: molecule, "duplicate", "exact"),
    "reverse_strand_duplicate": _original_and_copy(SCAFFOLD, reversed_strand, "duplicate", "exact"),
    "rotated_duplicate": _original_and_copy(BACTERIAL_PLASMID, _rotated_by_a_third, "duplicate", "exact"),
    "rotated_reverse_duplicate": _original_and_copy(
        CHLOROPLAST, lambda molecule: reversed_strand(_rotated_by_a_third(molecule)), "duplicate", "exact"
    ),
    "rotated_linear": _original_and_copy(SCAFFOLD, _linear_rotated_by_a_third, "kept"),
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
    "foreign_alphabet": _damaged("rejected", "alphabet", _with_foreign_letters),
    "open_quote": _damaged("rejected", "features", _with_open_quote),
    "length_mismatch": _damaged("excluded", "length_mismatch", _without_last_line),
    "no_record": _damaged("rejected", "no_locus", lambda _: "<html><body>Simulated error page</body></html>\n", False),
}
"""Name of a case to the function that yields its records."""
