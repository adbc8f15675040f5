"""Reading .dmp files and compiling them: lines, rubbish, trees that do not hold together, and a walk by hand."""

import contextlib

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import taxdumps
from support.taxdumps import DELETED, NODES, lines

from dnacorpus.errors import CorpusError
from dnacorpus.formats.taxonomy.taxdump import NAME_CLASSES, RANKS, Taxdump, compile_names, compile_taxa, read_dmp
from dnacorpus.schemas.parts import TAXA, TAXA_NAMES


def dump(content: dict[str, bytes]) -> Taxdump:
    tables = {name: read_dmp(name, content[name], name) for name in ("nodes.dmp", "names.dmp", "merged.dmp")}
    return Taxdump(tables["nodes.dmp"], tables["names.dmp"], tables["merged.dmp"], "dump")


def compiled(rows: int = 7, **changes) -> dict[int, dict]:
    pieces = list(compile_taxa(dump(taxdumps.files(**changes)), rows))
    assert {len(piece) for piece in pieces[:-1]} <= {rows}
    table = pa.concat_tables(pieces)
    assert table.schema.equals(TAXA)
    taxids = table["taxid"].to_pylist()
    assert taxids == sorted(set(taxids))
    return {row["taxid"]: row for row in table.to_pylist()}


def path(row: dict) -> list[tuple[str, str]]:
    return [(entry["rank"], entry["name"]) for entry in row["lineage"]]


def test_a_strain_has_the_species_and_the_ranks_above_it():
    row = compiled()[511145]
    assert (row["name"], row["rank"], row["parent"]) == (
        "Escherichia coli str. K-12 substr. MG1655", "no rank", 83333,
    )  # fmt: skip
    assert (row["species"], row["species_taxid"], row["genus"]) == ("Escherichia coli", 562, "Escherichia")
    assert path(row) == [
        ("cellular root", "cellular organisms"), ("domain", "Bacteria"), ("phylum", "Pseudomonadota"),
        ("family", "Enterobacteriaceae"), ("genus", "Escherichia"), ("species", "Escherichia coli"),
    ]  # fmt: skip
    assert row["merged_into"] is None


def test_a_virus_may_have_no_genus_and_a_genus_has_no_species():
    taxa = compiled()
    virus, genus = taxa[77763], taxa[561]
    assert (virus["species"], virus["genus"]) == ("Test RNA virus 1", None)
    assert path(virus) == [("acellular root", "Viruses"), ("realm", "Riboviria"), ("species", "Test RNA virus 1")]
    assert (genus["species"], genus["species_taxid"], genus["genus"]) == (None, None, "Escherichia")
    assert (taxa[9615]["species"], taxa[9615]["genus"]) == ("Canis lupus", "Canis")
    assert path(taxa[1]) == []


def test_a_merged_taxid_has_the_row_of_its_target():
    taxa = compiled(merged=[(662101, 562), (31, 30), (30, 9615)])
    for old, new in ((662101, 562), (31, 9615), (30, 9615)):
        assert taxa[old] == taxa[new] | {"taxid": old, "merged_into": new}
    assert DELETED not in taxa


def test_ranks_from_before_2025_are_kept():
    nodes = [(taxid, parent, "superkingdom" if rank == "domain" else rank, name) for taxid, parent, rank, name in NODES]
    assert ("superkingdom", "Bacteria") in path(compiled(nodes=nodes)[562])


@st.composite
def trees(draw):
    """Nodes whose parent stands before them, under taxids and in an order that say nothing of the tree."""
    size = draw(st.integers(1, 40))
    taxids = draw(st.lists(st.integers(1, 10_000), min_size=size, max_size=size, unique=True))
    parents = [0] + [draw(st.integers(0, place - 1)) for place in range(1, size)]
    ranks = draw(st.lists(st.sampled_from([*RANKS, "no rank", "strain"]), min_size=size, max_size=size))
    nodes = [(taxids[n], taxids[parents[n]], ranks[n], f"Name {taxids[n]}") for n in range(size)]
    olds = draw(st.lists(st.integers(10_001, 10_050), max_size=5, unique=True))
    return draw(st.permutations(nodes)), [(old, draw(st.sampled_from(taxids))) for old in olds]


@settings(deadline=None)
@given(trees(), st.integers(1, 50))
def test_lineages_equal_a_plain_walk_up_the_tree(tree, rows):
    nodes, merged = tree
    above = {taxid: (parent, rank, name) for taxid, parent, rank, name in nodes}
    taxa = compiled(rows, nodes=nodes, synonyms=[], merged=merged)
    assert set(taxa) == {*above, *(old for old, _ in merged)}
    for asked, taxid in [*((taxid, taxid) for taxid in above), *merged]:
        nearest: dict[str, tuple[int, str]] = {}
        here = taxid
        while True:
            parent, rank, name = above[here]
            nearest.setdefault(rank, (here, name))
            if parent == here:
                break
            here = parent
        row = taxa[asked]
        assert path(row) == [(rank, nearest[rank][1]) for rank in RANKS if rank in nearest]
        assert (row["species_taxid"], row["species"]) == nearest.get("species", (None, None))
        assert row["genus"] == nearest.get("genus", (0, None))[1]
        assert (row["parent"], row["rank"], row["name"]) == above[taxid]


def test_names_are_sorted_by_name_and_class():
    table = compile_names(dump(taxdumps.files()))
    assert table.schema.equals(TAXA_NAMES)
    rows = [tuple(row.values()) for row in table.to_pylist()]
    order = [(name, NAME_CLASSES.index(kind), taxid) for name, taxid, kind in rows]
    assert order == sorted(order)
    assert [row for row in rows if row[0] == "dog"] == [
        ("dog", 2559587, "synonym"), ("dog", 9615, "genbank common name"), ("dog", 9612, "common name"),
    ]  # fmt: skip
    assert {kind for _, _, kind in rows}.isdisjoint({"blast name", "type material", "authority"})


GOOD = taxdumps.files()


@pytest.mark.parametrize("rubbish", [b"rubbish\n", b"\n", b"12\t|\tx\n", b"x\t|\t1\t|\tspecies\t|\n", b"9\t|\t1\t|\n"])
@pytest.mark.parametrize("place", [0, 3, len(NODES)])
def test_an_invalid_row_is_named(rubbish, place):
    whole = GOOD["nodes.dmp"].splitlines(keepends=True)
    content = b"".join([*whole[:place], rubbish, *whole[place:]])
    with pytest.raises(CorpusError, match=rf"^here: line {place + 1}: expected the fields taxid, parent, rank .*;"):
        read_dmp("nodes.dmp", content, "here")


@pytest.mark.parametrize("bad", [b"7\t|\t\xff\t|\t\t|\tsynonym\t|\n", b"7\t|\ta\x1eb\t|\t\t|\tsynonym\t|\n"])
def test_a_line_that_is_not_utf8_is_named(bad):
    whole = GOOD["names.dmp"].splitlines(keepends=True)
    with pytest.raises(CorpusError, match=r"here: line 3: expected UTF-8 text"):
        read_dmp("names.dmp", b"".join([*whole[:2], bad, *whole[2:]]), "here")


@pytest.mark.parametrize("file", ["nodes.dmp", "names.dmp", "merged.dmp"])
@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_file_cut_in_its_last_line_is_refused(file, cut):
    count = GOOD[file].count(b"\n")
    with pytest.raises(CorpusError, match=f"x: line {count}: expected"):
        read_dmp(file, GOOD[file][:-cut], "x")


@given(
    st.lists(st.sampled_from([b"1", b"\t|\t", b"\t|\n", b"\n", b"a", b"\xff", b"\x1e", b"\r", b"\0", b'"'])).map(
        b"".join
    )
)
def test_any_bytes_are_read_or_a_corpus_error(content):
    for file in ("nodes.dmp", "names.dmp", "merged.dmp"):
        with contextlib.suppress(CorpusError):
            assert isinstance(read_dmp(file, content, "x"), pl.DataFrame)


def test_files_of_windows_and_without_a_last_line_end_are_read():
    expected = read_dmp("nodes.dmp", GOOD["nodes.dmp"], "x")
    assert read_dmp("nodes.dmp", GOOD["nodes.dmp"].replace(b"\n", b"\r\n"), "x").equals(expected)
    assert read_dmp("nodes.dmp", GOOD["nodes.dmp"][:-1], "x").equals(expected)
    assert read_dmp("merged.dmp", b"", "x").is_empty()


def test_lines_that_begin_with_a_number_sign_are_comments():
    assert read_dmp("merged.dmp", b"#\n", "x").is_empty()
    content = b"# made by hand\r\n" + GOOD["nodes.dmp"] + b"#\n"
    assert read_dmp("nodes.dmp", content, "x").equals(read_dmp("nodes.dmp", GOOD["nodes.dmp"], "x"))
    with pytest.raises(CorpusError, match=r"x: line 2: expected the fields"):
        read_dmp("merged.dmp", b"#\n1\n", "x")


def test_lines_of_both_line_ends_in_one_file_are_read():
    lines = GOOD["names.dmp"].splitlines(keepends=True)
    mixed = [line if number % 2 else line.replace(b"\n", b"\r\n") for number, line in enumerate(lines)]
    assert read_dmp("names.dmp", b"".join(mixed), "x").equals(read_dmp("names.dmp", GOOD["names.dmp"], "x"))


def test_quotes_in_names_are_text():
    content = lines([(7, '"Candidatus" O\'Brien, #1\\', "", "scientific name"), (8, "Ünï × α", "", "synonym")])
    assert read_dmp("names.dmp", content, "x")["name"].to_list() == ['"Candidatus" O\'Brien, #1\\', "Ünï × α"]


BAD = {
    "nodes.dmp: taxid 562: expected a node of its parent 8, found none": {
        "nodes": [(562, 8, "species", "E"), (1, 1, "no rank", "root")],
    },
    "nodes.dmp: taxid 5: expected a root above it": {
        "nodes": [(1, 1, "no rank", "root"), (5, 6, "genus", "A"), (6, 7, "genus", "B"), (7, 5, "genus", "C")],
    },
    "nodes.dmp: taxid 8: expected a root above it": {"nodes": [(8, 9, "genus", "A"), (9, 8, "genus", "B")]},
    "nodes.dmp: taxid 1: expected one node, found nodes": {"nodes": [(1, 1, "no rank", "a"), (1, 1, "no rank", "a")]},
    "merged.dmp: taxid 5: expected a node of 6, which it is merged into, found none": {"merged": [(5, 6)]},
    "merged.dmp: taxid 5: expected a node of": {"merged": [(5, 6), (6, 5)]},
    "merged.dmp: taxid 562: expected one node or merger, found two": {"merged": [(562, 561)]},
    "merged.dmp: taxid 5: expected one node or merger, found two": {"merged": [(5, 561), (5, 562)]},
    "names.dmp: taxid 562: expected one scientific name": {"synonyms": [(562, "Other", "scientific name")]},
}


@pytest.mark.parametrize("message", BAD)
def test_an_inconsistent_taxdump_names_a_taxid(message):
    with pytest.raises(CorpusError) as caught:
        compiled(**{"synonyms": [], "merged": []} | BAD[message])
    assert str(caught.value).startswith(f"dump: {message}")
    assert str(caught.value).endswith("; take all files from one taxdump")


def test_a_node_without_a_name_and_a_name_without_a_node_are_named():
    whole = taxdumps.files()
    unnamed = whole | {
        "names.dmp": b"".join(line for line in whole["names.dmp"].splitlines(True) if b"Canidae" not in line)
    }
    with pytest.raises(CorpusError, match=r"dump: names\.dmp: taxid 9608: expected a scientific name, found none"):
        list(compile_taxa(dump(unnamed), 10))
    with pytest.raises(CorpusError, match=r"names\.dmp: taxid 77: expected a node in nodes\.dmp, .* 'Nobody'"):
        compile_names(dump(taxdumps.files(synonyms=[(77, "Nobody", "synonym")])))
