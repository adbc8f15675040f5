"""The tables of every real flat file against Biopython's reading of the same bytes, field by field."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqFeature import AfterPosition, BeforePosition, OneOfPosition
from support.each import each
from support.oracle import parts, qualifiers_in_order
from support.realfiles import DIVISIONS, biopythons, parsed, raws_of

from dnacorpus.formats.genbank.reader import text_of
from dnacorpus.sequence.location import extract_feature, problem

pytestmark = pytest.mark.mirror

COLUMNS = ("gene", "locus_tag", "product", "protein_id", "transl_table", "codon_start")
REFERENCE = ("authors", "consortium", "title", "journal", "pmid", "remark")

NO_NAME = "VERSION and ACCESSION are empty or '.'; ours is the name that LOCUS gives, Biopython's the '.'"
UNKNOWN = "ACCESSION is the placeholder unknown; ours is the name that LOCUS gives"
STRAY_INDENT = "Biopython keeps the blanks before a comment that does not begin in column 13"
NO_COLUMNS = "LOCUS has lost its columns; Biopython reads date and topology by them"
EXCEPTIONS = {
    ("BioJulia__example.gbk", "references"): "PUBMED 00 is no number of PubMed",
    ("TeselaGen__RTO4_16460_individual_exons.gb", "accession"): NO_NAME,
    ("TeselaGen__RTO4_16460_joined_feature.gb", "accession"): NO_NAME,
    ("TeselaGen__DNA_double_stranded.gb", "accession"): UNKNOWN,
    ("TeselaGen__DNA_single_stranded.gb", "accession"): UNKNOWN,
    ("TeselaGen__RNA_double_stranded.gb", "accession"): UNKNOWN,
    ("TeselaGen__gen_bank_ex.gb", "accession"): UNKNOWN,
    ("TeselaGen__gbWithJoinedFeaturesAndParts.gb", "accession"): NO_NAME,
    ("TeselaGen__pRF127_GanBankStandard.gb", "accession"): NO_NAME,
    ("biojava__feature-spans-zero-point-circular-sequence.gb", "accession"): NO_NAME,
    ("biopython__bad_origin_wrap_CDS.gb", "accession"): NO_NAME,
    ("cheminfo-js__gen1.gb", "accession"): NO_NAME,
    ("biopython__addgene-plasmid-11664-sequence-180430.gbk", "accession"): NO_NAME,
    (
        "genometools__Arabidopsis-C99826.gbk",
        "sequence",
    ): "lines of bases are indented too far for Biopython",
    ("genometools__genbank_test8.gbk", "definition"): "DEFINITION occurs twice; ours is the first, Biopython's both",
    ("TeselaGen__gbWithWrappingFeature.gb", "comment"): STRAY_INDENT,
    ("TeselaGen__gen_bank_with_equal_symbol.gb", "comment"): STRAY_INDENT,
    ("TeselaGen__genbankThatBrokeSbolImport.gb", "date"): NO_COLUMNS,
    ("TeselaGen__pBbS8c_RFP.gb", "date"): NO_COLUMNS,
    ("TeselaGen__rhaBp-Pfu-pUN_alt.gb", "date"): NO_COLUMNS,
    ("linsalrob__circular_origin.gbk", "topology"): NO_COLUMNS,
    ("BioJulia__example.gbk", "organism"): "ORGANISM is missing; ours is /organism of the source feature",
    ("biojava__NC_018080.gb", "organism"): "ORGANISM is missing; ours is /organism of the source feature",
    ("cheminfo-js__gen1.gb", "organism"): "ORGANISM is empty; ours is /organism of the source feature",
    ("biopython__bad_origin_wrap_CDS.gb", "references"): "PUBMED . is no number of PubMed",
}
"""Intended differences between the two readings: (file, field) -> why."""

REJECTED = {
    "bebop__malformed_read_test.gbk": ["unterminated"],
    "deprekate__chickoval.gbk": ["unterminated"],
    "genometools__TTT-small-wrongchar.gbk": ["alphabet"],
    "genometools__genbank_test4.gbk": ["unterminated"],
    "TeselaGen__breakingGenbank.gb": ["unterminated"],
}
"""Records that neither reader reads, or that end without ``//``: file -> reasons, proteins excluded."""


def differences(data: bytes, theirs: Any, entry: dict[str, Any], fasta: dict[str, bytes]):
    """Yield (field, ours, Biopython's) wherever the tables differ from Biopython."""
    row, notes = entry["records"], theirs.annotations
    blocks: dict[str, dict[str, str]] = {}
    for item in row["structured_comment"]:
        blocks.setdefault(item["block"], {})[item["key"]] = item["value"]
    sequence = "".join(segment["sequence"] for segment in entry["segments"]).encode()
    links = dict(reversed([reference.split(":", 1) for reference in theirs.dbxrefs if ":" in reference]))
    items = qualifiers_in_order(text_of(data))
    source = next((pairs for kind, _, pairs in items if kind == "source"), [])
    taxon = next((value for key, value in source if key == "db_xref" and value and value.startswith("taxon:")), None)
    pairs = {
        "accession": (row["accession"], theirs.id),
        "definition": (row["definition"] or "", theirs.description.strip()),
        "organism": (row["organism"], absent(notes.get("organism"))),
        "lineage": (row["lineage"], notes.get("taxonomy", [])),
        "keywords": (row["keywords"], [word for word in notes.get("keywords", []) if word]),
        "comment": (row["comment"], notes.get("comment")),
        "structured_comment": (
            blocks,
            {key: dict(value) for key, value in notes.get("structured_comment", {}).items()},
        ),
        "bioproject": (row["bioproject"], links.get("BioProject")),
        "biosample": (row["biosample"], links.get("BioSample")),
        "assembly": (row["assembly"], links.get("Assembly", row["assembly"])),
        "topology": (row["topology"], notes.get("topology", "linear")),
        "molecule_type": (row["molecule_type"], notes.get("molecule_type")),
        "date": (row["date"] and row["date"].strftime("%d-%b-%Y").upper(), notes.get("date")),
        "taxid": (row["taxid"], int(taxon.removeprefix("taxon:")) if taxon else None),
        "source_qualifiers": ([(item["key"], item["value"]) for item in row["source_qualifiers"]], source),
        "references": (
            [our_reference(item) for item in entry["references"]],
            [their_reference(item) for item in notes.get("references", [])],
        ),
        "sequence": (sequence, bases_of(theirs.seq) or fasta.get(row["accession"], b"")),
        "qualifiers": ([columns(item) for item in entry["features"]], [expected(*item) for item in items]),
        "places": (
            [place(feature, len(sequence) or row["locus_length"]) for feature in entry["features"]],
            [expected_place(feature.location) for feature in theirs.features],
        ),
        "extract": (
            [extract_feature(sequence, f) for f in entry["features"] if sequence and not problem(f, len(sequence))],
            [
                bases_of(theirs_one.location.extract(Seq(sequence)))
                for f, theirs_one in zip(entry["features"], theirs.features, strict=True)
                if sequence and not problem(f, len(sequence))
            ],
        ),
    }  # fmt: skip
    for field, (ours, other) in pairs.items():
        if ours != other:
            yield field, *first_difference(ours, other)


def first_difference(ours: Any, other: Any) -> tuple[Any, Any]:
    if isinstance(ours, list) and isinstance(other, list) and len(ours) == len(other):
        return next((mine, its) for mine, its in zip(ours, other, strict=True) if mine != its)
    return ours, other


def absent(name: str | None) -> str | None:
    return None if name in ("", ".") else name


def bases_of(seq: Any) -> bytes:
    return bytes(seq).upper().replace(b"U", b"T") if seq.defined else b""


def our_reference(row: dict[str, Any]) -> tuple[Any, ...]:
    spans = [(int(first), int(last)) for first, last in re.findall(r"(\d+) to (\d+)", row["bases"] or "")]
    return (*(str(row[column] or "") for column in REFERENCE), spans)


def their_reference(found: Any) -> tuple[Any, ...]:
    spans = [(int(span.start) + 1, int(span.end)) for span in found.location]
    return found.authors, found.consrtm, found.title, found.journal, found.pubmed_id, found.comment, spans


def columns(feature: dict[str, Any]) -> tuple[Any, ...]:
    rest = [(item["key"], item["value"]) for item in feature["qualifiers"]]
    return (feature["kind"], feature["location"], feature["pseudo"], *(feature[name] for name in COLUMNS), rest)


def expected(kind: str, location: str, qualifiers: list[tuple[str, str | None]]) -> tuple[Any, ...]:
    """Return what `columns` should be: the first value of each column, the other qualifiers in order."""
    first: dict[str, Any] = {}
    rest = []
    for key, value in qualifiers:
        number = key in ("transl_table", "codon_start")
        readable = value is not None and (not number or value.isdigit())
        if key in COLUMNS and key not in first and readable:
            first[key] = int(value) if number else value
        elif (key, value) != ("pseudo", None):
            rest.append((key, value))
    pseudo = any(key in ("pseudo", "pseudogene") for key, _ in qualifiers)
    return (kind, location, pseudo, *(first.get(name) for name in COLUMNS), rest)


def place(feature: dict[str, Any], length: int) -> tuple[Any, ...] | None:
    """Return a feature's parts, strand, operator, partial flags, and its span unless that crosses the origin."""
    if not feature["parts"]:
        return None
    spans = [(part["accession"], part["start"], part["end"], part["strand"]) for part in feature["parts"]]
    local = [span for span in spans if span[0] is None]
    if length and feature["end"] > length and all(span[2] <= length for span in local):
        forward = local if feature["strand"] == 1 else local[::-1]
        assert (feature["start"], feature["end"] - length) == (forward[0][1], forward[-1][2])
    elif local:
        assert (feature["start"], feature["end"]) == (min(s[1] for s in local), max(s[2] for s in local))
    flags = feature["partial_start"], feature["partial_end"]
    return spans, feature["strand"] if local else None, feature["operator"], flags


def expected_place(location: Any) -> tuple[Any, ...] | None:
    if location is None:
        return None
    ends = [end for part in location.parts for end in (part.start, part.end)]
    operator = getattr(location, "operator", "none")
    if any(isinstance(end, OneOfPosition) for end in ends):
        operator = "one-of"
    local = {part.strand for part in location.parts if part.ref is None}
    strand = None if not local else local.pop() if len(local) == 1 else 0
    flags = tuple(any(isinstance(end, kind) for end in ends) for kind in (BeforePosition, AfterPosition))
    return parts(location), strand, operator, flags


def meant(field: str, ours: Any, theirs: Any) -> bool:
    """Tell whether a difference is one that is meant, besides EXCEPTIONS.

    comment: Biopython drops a line with ``-END##`` that no ``-START##`` line opened, and what stands in a
    structured comment without ``::``; ours keeps both.
    molecule_type: in a LOCUS line without its columns Biopython loses the strand prefix (ss-RNA).
    accession: where ACCESSION and VERSION name different records Biopython mixes them; ours is VERSION.
    """
    if field == "comment" and ours:
        mine, other = set(ours.split("\n")), set((theirs or "").split("\n")) - {""}
        return other <= mine and all("-END##" in line or " :: " not in line for line in mine - other)
    if field == "molecule_type":
        return re.sub(r"^[sdm]s-", "", ours or "") == theirs
    return field == "accession" and re.sub(r"_[A-Z]+(?=\.)", "", theirs) == ours


def unexplained(path: Path, fna: list[Path], out: Path) -> tuple[int, dict[tuple[str, int, str], Any]]:
    """Compare one file; return how many records were compared, and the differences that nothing explains."""
    fasta: dict[str, bytes] = {}
    for other in fna:
        with gzip.open(other, "rt") as file:
            fasta |= {item.id: bases_of(item.seq) for item in SeqIO.parse(file, "fasta")}
    entries = parsed(path, fna, out)
    compared, found = 0, {}
    for ordinal, data in enumerate(raws_of(path)):
        theirs = biopythons(data)
        if "records" in entries[ordinal] and theirs:
            compared += 1
            for field, ours, other in differences(data, theirs[0], entries[ordinal], fasta):
                if not meant(field, ours, other):
                    found[path.name, ordinal, field] = (str(ours)[:300], str(other)[:300])
    return compared, found


@pytest.mark.parametrize("division", DIVISIONS)
def test_a_division_equals_biopythons_reading(mirror, tmp_path, division):
    paths = sorted((mirror / division).glob("*.genomic.gbff.gz"))
    assert paths
    for path in each(paths):
        fna = sorted(path.parent.glob(path.name.replace(".genomic.gbff.gz", ".*.genomic.fna.gz")))
        compared, found = unexplained(path, fna, tmp_path / path.name)
        assert found == {}
        assert compared == len(raws_of(path))


def test_other_real_files_equal_biopythons_reading(shared, tmp_path):
    paths = [shared / "local" / "zika.gb", *sorted(shared.glob("ncbi_datasets/**/*.gbff"))]
    for path in paths:
        compared, found = unexplained(path, [], tmp_path / path.name)
        assert found == {}
        assert compared == len(raws_of(path))


def test_odd_records_equal_biopythons_reading(shared, tmp_path):
    compared, found = 0, {}
    for path in sorted((shared / "odd" / "gb").iterdir()):
        count, differs = unexplained(path, [], tmp_path / path.name)
        compared, found = compared + count, found | differs
    fields = {(name, field): pair for (name, _, field), pair in found.items()}
    assert {key: pair for key, pair in each(fields.items()) if key not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) - set(fields) == set(), "no exceptions any more"
    assert compared > 200


def test_only_unreadable_records_are_rejected_with_their_bytes(shared, tmp_path):
    for path in each(sorted((shared / "odd" / "gb").iterdir())):
        entries, raws = parsed(path, [], tmp_path / path.name), raws_of(path)
        assert sorted(entries) == list(range(len(raws)))
        rejects = [entry["rejects"] for entry in entries.values() if "rejects" in entry]
        assert [row["reason"] for row in rejects if row["reason"] != "protein"] == REJECTED.get(path.name, [])
        assert (tmp_path / path.name / "rejects.gb").read_bytes() == b"".join(raws[row["ordinal"]] for row in rejects)
        for row in rejects:
            assert row["end"] - row["start"] == len(raws[row["ordinal"]])
            if row["reason"] == "protein":
                assert re.match(rb"LOCUS.* aa ", raws[row["ordinal"]], re.I), path.name
            elif row["reason"] == "features":
                assert biopythons(raws[row["ordinal"]]) is None


def test_only_master_records_are_excluded_as_masters(shared, tmp_path):
    masters = 0
    for path in each(sorted((shared / "odd" / "gb").iterdir())):
        for ordinal, entry in parsed(path, [], tmp_path / path.name).items():
            if "records" in entry:
                master = re.search(rb"^(?:WGS|TSA|TLS) ", raws_of(path)[ordinal], re.M) and not entry["segments"]
                assert (entry["records"]["exclusion"] == "master") == bool(master), path.name
                masters += bool(master)
    assert masters > 0
