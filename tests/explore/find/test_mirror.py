"""What find answers on the real mirror, against Biopython's own reading of the same flat files."""

import gzip
import json
import re
from collections import Counter
from itertools import combinations

import pytest
from support.oracle import read

from dnacorpus.explore.find.query import Query
from dnacorpus.explore.find.search import find
from dnacorpus.formats.read_part import Files
from dnacorpus.stages.parse import parse_part

pytestmark = pytest.mark.mirror


@pytest.fixture(scope="module")
def results(mirror, tmp_path_factory):
    """The tables of all parts of the mirror's flat files, with the bases of its FASTA files."""
    root = tmp_path_factory.mktemp("find")
    for path in sorted(mirror.glob("*/*.genomic.gbff.gz")):
        part = path.name.removesuffix(".genomic.gbff.gz")
        fna = sorted(path.parent.glob(f"{part}.*.genomic.fna.gz"))
        parse_part(path.parent.name, part, Files([path], fna), root / "tables" / path.parent.name / part)
    return root


@pytest.fixture(scope="module")
def theirs(mirror):
    """All features as Biopython reads them, but for proteins': (division, VERSION, index) -> feature, record."""
    found = {}
    for path in sorted(mirror.glob("*/*.genomic.gbff.gz")):
        for text in re.split(r"(?<=\n//\n)", gzip.decompress(path.read_bytes()).decode()):
            for record in read(text):
                version = re.search(r"^VERSION +(\S+)", text, re.MULTILINE)
                if record.annotations.get("molecule_type") != "protein":
                    for index, feature in enumerate(record.features):
                        found[path.parent.name, version[1] if version else record.id, index] = feature, record
    return found


def answer(results, **query):
    """Return the rows of an answer by (division, accession, index)."""
    rows = [json.loads(line) for line in find(results, Query(**query), "json").lines]
    found = {(row["division"], row["accession"], row["index"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def names(feature):
    keys = ("gene", "gene_synonym", "locus_tag", "old_locus_tag")
    values = [value for key in keys for value in feature.qualifiers.get(key, [])]
    return {name.strip().lower() for value in values for name in [value, *value.split(";")]}


def products(feature):
    return " ".join(feature.qualifiers.get("product", [])).lower()


def check_places(found, theirs):
    """Compare kind, strand and places with Biopython's, the span too where it does not cross the origin."""
    for key, row in found.items():
        feature = theirs[key][0]
        parts = [(int(part.start), int(part.end), part.strand) for part in feature.location.parts]
        assert [(part["start"], part["end"], part["strand"]) for part in row["parts"]] == parts
        assert (row["kind"], row["strand"]) == (feature.type, feature.location.strand or 0)
        if row["end"] <= row["length"]:
            assert (row["start"], row["end"]) == (int(feature.location.start), int(feature.location.end))
        assert row["bases"] == len(feature.location)


def test_every_feature_is_counted(results, theirs):
    found = find(results, Query(gene="cytb"))
    assert found.features == len(theirs)
    assert found.notes[-1] == f"{found.matches} of {len(theirs):,} features"


def test_a_gene_by_name(results, theirs):
    found = answer(results, gene="CytB")
    assert set(found) == {key for key, (feature, _) in theirs.items() if "cytb" in names(feature)}
    assert len(found) > 200
    check_places(found, theirs)


def test_a_product_by_a_part_of_its_name(results, theirs):
    found = answer(results, product="polymerase")
    assert set(found) == {key for key, (feature, _) in theirs.items() if "polymerase" in products(feature)}
    assert len({key[0] for key in found}) > 5
    check_places(found, theirs)


def test_the_trnas_of_a_record(results, theirs):
    found = answer(results, records=("NC_012920",), kinds=("tRNA",), divisions=("mitochondrion",))
    assert len(found) == 22
    expected = [
        key for key, (f, _) in theirs.items() if key[:2] == ("mitochondrion", "NC_012920.1") and f.type == "tRNA"
    ]
    assert list(found) == expected  # in order of place
    check_places(found, theirs)


def test_small_proteins_are_those_with_a_short_translation(results, theirs):
    found = set(answer(results, min_protein=20, max_protein=60))
    expected = {
        key
        for key, (feature, _) in theirs.items()
        if feature.type == "CDS" and 20 <= len(feature.qualifiers.get("translation", [""])[0]) <= 60
    }
    assert len(expected) > 300
    assert {key for key in found if "translation" in theirs[key][0].qualifiers} == expected
    for key in found - expected:
        feature = theirs[key][0]
        assert feature.type == "CDS"
        assert not {"pseudo", "pseudogene"} & set(feature.qualifiers)
        assert 60 <= len(feature.location) <= 185


def test_proteins_are_as_long_as_their_translations(results, theirs):
    checked, differing = 0, Counter()
    for key, row in answer(results, kinds=("CDS",), pseudo=False).items():
        feature = theirs[key][0]
        if "translation" in feature.qualifiers:
            checked += 1
            differing[key[1]] += row["protein"] != len(feature.qualifiers["translation"][0])
    assert checked > 10_000
    assert sum(differing.values()) / checked < 0.005


def test_fasta_is_what_biopython_extracts(results, theirs):
    found = find(results, Query(gene="rps12", kinds=("CDS",)), "fasta")
    lines = "\n".join(found.lines).split(">")[1:]
    letters = [entry.split("\n", 1)[1].replace("\n", "") for entry in lines]
    rows = answer(results, gene="rps12", kinds=("CDS",))
    features = [theirs[key] for key, row in rows.items() if row["operator"] != "order"]
    assert len(rows) - len(features) == sum("left out: location order" in note for note in found.notes)
    assert letters == [str(feature.extract(record.seq)).upper().replace("U", "T") for feature, record in features]
    assert len({feature.location.strand for feature, _ in features}) == 3


def test_clusters_and_neighbours_are_those_of_every_pair(results, theirs):
    found = answer(results, product="transposase|integrase|recombinase", regex=True, kinds=("CDS",), cluster=5000)
    words = re.compile("transposase|integrase|recombinase")
    chosen = {k: v for k, v in theirs.items() if v[0].type == "CDS" and words.search(products(v[0]))}
    groups = components(chosen, 5000)
    assert {frozenset(key for key in found if found[key]["cluster"] == n) for n in range(1, len(groups) + 1)} == groups
    assert len(groups) > 5


def components(chosen, within):
    """Return the sets of two or more features that chains of neighbours connect."""
    groups = [{key} for key in chosen]
    for one, other in combinations(chosen, 2):
        if one[:2] == other[:2] and apart(*chosen[one], chosen[other][0]) <= within:
            joined = [group for group in groups if group & {one, other}]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return {frozenset(group) for group in groups if len(group) > 1}


def apart(feature, record, other):
    """Return the bases between the spans of two features of a record, by the shorter way round."""
    length = len(record.seq)
    turns = [-length, 0, length] if record.annotations.get("topology") == "circular" else [0]
    a, b, c, d = (
        int(x) for x in (feature.location.start, feature.location.end, other.location.start, other.location.end)
    )
    return min(max(0, c + turn - b, a - d - turn) for turn in turns)


def test_neighbours_of_a_gene(results, theirs):
    found = answer(results, near=("rpoB", 2000), kinds=("CDS",), divisions=("bacteria", "archaea"))
    anchors = [
        (key, feature)
        for key, (feature, _) in theirs.items()
        if key[0] in ("bacteria", "archaea") and ("rpob" in names(feature) or "rpob" in products(feature))
    ]
    expected = {}
    for key, (feature, record) in theirs.items():
        reach = [apart(feature, record, other) for at, other in anchors if at[:2] == key[:2]]
        if feature.type == "CDS" and reach and min(reach) <= 2000:
            expected[key] = min(reach)
    assert {key: row["distance"] for key, row in found.items()} == expected
    assert len(expected) > 5
