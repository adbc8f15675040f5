"""Looking up compiled taxa: by taxid, by name, and all that is below; only the row groups asked for are read."""

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import taxdumps
from support.each import each
from support.taxdumps import DELETED, MERGED, NODES

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.formats.taxonomy.species import Taxon
from dnacorpus.schemas.parts import TAXA, TAXA_NAMES
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.storage import parquet as tables


@pytest.fixture(scope="module", params=[1, 4, 1024], ids="{} rows a group".format)
def folder(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("taxonomy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dnacorpus.sources.taxdump.GROUP_ROWS", request.param)
        write_taxonomy(str(taxdumps.folder(root / "dump")), "none", root / "out")
    return root / "out"


def test_a_taxon_equals_the_taxdump(folder):
    assert Taxa(folder).taxon(9615) == Taxon(
        taxid=9615,
        name="Canis lupus familiaris",
        rank="subspecies",
        species="Canis lupus",
        species_taxid=9612,
        genus="Canis",
        lineage=(
            ("cellular root", "cellular organisms"), ("domain", "Eukaryota"), ("family", "Canidae"),
            ("genus", "Canis"), ("species", "Canis lupus"),
        ),
    )  # fmt: skip


def test_every_taxon_is_found_in_any_order_and_again(folder):
    taxa = Taxa(folder)
    for order in (NODES, NODES[::-1], NODES):
        for taxid, _, rank, name in each(order):
            found = taxa.taxon(taxid)
            assert found is not None
            assert (found.taxid, found.rank, found.name) == (taxid, rank, name)


def test_merged_taxids_are_followed_and_unknown_ones_are_none(folder):
    taxa = Taxa(folder)
    for old, new in MERGED:
        assert taxa.taxon(old) == taxa.taxon(new)
    for taxid in (DELETED, 0, -5, 3, 10**9):
        assert taxa.taxon(taxid) is None


@pytest.mark.parametrize(
    ("name", "taxids"),
    [
        ("Escherichia coli", [562]),
        ("ESCHERICHIA  coli ", [562]),
        ("bacterium COLI", [562]),
        ("gray wolf", [9612]),
        ("Bacillus", [1386, 55087]),
        ("dog", [2559587, 9615, 9612]),  # a synonym, a common name of NCBI's choice, another
        ("Bacteria", [2]),
        ("ATCC 11775", []),
        ("", []),
        ("zzz", []),
        ("Do", []),
    ],
)
def test_names_in_any_case_scientific_ones_first(folder, name, taxids):
    assert Taxa(folder).find(name) == taxids


def test_a_scientific_name_comes_before_a_smaller_taxid_with_that_synonym(tmp_path):
    content = taxdumps.files(synonyms=[(2, "Canis", "common name"), (561, "canis", "synonym")])
    write_taxonomy(str(taxdumps.folder(tmp_path / "dump", content)), "none", tmp_path / "out")
    assert Taxa(tmp_path / "out").find("canis") == [9611, 561, 2]


def test_below_includes_the_taxon_its_descendants_and_merged_taxids(folder):
    taxa = Taxa(folder)
    assert taxa.below([562]) == {562, 83333, 511145, 662101}
    assert taxa.below([9611, 77763]) == {9611, 9612, 9615, 9999, 77763}
    assert taxa.below([9999]) == {9615, 9999}, "a merged taxid stands for its heir"
    assert taxa.below([1]) == {taxid for taxid, *_ in NODES} | {old for old, _ in MERGED}
    assert taxa.below([DELETED, 3]) == taxa.below([]) == set()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.sets(st.sampled_from([*(taxid for taxid, *_ in NODES), *(old for old, _ in MERGED), 3])))
def test_below_equals_a_plain_walk_down_the_tree(folder, wanted):
    above = {taxid: parent for taxid, parent, *_ in NODES} | dict(MERGED)
    roots = {dict(MERGED).get(taxid, taxid) for taxid in wanted}
    expected = set()
    for taxid in above:
        here, seen = taxid, {taxid}
        while above[here] not in seen:
            here = above[here]
            seen.add(here)
        if seen & roots:
            expected.add(taxid)
    assert Taxa(folder).below(wanted) == expected


def test_a_lookup_reads_one_row_group(tmp_path, monkeypatch):
    monkeypatch.setattr("dnacorpus.sources.taxdump.GROUP_ROWS", 4)
    write_taxonomy(str(taxdumps.folder(tmp_path / "dump")), "none", tmp_path / "out")
    taxa, read = Taxa(tmp_path / "out"), []
    whole = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda self, n, *a, **k: read.append(n) or whole(self, n))
    for taxid in (562, 561, 562, 5, 10**7):
        taxa.taxon(taxid)
    assert len(read) == len(set(read)) <= 2
    assert pq.ParquetFile(tmp_path / "out" / "taxa.parquet").num_row_groups == 6


def test_an_empty_folder_and_empty_tables_have_no_taxa(tmp_path):
    write_taxonomy("none", "none", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    for name in ("none", "empty"):
        taxa = Taxa(tmp_path / name)
        assert (taxa.taxon(1), taxa.find("root"), taxa.below([1])) == (None, [], set())


def test_a_missing_folder_and_a_table_of_another_version_are_refused_by_name(tmp_path):
    with pytest.raises(UsageError, match=r"gone: expected the folder of the taxonomy stage"):
        Taxa(tmp_path / "gone")
    tables.write(tmp_path / "taxa.parquet", TAXA_NAMES, [])
    with pytest.raises(CorpusError, match=r"taxa\.parquet: expected the columns of this version"):
        Taxa(tmp_path)
    tables.write(tmp_path / "taxa.parquet", TAXA, [])
    (tmp_path / "names.parquet").write_bytes(b"no table")
    with pytest.raises(CorpusError, match=r"names\.parquet: expected a Parquet file"):
        Taxa(tmp_path)
