"""Translates a CDS by the rules of the feature table, with Biopython's codon tables: the tests' oracle.

Rules: https://www.insdc.org/submitting-standards/feature-table/ (codon_start, transl_table, transl_except);
an initiation codon of the table is read as methionine unless the 5' end is partial; the final stop is left out.
"""

import re

from Bio.Data import CodonTable
from Bio.Seq import Seq
from Bio.SeqFeature import SeqFeature
from Bio.SeqUtils import IUPACData

AMINO_ACIDS = {name.upper(): letter for letter, name in IUPACData.protein_letters_1to3_extended.items()}
AMINO_ACIDS |= {"TERM": "*", "OTHER": "X", "SEC": "U", "PYL": "O"}

FAULTY = {
    "AJ506156.2": (15, "the INSDC record's coordinates and its translations do not belong together"),
    "JX416857.1": (9, "as AJ506156.2, and RNA editing"),
    "NC_001947.1": (2, "exception: RNA editing"),
    "NC_004543.1": (78, "exception: RNA editing"),
    "NC_005086.1": (3, "exception: RNA editing"),
    "NC_011032.1": (2, "exception: RNA editing"),
    "NC_031333.1": (2, "exception: RNA Editing"),
    "NG_017013.2": (4, "exception: annotated by transcript or proteomic data"),
}
"""CDS whose bases do not translate to their /translation: accession -> how many, why."""


def translate(sequence: str, feature: SeqFeature) -> str:
    """Return the protein of a CDS whose bases, 5'->3', are ``sequence``."""
    offset = int(feature.qualifiers.get("codon_start", ["1"])[0]) - 1
    table = int(feature.qualifiers.get("transl_table", ["1"])[0])
    coding = sequence[offset:]
    protein = list(str(Seq(coding[: len(coding) // 3 * 3]).translate(table=table)))
    if (rest := len(coding) % 3) == 2 and three_prime_partial(feature):  # two bases may decide the amino acid
        last = str(Seq(coding[-rest:] + "N").translate(table=table))
        protein += [last] if last != "X" else []
    starts = CodonTable.ambiguous_dna_by_id[table].start_codons
    if protein and offset == 0 and not five_prime_partial(feature) and coding[:3] in starts:
        protein[0] = "M"
    for codon, letter in exceptions(feature):
        place = (codon - offset) // 3
        if place == len(protein) and letter == "*":
            protein.append("*")  # the stop codon is completed by the poly-A tail
        elif 0 <= place < len(protein):
            protein[place] = letter
    return "".join(protein).removesuffix("*")


def five_prime_partial(feature: SeqFeature) -> bool:
    """Say whether the 5' end of a feature lies beyond its location."""
    first = feature.location.parts[0]
    return "<" in str(first.start) if first.strand == 1 else ">" in str(first.end)


def three_prime_partial(feature: SeqFeature) -> bool:
    """Say whether the 3' end of a feature lies beyond its location."""
    last = feature.location.parts[-1]
    return ">" in str(last.end) if last.strand == 1 else "<" in str(last.start)


def exceptions(feature: SeqFeature) -> list[tuple[int, str]]:
    """Return (place in the spliced CDS, 0-based, amino acid) of each /transl_except."""
    order = [position for part in feature.location.parts for position in (part if part.strand == 1 else list(part))]
    folder_of = {position: place for place, position in enumerate(order)}
    found = []
    for text in feature.qualifiers.get("transl_except", []):
        match = re.search(r"pos:(?:complement\(|join\()*(\d+)(?:\.\.(\d+))?.*?aa:(\w+)", text.replace(" ", ""))
        first, last = int(match[1]) - 1, int(match[2] or match[1]) - 1
        places = [folder_of[position] for position in (first, last) if position in folder_of]
        if places:
            found.append((min(places), AMINO_ACIDS.get(match[3].upper(), "X")))
    return found
