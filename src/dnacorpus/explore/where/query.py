"""The queries of `where`: an accession, a taxon or a sequence, recognised by its form or declared by the user."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.fasta import index_fasta, read_bases
from dnacorpus.formats.source import open_input
from dnacorpus.sequence.bases import IUPAC, foreign, normalise

KINDS = ("accession", "taxid", "name", "sequence", "fasta")
"""Kinds that a query can be declared as."""

MIN_SEQUENCE = 20
"""Fewest letters of a sequence; shorter words can be names."""
SHOWN_LETTERS = 40
"""Letters of a sequence that an answer shows."""

_ACCESSION = re.compile(r"[A-Z]{1,6}_?[A-Z]{0,6}[0-9]{5,}(\.[0-9]+)?", re.IGNORECASE)
_FASTA = re.compile(r"\.(fasta|fa|fna|ffn|frn|fsa)(\.b?gz)?$", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Query:
    """One query: ``kind`` is accession, taxid, name or sequence, ``text`` is its name in the answer.

    ``sequence`` is normalised, and empty for other kinds; ``flaw`` is the reason why it cannot be answered, or empty.
    """

    kind: str
    text: str
    sequence: bytes = b""
    flaw: str = ""


def kind_of(text: str) -> str:
    """Return the kind of a query by its form, one of `KINDS`.

    An existing file is FASTA; digits are a taxonomy id; at least `MIN_SEQUENCE` IUPAC letters are a sequence (if it has
    blanks, only A, C, G, T, U and N); letters and at least five digits are an accession; anything else is a name.
    Raises UsageError for an empty text or the name of a missing file.
    """
    wanted = text.strip()
    if not wanted:
        raise UsageError("query '': expected accession, taxon, sequence or FASTA file, found nothing; give one")
    if _is_file(text):
        return "fasta"
    if _DIGITS.fullmatch(wanted):
        return "taxid"
    letters = normalise(_bytes(wanted))
    allowed = IUPAC if " " not in wanted else b"ACGTN"
    if len(letters) >= MIN_SEQUENCE and not letters.translate(None, allowed):
        return "sequence"
    if _ACCESSION.fullmatch(wanted):
        return "accession"
    if _FASTA.search(wanted) or wanted.startswith(("/", "./", "../")):
        raise UsageError(f"query {text}: expected a FASTA file of this name, found none; check the path")
    return "name"


def sequence_note(name: str) -> str:
    """Return why a name that looks like a sequence was not looked up as one, or an empty string."""
    letters = name.strip().rstrip(".\N{HORIZONTAL ELLIPSIS}")
    if not letters or normalise(_bytes(letters)).translate(None, IUPAC):
        return ""
    if letters != name.strip():
        return "looked up as a name; a sequence query needs the whole sequence, without ..."
    return f"looked up as a name; a sequence query needs at least {MIN_SEQUENCE} letters (or --as sequence)"


def _bytes(text: str) -> bytes:
    return "".join(text.split()).encode(errors="replace")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:
        # A sequence is longer than a file name may be.
        return False


def queries(text: str, kind: str) -> Iterator[Query]:
    """Yield the queries of a text of some kind: one, or one for each record of a FASTA file.

    Raises CorpusError for a file that is not FASTA or ends inside its gzip stream.
    """
    if kind == "fasta":
        yield from _of_fasta(Path(text))
    elif kind == "sequence":
        yield _sequence("", _bytes(text))
    else:
        # Arguments of the command line may not be valid Unicode.
        yield Query(kind, text.strip().encode(errors="replace").decode())


def _sequence(name: str, raw: bytes) -> Query:
    sequence = normalise(raw)
    shown = name or raw[:SHOWN_LETTERS].decode(errors="replace") + ("..." if len(raw) > SHOWN_LETTERS else "")
    found = foreign(sequence).decode(errors="replace")
    flaw = f"expected nucleotide codes, found {found!r}" if found else "" if sequence else "expected bases, found none"
    return Query("sequence", shown, b"" if flaw else sequence, flaw)


def _of_fasta(path: Path) -> Iterator[Query]:
    with tempfile.TemporaryFile() as copy, open_input(path) as handle:
        entries, damage = index_fasta(handle, copy, path.name)
        if damage:
            raise CorpusError(f"{path}: expected a whole FASTA file, found: {damage}; fetch it again")
        if not any(entry.flaw is None for entry in entries):
            raise CorpusError(f"{path}: expected FASTA, found no record that begins with '>' and a name; correct it")
        for entry in entries:
            if entry.flaw == "no_locus":
                yield Query("sequence", f"{path.name}, byte {entry.start}", flaw="text before the first FASTA record")
            else:
                yield _sequence(entry.accession or f"{path.name}, byte {entry.start}", read_bases(copy, entry).raw)
