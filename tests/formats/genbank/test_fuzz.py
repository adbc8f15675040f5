"""10,000 damaged records: each is refused or read whole; none crashes, hangs, or loses a part in silence."""

import contextlib
import io
import json
import random
import re
import signal
import subprocess
import sys

import pytest
from support.each import each
from support.flatfile import record
from support.mutations import DAMAGES, STRUCTURE
from support.readrecord import read_record

from dnacorpus.formats.genbank.features import read_features
from dnacorpus.formats.genbank.layout import laid_out
from dnacorpus.formats.genbank.reader import FlatFile, sections_of, text_of
from dnacorpus.formats.read_part import Files
from dnacorpus.formats.refusal import RefusalError
from dnacorpus.printable import cleaned
from dnacorpus.schemas import parts as schemas
from dnacorpus.sequence.bases import IUPAC
from dnacorpus.sequence.location import extract_feature, problem
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import parquet as tables

BATCHES, BATCH = 20, 500
LIMIT = 10.0
BASES = "".join(random.Random(7).choices("ACGTN", (9, 9, 9, 9, 1), k=400))
COMMENT = (
    "REVIEWED REFSEQ: This record was made. It replaces NC_1.1.\nOn Jan 1, 2020 something happened.\n\n"
    "##Genome-Annotation-Data-START##\nAnnotation Name     :: GCF_000001405.40\nAnnotation Date     :: a long\n"
    "                       value\n##Genome-Annotation-Data-END##"
)
SOURCE = ("source", "1..400", [("organism", "Zea mays"), ("mol_type", "genomic DNA"), ("db_xref", "taxon:4577")])
TABLE = [
    SOURCE,
    ("gene", "complement(<1..>99)", [("gene", "abcA"), ("locus_tag", "T_1"), ("pseudo", None)]),
    ("CDS", "complement(join(1..30,40..66))", [
        ("gene", "abcA"), ("codon_start", "1"), ("transl_table", "11"), ("product", 'a "quoted" name, ' * 6),
        ("protein_id", "NP_1.1"), ("transl_except", "(pos:4..6,aa:Sec)"), ("translation", "MKV" * 40),
    ]),
    ("gap", "120..130", [("estimated_length", "11")]),
    ("misc_feature", "order(1..9,20..29)", [("note", "see http://x.org/a=b; (in part) /not a key")]),
    ("variation", "200^201", [("replace", ""), ("citation", "[1]")]),
    ("repeat_region", "join(390..400,1..5)", [("rpt_type", "tandem")]),
    ("mRNA", "join(" + ",".join(f"{n}..{n + 3}" for n in range(1, 300, 9)) + ")", [("product", "long")]),
    ("misc_feature", "join(X12345.1:1..9,5..one-of(9,12))", [("note", "remote")]),
]  # fmt: skip
REFERENCES = [
    {"authors": "Doe,J. and Roe,R.", "title": "On " + "DNA " * 40, "journal": "J. 1 (1), 2-3 (2001)", "pubmed": "77"},
    {"bases": "bases 1 to 4; 7 to 9", "consrtm": "The Project", "journal": "Submitted", "remark": "a remark"},
]
OPTIONS = {"comment": COMMENT, "references": REFERENCES, "dblink": ["BioProject: PRJNA1", "BioSample: SAMN1"]}
CORPUS = [
    text.encode()
    for text in (
        record("NC_000001.1", BASES, TABLE, topology="circular", **OPTIONS),
        record("NC_000002.1", BASES, TABLE[:3], molecule_type="ss-RNA", keywords=("RefSeq", "a b")),
        record("NW_000003.1", "", TABLE[:6], locus_length=400, contig="join(X1.1:1..200,gap(100),X2.1:1..100)"),
        record("NZ_ABCD00000000.1", "", [SOURCE], unit="rc", locus_length=7, wgs="NZ_ABCD01000001-NZ_ABCD01000007"),
        record("NC_000005.1", BASES, TABLE[-4:], **OPTIONS).replace("\n", "\r\n"),
        record("NP_000006.1", BASES, [SOURCE], unit="aa"),
        record("NC_000007.1", BASES),
    )
]
MUTATIONS = list((DAMAGES | STRUCTURE).values())


class HangError(BaseException):
    """Raised where the limit is up; no except clause of the reader takes it for something else."""


@contextlib.contextmanager
def watched(seconds):
    def stop(*_):
        raise HangError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mutants(batch):
    """Yield the seed and the bytes of each mutated record."""
    for number in range(BATCH):
        seed = f"{batch}.{number}"
        chance = random.Random(seed)
        data = chance.choice(CORPUS)
        for _ in range(chance.choice((1, 1, 2, 4))):
            data = chance.choice(MUTATIONS)(chance, data) or b"LOCUS"
        yield seed, data


def nothing(_accession):
    return None


def squeezed(text):
    """Return a text without blanks and quotes, which is what reading a feature table may take away."""
    return re.sub(r'[\s"]', "", text)


def written(feature):
    pairs = "".join(f"/{key}" if value is None else f"/{key}={value}" for key, value in feature.qualifiers)
    return f"{feature.kind}{feature.location}{pairs}"


def letters(data):
    """Return the letters of ORIGIN, by lines."""
    found, inside = [], False
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if inside and line.startswith((b"//", b"CONTIG")):
            break
        if inside:
            found.append(re.sub(rb"[0-9 \t]", b"", line))
        inside = inside or line.startswith(b"ORIGIN")
    return b"".join(found)


def check(data, found):
    """Check that what was read is all there is."""
    row = found.row
    assert len(found.sequence) == row["length"] == len(letters(data)), "bases"
    assert not found.sequence.translate(None, IUPAC)
    if found.sequence and row["locus_length"] != row["length"]:
        assert row["exclusion"] in ("length_mismatch", "master")
    keys = re.findall(r"^ {5}\S+ +(?:[<>]?\d+(?:\.\.|$)|complement\(|join\(|order\()", text_of(data), re.M)
    assert len(keys) <= len(found.features), "lines of features"
    stated = cleaned(sections_of(data).features)
    table = cleaned(laid_out(sections_of(data).features))
    assert squeezed(table) == squeezed(stated), "text of the lines, before and after they are laid out"
    features = read_features(table)
    assert "".join(squeezed(written(feature)) for feature in features) == squeezed(table), "text of the feature table"
    assert [(feature.kind, feature.location) for feature in features] == [
        (row["kind"], row["location"]) for row in found.features
    ]
    assert len(found.features) == row["features"]
    for feature in found.features:
        assert all(-(2**63) <= part[key] < 2**63 for part in feature["parts"] for key in ("start", "end"))
        if row["length"] and problem(feature, row["length"]) is None:
            size = sum(part["end"] - part["start"] for part in feature["parts"])
            assert len(extract_feature(found.sequence, feature)) == size
            assert 0 <= feature["start"] < feature["end"]


def as_read(data):
    """Return the rows of a record, or why it is refused."""
    try:
        found = read_record(data, nothing)
    except RefusalError as refusal:
        return refusal.reason
    check(data, found)
    return plain({"records": found.row, "features": list(found.features), "references": found.references})


def plain(rows):
    return json.loads(json.dumps(rows, default=str))


def as_parsed(folder, data):
    """Return, by ordinal, the rows of each record of a file, or why it is refused, as the tables have it."""
    path = folder / "x.gbff"
    path.write_bytes(data)
    assert parse_part("plant", "x", Files([path], []), folder / "out") == ""
    out = folder / "out"
    found = {}
    for name in ("records", "features", "references"):
        schema = getattr(schemas, name.upper())
        for row in tables.read(out / f"{name}.parquet", schema).to_pylist():
            rows = found.setdefault(row.pop("ordinal"), {"records": {}, "features": [], "references": []})
            if name == "records":
                rows[name] = row
            else:
                del row["accession"]
                rows[name].append(row)
    for row in tables.read(out / "rejects.parquet", schemas.REJECTS).to_pylist():
        found[row["ordinal"]] = row["reason"]
    return plain([found[ordinal] for ordinal in range(len(found))])


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_record_is_refused_or_read_completely_and_its_tables_hold_what_was_read(tmp_path, batch):
    read = []
    for seed, data in each(mutants(batch)):
        with watched(LIMIT):
            try:
                raws = list(FlatFile(io.BytesIO(b"LOCUS\n//\n" + data), "x"))
                assert sum(len(raw.data) for raw in raws) >= len(data.strip()) - 200
                read += [(raw, raw.flaw or as_read(raw.data)) for raw in raws[1:]]
            except BaseException as error:
                error.add_note(f"mutant {seed}: {data[:3000]!r}")
                raise
    assert {type(result) for _, result in read} == {str, dict}, "some are refused, some read"
    whole = [(raw, result) for raw, result in read if raw.flaw is None]
    with watched(LIMIT * 10):
        parsed = as_parsed(tmp_path, b"".join(raw.data.rstrip(b"\n") + b"\n" for raw, _ in whole))
    for (raw, expected), rows in each(zip(whole, parsed, strict=True)):
        if isinstance(rows, dict):
            rows["records"] = {key: rows["records"][key] for key in expected["records"]}
            rows["records"]["gc"] = expected["records"]["gc"]
        assert rows == expected, raw.data


@pytest.mark.parametrize("word", ["complement(", "join(", "order(", "join(1..2,"])
def test_deep_brackets_do_not_crash_the_process(tmp_path, word):
    depth = 200_000
    data = CORPUS[0].replace(b"120..130", word.encode() * depth + b"1..2" + b")" * depth)
    (tmp_path / "x.gbff").write_bytes(data + CORPUS[1])
    command = [sys.executable, "-m", "dnacorpus", "parse", "--division", "plant", "--gbff", "x.gbff", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-300:]
    records = tables.read(tmp_path / "out" / "records.parquet", schemas.RECORDS).to_pylist()
    rejects = tables.read(tmp_path / "out" / "rejects.parquet", schemas.REJECTS).to_pylist()
    assert sorted(row["accession"] for row in records + rejects) == ["NC_000001.1", "NC_000002.1"]
