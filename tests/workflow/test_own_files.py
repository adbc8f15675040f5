"""Folders of genomes as annotation tools write them, the whole way: every record is kept under a name of its own."""

import json
import random
import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml
from support.each import each
from support.embl import as_embl
from support.flatfile import fasta, record
from support.workflow import SNAKEMAKE, environment, ledger

pytestmark = pytest.mark.workflow

GENOMES = [f"genome_{number:02}" for number in range(1, 21)]
CONTIGS = ("contig_1", "contig_2", "contig_3")
GENE = (
    "{name}\tBakta\tgene\t11\t100\t.\t+\t.\tID=g;gene={gene}\n"
    "{name}\tBakta\tCDS\t11\t100\t.\t+\t0\tID=c;Parent=g;product={gene} protein\n"
)


def bases(name: str) -> str:
    return "".join(random.Random(name).choices("ACGT", k=300))


def gene_of(genome: str, contig: str) -> str:
    return f"{genome[-2:]}{contig[-1]}".translate(str.maketrans("0123456789", "abcdefghij"))[:3] + "X"


def bakta(folder: Path, genome: str) -> None:
    """Write a genome as Bakta does: a flat file, GenBank or EMBL, with contigs for accessions, or FASTA with GFF3."""
    if genome in GENOMES[:4]:
        (folder / f"{genome}.fna").write_text(fasta(*((name, bases(genome + name)) for name in CONTIGS)))
        lines = [GENE.format(name=name, gene=gene_of(genome, name)) for name in CONTIGS]
        (folder / f"{genome}.gff3").write_text("##gff-version 3\n" + "".join(lines))
        return
    texts = []
    for name in CONTIGS:
        gene = gene_of(genome, name)
        features = [
            ("source", "1..300", [("organism", "Testus fictus"), ("mol_type", "genomic DNA")]),
            ("gene", "11..100", [("gene", gene)]),
            ("CDS", "11..100", [("gene", gene), ("product", f"{gene} protein"), ("codon_start", "1")]),
        ]
        texts.append(record(name, bases(genome + name), features, organism="Testus fictus"))
    suffix, text = ("embl", as_embl("".join(texts))) if genome in GENOMES[4:8] else ("gbff", "".join(texts))
    (folder / f"{genome}.{suffix}").write_text(text)


def prokka(folder: Path, stem: str) -> None:
    """Write a flat file as tbl2asn does for long names: no blank before the length, ACCESSION and VERSION empty."""
    texts = []
    for number in (1, 2, 12, 120):
        name = f"{stem}_scaffold_of_the_assembly_{number:06}"
        text = record("NAME", bases(name), [("CDS", "11..100", [("product", f"protein {number}")])])
        rest = text.partition("\n")[2].replace("   NAME", "   ")
        texts.append(f"LOCUS       {name}300 bp   DNA   linear       19-AUG-2014\n{rest}")
    (folder / f"{stem}.gbk").write_text("".join(texts))


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, str]:
    """A build of a folder of Bakta's genomes and one of Prokka's: its dataset, and what it printed."""
    folder = tmp_path_factory.mktemp("own")
    for name in ("bakta", "prokka"):
        (folder / name).mkdir()
    for genome in GENOMES:
        bakta(folder / "bakta", genome)
    (folder / "bakta" / "twin.fna").write_text(fasta(("contig_1", bases("genome_20contig_1"))))
    for stem in ("isolate_1", "isolate_2"):
        prokka(folder / "prokka", stem)
    config = {
        "name": "t", "mirror": "none", "divisions": [], "taxonomy": "none", "validate": {"preset": "off"},
        "papers": {"source": "none"}, "biosafety": {"policy": "off"},
        "custom_divisions": [{"name": name, "path": name} for name in ("bakta", "prokka")],
    }  # fmt: skip
    (folder / "own.yaml").write_text(yaml.safe_dump(config))
    done = subprocess.run(
        [*SNAKEMAKE, "--cores", "2", "--configfile", "own.yaml"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return folder / "results" / "t" / "dataset", done.stdout


def published(dataset: Path, config: str) -> pl.DataFrame:
    return pl.read_parquet(dataset / "data" / config / "*" / "*.parquet")


def test_every_record_is_kept_under_its_own_name(built, run):
    dataset, output = built
    found = published(dataset, "records")
    wanted = [("bakta", f"{genome}:{name}") for genome in GENOMES for name in CONTIGS]
    wanted += [
        ("prokka", f"{stem}:{stem}_scaffold_of_the_assembly_{number:06}")
        for stem in ("isolate_1", "isolate_2")
        for number in (1, 2, 12, 120)
    ]
    assert sorted(found.select("division", "accession").iter_rows()) == sorted(wanted)
    assert {300} == set(found["length"]) == set(found["locus_length"].drop_nulls())
    counts = {key: count for key, count in ledger(dataset).items() if key[0] in ("record", "name")}
    assert counts == {
        ("record", "in", ""): 69, ("record", "kept", ""): 68, ("record", "duplicate", "exact"): 1,
        ("name", "in", ""): 69, ("name", "kept", "by_file"): 69,
    }  # fmt: skip
    assert "bakta: 61 records named after the file" in output
    assert "prokka: 8 records named after the file" in output
    assert run("verify", dataset)[0] == 0


def test_each_record_has_its_own_bases_and_genes(built):
    dataset, _ = built
    segments = published(dataset, "segments").filter(pl.col("accession").str.starts_with("genome"))
    for accession, sequence in each(segments.select("accession", "sequence").iter_rows()):
        assert sequence == bases(accession.replace(":", ""))
    genes = published(dataset, "pairs").filter(division="bakta", feature_kind="CDS")
    assert len(genes) == len(GENOMES) * len(CONTIGS)
    for accession, sequence, text in each(genes.select("accession", "sequence", "text").iter_rows()):
        genome, _, contig = accession.partition(":")
        assert f"{gene_of(genome, contig)} protein" in text
        assert bases(genome + contig)[10:100] in sequence


def test_where_finds_a_record_by_its_name_in_the_file_by_its_file_and_by_both(built, run):
    dataset, _ = built
    for query, accessions in each({
        "contig_1": [f"{genome}:contig_1" for genome in [*GENOMES, "twin"]],
        "twin": ["twin:contig_1"],
        "genome_07": [f"genome_07:{name}" for name in CONTIGS],
        "genome_07:contig_2": ["genome_07:contig_2"],
        "isolate_1_scaffold_of_the_assembly_000012": ["isolate_1:isolate_1_scaffold_of_the_assembly_000012"],
        "contig_9": [],
    }.items()):  # fmt: skip
        code, out, _ = run("where", dataset, query, "--json")
        answer = json.loads(out)
        assert code == 0
        assert [row["accession"] for row in answer["records"] or []] == accessions
        assert answer["status"] == ("not_kept" if query == "twin" else "kept" if accessions else "absent")
