"""Every part of a real mirror, and the oddities beside it, parsed: what becomes of each record."""

import gzip

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from support.each import each

from dnacorpus.formats.read_part import Files
from dnacorpus.formats.sniff import GZIP_MAGIC
from dnacorpus.stages.parse import parse_part

pytestmark = pytest.mark.mirror


def flat_files(mirror):
    paths = sorted(mirror.glob("*/*.genomic.gbff.gz"))
    assert paths
    return paths


def test_all_parts_of_the_mirror_are_parsed_completely(mirror, tmp_path):
    for path in each(flat_files(mirror)):
        part = path.name.removesuffix(".genomic.gbff.gz")
        fna = sorted(path.parent.glob(f"{part}.*.genomic.fna.gz"))
        assert parse_part(path.parent.name, part, Files([path], fna), tmp_path / part, release="999") == ""
        records = pq.read_table(tmp_path / part / "records.parquet")
        rejects = pq.read_table(tmp_path / part / "rejects.parquet")
        described = records.filter(pc.equal(records["source"], "gbff"))
        with gzip.open(path) as file:
            assert described.num_rows + rejects.num_rows == sum(line.startswith(b"LOCUS") for line in file)
        assert set(rejects["reason"].to_pylist()) <= {"protein"}
        assert sum(records["features"].to_pylist()) == pq.read_metadata(tmp_path / part / "features.parquet").num_rows


ODD = {
    "althonos__tsa_acropora.gb": ["master"],
    "biopython__bad_origin_wrap.gb": ["no_sequence"],
    "biopython__negative_location.gb": [None],
    "TeselaGen__DNA_single_stranded.gb": ["length_mismatch"],
    "TimothyStiles__phix174.gb": [None],
    "bebop__benchling.gb": [None],
    "bioperl__P35527.gb": ["reject protein"],
    "deprekate__chickoval.gbk": ["reject unterminated"],
    "genometools__Random160.gbk": [None, None],
    "genometools__genbank_test4.gbk": ["reject unterminated", None],
    "linsalrob__circular_origin.gbk": ["length_mismatch"],
}


@pytest.fixture
def odd(shared):
    return shared / "odd"


def fate(path, out):
    parse_part("custom", "odd", Files([path], []), out)
    rows = [(r["ordinal"], r["exclusion"]) for r in pq.read_table(out / "records.parquet").to_pylist()]
    rows += [(r["ordinal"], f"reject {r['reason']}") for r in pq.read_table(out / "rejects.parquet").to_pylist()]
    return [fate for _, fate in sorted(rows)]


@pytest.mark.parametrize("name", ODD)
def test_odd_records_are_read_or_refused_as_listed(odd, tmp_path, name):
    assert fate(odd / "gb" / name, tmp_path / "out") == ODD[name]


def test_every_record_of_odd_files_is_read_or_refused(odd, tmp_path):
    for number, path in each(enumerate(sorted((odd / "gb").iterdir()))):
        opener = gzip.open if path.read_bytes()[:2] == GZIP_MAGIC else open
        with opener(path, "rb") as file:
            promised = sum(line.startswith(b"LOCUS") for line in file)
        assert len(fate(path, tmp_path / str(number))) == promised, path.name
    for path in each(sorted((odd / "embl").iterdir())):
        promised = sum(line.startswith(b"ID   ") for line in path.read_bytes().splitlines())
        assert len(fate(path, tmp_path / path.name)) == promised, path.name
