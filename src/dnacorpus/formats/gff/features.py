"""A feature of a GFF3 or GTF file in the terms of a flat file: its key, location and qualifiers.

Sources: NCBI's README_GFF3 for the meaning of attributes, the INSDC Feature Table Definition for those of flat files.
The complete mapping is in docs/annotation.md.
"""

from dnacorpus.formats.genbank.features import GenBankFeature, Qualifiers
from dnacorpus.formats.gff.attributes import attributes_of
from dnacorpus.formats.gff.entry import GffEntry
from dnacorpus.formats.gff.inherit import NAMES, inherit, is_pseudo, stated
from dnacorpus.formats.gff.location import location_of, ordered
from dnacorpus.formats.gff.names import NOTES, STRUCTURE, qualifiers_for, regulatory_class, rna_class


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
    names = stated(entry, attributes)
    inherit(entry, names)
    named = [(key, value) for key in NAMES if key in names for value in _written(key, names[key])]
    notes = [value for key, values in attributes if key in NOTES for value in values if value]
    if given.get("gbkey") == "Region" and given.get("Name"):
        notes.append(f"Region: {given['Name']}")
    rest = [
        qualifier
        for key, values in attributes
        if key not in STRUCTURE and key not in NOTES and key not in NAMES
        if not (key == "name" and values == names.get("locus_tag"))
        for qualifier in qualifiers_for(entry.kind, key, values)
        if qualifier not in named
    ]
    if not any(key.startswith("go_") for key in given):
        rest += [("db_xref", term) for key, terms in attributes if key == "Ontology_term" for term in terms if term]
    if "product" in names and not given.get("product"):
        rest.append(("product", names["product"][0]))
    if is_pseudo(names) and "pseudogene" not in given:
        rest.append(("pseudo", None))
    rest += _implied(entry, given, phase)
    return named + rest + ([("note", "; ".join(dict.fromkeys(notes)))] if notes else [])


def _written(key: str, values: list[str]) -> list[str]:
    return ["; ".join(values)] if key == "gene_synonym" else values


def _implied(entry: GffEntry, given: dict[str, str], phase: int) -> Qualifiers:
    """Return the qualifiers that GFF expresses by column 3 or column 8."""
    implied: Qualifiers = []
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
