"""The LOCUS line of a GenBank record.

Format: the GenBank flat file, release notes (gbrel.txt) section 3.4.4. Old lines and those of other programs do not
keep the columns, so the line is read word by word. Programs wrap long lines, and tbl2asn, on which Prokka relies,
leaves no blank between a long name and the length.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from dnacorpus.formats.refusal import RefusalError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MAX_LENGTH = 1000  # no LOCUS line is longer
_LOCUS = re.compile(r"LOCUS(?=\s)", re.I)
_LENGTH = re.compile(r"(?<=\s)(?P<length>[0-9]{1,15}+)\s*+(?P<unit>bp|aa|rc|bases?|nt)\b(?P<rest>.*)", re.I)
_GLUED = re.compile(r"LOCUS\s++(?P<word>\S*[0-9])\s*+(?P<unit>bp|aa|rc)\b(?P<rest>.*)", re.I)
_MAX_DIGITS = 15
_GLUED_LENGTH = re.compile(r"[1-9][0-9]{0,14}")
_NAME_ALONE = re.compile(r"LOCUS\s+([\w.|:+-]+)\s*")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4}|\d{2})")
_DIVISION = re.compile(
    r"PRI|ROD|MAM|VRT|INV|PLN|BCT|VRL|PHG|RNA|SYN|UNA|UNK|UNC|EST|PAT|STS|GSS|HTG|HTC|ENV|CON|TSA|TLS|ORG|HUM|FUN|PRO|MUS|XXX"
)
_MOLECULE = re.compile(r"[a-z-]{0,30}(?:DNA|RNA)[a-z0-9]{0,30}|NA|PRT|protein", re.I)
_OTHER_WORDS = re.compile(r"[0-9]{1,15}|bp|aa|rc|bases?|nt|linear|circular", re.I)
_MAX_WRAPPED = 3


@dataclass(frozen=True, slots=True)
class LocusLine:
    """The LOCUS line; ``length`` is the stated length in ``unit``: bp, aa, or rc (records of a master record).

    A line with only a name, as some programs write it, states no length: None.
    """

    name: str
    length: int | None
    unit: str
    molecule_type: str | None
    topology: str
    division: str | None
    date: datetime.date | None


def locus_line(lines: Sequence[str]) -> str:
    """Return the first of a record's lines, with the lines below it that it is wrapped onto.

    A line belongs to LOCUS if each of its words is a length, unit, molecule type, topology, division or date.
    """
    wrapped = takewhile(_continues_locus, lines[1 : 1 + _MAX_WRAPPED])
    return " ".join([*lines[:1], *(line.strip() for line in wrapped)])


def read_locus(line: str, accession: str | None = None, bases: int | None = None) -> LocusLine:
    """Read a LOCUS line word by word.

    If name and length have no blank between them, ``accession``, the name in VERSION or ACCESSION, or else ``bases``,
    the number of bases of the record, tells where the length begins. If ``bases`` is None, all final digits are the
    length. Raises RefusalError: bad_locus if there is no length with a unit, locus if it is not known where it begins.
    """
    short = line if len(line) <= _MAX_LENGTH else ""
    match = _LENGTH.search(short) if _LOCUS.match(short) else None
    glued = None if match else _GLUED.match(short)
    named = _NAME_ALONE.fullmatch(short)
    if match:
        name, length = short[len("LOCUS") : match.start()].strip(), match["length"]
        if bases and not (name or accession) and length.endswith(str(bases)):  # a name of digits
            name, length = length.removesuffix(str(bases)), str(bases)
    elif glued:
        match = glued
        name, length = _parted(glued["word"], accession, None if glued["unit"].lower() == "aa" else bases)
    elif named:
        return LocusLine(named[1], None, "bp", None, "linear", None, None)
    else:
        raise RefusalError("bad_locus", f"expected a length in bp, found {line.strip()[:120]!r}")
    words = match["rest"].split()
    topology = next((word.lower() for word in words if word.lower() in ("linear", "circular")), "linear")
    words = [word for word in words if word.lower() not in ("linear", "circular")]
    date = next((word for word in words if _DATE.fullmatch(word)), "")
    words = [word for word in words if word != date]
    molecule = words[0] if words and _MOLECULE.fullmatch(words[0]) else None
    divisions = [word for word in words if word is not molecule and _DIVISION.fullmatch(word)]
    unit = match["unit"].lower()
    return LocusLine(
        name=name,
        length=int(length),
        unit=unit if unit in ("aa", "rc") else "bp",
        molecule_type=molecule,
        topology=topology,
        division=divisions[0] if divisions else None,
        date=_date(date),
    )


def _continues_locus(line: str) -> bool:
    words = line[:_MAX_LENGTH].split()
    patterns = (_OTHER_WORDS, _MOLECULE, _DIVISION, _DATE)
    return bool(words) and all(any(pattern.fullmatch(word) for pattern in patterns) for word in words)


def _parted(word: str, accession: str | None, bases: int | None) -> tuple[str, str]:
    """Return the name and the length in a word that has both."""
    for name in (accession, accession.partition(".")[0]) if accession else ():
        if word.startswith(name) and _GLUED_LENGTH.fullmatch(word, len(name)):
            return name, word[len(name) :]
    if bases and word.endswith(str(bases)) and len(word) > len(str(bases)):
        return word.removesuffix(str(bases)), str(bases)
    letters = word.rstrip("0123456789")
    digits = word[len(letters) :]
    if letters and len(digits) <= _MAX_DIGITS and (bases is None or (accession and not bases)):
        return letters, digits
    raise RefusalError(
        "locus",
        f"expected a blank between the name and the length, found {word[:120]!r} and {bases or 'no'} bases;"
        " separate them",
    )


def _date(word: str) -> datetime.date | None:
    match = _DATE.fullmatch(word)
    if not match or match[2].upper() not in _MONTHS or len(match[3]) == 2:
        return None
    try:
        return datetime.date(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))
    except ValueError:
        return None
