"""Feature tables as programs other than NCBI's write them, put into the layout of the Feature Table Definition.

Known departures: a value with a line break of its own, so that its text goes on in column 1 (SnapGene through
Biopython, Pharokka); tabs in place of blanks (VIBRANT); blanks around the ``=`` of a qualifier (GENESEQ); a key so long
that its value begins on the next line (Pharokka).
"""

import re

_INDENT = " " * 21
_DEPARTURE = re.compile(r'\t|^\S|^ +/[^\s="]+(?: +=|= |\n +=)', re.M)
_QUALIFIER = re.compile(r'(/[^\s="]+)\s*=\s*(.*)')
_KEY_ALONE = re.compile(r" +/[^\s=\"]+")
_LOCATION = r"(?:[<>(\d]|[\w.|-]+[(:])[\w<>.,:|^()-]*"
_KEY_LINE = re.compile(rf"(?: {{5}}| {{0,4}}\t)\S+[ \t]+{_LOCATION}")
_TABS_AS_COLUMNS = re.compile(r" *(?:\t|[^\s/]\S* *\t)")
_MORE_LOCATION = re.compile(r"[\w<>.,:|^()-]+[,)]")
_KEY_AND_LOCATION = re.compile(rf"([^\s/]\S*)\s+({_LOCATION})")


def laid_out(block: str) -> str:
    """Return the lines of a feature table with keys in column 6, and locations and qualifiers in column 22.

    A table without one of the departures above is returned unchanged, and so is one in which a quote is missing or a
    line is of no known form.
    """
    if not _DEPARTURE.search(block):
        return block
    lines: list[str] = []
    inside = False  # a quoted value
    for line in block.split("\n"):
        text = line.strip(" \t")
        if inside and _KEY_LINE.fullmatch(line):
            return block
        if inside and text:
            lines.append(line if line.startswith(_INDENT) else _INDENT + text)
        elif text.startswith("=") and lines and _KEY_ALONE.fullmatch(lines[-1]):
            lines[-1] += text
        elif text:
            opening = _opening(line, text)
            if opening is None:
                return block
            lines.append(opening)
        inside ^= text.count('"') % 2 == 1
    return "".join(f"{line}\n" for line in lines)


def _opening(line: str, text: str) -> str | None:
    """Return a line that does not begin inside quotes, in its columns; None if it is of no known form."""
    if text.startswith("/"):
        qualifier = _QUALIFIER.fullmatch(text)
        return _INDENT + (f"{qualifier[1]}={qualifier[2]}" if qualifier else text)
    if not _TABS_AS_COLUMNS.match(line):
        return line
    feature = _KEY_AND_LOCATION.fullmatch(text)
    if feature:
        return f"     {feature[1]:<15} {feature[2]}"
    return _INDENT + text if _MORE_LOCATION.fullmatch(text) else None
