"""Every CDS of every real flat file that lies in bounds translates to its own /translation, but for those listed."""

import warnings
from collections import Counter
from pathlib import Path

import pytest
from Bio import BiopythonWarning
from support.proteins import FAULTY, translate
from support.realfiles import DIVISIONS, biopythons, parsed, raws_of

from dnacorpus.sequence.location import extract_feature, problem

pytestmark = pytest.mark.mirror

STOP = "a tool's /translation writes the stop codon as *"
ODD = {
    "NC_000932.1": (1, "exception: RNA editing"),
    "NC_043029": (14, STOP),
    "NC_043029:colon": (2, "a tool's /translation does not begin with M, whatever the start codon"),
    "U49845.1": (1, "its /codon_start=3 has been taken away"),
    "chrI": (5, STOP),
    "test_1": (4, "proteins on made-up bases"),
}
"""CDS whose bases do not translate to their /translation: accession -> how many, why."""


def compared(paths: list[Path], out: Path) -> tuple[int, Counter[str]]:
    """Return how many CDS of some files were compared, and those that differ, by accession."""
    checked, differ = 0, Counter()
    for path in paths:
        fna = sorted(path.parent.glob(f"{path.name.removesuffix('.genomic.gbff.gz')}.*.genomic.fna.gz"))
        entries = parsed(path, fna, out / path.name)
        for ordinal, data in enumerate(raws_of(path)):
            theirs = biopythons(data) if "records" in entries[ordinal] else None
            if not theirs:
                continue
            sequence = "".join(segment["sequence"] for segment in entries[ordinal]["segments"]).encode()
            for row, feature in zip(entries[ordinal]["features"], theirs[0].features, strict=True):
                translation = feature.qualifiers.get("translation", [""])[0] if row["kind"] == "CDS" else ""
                if translation and sequence and problem(row, len(sequence)) is None:
                    checked += 1
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", BiopythonWarning)
                        same = translate(extract_feature(sequence, row).decode(), feature) == translation
                    differ[entries[ordinal]["records"]["accession"]] += not same
    return checked, +differ


def only(exceptions: dict[str, tuple[int, str]], checked: int, differ: Counter[str]) -> None:
    """Check that what differs are exceptions, each as often as listed."""
    share = f"{checked - differ.total():,} of {checked:,} CDS translate to their /translation"
    listed = {accession: count for accession, (count, _) in exceptions.items()}
    assert {key: count for key, count in differ.items() if listed.get(key) != count} == {}, share


@pytest.mark.parametrize("division", DIVISIONS)
def test_every_cds_of_a_division_translates(mirror, tmp_path, division):
    checked, differ = compared(sorted((mirror / division).glob("*.genomic.gbff.gz")), tmp_path)
    assert checked
    only(FAULTY, checked, differ)


def test_every_cds_of_other_real_files_translates(shared, tmp_path):
    checked, differ = compared(
        [shared / "local" / "zika.gb", *sorted(shared.glob("ncbi_datasets/**/*.gbff"))], tmp_path
    )
    assert checked > 400
    only({}, checked, differ)


def test_every_cds_of_odd_files_translates(shared, tmp_path):
    checked, differ = compared(sorted((shared / "odd" / "gb").iterdir()), tmp_path)
    assert checked > 400
    assert differ == {accession: count for accession, (count, _) in ODD.items()}
