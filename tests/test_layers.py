"""Imports point down: who may import whom, and which module is the one home of an outside library."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "dnacorpus"

CLI = {
    "dataset_cli", "dedup_cli", "documents_cli", "explain_cli", "find_cli", "sources_cli", "stages_cli", "where_cli",
}  # fmt: skip

LAYERS = [
    {"divisions", "errors", "evidence", "genetic_codes", "reasons"},
    {"document_schemas", "index_schemas", "leak_schemas", "match_schemas", "near_schemas", "schemas", "sequence"},
    {
        "annotation", "articles", "assemblies", "audit_summary", "balance", "batch", "biosafety", "biosafety_rules",
        "candidates", "card", "claims", "compose", "config_checks", "context", "copies", "croissant", "describe",
        "details", "document_plan", "document_text", "duplicates", "europepmc", "evolution", "exchanges", "families",
        "fasta", "feature_choice", "feature_columns", "feature_lines", "figures", "find_output", "find_places",
        "find_query", "flatfile", "foreign", "genbank", "gene_questions", "genes", "genomes", "gff", "gff_features",
        "gff_files", "gff_lines", "gff_names", "header", "highlight", "hosts", "jats", "kinds", "kmers", "ledger",
        "licenses", "location", "location_columns", "loci", "locus", "markup", "organisms", "pairs", "paper",
        "paper_pairs", "passage_choice", "passages", "pdf_layout", "pdf_paragraphs", "pdf_text", "pdf_words",
        "planted", "pmc_metadata", "policies", "pubmed", "pubmed_entries", "questions", "ragged", "record",
        "record_names", "release", "removed", "row_guard", "selection", "sequence_questions", "simulated_records",
        "species", "splits", "stretches", "structure", "taxdump", "where_text", "windows", "wording",
    },
    {
        "assembly_files", "baseline", "clusters", "config", "dataset_statistics", "europepmc_service", "eutils",
        "files", "find_tables", "hub", "hub_ranges", "idconv", "layout", "local_files", "manifest", "mirror",
        "molecules", "nuccore", "paper_answers", "paper_cache", "paper_files", "part_tables", "partial", "pdf",
        "pdf_paper", "pmc", "progress", "remote", "sketch_files", "tables", "taxa", "train", "validation_results",
        "where_bases", "where_files", "where_hub", "where_query",
    },
    {
        "assemble", "audit", "catalog", "check", "collapse", "custom", "dedup", "documents", "exclusions", "explain",
        "fetch", "find", "index", "kmer_index", "leaks", "literature", "near", "pair", "papers", "parse", "publish",
        "pull", "report", "report_sections", "shard", "simulate", "sketches", "successors", "taxonomy", "validate",
        "verify", "where",
    },
    {"arguments"},
    CLI,
    {"cli"},
    {"__main__"},
]  # fmt: skip

HOMES = {
    "requests": {"remote"},
    "yaml": {"config", "card"},
    "gb_io": {"annotation"},
    "Bio": {"annotation"},
    "isal": {"genbank"},
    "argparse": {"arguments", "cli", *CLI},
    "snakemake": set(),
    "torch": set(),
    "huggingface_hub": {"hub", "hub_ranges"},
    "sourmash": {"sketches"},
    "httpx2": {"hub"},
    "jinja2": {"report"},
    "markupsafe": {"figures", "find_output", "find_places", "find_query", "report_sections"},
    "pymupdf": {"pdf"},
}

MODULES = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem != "__init__")
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}


def imports(module: str) -> tuple[set[str], set[str]]:
    """Return the modules of the package and the outside top-level packages that a module imports, anywhere in it."""
    inside: set[str] = set()
    outside: set[str] = set()
    for node in ast.walk(ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import on line {node.lineno}"
            if node.module == "dnacorpus":
                inside |= {alias.name for alias in node.names if alias.name in LEVEL}
            elif node.module and node.module.startswith("dnacorpus."):
                inside.add(node.module.split(".")[1])
            else:
                outside.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top, _, rest = alias.name.partition(".")
                (inside if top == "dnacorpus" and rest else outside).add(rest or top)
    return inside, outside


def test_every_module_has_a_layer():
    assert {*MODULES, "train"} == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    upward = {other for other in imports(module)[0] if LEVEL[other] > LEVEL[module]}
    assert not upward, f"{module} imports {upward} from above"


@pytest.mark.parametrize("path", sorted((SOURCE / "train").glob("*.py")), ids=lambda path: path.stem)
def test_training_reads_shards_and_knows_nothing_of_the_stages(path):
    inside, outside = imports(f"train/{path.stem}")
    assert inside <= {"errors", "schemas", "splits", "tables", "train"}
    assert outside.isdisjoint(HOMES.keys() - {"torch"})


def test_no_cycle():
    waiting = {module: imports(module)[0] for module in MODULES}
    while waiting:
        free = {module for module, needs in waiting.items() if not needs & set(waiting)}
        assert free, f"import cycle among {sorted(waiting)}"
        waiting = {module: needs for module, needs in waiting.items() if module not in free}


@pytest.mark.parametrize("module", MODULES)
def test_outside_libraries_have_one_home(module):
    strangers = {library for library in imports(module)[1] if module not in HOMES.get(library, {module})}
    assert not strangers, f"{module} imports {strangers}, whose home is elsewhere"


def test_modules_are_short():
    lengths = {module: len((SOURCE / f"{module}.py").read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module: length for module, length in lengths.items() if length > 310} == {}
