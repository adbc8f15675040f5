"""NCBI's genetic codes, by the number that ``/transl_table`` gives: amino acids, start codons, stop codons and names.

The codons are those of Biopython, which takes them from NCBI. The names are ours, worded to fit into a sentence.
"""

from Bio.Data import CodonTable

AMINO_ACIDS: dict[int, dict[str, str]] = {
    number: dict(table.forward_table) for number, table in CodonTable.unambiguous_dna_by_id.items()
}
"""The amino acid of each sense codon, as DNA."""

STARTS: dict[int, frozenset[str]] = {
    number: frozenset(table.start_codons) for number, table in CodonTable.unambiguous_dna_by_id.items()
}
"""Codons, as DNA, that may begin a coding sequence."""

STOPS: dict[int, frozenset[str]] = {
    number: frozenset(table.stop_codons) for number, table in CodonTable.unambiguous_dna_by_id.items()
}
"""Codons, as DNA, that may end a coding sequence."""

NAMES: dict[int, str] = {
    2: "vertebrate mitochondrial",
    3: "yeast mitochondrial",
    4: "mold, protozoan and coelenterate mitochondrial, Mycoplasma and Spiroplasma",
    5: "invertebrate mitochondrial",
    6: "ciliate, dasycladacean and Hexamita nuclear",
    9: "echinoderm and flatworm mitochondrial",
    10: "euplotid nuclear",
    11: "bacterial, archaeal and plant plastid",
    12: "alternative yeast nuclear",
    13: "ascidian mitochondrial",
    14: "alternative flatworm mitochondrial",
    15: "Blepharisma macronuclear",
    16: "chlorophycean mitochondrial",
    21: "trematode mitochondrial",
    22: "Scenedesmus obliquus mitochondrial",
    23: "Thraustochytrium mitochondrial",
    24: "Pterobranchia mitochondrial",
    25: "candidate division SR1 and Gracilibacteria",
    26: "Pachysolen tannophilus nuclear",
    27: "karyorelict nuclear",
    28: "Condylostoma nuclear",
    29: "Mesodinium nuclear",
    30: "peritrich nuclear",
    31: "Blastocrithidia nuclear",
    32: "Balanophoraceae plastid",
    33: "Cephalodiscidae mitochondrial",
}
"""Name of every genetic code but the standard one, after https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi."""
