"""What a question to `where` is: an accession, a taxon or a sequence, by its form or by what the asker says."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.fasta import index_fasta, read_bases
from dnacorpus.formats.gunzip import Gunzip
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.sequence.bases import IUPAC, foreign, normalise

KINDS = ("accession", "taxid", "name", "sequence", "fasta")
"""What a question can be said to be."""

SHORTEST = 20
"""Fewest letters of a sequence: shorter words may be names."""
LONGEST_SHOWN = 40
"""Letters of a sequence that stand for it in an answer."""

_ACCESSION = re.compile(r"[A-Z]{1,6}_?[A-Z]{0,6}[0-9]{5,}(\.[0-9]+)?", re.IGNORECASE)
_FASTA = re.compile(r"\.(fasta|fa|fna|ffn|frn|fsa)(\.b?gz)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """One question: ``kind`` is accession, taxid, name or sequence, ``text`` what the answer calls it.

    ``sequence`` is normalised, and empty for the other kinds; ``flaw`` says why there can be no answer.
    """

    kind: str
    text: str
    sequence: bytes = b""
    flaw: str = ""


def kind_of(text: str) -> str:
    """Return which of `KINDS` a question is by its form.

    A file is FASTA; digits are a taxonomy id; at least `SHORTEST` IUPAC letters are a sequence (with blanks: A, C, G,
    T, U and N alone); letters and five digits or more an accession; all else a name. Raises UsageError for an empty
    text or for the name of a file that is not there.
    """
    wanted = text.strip()
    if not wanted:
        raise UsageError("query '': expected accession, taxon, sequence or FASTA file, found nothing; give one")
    if _is_file(text):
        return "fasta"
    if re.fullmatch(r"[0-9]+", wanted):
        return "taxid"
    letters = normalise(_bytes(wanted))
    allowed = IUPAC if " " not in wanted else b"ACGTN"
    if len(letters) >= SHORTEST and not letters.translate(None, allowed):
        return "sequence"
    if _ACCESSION.fullmatch(wanted):
        return "accession"
    if _FASTA.search(wanted) or wanted.startswith(("/", "./", "../")):
        raise UsageError(f"query {text}: expected a FASTA file of this name, found none; check the path")
    return "name"


def _bytes(text: str) -> bytes:
    return "".join(text.split()).encode(errors="replace")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:
        # A sequence is longer than a name may be.
        return False


def queries(text: str, kind: str) -> Iterator[Query]:
    """Give the questions that a text of some kind holds: one, or one for each record of a FASTA file.

    Raises CorpusError for a file that is no FASTA or that ends inside its gzip stream.
    """
    if kind == "fasta":
        yield from _of_fasta(Path(text))
    elif kind == "sequence":
        yield _sequence("", _bytes(text))
    else:
        # What the terminal sent may not be text.
        yield Query(kind, text.strip().encode(errors="replace").decode())


def _sequence(name: str, raw: bytes) -> Query:
    sequence = normalise(raw)
    shown = name or raw[:LONGEST_SHOWN].decode(errors="replace") + ("..." if len(raw) > LONGEST_SHOWN else "")
    found = foreign(sequence).decode(errors="replace")
    flaw = f"expected nucleotide codes, found {found!r}" if found else "" if sequence else "expected bases, found none"
    return Query("sequence", shown, b"" if flaw else sequence, flaw)


def _of_fasta(path: Path) -> Iterator[Query]:
    with tempfile.TemporaryFile() as copy, path.open("rb") as handle:
        gzipped = handle.read(2) == GZIP_MAGIC
        handle.seek(0)
        entries, damage = index_fasta(Gunzip(handle) if gzipped else handle, copy, path.name)
        if damage:
            raise CorpusError(f"{path}: expected a whole FASTA file, found: {damage}; fetch it again")
        if not any(entry.flaw is None for entry in entries):
            raise CorpusError(f"{path}: expected FASTA, found no record that begins with '>' and a name; correct it")
        for entry in entries:
            if entry.flaw == "no_locus":
                yield Query("sequence", f"{path.name}, byte {entry.start}", flaw="text that is no FASTA record's")
            else:
                yield _sequence(entry.accession or f"{path.name}, byte {entry.start}", read_bases(copy, entry).raw)
