"""The names of records: accessions, stretches of a record, and names that a file of one's own gives.

An accession (INSDC, RefSeq) is unique everywhere, any other name only in its file. So a record of one's own files with
such a name is named by both, ``genome_a:contig_1``, whatever other files there are. A colon is allowed in the names of
GFF3, and NCBI puts one between the name of a record and that of a stretch of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

_ACCESSION = re.compile(
    r"(?:[A-Z]{2}_[0-9]{6,}"  # RefSeq
    r"|(?:[A-Z]{2}_)?(?:[A-Z][0-9]{5}|[A-Z]{2}(?:[0-9]{6}|[0-9]{8})|(?:[A-Z]{4}|[A-Z]{6})[0-9]{2}S?[0-9]{6,})"
    r")(?:\.[0-9]+)?(?::(?:c?[0-9]+-[0-9]+|(?:complement|join|order)\(.*))?"
)
_SPAN = re.compile(r"(?P<start>[0-9]+)\.\.(?P<end>[0-9]+)")
_COMPLEMENT = re.compile(r"complement\((?P<start>[0-9]+)\.\.(?P<end>[0-9]+)\)")
_NOT_IN_LABELS = re.compile(r"[^\w.+-]+")
_VERSION = re.compile(r"\.[0-9]+(?=$|:c?[0-9]+-[0-9]+$)")
_REPEATED = re.compile(r":[0-9]+$")
_PLACEHOLDERS = frozenset(
    (
        "exported", "unknown", "unknownid", "unnamed", "untitled", "undefined", "none", "null", "new", "noaccession",
        "n/a",
    )
)  # fmt: skip
"""What programs write for a record without a name, without blanks: SnapGene (Exported), ApE, Benchling, Geneious,
BioPerl and RAST (unknown), Biopython (<unknown id>)."""

ACCESSION, BY_FILE, NUMBERED = "accession", "by_file", "numbered"
"""How a record of one's own files is named: its own name, that with the file's, or the file's and a number."""


def is_accession(name: str) -> bool:
    """Tell whether a name is an accession, with or without version, or a stretch of one."""
    return _ACCESSION.fullmatch(name) is not None


def is_placeholder(name: str) -> bool:
    """Tell whether a name is one that programs write if there is none."""
    bare = name.strip("._-<> ").lower()
    return not bare or bare in _PLACEHOLDERS


def without_version(name: str) -> str:
    """Return a name without its version; of a stretch, that of the record."""
    parts = _VERSION.split(name, maxsplit=1)
    return parts[0] if len(parts) > 1 and parts[0] else name


def stretch_name(accession: str, region: str) -> str:
    """Return the name of a stretch of a record as NCBI writes it in FASTA: X.1:1001-1120, or X.1:c1120-1001.

    ``region`` is the text after REGION in ACCESSION: 1001..1120 or complement(1001..1120), 1-based and closed; of any
    other form it is kept as it is, without blanks.
    """
    text = "".join(region.split())
    if match := _SPAN.fullmatch(text):
        return f"{accession}:{match['start']}-{match['end']}"
    if match := _COMPLEMENT.fullmatch(text):
        return f"{accession}:c{match['end']}-{match['start']}"
    return f"{accession}:{text}"


def label_of(stem: str) -> str:
    """Return what stands for a file in the names of its records: its stem, with _ for blanks, colons and the like."""
    return _NOT_IN_LABELS.sub("_", stem)


def own_names(name: str) -> Iterator[str]:
    """Yield the names that a record has in its file, if ``name`` is qualified by the file: as written, unnumbered."""
    _, colon, own = name.partition(":")
    if colon and not is_accession(name):
        yield own
        if _REPEATED.search(own):
            yield _REPEATED.sub("", own)


class RecordNames:
    """Names the records of one part: of labelled files uniquely, those of other files by their own names."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """Take the label of each file; files of a release, whose records have accessions, have none."""
        self._labels = labels
        self._numbers: Counter[str] = Counter()
        self._given: set[str] = set()
        self.counts: Counter[str] = Counter()
        """How many records were named in each way: `ACCESSION`, `BY_FILE` or `NUMBERED`."""
        self.example: tuple[str, str] | None = None
        """The own name of the first record that was named by its file, and that name."""

    def name(self, file: str, own: str) -> str:
        """Return the name of the next record of a file, whose own name is ``own``.

        Of several records with one name the first is FILE:NAME, the second FILE:NAME:2; one with a placeholder for a
        name is FILE:1 and so on.
        """
        if file not in self._labels:
            return own
        if is_accession(own):
            self.counts[ACCESSION] += 1
            return own
        placeholder = is_placeholder(own)
        base = self._labels[file] if placeholder else f"{self._labels[file]}:{own}"
        name = "" if placeholder else base
        while not name or name in self._given:
            self._numbers[base] += 1
            number = self._numbers[base] + (not placeholder)
            name = f"{base}:{number}"
        self._given.add(name)
        self.counts[BY_FILE if name == base else NUMBERED] += 1
        self.example = self.example or (own, name)
        return name
