"""Divisions of one's own and papers from the services, the whole way with Snakemake against stand-ins."""

import contextlib
import gzip
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
import yaml
from support import taxdumps
from support.each import each
from support.flatfile import fasta, record
from support.servers import eutils as eutils_server
from support.servers import service
from support.servers.europepmc import EuropePmcServer
from support.servers.genomes import Assembly, write_genomes
from support.servers.pmc import PmcServer
from support.servers.refseq import serve as serve_files
from support.smallrelease import PLANTS, bases, gene, plain
from support.traces import traces
from support.workflow import SNAKEMAKE, environment, ledger

pytestmark = pytest.mark.workflow

SECRET = "0123456789abcdef-secret"
CABBAGES = [
    (1, 1, "no rank", "root"),
    (2759, 1, "domain", "Eukaryota"),
    (3699, 2759, "order", "Brassicales"),
    (3705, 3699, "genus", "Brassica"),
    (3711, 3705, "species", "Brassica rapa"),
    (51351, 3711, "subspecies", "Brassica rapa subsp. pekinensis"),
    (3701, 3699, "genus", "Arabidopsis"),
    (3702, 3701, "species", "Arabidopsis thaliana"),
    (4527, 2759, "genus", "Oryza"),
    (4530, 4527, "species", "Oryza sativa"),
]


@dataclass(frozen=True)
class Genome(Assembly):
    """An assembly of one described record that cites a paper."""

    pmid: int = 0

    def files(self) -> dict[str, bytes]:
        name, organism = (
            f"NC_{self.accession[4:13]}.1",
            [("organism", self.organism), ("db_xref", f"taxon:{self.taxid}")],
        )
        cited = [{"title": "A title", "pubmed": str(self.pmid)}]
        text = record(
            name, bases(name, 900), [("source", "1..900", organism), *gene(1, 10, 309)], organism=self.organism,
            lineage=PLANTS, dblink=[f"Assembly: {self.accession}"],
            references=cited,
        )  # fmt: skip
        beside = fasta((name, bases(name, 900)[:100].lower() + bases(name, 900)[100:]))
        stem = Path(self.place).name
        return {
            f"{stem}_genomic.gbff.gz": gzip.compress(text.encode(), mtime=0),
            f"{stem}_genomic.fna.gz": gzip.compress(beside.encode(), mtime=0),
        }


GENOMES = [
    Genome("GCF_000000001.1", "Brassica rapa subsp. pekinensis", 51351, 3711, pmid=1),
    Genome("GCF_000000002.1", "Arabidopsis thaliana", 3702, pmid=2, values={"pubmed_id": "2;4"}),
    Genome("GCF_000000003.1", "Oryza sativa", 4530, pmid=3),
]
GFF = """##gff-version 3
##sequence-region own_1 1 900
own_1\tme\tregion\t1\t900\t.\t+\t.\tID=r;Dbxref=taxon:3711;Name=own;gbkey=Src;mol_type=genomic DNA
own_1\tme\tgene\t11\t310\t.\t+\t.\tID=gene-a;Name=abcX;gbkey=Gene;gene=abcX
own_1\tme\tCDS\t11\t310\t.\t+\t0\tID=cds-a;Parent=gene-a;gbkey=CDS;gene=abcX;product=cabbage protein
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A finished build of four custom divisions with papers: its folder, what it printed, and the services."""
    folder = tmp_path_factory.mktemp("sources")
    with contextlib.ExitStack() as stack:
        files = stack.enter_context(serve_files(write_genomes(folder / "genomes", GENOMES)))
        eutils = stack.enter_context(eutils_server.serve())
        pmc, europepmc = (stack.enter_context(service.serve(kind())) for kind in (PmcServer, EuropePmcServer))
        eutils.records["NC_900001.1"] = plain("NC_900001.1", "Test phage nine", ("Viruses", "Duplodnaviria"))
        for pmid in (1, 2, 3, 4):
            eutils.papers[pmid] = eutils_server.article(pmid)
            eutils.pmcids[pmid] = f"PMC{pmid}"
        pmc.add("PMC1", pmid=1)
        pmc.add("PMC2", pmid=2, license_code="CC BY-NC-ND")
        pmc.add("PMC3", pmid=3, is_retracted=True)
        taxdumps.tar_gz(folder / "genomes" / "new_taxdump.tar.gz", taxdumps.files(CABBAGES, [], [], []), md5=True)
        own = folder / "own"
        own.mkdir()
        (own / "a.gbff").write_text(plain("XX000001.1", "Own phage", ("Viruses", "Duplodnaviria")))
        (own / "b.fna").write_text(fasta(("own_1 a cabbage of mine", bases("own", 900))))
        (own / "b.gff").write_text(GFF)
        (folder / "list.txt").write_text("GCF_000000003.1\nNC_900001.1  # a phage\nNC_900002.1\n")
        config = {
            "name": "t", "mirror": "none", "divisions": [], "taxonomy": f"{files.url}new_taxdump.tar.gz",
            "contact": "me@example.org", "validate": {"preset": "off"}, "papers": {"source": "ncbi"},
            "services": {
                "genomes": files.url, "eutils": eutils.url, "idconv": eutils.root + eutils_server.IDCONV,
                "pmc": pmc.url, "europepmc": europepmc.url, "pubmed": str(folder),
            },
            "splits": {"validation": 0, "test": 0, "always_test": ["Brassica rapa"]},
            "custom_divisions": [
                {"name": "cabbages", "taxon": "Brassicales", "assemblies": {"assembly_level": "Complete Genome"}},
                {"name": "listed", "accessions": str(folder / "list.txt")},
                {"name": "mine", "path": str(own)},
            ],
        }  # fmt: skip
        (folder / "mine.yaml").write_text(yaml.safe_dump(config))
        done = build(folder)
        assert done.returncode == 0, done.stdout
        yield folder, done.stdout, (files, eutils, pmc, europepmc)


def build(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [*SNAKEMAKE, "--cores", "2", "--configfile", "mine.yaml", *more]
    return subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env=environment() | {"NCBI_API_KEY": SECRET},
    )  # fmt: skip


def rows(folder: Path, config: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "results" / "t" / "dataset" / "data" / config / "*" / "*.parquet")


def test_each_kind_of_custom_division_is_built(world, run):
    folder, output, _ = world
    found = rows(folder, "records").sort("division", "accession")
    assert found.select("division", "accession", "source", "release").rows() == [
        ("cabbages", "NC_000000001.1", "gbff", "assemblies"),
        ("cabbages", "NC_000000002.1", "gbff", "assemblies"),
        ("listed", "NC_000000003.1", "gbff", "assemblies"),
        ("listed", "NC_900001.1", "gbff", "nuccore"),
        ("mine", "XX000001.1", "gbff", "local"),
        ("mine", "b:own_1", "gff", "local"),
    ]
    assert "ledger balances" in output
    assert run("verify", folder / "results" / "t" / "dataset")[0] == 0


def test_species_come_from_the_taxonomy_and_a_listed_one_is_held_out(world):
    folder, _, _ = world
    found = {row["accession"]: row for row in rows(folder, "records").to_dicts()}
    cabbage = found["NC_000000001.1"]
    assert (cabbage["species"], cabbage["species_taxid"], cabbage["taxid"]) == ("Brassica rapa", 3711, 51351)
    assert cabbage["species_source"] == "taxonomy"
    assert [rank["rank"] for rank in cabbage["ranked_lineage"]] == ["domain", "order", "genus", "species"]
    assert found["b:own_1"]["species"] == "Brassica rapa"
    assert found["NC_900001.1"]["species_source"] == "name"
    test = folder / "results" / "t" / "dataset" / "data" / "records"
    assert set(pl.read_parquet(test / "*" / "test-*.parquet")["accession"]) == {"NC_000000001.1", "b:own_1"}
    entries = ledger(folder / "results" / "t" / "dataset")
    assert (entries["species", "kept", "taxonomy"], entries["species", "kept", "name"]) == (4, 2)


def test_gff_beside_fasta_gives_rows_of_its_genes(world):
    genes = rows(world[0], "pairs").filter((pl.col("accession") == "b:own_1") & (pl.col("kind") == "gene"))
    assert set(genes["feature_kind"]) >= {"CDS"}
    (row,) = genes.filter(pl.col("feature_kind") == "CDS").to_dicts()
    assert row["sequence"] == bases("own", 900)[10:310]
    assert "cabbage protein" in row["text"]


def test_an_accession_that_nobody_has_is_a_tombstone(world):
    folder, output, _ = world
    assert "gone: NC_900002.1: gone from nuccore" in output
    assert ledger(folder / "results" / "t" / "dataset")["file", "rejected", "gone"] == 1


def test_papers_keep_their_texts_by_their_licences(world):
    folder, _, (_, _, pmc, _) = world
    papers = {row["pmid"]: row for row in rows(folder, "papers").to_dicts()}
    assert {pmid: (row["license"], row["open"], row["retracted"]) for pmid, row in papers.items()} == {
        1: ("CC-BY", True, False), 2: ("CC-BY-NC-ND", False, False), 3: ("CC-BY", True, True), 4: (None, False, False),
    }  # fmt: skip
    assert "Of E. coli & phages." in papers[1]["abstract"]
    assert [passage["text"] for passage in papers[1]["passages"]] == ["Text."]
    assert not papers[2]["abstract"]
    assert not papers[2]["passages"]
    assert not papers[3]["passages"]
    assert not [path for path in pmc.paths() if path.endswith(".xml") and "PMC1" not in path]


def test_the_manifest_pins_the_sources_and_names_no_place(world):
    folder, _, (files, *_) = world
    manifest = json.loads((folder / "results" / "t" / "dataset" / "manifest.json").read_text())
    assert manifest["taxonomy"]["file"] == "new_taxdump.tar.gz"
    assert all(entry["md5"] for entry in each(manifest["inputs"]) if entry["status"] == "ok")
    assert [entry["name"] for entry in manifest["config"]["custom_divisions"]] == ["cabbages", "listed", "mine"]
    assert traces(folder / "results" / "t" / "dataset", [str(folder), files.url]) == []


def test_no_secret_is_on_disk_or_in_the_output(world):
    folder, output, (_, eutils, _, _) = world
    assert eutils.log
    assert not [request for request in eutils.log if "api_key" in request.form]  # it is no host of NCBI
    assert SECRET not in output
    assert traces(folder, [SECRET]) == []


def test_its_catalogs_rebuild_it_from_the_same_files_and_the_same_papers(world):
    folder, _, servers = world
    asked = [len(server.log) for server in servers[1:]]
    done = build(folder, "--config", "name=again", "catalog=results/t/catalog", "custom_divisions=[]", "divisions=[]")
    assert done.returncode != 0
    done = build(folder, "--config", "name=again", "catalog=results/t/catalog")
    assert done.returncode == 0, done.stdout
    first, again = (
        {
            path.relative_to(folder / "results" / name / "dataset"): path.read_bytes()
            for path in (folder / "results" / name / "dataset").rglob("*")
            if path.is_file()
        }
        for name in ("t", "again")
    )
    assert first == again
    # The records of nuccore are fetched anew; no paper is.
    assert [len(server.log) for server in servers[2:]] == asked[1:]
    assert not [request for request in servers[1].log[asked[0] :] if request.form.get("db") == "pubmed"]
