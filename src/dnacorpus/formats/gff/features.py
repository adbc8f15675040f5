"""A feature of a GFF3 or GTF file in the terms of a flat file: its key, location and qualifiers.

Sources: NCBI's README_GFF3 for the meaning of attributes, the INSDC Feature Table Definition for those of flat files.
The complete mapping is in docs/annotation.md.
"""

import re

from dnacorpus.formats.genbank.features import GenBankFeature, Qualifiers
from dnacorpus.formats.gff.attributes import attributes_of
from dnacorpus.formats.gff.entry import GffEntry
from dnacorpus.formats.gff.location import location_of, ordered
from dnacorpus.formats.gff.names import NOTES, STRUCTURE, qualifiers_for, regulatory_class, rna_class

_NAMES = {
    key: re.compile(rb"(?:(?<=;)|(?<=; )|^)%b=[^;]+" % key.encode())
    for key in ("gene", "locus_tag", "gene_synonym", "old_locus_tag")
}
_MAX_ANCESTORS = 8  # a chain of parents may be a circle


def feature_of(entry: GffEntry, length: int, circular: bool) -> GenBankFeature:
    """Return the feature as a flat file of the sequence would have it.

    ``length`` (bases) and ``circular`` are those of the molecule; a length of 0 is unknown.
    """
    spans = ordered(entry, length if circular else 0)
    location = location_of(entry, spans, length if circular else 0)
    return GenBankFeature(entry.kind, location, _qualifiers(entry, spans[0].phase))


def _qualifiers(entry: GffEntry, phase: int) -> Qualifiers:
    attributes = list(attributes_of(entry.attributes, entry.gtf))
    given = {key: values[0] for key, values in reversed(attributes)}
    named = _names(entry, attributes, given)
    notes = [value for key, values in attributes if key in NOTES for value in values if value]
    if given.get("gbkey") == "Region" and given.get("Name"):
        notes.append(f"Region: {given['Name']}")
    rest = [
        qualifier
        for key, values in attributes
        if key not in STRUCTURE and key not in NOTES and key not in _NAMES
        for qualifier in qualifiers_for(entry.kind, key, values)
        if qualifier not in named
    ]
    if not any(key.startswith("go_") for key in given):
        rest += [("db_xref", term) for key, terms in attributes if key == "Ontology_term" for term in terms if term]
    rest += _implied(entry, given, phase)
    return named + rest + ([("note", "; ".join(dict.fromkeys(notes)))] if notes else [])


def _names(entry: GffEntry, attributes: list[tuple[str, list[str]]], given: dict[str, str]) -> Qualifiers:
    """Return the names of the gene, which a flat file repeats in all features of the gene."""
    values = {key: [value for name, many in attributes if name == key for value in many if value] for key in _NAMES}
    if not given.get("gbkey"):
        name = given.get("gene_name") or (given.get("Name") if entry.kind == "gene" else None)
        values["gene"] = values["gene"] or ([name] if name else [])
        values["locus_tag"] = values["locus_tag"] or ([given["gene_id"]] if entry.gtf and "gene_id" in given else [])
    above = None if entry.kind == "source" else entry.parent
    for _ in range(_MAX_ANCESTORS):
        if above is None or above.kind == "source":
            break
        for key, inherited in _own_names(above).items():
            values[key] = values[key] or inherited
        above = above.parent
    values["gene_synonym"] = ["; ".join(values["gene_synonym"])] if values["gene_synonym"] else []
    return [(key, value) for key, many in values.items() for value in many]


def _own_names(entry: GffEntry) -> dict[str, list[str]]:
    """Return the names in a feature's own attributes; they are read once for all features below it."""
    if entry.names is None:
        found = {key: pattern.search(entry.attributes) for key, pattern in _NAMES.items()}
        read = {key: next(attributes_of(match[0], gtf=False)) for key, match in found.items() if match}
        entry.names = {key: values for key, (_, values) in read.items()}
    return entry.names


def _implied(entry: GffEntry, given: dict[str, str], phase: int) -> Qualifiers:
    """Return the qualifiers that GFF expresses by column 3, column 8 or a flag."""
    implied: Qualifiers = []
    if given.get("pseudo") == "true" or ("pseudogen" in entry.type and "pseudogene" not in given):
        implied.append(("pseudo", None))
    codon_start = given.get("codon_start") or (str(phase + 1) if phase >= 0 else "")
    classes = {
        "CDS": ("codon_start", codon_start),
        "ncRNA": ("ncRNA_class", rna_class(entry.type)),
        "regulatory": ("regulatory_class", regulatory_class(entry.type)),
        "exon": ("number", given.get("exon_number")),
    }
    key, value = classes.get(entry.kind, ("", None))
    if value and (key == "codon_start" or key not in given):
        implied.append((key, value))
    return implied
