"""The GenBank and FASTA records of simulated molecules; every record states that it is simulated.

Qualifiers that depend on the bases, translations and anticodons, are computed here.
"""

from dnacorpus.simulate.evolution import CODES, extract_parts, translate
from dnacorpus.simulate.families import ANTICODON
from dnacorpus.simulate.genbank_writer import (
    Citation,
    FeatureEntry,
    Header,
    Qualifier,
    fasta_record,
    flat_record,
    location,
)
from dnacorpus.simulate.molecules import Feature, Molecule

DATE = "01-JAN-2020"
COMMENT = (
    "SIMULATED REFSEQ: This record was made by dnacorpus simulate. Neither the organism nor the sequence"
    " exists, and nothing in it may be taken for biology."
)
_MOLECULE_TYPES = {"DNA": "genomic DNA", "ss-RNA": "genomic RNA"}
_ORGANELLES = {"chloroplast": "plastid:chloroplast", "mitochondrion": "mitochondrion"}
"""Name of a replicon to its ``/organelle``."""


def flat_text(molecule: Molecule, citations: tuple[Citation, ...], seed: int) -> str:
    """Return the flat-file record of a molecule; that of a contig has no bases."""
    features = [_entry(molecule, feature) for feature in molecule.features]
    bases = b"" if molecule.contig else molecule.sequence
    return flat_record(header_of(molecule, citations, seed), [_source(molecule), *features], bases)


def fasta_text(molecule: Molecule) -> bytes:
    """Return the FASTA record of a molecule, with masked intervals in lower case."""
    sequence = bytearray(molecule.sequence)
    for start, end in molecule.mask:
        sequence[start:end] = sequence[start:end].lower()
    return fasta_record(f"{molecule.accession} {definition(molecule)}", bytes(sequence))


def definition(molecule: Molecule) -> str:
    """Return the DEFINITION of a molecule, without its full stop."""
    title = molecule.replicon.title.format(number=molecule.species.name_number)
    return f"Simulated {molecule.species.name}{title}"


def header_of(molecule: Molecule, citations: tuple[Citation, ...], seed: int) -> Header:
    """Return the header of a molecule's record."""
    species, length = molecule.species, len(molecule.sequence)
    number = 10_000_000 * "BPAHV".index(species.kind.letter) + species.name_number
    organelle = molecule.replicon.name in _ORGANELLES
    name = molecule.accession.partition(".")[0].replace("_", "")
    return Header(
        accession=molecule.accession,
        length=length,
        molecule=molecule.replicon.molecule,
        topology=molecule.topology,
        division="CON" if molecule.contig else molecule.replicon.flat_division,
        date=DATE,
        definition=f"{definition(molecule)}.",
        keywords=("RefSeq", "simulated"),
        organism=species.name,
        source=f"{molecule.replicon.name} {species.name}" if organelle else species.name,
        lineage=species.lineage,
        links=(
            ("BioProject", f"PRJNA9{number:08d}"),
            ("BioSample", f"SAMN9{number:08d}"),
            ("Assembly", f"GCF_9{number:08d}.1"),
        ),
        citations=citations,
        comment=COMMENT,
        structured_comment=("Simulation", (("Made by", "dnacorpus simulate"), ("Seed", str(seed)))),
        contig=f"join(SIM{name}.1:1..{length})" if molecule.contig else "",
    )


def _source(molecule: Molecule) -> FeatureEntry:
    species, replicon = molecule.species, molecule.replicon
    qualifiers: list[Qualifier] = [("organism", species.name), ("mol_type", _MOLECULE_TYPES[replicon.molecule])]
    if species.kind.name == "bacterium":
        qualifiers.append(("strain", f"SIM-{species.name_number}"))
    if replicon.name in _ORGANELLES:
        qualifiers.append(("organelle", _ORGANELLES[replicon.name]))
    if species.host:
        qualifiers.append(("host", species.host))
    qualifiers.append(("db_xref", f"taxon:{species.taxid}"))
    if replicon.name == "plasmid":
        qualifiers.append(("plasmid", f"pSIM{species.name_number}"))
    return FeatureEntry("source", f"1..{len(molecule.sequence)}", tuple(qualifiers))


def _entry(molecule: Molecule, feature: Feature) -> FeatureEntry:
    qualifiers = feature.qualifiers
    if feature.table is not None:
        coding = extract_parts(molecule.sequence, feature.parts, feature.strand)
        protein = translate(coding, CODES[feature.table], feature.partial)
        qualifiers += (("translation", protein),) if protein else (("pseudo", None),)
    if feature.label and feature.label.anticodon and len(feature.parts) == 1:
        qualifiers += (("anticodon", _anticodon(molecule.sequence, feature, feature.label.amino_acid)),)
    return FeatureEntry(feature.kind, location(feature.parts, feature.strand, feature.partial), qualifiers)


def _anticodon(sequence: bytes, feature: Feature, amino_acid: str) -> str:
    start, end = feature.parts[0]
    if feature.strand == 1:
        interval = (start + ANTICODON.start, start + ANTICODON.stop)
    else:
        interval = (end - ANTICODON.stop, end - ANTICODON.start)
    letters = extract_parts(sequence, [interval], feature.strand).decode("ascii").lower()
    return f"(pos:{location([interval], feature.strand)},aa:{amino_acid},seq:{letters})"
