"""The rows of one record, from its header, features and bases.

The rows have all columns of their tables except division, part, release and ordinal, which a record does not know.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from dnacorpus.formats.embl.sections import sections_of as embl_sections
from dnacorpus.formats.fasta import FastaBases
from dnacorpus.formats.genbank.features import (
    GenBankFeature,
    as_rows,
    feature_row,
    read_features,
    refuse_many,
    source_of,
    taxid_of,
)
from dnacorpus.formats.genbank.header import Header, Reference, read_header
from dnacorpus.formats.genbank.layout import laid_out
from dnacorpus.formats.genbank.reader import EMBL_START, bases_of, sections_of
from dnacorpus.formats.gff.reader import Annotation
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.formats.taxonomy.species import Taxon, species_of
from dnacorpus.printable import cleaned, unprintable
from dnacorpus.schemas.types import SEGMENT_BASES
from dnacorpus.sequence.bases import canonical_digest, foreign, gc_and_ambiguous, normalise

Intervals = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class FeatureSlice:
    """The rows ``start``..``end`` of a features table that several records share."""

    table: pa.Table
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def precede(self, after: "FeatureSlice") -> bool:
        """Tell whether the rows of ``after`` directly follow these."""
        return self.table is after.table and self.end == after.start


@dataclass(frozen=True, slots=True)
class Record:
    """The rows of one record; the intervals of ``mask`` are half-open in the whole sequence.

    ``fasta_differs`` is true if the record's own bases differ from those of the FASTA beside it. ``replaced`` counts
    the characters of its text that cannot be printed, by kind, as `printable.cleaned` replaced them.
    """

    row: dict[str, Any]
    features: list[dict[str, Any]] | FeatureSlice
    references: list[dict[str, Any]]
    sequence: bytes
    mask: Intervals
    fasta_differs: bool = False
    replaced: Counter[str] = field(default_factory=Counter)

    def segments(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the segments table, sequence as bytes; masks are relative to the segment's first base."""
        count = -(-len(self.sequence) // SEGMENT_BASES)
        masks = _cut(self.mask, count)
        for index in range(count):
            start = index * SEGMENT_BASES
            yield {
                "index": index,
                "count": count,
                "start": start,
                "sequence": self.sequence[start : start + SEGMENT_BASES],
                "mask": [{"start": first, "end": end} for first, end in masks[index]],
            }


@dataclass(frozen=True, slots=True)
class PendingRecord:
    """A record whose features are not read yet; ``table`` is their text, ``sequence`` may contain invalid letters."""

    header: Header
    table: bytes
    sequence: bytes
    mask: Intervals
    fasta_differs: bool
    replaced: Counter[str]  # of the header
    source: str  # gbff | embl

    @property
    def circular(self) -> bool:
        """Whether LOCUS states a circular molecule."""
        return self.header.locus.topology == "circular"

    @property
    def length(self) -> int:
        """The number of bases, or the length stated in LOCUS, if any, if there are none."""
        return len(self.sequence) or self.header.locus.length or 0


def begin_record(data: bytes, find_bases: Callable[[str], FastaBases | None]) -> PendingRecord:
    """Read all of a record except its features.

    ``find_bases`` returns the bases of an accession.version in the FASTA beside the flat file. A record without
    ORIGIN takes these bases; one with ORIGIN takes their mask if both have the same bases.
    Raises RefusalError with reason protein, bad_locus, locus, header, features or too_large.
    """
    embl = data.startswith(EMBL_START)
    sections = embl_sections(data) if embl else sections_of(data)
    refuse_many(sections.table)
    sequence = normalise(bases_of(data, sections))
    replaced = unprintable(sections.header)
    header = read_header(cleaned(sections.header) if replaced else sections.header, len(sequence))
    source = "embl" if embl else "gbff"
    beside = find_bases(header.accession)
    if beside is None:
        return PendingRecord(header, sections.table, sequence, [], False, replaced, source)
    other = normalise(beside.raw)
    differs = bool(sequence) and other != sequence
    mask = [] if differs else beside.mask
    return PendingRecord(header, sections.table, sequence or other, mask, differs, replaced, source)


def read_own_features(pending: PendingRecord) -> tuple[GenBankFeature | None, list[dict[str, Any]]]:
    """Return the first ``source`` feature of one record and the rows of all its features.

    Raises RefusalError (features).
    """
    features = read_features(cleaned(laid_out(pending.table.decode())))
    rows = [feature_row(feature, index, pending.length, pending.circular) for index, feature in enumerate(features)]
    return source_of(features), rows


def finish_record(
    pending: PendingRecord,
    source: GenBankFeature | None,
    features: list[dict[str, Any]] | FeatureSlice,
    find_taxon: Callable[[int], Taxon | None] | None = None,
) -> Record:
    """Return the complete record, with its first ``source`` feature and the rows of its features.

    ``find_taxon`` returns the taxon of a taxid, which gives species, genus and ranked lineage. A taxon above the
    species leaves species and genus to the record's name. Raises RefusalError (alphabet).
    """
    header, sequence = pending.header, pending.sequence
    _refuse_foreign(sequence)
    named = dict(source.qualifiers).get("organism") if source else None
    taxid = taxid_of(source)
    taxon = find_taxon(taxid) if find_taxon and taxid is not None else None
    row = {
        **_header_columns(header, header.organism or named),
        **_taxon_columns(taxon, header.organism or named, list(header.lineage)),
        **_base_columns(sequence, pending.circular),
        "source": pending.source,
        "taxid": taxid,
        "source_qualifiers": as_rows(source.qualifiers) if source else [],
        "features": len(features),
        "exclusion": _exclusion(header, len(sequence)),
    }
    references = [
        {"index": index, **{name: getattr(reference, name) for name in Reference.__slots__}}
        for index, reference in enumerate(header.references)
    ]
    # A table that was read with those of other records is printable ASCII: see `columns.lines`.
    in_table = Counter[str]() if isinstance(features, FeatureSlice) else unprintable(pending.table.decode())
    replaced = pending.replaced + in_table
    return Record(row, features, references, sequence, pending.mask, pending.fasta_differs, replaced)


def fasta_record(accession: str, definition: str, bases: FastaBases) -> Record:
    """Return the record of a FASTA entry without a flat file: only its title and bases.

    Organism and species are null, the topology is linear. Raises RefusalError (alphabet).
    """
    sequence = normalise(bases.raw)
    _refuse_foreign(sequence)
    row = {
        "accession": accession,
        "source": "fna",
        "species_source": "name",
        "lineage": [],
        "ranked_lineage": [],
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


def annotated_record(
    accession: str,
    definition: str,
    bases: FastaBases,
    annotation: Annotation,
    find_taxon: Callable[[int], Taxon | None] | None = None,
) -> Record:
    """Return the record of a FASTA entry with its annotation from a GFF or GTF file.

    All that the annotation does not state is as in `fasta_record`. Raises RefusalError (alphabet).
    """
    plain = fasta_record(accession, definition, bases)
    region = annotation.region
    features = list(annotation.features(len(plain.sequence)))
    taxon = find_taxon(region.taxid) if find_taxon and region.taxid is not None else None
    organism = region.organism or (taxon.name if taxon else None)
    differs = region.length is not None and region.length != len(plain.sequence)
    row = {
        **plain.row,
        **_taxon_columns(taxon, organism, []),
        **_base_columns(plain.sequence, region.circular),
        "source": "gff",
        "organism": organism,
        "taxid": region.taxid,
        "topology": "circular" if region.circular else "linear",
        "molecule_type": region.mol_type,
        "locus_length": region.length,
        "assembly": region.assembly,
        "genome": region.assembly or accession,
        "source_qualifiers": as_rows(region.qualifiers),
        "features": len(features),
        "exclusion": plain.row["exclusion"] or ("length_mismatch" if differs else None),
    }
    return Record(row, features, [], plain.sequence, plain.mask, replaced=annotation.replaced())


def _header_columns(header: Header, organism: str | None) -> dict[str, Any]:
    return {
        "accession": header.accession,
        "organism": organism,
        "lineage": list(header.lineage),
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


def _taxon_columns(taxon: Taxon | None, organism: str | None, lineage: list[str]) -> dict[str, Any]:
    known = taxon is not None and taxon.species is not None
    species, genus = (taxon.species, taxon.genus) if taxon and known else species_of(organism, lineage)
    return {
        "species": species,
        "species_taxid": taxon.species_taxid if taxon else None,
        "species_source": "taxonomy" if known else "name",
        "genus": genus,
        "ranked_lineage": [{"rank": rank, "name": name} for rank, name in taxon.lineage] if taxon else [],
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
    return "length_mismatch" if header.locus.length not in (None, length) else None


def _refuse_foreign(sequence: bytes) -> None:
    letters = foreign(sequence)
    if letters:
        raise RefusalError("alphabet", f"expected IUPAC bases, found {letters[:20].decode('latin-1')!r}")


def _cut(mask: Intervals, count: int) -> list[Intervals]:
    cut: list[Intervals] = [[] for _ in range(count)]
    for start, end in mask:
        for index in range(start // SEGMENT_BASES, -(-end // SEGMENT_BASES)):
            first = index * SEGMENT_BASES
            cut[index].append((max(start - first, 0), min(end - first, SEGMENT_BASES)))
    return cut
