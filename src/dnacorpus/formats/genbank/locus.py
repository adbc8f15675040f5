"""The LOCUS line of a GenBank record.

Format: the GenBank flat file, release notes (gbrel.txt) section 3.4.4. Old lines and those of other programs do not
keep the columns, so the line is read word by word.
"""

import datetime
import re
from dataclasses import dataclass

from dnacorpus.formats.refusal import RefusalError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MAX_LENGTH = 1000  # no LOCUS line is longer
_LOCUS = re.compile(r"LOCUS(?=\s)", re.I)
_LENGTH = re.compile(r"(?<=\s)(?P<length>[0-9]{1,15}+)\s*+(?P<unit>bp|aa|rc|bases?|nt)\b(?P<rest>.*)", re.I)
_GLUED = re.compile(r"LOCUS\s+\S*?[^\d\s](?P<length>[0-9]{1,15})\s+(?P<unit>bp|aa|rc)\b(?P<rest>.*)", re.I)
_NAME_ALONE = re.compile(r"LOCUS\s+(\S+)\s*")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4}|\d{2})")
_DIVISION = re.compile(
    r"PRI|ROD|MAM|VRT|INV|PLN|BCT|VRL|PHG|RNA|SYN|UNA|UNK|UNC|EST|PAT|STS|GSS|HTG|HTC|ENV|CON|TSA|TLS|ORG|HUM|FUN|PRO|MUS|XXX"
)
_MOLECULE = re.compile(r"[a-z-]{0,30}(?:DNA|RNA)[a-z0-9]{0,30}|NA|PRT|protein", re.I)


@dataclass(frozen=True, slots=True)
class LocusLine:
    """The LOCUS line; ``length`` is the stated length in ``unit``: bp, aa, or rc (records of a master record).

    A line with only a name, as some programs write it, has length 0.
    """

    name: str
    length: int
    unit: str
    molecule_type: str | None
    topology: str
    division: str | None
    date: datetime.date | None


def read_locus(line: str) -> LocusLine:
    """Read a LOCUS line word by word.

    Raises RefusalError (bad_locus) if it has no length with a unit.
    """
    short = line if len(line) <= _MAX_LENGTH else ""
    match = (_LENGTH.search(short) if _LOCUS.match(short) else None) or _GLUED.match(short)
    named = _NAME_ALONE.fullmatch(short)
    if not match and named:
        return LocusLine(named[1], 0, "bp", None, "linear", None, None)
    if not match:
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
        name=short[len("LOCUS") : match.start("length")].strip(),
        length=int(match["length"]),
        unit=unit if unit in ("aa", "rc") else "bp",
        molecule_type=molecule,
        topology=topology,
        division=divisions[0] if divisions else None,
        date=_date(date),
    )


def _date(word: str) -> datetime.date | None:
    match = _DATE.fullmatch(word)
    if not match or match[2].upper() not in _MONTHS or len(match[3]) == 2:
        return None
    try:
        return datetime.date(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))
    except ValueError:
        return None
