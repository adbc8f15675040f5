"""Simulated molecules as the text of records: every record says of itself that it is simulated.

What follows from the bases is read from them here: translations and anticodons.
"""

from dnacorpus.simulate.evolution import CODES, extract_parts, translate
from dnacorpus.simulate.families import ANTICODON
from dnacorpus.simulate.genbank_writer import Citation, Entry, Header, Qualifier, fasta_record, flat_record, location
from dnacorpus.simulate.genomes import Feature, Molecule

DATE = "01-JAN-2020"
COMMENT = (
    "SIMULATED REFSEQ: This record was made by dnacorpus simulate. Neither the organism nor the sequence"
    " exists, and nothing in it may be taken for biology."
)
_MOLECULE_TYPES = {"DNA": "genomic DNA", "ss-RNA": "genomic RNA"}


def flat_text(molecule: Molecule, citations: tuple[Citation, ...], seed: int) -> str:
    """Return a molecule's flat-file record; where it is a contig, without its bases."""
    features = [_entry(molecule, feature) for feature in molecule.features]
    bases = b"" if molecule.contig else molecule.sequence
    return flat_record(header_of(molecule, citations, seed), [_source(molecule), *features], bases)


def fasta_text(molecule: Molecule) -> bytes:
    """Return a molecule's FASTA record, its masked runs in lower case."""
    sequence = bytearray(molecule.sequence)
    for start, end in molecule.mask:
        sequence[start:end] = sequence[start:end].lower()
    return fasta_record(f"{molecule.accession} {definition(molecule)}", bytes(sequence))


def definition(molecule: Molecule) -> str:
    """Return the title of a molecule, without its full stop."""
    title = molecule.replicon.title.format(number=molecule.species.named)
    return f"Simulated {molecule.species.name}{title}"


def header_of(molecule: Molecule, citations: tuple[Citation, ...], seed: int) -> Header:
    """Return what stands around the features of a molecule's record."""
    species, length = molecule.species, len(molecule.sequence)
    number = 10_000_000 * "BPAHV".index(species.kind.letter) + species.named
    organelle = molecule.replicon.name in ("chloroplast", "mitochondrion")
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


def _source(molecule: Molecule) -> Entry:
    species, replicon = molecule.species, molecule.replicon
    qualifiers: list[Qualifier] = [("organism", species.name), ("mol_type", _MOLECULE_TYPES[replicon.molecule])]
    qualifiers += [("strain", f"SIM-{species.named}")] if species.kind.name == "bacterium" else []
    qualifiers += [("organelle", "plastid:chloroplast")] if replicon.name == "chloroplast" else []
    qualifiers += [("organelle", "mitochondrion")] if replicon.name == "mitochondrion" else []
    qualifiers += [("host", species.host)] if species.host else []
    qualifiers += [("db_xref", f"taxon:{species.taxid}")]
    qualifiers += [("plasmid", f"pSIM{species.named}")] if replicon.name == "plasmid" else []
    return Entry("source", f"1..{len(molecule.sequence)}", tuple(qualifiers))


def _entry(molecule: Molecule, feature: Feature) -> Entry:
    found = feature.qualifiers
    if feature.table is not None:
        coding = extract_parts(molecule.sequence, feature.parts, feature.strand)
        protein = translate(coding, CODES[feature.table], feature.partial)
        found += (("translation", protein),) if protein else (("pseudo", None),)
    if feature.label and feature.label.anticodon and len(feature.parts) == 1:
        found += (("anticodon", _anticodon(molecule.sequence, feature)),)
    return Entry(feature.kind, location(feature.parts, feature.strand, feature.partial), found)


def _anticodon(sequence: bytes, feature: Feature) -> str:
    start, end = feature.parts[0]
    span = (start + ANTICODON.start, start + ANTICODON.stop)
    if feature.strand == -1:
        span = (end - ANTICODON.stop, end - ANTICODON.start)
    letters = extract_parts(sequence, [span], feature.strand).decode("ascii").lower()
    amino_acid = feature.label.amino_acid if feature.label else ""
    return f"(pos:{location([span], feature.strand)},aa:{amino_acid},seq:{letters})"
