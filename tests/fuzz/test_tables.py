"""Damaged taxdumps, catalogs, assembly summaries and lists: each is read, or refused in one line."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import taxdumps
from support.each import each
from support.fuzzing import TABLE, TEXT, bounded, damaged, examples, real
from support.servers.genomes import Assembly, summary

from dnacorpus.curation.biosafety.rules import built_in_rules, parse_rules
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.sources import assemblies, assembly_summary, release
from dnacorpus.sources.http import POLICY
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.storage.catalog import COLUMNS, read_parts
from dnacorpus.storage.names import name_flaw

SUMMARY = summary([
    Assembly("GCF_000000001.2", "Saccharomyces cerevisiae S288C", 559292, 4932),
    Assembly("GCF_000000002.27", "Mus musculus", 10090, values={"pubmed_id": "123;45, 6"}),
])  # fmt: skip
CATALOG = "\n".join((
    "\t".join(COLUMNS),
    f"236\tviral\tviral.1\t00000\tfna\tviral.1.1.genomic.fna.gz\tviral/viral.1.1.genomic.fna.gz\t1000\t{'0' * 32}",
    "236\tviral\tviral.1\t00000\tgbff\tviral.1.genomic.gbff.gz\tviral/viral.1.genomic.gbff.gz\t\t",
    "local\tmine\tmine.1\t00001\tgbff\ta.gb\t/data/a.gb\t9\t",
    "nuccore\tmine\tmine.2\t00001\tgbff\tb.gb\tnuccore:NC_000001.1,NC_000002.1\t\t",
)).encode() + b"\n"  # fmt: skip
INSTALLED = "".join(
    f"{number:032x}\tviral.{number}.genomic.gbff.gz\n{number + 9:032x}\tviral.{number}.1.genomic.fna.gz\n"
    for number in range(1, 9)
).encode()
PAGE = b"<html><pre><a href='../'>..</a>\n" + b"".join(
    b'<a href="viral.%d.genomic.gbff.gz">viral.%d..&gt;</a> 2026-01-01 00:00  %dM\n' % (n, n, n) for n in range(1, 5)
) + b"</pre></html>"  # fmt: skip
CHECKSUMS = b"".join(b"%032x  ./GCF_1.1_x_genomic.%s.gz\n" % (n, kind) for n, kind in enumerate((b"gbff", b"fna")))
RULES = (
    "taxon\tdecision\tinfects\tsource\nViruses\texclude\tall\thttps://x\nCaudoviricetes\tkeep\tbacteria\thttps://y\n"
)


def installed(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    names = release.md5_sums(text, "list")
    for name in release.genomic_files(names, "viral"):
        assert release.genomic_file(name.name) == name
        assert name.part.startswith("viral.")
    release.misnamed(names, "viral")
    release.wgs_masters(names, "viral")


def listing(data: bytes) -> None:
    assert not [name for name in release.listed_names(data.decode("utf-8", "replace")) if name_flaw(name)]


def summaries(data: bytes) -> None:
    table = assembly_summary.read_summary(data.splitlines(keepends=True), "summary")
    chosen = assemblies.select(table, None, (), {})
    chosen, _ = assemblies.with_folder(chosen)
    for pubmed in chosen["pubmed_id"].to_list() if "pubmed_id" in chosen.columns else ():
        assert all(0 < pmid < 2**63 for pmid in assemblies.pubmed_ids(pubmed))


def checksums(data: bytes) -> None:
    assemblies.md5_sums(data.decode("utf-8", "replace"))


def rules(data: bytes) -> None:
    assert parse_rules(data.decode("utf-8", "replace"), "table").deciding(["Viruses"])


READERS: dict[str, tuple[list[bytes], Callable[[bytes], None]]] = {
    "checksums": ([CHECKSUMS], checksums),
    "installed": ([INSTALLED], installed),
    "listing": ([PAGE], listing),
    "summary": ([SUMMARY, *real("ncbi_ftp", "*.txt")], summaries),
    "rules": ([RULES.encode()], rules),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def test_the_undamaged_tables_are_read(tmp_path: Path) -> None:
    for corpus, read in each(READERS.values()):
        read(corpus[0])
    (tmp_path / "viral.tsv").write_bytes(CATALOG)
    assert len(read_parts(tmp_path / "viral.tsv")) == 4
    assert built_in_rules()


@pytest.mark.parametrize("reader", sorted(READERS))
@examples(300)
@given(data=st.data())
def test_a_damaged_table(reader: str, data: st.DataObject) -> None:
    corpus, read = READERS[reader]
    content = data.draw(damaged(corpus, TABLE))
    with bounded():
        read(content)


@examples(300)
@given(data=damaged([CATALOG], TABLE))
def test_a_damaged_catalog(folder: Path, data: bytes) -> None:
    path = folder / "viral.tsv"
    path.write_bytes(data)
    with bounded():
        for row in read_parts(path):
            assert tuple(row) == COLUMNS
            assert not name_flaw(row["file"])


@examples(60)
@given(name=st.sampled_from(sorted(taxdumps.files())), data=st.data())
def test_a_damaged_file_of_a_taxdump(folder: Path, name: str, data: st.DataObject) -> None:
    content = taxdumps.files()
    content[name] = data.draw(damaged([content[name]], TABLE))
    shutil.rmtree(folder / "dump", ignore_errors=True)
    taxonomy(folder, taxdumps.folder(folder / "dump", content))


@examples(60)
@given(data=st.data())
def test_a_damaged_archive_of_a_taxdump(folder: Path, data: st.DataObject) -> None:
    pack, name = data.draw(st.sampled_from(((taxdumps.tar_gz, "x.tar.gz"), (taxdumps.packed, "x.zip"))))
    whole = pack(folder / name).read_bytes()
    (folder / name).write_bytes(data.draw(damaged([whole], TEXT)))
    taxonomy(folder, folder / name)


def taxonomy(folder: Path, dump: Path) -> None:
    """Read a taxdump into tables, and look up taxa in them."""
    out = folder / "taxonomy"
    shutil.rmtree(out, ignore_errors=True)
    with bounded():
        write_taxonomy(str(dump), str(folder), out, POLICY, None)
    if out.is_dir():
        find = Taxa(out).taxon
        for taxid in random.Random(1).choices((1, 2, 562, 9615, 9999, 662101, 4444, -1), k=4):
            find(taxid)
