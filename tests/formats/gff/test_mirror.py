"""GFF3 and GTF of real assemblies against the flat files of the same assemblies."""

import bz2
import gzip
import re
from collections import Counter

import pytest
from support.each import each
from support.readrecord import read_record

from dnacorpus.formats.genbank.reader import FlatFile
from dnacorpus.formats.gff.reader import read_gff
from dnacorpus.sequence.location import extract_feature, problem

pytestmark = pytest.mark.mirror

MONKEYPOX = "ncbi_datasets/Monkeypox_virus/ncbi_dataset/data/GCF_014621545.1"
HIV = "ncbi_datasets/Python-Lab-Final-Project/ncbi_dataset/data/GCF_000864765.1"
ALVI = "gff/bacteria/moshi4_pyCirclize__mycoplasma_alvi.gff.gz"
COLUMNS = (
    "kind start end strand operator parts partial_start partial_end location pseudo gene locus_tag product protein_id"
    " transl_table codon_start"
).split()
PAIRS = [
    ("NC_063383.1", f"{MONKEYPOX}/genomic.gff", f"{MONKEYPOX}/genomic.gbff"),
    ("NC_063383.1", f"{MONKEYPOX}/genomic.gtf", f"{MONKEYPOX}/genomic.gbff"),
    ("NC_001802.1", f"{HIV}/genomic.gff", "release/viral/viral.2.genomic.gbff.gz"),
    ("NC_001802.1", f"{HIV}/genomic.gtf", "release/viral/viral.2.genomic.gbff.gz"),
    ("NZ_JNJU01000001.1", ALVI, "release/bacteria/bacteria.1.genomic.gbff.gz"),
    ("NZ_KL370824.1", ALVI, "release/bacteria/bacteria.2.genomic.gbff.gz"),
]
# What the flat file has and GFF3 has not: gaps are no features there.
NOT_IN_GFF3 = {("NZ_KL370824.1", "assembly_gap", "46812..46901")}
# A name that a flat file wraps at a hyphen reads with a blank there; GFF3 has it as it was given.
WRAPPED = {("NZ_JNJU01000001.1", "complement(102072..102578)")}
# The keys that the GTF of a genome without transcripts has lines for.
IN_GTF = {"gene", "CDS"}
# Qualifiers that differ, of all the features of a pair; each is explained in docs/annotation.md.
DIFFER = {
    "NC_063383.1": {"translation", "organism"},
    "NC_001802.1": {"translation", "organism", "note"},
    "NZ_JNJU01000001.1": {
        "translation", "organism", "note", "EC_number", "anticodon", "inference", "submitter_seqid"
    },
    "NZ_KL370824.1": {"translation", "organism", "note", "EC_number", "anticodon", "inference", "submitter_seqid"},
}  # fmt: skip
# What else is wrong with real files: the first is edited, by its name. There, strand is `1`, a gene is missing, values
# are in quotes, and a gene, its mRNA and its CDS lie on both strands without trans-splicing, so that each becomes two.
FLAWS = {
    "kbaseapps_GenomeFileUtil__RedAlgaeModified.gff": {"strand": 6, "parent": 1, "quotes": 3, "shared_id": 3},
}


@pytest.fixture
def data(mirror):
    folder = mirror.parent
    if not (folder / "gff").is_dir():
        pytest.skip(f"no real GFF files at {folder}/gff")
    return folder


def annotations(path):
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    with opener(path, "rb") as lines:
        return read_gff(lines, path.name)


def flat_record(path, accession):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as handle:
        for raw in FlatFile(handle, path.name):
            if re.search(rf"^VERSION +{re.escape(accession)}\b".encode(), raw.data[:4000], re.MULTILINE):
                return read_record(raw.data, lambda _: None)
    raise AssertionError(f"{accession} is not in {path}")


def columns(row, accession):
    values = {column: row[column] for column in COLUMNS}
    if (accession, row["location"]) in WRAPPED:
        values["product"] = values["product"] and values["product"].replace("- ", "-")
    return values


@pytest.mark.parametrize(("accession", "annotated", "flat"), PAIRS, ids=lambda value: value.split("/")[-1])
def test_rows_equal_those_of_the_flat_file(data, accession, annotated, flat):
    annotation = annotations(data / annotated)[accession]
    record = flat_record(data / flat, accession)
    expected = [row for row in record.features if (accession, row["kind"], row["location"]) not in NOT_IN_GFF3]
    if annotated.endswith("gtf"):
        expected = [row for row in expected if row["kind"] in IN_GTF]
    found = list(annotation.features())
    assert [columns(row, accession) for row in found] == [columns(row, accession) for row in expected]
    assert annotation.flaws == []
    assert [row["index"] for row in found] == list(range(len(found)))
    for row in each(found):
        if problem(row, len(record.sequence)) is None:
            assert extract_feature(record.sequence, row)


@pytest.mark.parametrize(
    ("accession", "annotated", "flat"),
    [pair for pair in PAIRS if "gtf" not in pair[1]],
    ids=lambda value: value.split("/")[-1],
)
def test_other_qualifiers_differ_only_as_documented(data, accession, annotated, flat):
    found = list(annotations(data / annotated)[accession].features())
    record = flat_record(data / flat, accession)
    expected = [row for row in record.features if (accession, row["kind"], row["location"]) not in NOT_IN_GFF3]
    differing = set()
    for ours, theirs in zip(found, expected, strict=True):
        pairs = [{(item["key"], item["value"]) for item in row["qualifiers"]} for row in (ours, theirs)]
        differing |= {key for key, _ in pairs[0] ^ pairs[1]}
    assert differing == DIFFER[accession]
    region = annotations(data / annotated)[accession].region
    assert (region.taxid, region.length, region.circular) == (
        record.row["taxid"],
        record.row["length"],
        record.row["topology"] == "circular",
    )


@pytest.mark.parametrize("folder", [MONKEYPOX, HIV])
@pytest.mark.parametrize("kind", ["gff", "gtf"])
def test_cds_bases_equal_ncbis_cds_files(data, folder, kind):
    titles = re.findall(
        r"^>lcl\|.*", (data / folder / "cds_from_genomic.fna").read_text(encoding="utf-8"), re.MULTILINE
    )
    cut = [
        (re.search(r"\[protein_id=([^]]+)\]", title)[1], re.search(r"\[location=([^]]+)\]", title)[1])
        for title in titles
    ]
    (annotation,) = annotations(data / folder / f"genomic.{kind}").values()
    found = [(row["protein_id"], row["location"]) for row in annotation.features() if row["kind"] == "CDS"]
    assert sorted(found) == sorted(cut)
    assert len(cut) > 5


def test_every_real_file_is_read_completely(data):
    paths = sorted([*data.glob("gff/*/*.gff*"), *data.glob("ncbi_datasets/**/genomic.g[ft]f")])
    assert paths
    for path in paths:
        flaws: Counter[str] = Counter()
        for annotation in each(annotations(path).values()):
            flaws.update(reason for _, reason in annotation.flaws)
            length = annotation.region.length
            rows = list(annotation.features())
            assert len(rows) == len(annotation.entries)
            assert all(row["parts"] for row in each(rows)), "a location that cannot be read"
            assert [row for row in each(rows) if length and problem(row, length)] == []
        assert flaws == FLAWS.get(path.name, {}), path.name


@pytest.mark.parametrize("suffix", ["gff", "gtf"])
def test_a_removed_line_costs_only_its_features(data, suffix):
    lines = (data / MONKEYPOX / f"genomic.{suffix}").read_bytes().splitlines(keepends=True)
    whole = {row["location"] + row["kind"] for row in read_gff(lines, "whole")["NC_063383.1"].features()}
    for number in range(10, len(lines), 37):
        columns = lines[number].split(b"\t")
        damaged = [*lines[:number], b"\t".join(columns[:5]) + b"\n", *lines[number + 1 :]]
        annotation = read_gff(damaged, "damaged")["NC_063383.1"]
        left = {row["location"] + row["kind"] for row in annotation.features()}
        assert (number + 1, "columns") in annotation.flaws
        lost = whole - left
        assert len(lost) <= 1, lost
