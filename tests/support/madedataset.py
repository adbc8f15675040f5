"""A made-up dataset folder: gene families whose text names the family, species as mutants of a genus, all splits."""

import hashlib
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.manifests import manifest_json

from dnacorpus.schemas.pairs import PAIRS

PRODUCTS = (
    "ATP synthase subunit alpha", "cytochrome c oxidase subunit I", "class IV adenylate cyclase",
    "ribulose bisphosphate carboxylase large chain", "elongation factor Tu", "DNA gyrase subunit B",
    "chaperonin GroEL", "recombinase RecA", "glyceraldehyde-3-phosphate dehydrogenase", "beta-lactamase TEM",
)  # fmt: skip
OPENINGS = (
    "In {organism}, {gene} is predicted to code for {product}. It is translated with genetic code 11.",
    "This stretch of the genome of {organism} is annotated as the gene {gene}, which encodes {product}."
    " Genetic code 11 applies to it.",
    "A coding sequence of {organism}: {product} ({gene}). Databases know it by the accession {accession}.",
)
GENERA = ("Methanosarcina", "Pseudomonas", "Vibrio")
SPLITS = ("train", "train", "train", "train", "train", "train", "validation", "test")


def mutated(sequence: str, share: float, draw: random.Random) -> str:
    """Return the sequence with each base redrawn with a probability of ``share``."""
    return "".join(draw.choice("ACGT") if draw.random() < share else base for base in sequence)


def families(draw: random.Random, bases: int = 600) -> dict[str, str]:
    """Return product -> ancestral sequence."""
    return {product: "ATG" + "".join(draw.choices("ACGT", k=bases - 6)) + "TAA" for product in PRODUCTS}


def genes(seed: int = 0, species: int = 16, share: float = 0.1) -> list[tuple[str, dict[str, Any]]]:
    """Return (split, row) for each gene of each species of each genus; a species stands in one split."""
    draw = random.Random(f"genes/{seed}")
    ancestors = families(draw)
    rows = []
    for genus in GENERA:
        own = {product: mutated(sequence, share, draw) for product, sequence in ancestors.items()}
        for number in range(species):
            split = SPLITS[number % len(SPLITS)]
            organism = f"{genus} {''.join(draw.choices('aeiou', k=2))}{''.join(draw.choices('lmnrst', k=3))}us"
            for place, (product, sequence) in enumerate(own.items()):
                values = {
                    "organism": organism, "product": product, "accession": f"NP_{draw.randrange(10**9):09d}.1",
                    "gene": "".join(draw.choices("abcdefghij", k=3)) + draw.choice("ABCD"),
                }  # fmt: skip
                text = draw.choice(OPENINGS).format(**values)
                rows.append(
                    (
                        split,
                        row(f"{seed}/{genus}/{number}/{place}", mutated(sequence, share, draw), text, species=organism),
                    )
                )
    return rows


def row(name: str, sequence: str, text: str, **more: Any) -> dict[str, Any]:
    """Return a row of pairs: a gene of a bacterium."""
    pair_id = hashlib.md5(name.encode()).hexdigest()
    values = {
        "pair_id": pair_id, "kind": "gene", "division": "bacteria", "organism": "Vibrio", "species": None,
        "lineage": ["Bacteria"], "accession": "NC_000001.1", "genome": "", "feature_kind": "CDS", "feature_index": 1,
        "level": "cds", "start": 0, "end": len(sequence), "strand": 1, "parts": [], "topology": "linear",
        "molecule_type": "DNA", "transl_table": 11, "sequence": sequence, "mask": [], "n_share": 0.0, "text": text,
        "evidence": [], "orientation_free": False, "informative": True, "pmids": [], "licenses": ["LicenseRef-NCBI"],
        "cluster": pair_id, "copies": 1,
    }  # fmt: skip
    return values | more


def permuted(rows: list[tuple[str, dict[str, Any]]], seed: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows with their texts dealt out anew."""
    texts = [values["text"] for _, values in rows]
    random.Random(f"permuted/{seed}").shuffle(texts)
    return [(split, values | {"text": text}) for (split, values), text in zip(rows, texts, strict=True)]


def write_dataset(folder: Path, rows: list[tuple[str, dict[str, Any]]], row_group: int = 100) -> Path:
    """Write rows of (split, pair) as a dataset folder: one shard for each division and split, and the manifest."""
    shards: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for split, values in rows:
        shards.setdefault((values["division"], split), []).append(values)
    files = []
    for (division, split), values in sorted(shards.items()):
        name = f"data/pairs/{division}/{split}-00000-of-00001.parquet"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(values, schema=PAIRS), path, row_group_size=row_group)
        files.append(
            {
                "path": name, "config": "pairs", "division": division, "split": split, "rows": len(values),
                "bases": sum(len(value["sequence"]) for value in values), "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(manifest_json(files))
    return folder
