"""The codons of the genetic codes are those that NCBI lists, and every code but the standard one has a name."""

from dnacorpus.sequence.genetic_code import NAMES, STARTS, STOPS

# Typed from https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi, independently of Biopython.
NCBI_STARTS = {
    1: "ATG CTG TTG",
    2: "ATA ATC ATG ATT GTG",
    3: "ATA ATG GTG",
    4: "ATA ATC ATG ATT CTG GTG TTA TTG",
    5: "ATA ATC ATG ATT GTG TTG",
    6: "ATG",
    9: "ATG GTG",
    10: "ATG",
    11: "ATA ATC ATG ATT CTG GTG TTG",
    12: "ATG CTG",
    13: "ATA ATG GTG TTG",
    14: "ATG",
    15: "ATG",
    16: "ATG",
    21: "ATG GTG",
    22: "ATG",
    23: "ATG ATT GTG",
    24: "ATG CTG GTG TTG",
    25: "ATG GTG TTG",
    26: "ATG CTG",
    27: "ATG",
    28: "ATG",
    29: "ATG",
    30: "ATG",
    31: "ATG",
    32: "ATA ATC ATG ATT CTG GTG TTG",
    33: "ATG CTG GTG TTG",
}
NCBI_STOPS = {
    1: "TAA TAG TGA",
    2: "AGA AGG TAA TAG",
    3: "TAA TAG",
    4: "TAA TAG",
    5: "TAA TAG",
    6: "TGA",
    9: "TAA TAG",
    10: "TAA TAG",
    11: "TAA TAG TGA",
    12: "TAA TAG TGA",
    13: "TAA TAG",
    14: "TAG",
    15: "TAA TGA",
    16: "TAA TGA",
    21: "TAA TAG",
    22: "TAA TCA TGA",
    23: "TAA TAG TGA TTA",
    24: "TAA TAG",
    25: "TAA TAG",
    26: "TAA TAG TGA",
    27: "TGA",
    28: "TAA TAG TGA",
    29: "TGA",
    30: "TGA",
    31: "TAA TAG",
    32: "TAA TGA",
    33: "TAG",
}


def test_start_codons_are_those_that_ncbi_lists():
    assert {number: frozenset(codons.split()) for number, codons in NCBI_STARTS.items()} == STARTS


def test_stop_codons_are_those_that_ncbi_lists():
    assert {number: frozenset(codons.split()) for number, codons in NCBI_STOPS.items()} == STOPS


def test_every_code_but_the_standard_one_has_a_name():
    assert NAMES.keys() == STARTS.keys() - {1}
