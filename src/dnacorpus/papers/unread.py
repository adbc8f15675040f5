"""What a file is from which no papers are read, by its first bytes, to tell the user in the file's own words."""

import re

HEAD_BYTES = 4096
"""How much of a file `kind_of` looks at."""
MEDLINE = "medline"

_KINDS = {
    MEDLINE: re.compile(rb"PMID- ?[0-9]"),
    "ris": re.compile(rb"TY  -"),
    "bibtex": re.compile(rb"^(?:%[^\n]*+\n\s*+|@comment[^\n]*+\n\s*+)*+@[a-z]++\s*+[{(]", re.IGNORECASE),
    "endnote": re.compile(rb"%0 "),
    "html": re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE),
    "xml with another ending": re.compile(rb"<\?xml\s|<Pubmed"),
}


def kind_of(head: bytes) -> str:
    """Return medline, ris, bibtex, endnote, html, "xml with another ending" or other for the first bytes of a file."""
    text = head[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for kind, pattern in _KINDS.items() if pattern.match(text)), "other")
