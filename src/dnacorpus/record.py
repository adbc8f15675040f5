"""One record to its rows: the header, the features and the bases put together.

The rows have every column of their tables but those that a record cannot know (division, part,
release, ordinal).
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from dnacorpus.annotation import as_rows, feature_row, read_features, source_of, taxid_of
from dnacorpus.fasta import Bases
from dnacorpus.genbank import bases_of, sections_of
from dnacorpus.header import Header, read_header
from dnacorpus.locus import RefusalError
from dnacorpus.schemas import SEGMENT_BASES
from dnacorpus.sequence import canonical_digest, foreign, gc_and_ambiguous, normalise
from dnacorpus.species import species_of

Runs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Record:
    """The rows of one record; ``mask`` runs are half-open in the whole sequence.

    ``fasta_differs`` says that the record has bases of its own and the FASTA beside it has others.
    """

    row: dict[str, Any]
    features: list[dict[str, Any]]
    references: list[dict[str, Any]]
    sequence: bytes
    mask: Runs
    fasta_differs: bool = False

    def segments(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the segments table; their masks count from the segment's first base."""
        count = -(-len(self.sequence) // SEGMENT_BASES)
        masks = _cut(self.mask, count)
        for index in range(count):
            start = index * SEGMENT_BASES
            yield {
                "index": index,
                "count": count,
                "start": start,
                "sequence": self.sequence[start : start + SEGMENT_BASES].decode("ascii"),
                "mask": [{"start": first, "end": end} for first, end in masks[index]],
            }


def read_record(data: bytes, find_bases: Callable[[str], Bases | None]) -> Record:
    """Read the bytes of one flat-file record.

    ``find_bases`` gives the FASTA's bases of an accession.version; a record without ORIGIN takes
    them, one with ORIGIN takes their mask where both are the same. Raises RefusalError with reason
    protein, bad_locus, header, features or alphabet.
    """
    sections = sections_of(data)
    header = read_header(sections.header)
    found = read_features(sections.features)
    sequence = normalise(bases_of(data))
    beside = find_bases(header.accession)
    other = normalise(beside.raw) if beside else b""
    differs = bool(sequence) and beside is not None and other != sequence
    sequence = sequence or other
    _refuse_foreign(sequence)
    circular = header.locus.topology == "circular"
    length = len(sequence) or header.locus.length
    features = [feature_row(feature, index, length, circular) for index, feature in enumerate(found)]
    source = source_of(found)
    named = dict(source.qualifiers).get("organism") if source else None
    row = {
        **_header_columns(header, header.organism or named),
        **_base_columns(sequence, circular),
        "source": "gbff",
        "taxid": taxid_of(source),
        "source_qualifiers": as_rows(source.qualifiers) if source else [],
        "features": len(features),
        "exclusion": _exclusion(header, len(sequence)),
    }
    references = [asdict(reference) | {"index": index} for index, reference in enumerate(header.references)]
    return Record(row, features, references, sequence, [] if differs or not beside else beside.mask, differs)


def fasta_record(accession: str, definition: str, bases: Bases) -> Record:
    """Make a record of a FASTA entry that no flat file describes: its title and bases, nothing guessed.

    Organism and species are null, the topology linear. Raises RefusalError (alphabet).
    """
    sequence = normalise(bases.raw)
    _refuse_foreign(sequence)
    row = {
        "accession": accession,
        "source": "fna",
        "species_source": "name",
        "lineage": [],
        "topology": "linear",
        "definition": definition.removesuffix(".") or None,
        "keywords": [],
        "structured_comment": [],
        "genome": accession,
        "source_qualifiers": [],
        "pmids": [],
        "features": 0,
        "exclusion": None if sequence else "no_sequence",
        **_base_columns(sequence, circular=False),
    }
    return Record(row, [], [], sequence, bases.mask)


def _header_columns(header: Header, organism: str | None) -> dict[str, Any]:
    lineage = list(header.lineage)
    species, genus = species_of(organism, lineage)
    return {
        "accession": header.accession,
        "organism": organism,
        "species": species,
        "species_taxid": None,
        "species_source": "name",
        "genus": genus,
        "lineage": lineage,
        "molecule_type": header.locus.molecule_type,
        "topology": header.locus.topology,
        "locus_length": header.locus.length,
        "definition": header.definition,
        "keywords": list(header.keywords),
        "comment": header.comment,
        "structured_comment": [
            {"block": block, "key": key, "value": value} for block, key, value in header.structured_comment
        ],
        "refseq_status": header.refseq_status,
        "date": header.locus.date,
        "bioproject": header.bioproject,
        "biosample": header.biosample,
        "assembly": header.assembly,
        "genome": header.genome,
        "assembly_unit": header.assembly_unit,
        "pmids": header.pmids,
    }


def _base_columns(sequence: bytes, circular: bool) -> dict[str, Any]:
    gc, ambiguous = gc_and_ambiguous(sequence)
    digest = canonical_digest(sequence, circular) if sequence else None
    return {"length": len(sequence), "gc": gc, "ambiguous": ambiguous, "digest": digest}


def _exclusion(header: Header, length: int) -> str | None:
    if header.locus.unit == "rc" or (header.master_lines and not length):
        return "master"
    if not length:
        return "no_sequence"
    return "length_mismatch" if length != header.locus.length else None


def _refuse_foreign(sequence: bytes) -> None:
    found = foreign(sequence)
    if found:
        raise RefusalError("alphabet", f"expected IUPAC bases, found {found[:20].decode('latin-1')!r}")


def _cut(mask: Runs, count: int) -> list[Runs]:
    cut: list[Runs] = [[] for _ in range(count)]
    for start, end in mask:
        for index in range(start // SEGMENT_BASES, -(-end // SEGMENT_BASES)):
            first = index * SEGMENT_BASES
            cut[index].append((max(start - first, 0), min(end - first, SEGMENT_BASES)))
    return cut
