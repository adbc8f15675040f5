"""Reading a simulated release: its records by Biopython, its FASTA files and its planted cases."""

import gzip
import io
import re
import warnings

from Bio import SeqIO

from dnacorpus.sources.release import genomic_file

BASES = 400_000
MALFORMED = {"master", "protein", "bad_locus", "unterminated", "foreign_alphabet", "open_quote", "length_mismatch"}


def flat_texts(folder):
    """Yield (part, text of one record) of a release; text between records belongs to the record before it."""
    for path in sorted((folder / "release").glob("*/*.gbff.gz")):
        for text in re.split(r"(?m)^(?=LOCUS)", gzip.decompress(path.read_bytes()).decode("ascii"))[1:]:
            yield genomic_file(path.name).part, text


def biopython(text):
    """Return Biopython's record of a text; its warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return SeqIO.read(io.StringIO(text), "genbank")


def whole(folder, truth):
    """Return accession -> Biopython's record, of all records that are not planted as malformed."""
    malformed = {row["accession"] for row in truth["planted"] if row["case"] in MALFORMED}
    found = {}
    for _, text in flat_texts(folder):
        accession = re.search(r"(?m)^VERSION     (\S+)", text)[1]
        if accession not in malformed:
            found.setdefault(accession, biopython(text))
    return found


def fastas(folder):
    """Return accession -> sequence of the FASTA files of a release."""
    found = {}
    for path in sorted((folder / "release").glob("*/*.fna.gz")):
        for record in SeqIO.parse(io.StringIO(gzip.decompress(path.read_bytes()).decode("ascii")), "fasta"):
            found[record.id] = str(record.seq)
    return found


def cases(truth, name):
    """Return the planted rows of one case."""
    return [row for row in truth["planted"] if row["case"] == name]
