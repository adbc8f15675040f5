"""Lines of GFF3 and GTF, the features that are read from them, and the same annotation in other orders and strands."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from dnacorpus.formats.gff.reader import Annotation, read_gff

SEQ = "chr1"
VERSION = "##gff-version 3"
LENGTH = 1000
_OTHER = {"+": "-", "-": "+"}

Fact = tuple[str, tuple[tuple[int, int], ...], int, str]


def line(  # noqa: PLR0917 - the nine columns
    kind: str, start: int, end: int, strand: str = "+", attributes: str = "", phase: object = ".", seqid: str = SEQ
) -> str:
    """Return a line of nine columns."""
    return f"{seqid}\ttool\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{attributes}"


def gtf(kind: str, start: int, end: int, strand: str = "+", phase: object = ".", **attributes: object) -> str:
    """Return a line of GTF."""
    return line(kind, start, end, strand, " ".join(f'{key} "{value}";' for key, value in attributes.items()), phase)


def read(lines: Sequence[str], seqid: str = SEQ) -> Annotation:
    """Return the annotation of one sequence in a file of some lines."""
    return read_gff([f"{text}\n".encode() for text in (VERSION, *lines)], "made.gff")[seqid]


def rows(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of the features of a file."""
    return list(read(lines).features())


def places(found: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the key and the location of rows."""
    return [(row["kind"], row["location"]) for row in found]


def reasons(annotation: Annotation) -> list[str]:
    """Return the reasons of all flaws, in order of lines."""
    return [reason for _, reason in annotation.flaws]


def mirrored(text: str) -> str:
    """Return a line for the reverse complement of a sequence of `LENGTH` bases."""
    seqid, source, kind, start, end, score, strand, *rest = text.split("\t")
    places = (str(LENGTH + 1 - int(end)), str(LENGTH + 1 - int(start)))
    return "\t".join([seqid, source, kind, *places, score, _OTHER.get(strand, strand), *rest])


def variants(lines: Sequence[str]) -> Iterator[tuple[str, list[str], bool]]:
    """Yield a name, the lines in several orders and on the other strand, and whether they are on the other strand."""
    chance = random.Random(len(lines))
    orders = {"as written": list(lines), "children first": list(lines)[::-1]}
    for number in range(3):
        orders[f"shuffled {number}"] = chance.sample(list(lines), len(lines))
    orders["by coordinate"] = sorted(lines, key=lambda text: int(text.split("\t")[3]))
    for name, order in orders.items():
        yield name, order, False
        yield f"{name}, other strand", [mirrored(text) for text in order], True


def facts(found: Sequence[dict[str, Any]], other_strand: bool, *columns: str) -> list[tuple[Any, ...]]:
    """Return key, parts (0-based, in transcript order), strand and columns of rows, sorted, as on the first strand."""
    made = []
    for row in found:
        parts = [(part["start"], part["end"]) for part in row["parts"]]
        if other_strand:
            parts = [(LENGTH - end, LENGTH - start) for start, end in parts]
        strand = -row["strand"] if other_strand else row["strand"]
        made.append((row["kind"], tuple(parts), strand, *(row[column] for column in columns)))
    return sorted(made, key=repr)
