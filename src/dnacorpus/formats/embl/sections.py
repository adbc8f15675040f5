"""The sections of an EMBL record: its header in GenBank's layout, its feature table and where its bases are.

Format: the EMBL flat file, user manual section 3.4: a line code in columns 1-2, text from column 6. A feature table has
GenBank's columns. Lines of earlier releases (ID with `standard`, SV) and of other programs are read as well.
"""

import re

from dnacorpus.formats.embl.header import genbank_header
from dnacorpus.formats.genbank.reader import Sections, text_of

_CITATION = re.compile(r"^( {21}/citation=)\[(\d{1,6})\]", re.M)


def sections_of(data: bytes) -> Sections:
    """Return the sections of a record's bytes, the header in GenBank's layout."""
    bases = data.find(b"\nSQ   ") + 1
    start = data.find(b"\n", bases) if bases else -1
    end = data.find(b"\n//", start) if start >= 0 else -1
    text = text_of(data[: start + 1] if start >= 0 else data)
    lines = text.split("\n")
    table = "".join(f"  {line[2:]}\n" for line in lines if line.startswith("FT"))
    header, references = genbank_header([line for line in lines if not line.startswith("FT")], table)
    if references:
        table = _CITATION.sub(lambda match: f"{match[1]}[{references.get(match[2], match[2])}]", table)
    return Sections(header, table.encode(), (start, end if end >= 0 else len(data)) if start >= 0 else (0, 0))


def header_of(text: str) -> str:
    """Return the header of the text of a record, or of its beginning, in GenBank's layout."""
    return genbank_header([line for line in text.split("\n") if not line.startswith("FT")], "")[0]
