"""The dataset card: the README.md that the Hub shows, made from the manifest and the books alone."""

from typing import Any

import polars as pl
import pyarrow as pa
import yaml

from dnacorpus.dataset.audit_summary import markdown
from dnacorpus.divisions import DIVISIONS
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import ledger
from dnacorpus.storage.catalog import SIMULATED_RELEASE, sources_in_words

DEFAULT_CONFIG = "pairs"
LARGE = 0.2
"""A species with a larger share of the bases of a split is warned of."""

CONFIG_TITLES = {
    "pairs": "one row is one span of DNA and the text about it, with the evidence of every statement",
    "records": "one row is one sequence record: its header, taxonomy and provenance",
    "features": "one row is one feature of the record's feature table, with every qualifier",
    "segments": "one row is up to 1,048,576 bases of a record; joined in order they are the record",
    "papers": "one row is one paper that the records cite; its abstract and attribution where its licence is open",
}

BODY = """
# {title}

DNA and what is known about it in words: {sources}; {divisions}.
The facts in `text` are spans of `evidence`, each with the record field it comes from; what stands between the spans
is a template's wording. No language model wrote any of it.

```python
from datasets import load_dataset

pairs = load_dataset("ORG/NAME", "pairs", split="{split}")
```

## Configs

{configs}

Each config stands for all divisions; `<config>-<division>` is one of them.

## Divisions

{division_table}

## Splits

A split is a digest of the seed and the {unit}: no {unit} stands in two splits.
{split_table}
{missing}
## What train knows of the held-out rows

{leaks}
## Safety

{safety}

## What came in and what became of it

```
{summary}
```

The same by part and reason is in `ledger.parquet`; `index/` answers for any accession, taxon or sequence where it is,
or why it is not here.

## Rights

Sequences and annotation are NCBI RefSeq's, on which NCBI itself places no restriction; some submitters may claim
rights in what they submitted. Each span of evidence carries its licence: `LicenseRef-NCBI` is record text. NCBI's
policies: https://www.ncbi.nlm.nih.gov/home/about/policies/
{paper_rights}"""

PAPER_RIGHTS = """
Abstracts belong to their papers. One stands here only where its paper is under an open licence and is not known to be
retracted; each span that quotes a paper carries the paper's licence and PubMed id. Whom to name for it is the
`attribution` of the paper's row in `papers`. Of all other papers `papers` has bibliographic data alone, courtesy of the
U.S. National Library of Medicine.
"""


LEAKS = """
A validation row is not here when its bases stand in train, on either strand, or when train holds more than {share} of
its {k}-mers; a test row neither, by what train and validation hold together. What remains was measured on the shards as
published, by code without a part in the splitting: the share of a row's {audited}-mers that any train row or train
segment holds. `audit.parquet` has it for every row.

{table}
Only rows leave evaluation: `records`, `features` and `segments` of validation and test hold the held-out records whole.
"""

SAFETY = {
    "exclude": """
Viruses of eukaryotes are left out, decided by lineage and, where a lineage is mixed, by host: {records} records, with
their copies, and {rows} rows of other records that hold more than {share} of their k-mers in one. `index/` names
every record, reason `biosafety`. Which taxa, and on whose word, is in the table `biosafety.tsv` of the software. This
keeps such sequences out of what a model reads here. It does not keep a model from learning them elsewhere: fine-tuning
with public genomes can bring back part of what was left out (arXiv 2511.19299, 2510.27629). The `segments` of other
records are whole.""",
    "flag": """
Viruses of eukaryotes are in this dataset. The column `biosafety` of `pairs` names the taxon that says so, or `similar`
for a row of another record that holds more than {share} of its k-mers in one of them, and is null otherwise.""",
    "off": """
No biosafety policy was applied: viruses of eukaryotes are in this dataset, unmarked.""",
}


def text(
    manifest: dict[str, Any], shards: list[dict[str, Any]], books: pa.Table, species: pa.Table, audit: pl.DataFrame
) -> str:
    """Return the card.

    ``shards`` are the manifest's entries of the shards; ``species`` has division, species, split,
    length and status of every record, ``audit`` is a table of AUDIT. Only splits that exist are named: ``datasets``
    fails on an empty one.
    """
    frame = pl.DataFrame(shards, schema_overrides={"rows": pl.Int64, "bases": pl.Int64}) if shards else _no_shards()
    divisions = manifest["config"]["divisions"]
    present = [split for split in SPLITS if split in set(frame["split"])]
    header: dict[str, Any] = {
        "license": "other",
        "license_name": "mixed-per-row",
        "license_link": "https://www.ncbi.nlm.nih.gov/home/about/policies/",
        "language": ["en"],
        "task_categories": ["text-generation", "feature-extraction"],
        "tags": ["biology", "genomics", "dna", "refseq"],
        "size_categories": [size_category(int(_of(frame, DEFAULT_CONFIG)["rows"].sum()))],
    }
    if shards:  # the Hub takes an empty list for a mistake
        header["configs"] = configs_block(frame)
        header["dataset_info"] = dataset_info_block(frame)
    body = BODY.format(
        title=_title(manifest),
        sources=sources_in_words(entry["release"] for entry in manifest["inputs"]),
        divisions=", ".join(DIVISIONS[name].title if name in DIVISIONS else name for name in divisions),
        split=present[0] if present else SPLITS[0],
        configs="\n".join(
            f"- `{name}`: {title}" for name, title in CONFIG_TITLES.items() if name in set(frame["config"])
        ),
        division_table=_division_table(frame, books, species, divisions),
        unit=manifest["config"]["splits"]["unit"],
        split_table=_split_table(frame, species),
        missing=_missing_splits(frame, divisions),
        leaks=_leaks(manifest["config"], audit),
        safety=_safety(manifest["config"]["biosafety"], books),
        summary=ledger.summary(books),
        paper_rights=PAPER_RIGHTS if "papers" in set(frame["config"]) else "",
    )
    return f"---\n{yaml.safe_dump(header, sort_keys=False, allow_unicode=True)}---\n{body}"


def dataset_info_block(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the card's ``dataset_info:`` list: bytes to download of each config, by name.

    It is what tells ``datasets`` one build from the next: its cache goes by the last folder's name, which is the same
    for every build, and by the card's header, never by the files (`LocalDatasetModuleFactory` of 5.2). Numbers of
    rows are left out: it would refuse a folder of which a part was pulled.
    """
    levels = [frame, frame.with_columns(config=pl.concat_str("config", pl.lit("-"), "division"))]
    sizes = pl.concat(level.group_by("config").agg(pl.col("bytes").sum()) for level in levels).sort("config")
    return [{"config_name": name, "download_size": size} for name, size in sizes.iter_rows()]


def configs_block(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the card's ``configs:`` list: each config over all divisions, then by division."""
    block = []
    for config in frame["config"].unique(maintain_order=True):
        mine = _of(frame, config)
        block.append(
            _config_entry(config, f"data/{config}/*", mine) | ({"default": True} if config == DEFAULT_CONFIG else {})
        )
        for division in mine["division"].unique(maintain_order=True):
            rows = mine.filter(pl.col("division") == division)
            block.append(_config_entry(f"{config}-{division}", f"data/{config}/{division}", rows))
    return block


def size_category(rows: int) -> str:
    """Return the Hub's size category of a number of rows, e.g. 1M<n<10M."""
    names = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    place = len(str(rows)) - len("1000")
    if place < 0:
        return "n<1K"
    return f"{names[place]}<n<{names[place + 1]}" if place + 1 < len(names) else "n>1T"


def _title(manifest: dict[str, Any]) -> str:
    if {entry["release"] for entry in manifest["inputs"]} == {SIMULATED_RELEASE}:
        return "SIMULATED: a made-up DNA - natural-language corpus, for tests and demonstration"
    return "A DNA - natural-language corpus"


def _no_shards() -> pl.DataFrame:
    names = dict.fromkeys(("path", "config", "division", "split"), pl.String)
    return pl.DataFrame(schema={**names, "rows": pl.Int64, "bases": pl.Int64})


def _of(frame: pl.DataFrame, config: str) -> pl.DataFrame:
    return frame.filter(pl.col("config") == config)


def _config_entry(name: str, folder: str, frame: pl.DataFrame) -> dict[str, Any]:
    present = set(frame["split"])
    files = [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in SPLITS if split in present]
    return {"config_name": name, "data_files": files}


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---" if place == 0 else "---:" for place in range(len(head))]]
    lines += [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _division_table(frame: pl.DataFrame, books: pa.Table, species: pa.Table, divisions: list[str]) -> str:
    kept = pl.DataFrame(species).filter(pl.col("status") == "kept")
    counts = {
        (row["division"], row["unit"]): row for row in ledger.totals(books, "division") if row["status"] == "kept"
    }
    rows = []
    for division in divisions:
        record = counts.get((division, "record"), {"count": 0, "bases": 0})
        pairs = _of(frame, DEFAULT_CONFIG).filter(pl.col("division") == division)
        names = kept.filter(pl.col("division") == division)["species"].drop_nulls()
        rows.append([division, record["count"], record["bases"], int(pairs["rows"].sum()), names.n_unique()])
    return _table(["division", "records", "bases", "pairs", "species"], rows)


def _split_table(frame: pl.DataFrame, species: pa.Table) -> str:
    kept = pl.DataFrame(species).filter(pl.col("status") == "kept")
    rows = []
    for split in SPLITS:
        pairs = _of(frame, DEFAULT_CONFIG).filter(pl.col("split") == split)
        names = kept.filter(pl.col("split") == split)["species"].drop_nulls()
        rows.append([split, int(pairs["rows"].sum()), int(pairs["bases"].sum()), names.n_unique()])
    return "\n" + _table(["split", "pairs", "bases", "species"], rows) + "\n" + _dominating(kept)


def _dominating(kept: pl.DataFrame) -> str:
    """Warn of each species that has more than a fifth of the bases of its split's records."""
    whole = pl.col("length").sum().over("split")
    found = kept.group_by("split", "species").agg(pl.col("length").sum()).with_columns(share=pl.col("length") / whole)
    large = found.filter((pl.col("share") > LARGE) & pl.col("species").is_not_null()).sort("split", "species")
    lines = [
        f"- {split}: {share:.0%} of the bases are of *{species}*." for split, species, _, share in large.iter_rows()
    ]
    return "\nOne species is much of a split:\n\n" + "\n".join(lines) + "\n" if lines else ""


def _missing_splits(frame: pl.DataFrame, divisions: list[str]) -> str:
    pairs = _of(frame, DEFAULT_CONFIG)
    lines = []
    for division in divisions:
        present = set(pairs.filter(pl.col("division") == division)["split"])
        if absent := [split for split in SPLITS if split not in present]:
            lines.append(f"- `{division}` has no {' and no '.join(absent)} rows.")
    return "\n".join(lines) + "\n" if lines else ""


def _leaks(config: dict[str, Any], audit: pl.DataFrame) -> str:
    if audit.is_empty():
        return "There are no held-out rows.\n"
    table = "\n".join(markdown(audit)) + "\n"
    leaks = config["decontamination"]
    told = LEAKS.format(share=f"{leaks['max_overlap']:.0%}", k=leaks["k"], audited=config["audit"]["k"], table=table)
    return told.removeprefix("\n")


def _safety(policy: dict[str, Any], books: pa.Table) -> str:
    totals = ledger.totals(books)
    left_out = {row["unit"]: 0 for row in totals}
    for row in totals:
        if row["reason"] == "biosafety":
            left_out[row["unit"]] += row["count"]
    rows = sum(left_out.get(unit, 0) for unit in ("row", "feature", "paper"))
    told = SAFETY[policy["policy"]].format(
        records=f"{left_out.get('record', 0):,}", rows=f"{rows:,}", share=f"{policy['max_overlap']:.0%}"
    )
    return told.removeprefix("\n")
