"""The dataset card: the README.md that the Hub shows, with numbers from `statistics`, the ledger and the audit."""

import re
from collections.abc import Iterable
from typing import Any

import polars as pl
import pyarrow as pa
import yaml

from dnacorpus.dataset.audit_summary import markdown
from dnacorpus.dataset.manifest import ManifestEntry
from dnacorpus.dataset.source_names import sources_in_words
from dnacorpus.dataset.statistics import Counts, Dataset, dominant_species, species_in_several_splits
from dnacorpus.divisions import DIVISIONS
from dnacorpus.numbers import percent
from dnacorpus.printable import escaped
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import ledger
from dnacorpus.storage.catalog import SIMULATED_RELEASE

DEFAULT_CONFIG = "pairs"
DOMINANT_SHARE = 0.2
"""The card names each species with a larger share of the bases of a split."""

_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$@:]|(?<=www)\.", re.IGNORECASE)

CONFIG_TITLES = {
    "pairs": "one row is a DNA sequence and a text about it, with the evidence for each statement of the text",
    "records": "one row is a sequence record: its header, taxonomy and provenance",
    "features": "one row is an entry of a record's feature table, with all its qualifiers",
    "segments": "one row is up to 1,048,576 bases of a record; concatenated in order they are the whole record",
    "papers": "one row is a paper that records cite; its abstract and attribution are included if its licence is open",
}

BODY = """
# {title}

DNA sequences paired with text that describes them. Sources: {sources}; {divisions}.
The text is assembled from templates. Each fact in `text` is a span listed in `evidence` with the record field or paper
that it comes from; the words between the spans belong to the template. No language model wrote any of the text.

```python
from datasets import load_dataset

pairs = load_dataset("ORG/NAME", "pairs", split="{split}")
```

## Configs

{configs}

Each config covers all divisions; `<config>-<division>` selects one.

## Divisions

{division_table}

## Splits

Each {unit} is assigned to one split, by default according to a digest of its name and the seed.
{overlap}

{split_table}
{dominant}{missing}
## Overlap between train and the held-out splits

{leaks}
## Biosafety

{safety}

## Ledger

Every file, record and feature that was read is either kept or listed with the reason why it was not:

```
{summary}
```

`ledger.parquet` has these counts by part and reason. `index/` finds an accession, taxon or sequence in the dataset, or
the reason why it was left out; `dnacorpus where` queries it.

## Licence

Sequences and annotation are from NCBI RefSeq. NCBI places no restrictions on their use, but some submitters may claim
rights in the data they submitted: https://www.ncbi.nlm.nih.gov/home/about/policies/. Each evidence span carries its
licence; `LicenseRef-NCBI` marks text from a record.
{paper_rights}"""

PAPER_RIGHTS = """
Abstracts and passages of papers keep the licence of their paper. They are included only if that licence is open and the
paper is not known to be retracted. A span that quotes a paper carries its licence and PubMed id, and the paper's row in
`papers` has the `attribution` to give. For all other papers, `papers` has bibliographic data only, courtesy of the U.S.
National Library of Medicine.
"""

LEAKS = """
A validation row is dropped if train contains its sequence, on either strand, or more than {share} of its {k}-mers. A
test row is dropped by the same rule, applied to train and validation together. The remaining overlap was then measured
on the published files, with code that shares nothing with the splitting: the share of a row's {audited}-mers that occur
in any row or segment of train. `audit.parquet` has the value of each row.

{table}
Only rows of `pairs` are dropped. `records`, `features` and `segments` of validation and test have all held-out records.
"""

SAFETY = {
    "exclude": """
Viruses that infect eukaryotes are excluded, by lineage and, for lineages with mixed hosts, by host: {records} records
and their copies, and {rows} rows of other records with more than {share} of their k-mers in an excluded one. `index/`
lists each excluded record with the reason `biosafety`; the taxa and their sources are in `biosafety.tsv` of the
software. The `segments` of other records are complete. Exclusion limits what a model can learn from these rows;
fine-tuning on public genomes can restore part of it (arXiv 2511.19299, 2510.27629).""",
    "flag": """
Viruses that infect eukaryotes are included. The column `biosafety` of `pairs` names the taxon that marks a row as one
of them. It is `similar` for a row of another record with more than {share} of its k-mers in one of them, and null for
all other rows.""",
    "off": """
No biosafety policy was applied: viruses that infect eukaryotes are included and not marked.""",
}


def text(releases: Iterable[str], dataset: Dataset, audit: pl.DataFrame) -> str:
    """Return the card of a dataset whose shards are in place.

    ``releases`` are those of its inputs, ``audit`` is a table of AUDIT. Only configs and splits with files are listed:
    ``datasets`` fails on an empty one. Raises CorpusError if a shard cannot be read.
    """
    releases = list(releases)
    counts, shards, divisions = Counts.of(dataset), dataset.shards, dataset.divisions
    pairs = [shard for shard in shards if shard.config == DEFAULT_CONFIG]
    configs = {shard.config for shard in shards}
    header: dict[str, Any] = {
        "license": "other",
        "license_name": "mixed-per-row",
        "license_link": "https://www.ncbi.nlm.nih.gov/home/about/policies/",
        "language": ["en"],
        "task_categories": ["text-generation", "feature-extraction"],
        "tags": ["biology", "genomics", "dna", "refseq"],
        "size_categories": [size_category(counts.totals().pairs)],
    }
    if shards:  # the Hub rejects an empty list
        header["configs"] = configs_block(shards)
        header["dataset_info"] = dataset_info_block(shards)
    body = BODY.format(
        title=_title(releases),
        sources=in_markdown(sources_in_words(releases)),
        divisions=", ".join(DIVISIONS[name].title if name in DIVISIONS else name for name in divisions),
        split=(_splits(shards) or SPLITS)[0],
        configs="\n".join(f"- `{name}`: {title}" for name, title in CONFIG_TITLES.items() if name in configs),
        division_table=_division_table(counts, divisions),
        unit=dataset.option("splits", "unit"),
        overlap=_overlap(counts),
        split_table=_split_table(counts),
        dominant=_dominant(counts),
        missing=_missing_splits(pairs, divisions),
        leaks=_leaks(dataset.config, audit),
        safety=_safety(dataset.config["biosafety"], dataset.ledger),
        summary=ledger.summary(dataset.ledger),
        paper_rights=PAPER_RIGHTS if "papers" in configs else "",
    )
    return f"---\n{yaml.safe_dump(header, sort_keys=False)}---\n{body}"


def dataset_info_block(shards: Iterable[ManifestEntry]) -> list[dict[str, Any]]:
    """Return the card's ``dataset_info:`` list: the bytes to download of each config, sorted by name.

    ``datasets`` uses it to tell two builds apart: its cache key is the last folder's name, which is the same for every
    build, and the card's header, never the files (`LocalDatasetModuleFactory` of 5.2). Numbers of rows are left out
    because it would refuse a folder that was pulled in part.
    """
    sizes: dict[str, int] = {}
    for shard in shards:
        for name in (shard.config, f"{shard.config}-{shard.division}"):
            sizes[name] = sizes.get(name, 0) + shard.bytes
    return [{"config_name": name, "download_size": size} for name, size in sorted(sizes.items())]


def configs_block(shards: Iterable[ManifestEntry]) -> list[dict[str, Any]]:
    """Return the card's ``configs:`` list: each config over all divisions, then by division."""
    by_config: dict[str, dict[str, list[ManifestEntry]]] = {}
    for shard in shards:
        by_config.setdefault(shard.config, {}).setdefault(shard.division, []).append(shard)
    block = []
    for config, by_division in by_config.items():
        everything = [shard for of_division in by_division.values() for shard in of_division]
        default = {"default": True} if config == DEFAULT_CONFIG else {}
        block.append(_config_entry(config, f"data/{config}/*", everything) | default)
        for division, of_division in by_division.items():
            block.append(_config_entry(f"{config}-{division}", f"data/{config}/{division}", of_division))
    return block


def size_category(rows: int) -> str:
    """Return the Hub's size category of a number of rows, e.g. 1M<n<10M."""
    names = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    step = len(str(rows)) - len("1000")
    if step < 0:
        return "n<1K"
    return f"{names[step]}<n<{names[step + 1]}" if step + 1 < len(names) else "n>1T"


def in_markdown(text: str) -> str:
    """Return a text as it is read in Markdown: neither markup nor HTML, no link, in one line."""
    return _MARKUP.sub(r"\\\g<0>", escaped(text))


def _title(releases: list[str]) -> str:
    if set(releases) == {SIMULATED_RELEASE}:
        return "SIMULATED: a made-up DNA - natural-language corpus, for tests and demonstration"
    return "A DNA - natural-language corpus"


def _splits(shards: Iterable[ManifestEntry]) -> list[str]:
    present = {shard.split for shard in shards}
    return [split for split in SPLITS if split in present]


def _config_entry(name: str, folder: str, shards: list[ManifestEntry]) -> dict[str, Any]:
    files = [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in _splits(shards)]
    return {"config_name": name, "data_files": files}


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    lines += [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _division_table(counts: Counts, divisions: list[str]) -> str:
    rows: list[list[Any]] = []
    for division in divisions:
        totals = counts.totals(division=division)
        rows.append([division, totals.records, totals.record_bases, totals.pairs, totals.species])
    return _table(["division", "records", "bases", "pairs", "species"], rows)


def _split_table(counts: Counts) -> str:
    rows: list[list[Any]] = []
    for split in SPLITS:
        totals = counts.totals(split=split)
        rows.append([split, totals.pairs, totals.pair_bases, totals.species])
    return _table(["split", "pairs", "bases", "species"], rows)


def _overlap(counts: Counts) -> str:
    several = species_in_several_splits(counts)
    if several == 0:
        return "No species appears in more than one split."
    return f"{several:,} species {'appears' if several == 1 else 'appear'} in more than one split."


def _dominant(counts: Counts) -> str:
    lines = [
        f"- {split}: {percent(share)} of the bases of the records are of *{in_markdown(species)}*."
        for split, species, share in dominant_species(counts, DOMINANT_SHARE)
    ]
    return "\nSpecies with a large share of a split:\n\n" + "\n".join(lines) + "\n" if lines else ""


def _missing_splits(pairs: list[ManifestEntry], divisions: list[str]) -> str:
    lines = []
    for division in divisions:
        present = {shard.split for shard in pairs if shard.division == division}
        if absent := [split for split in SPLITS if split not in present]:
            lines.append(f"- `{division}` has no {' and no '.join(absent)} rows.")
    return "\n".join(["", *lines, ""]) if lines else ""


def _leaks(config: dict[str, Any], audit: pl.DataFrame) -> str:
    if audit.is_empty():
        return "There are no held-out rows.\n"
    table = "\n".join(markdown(audit)) + "\n"
    leaks = config["decontamination"]
    words = LEAKS.format(share=percent(leaks["max_overlap"]), k=leaks["k"], audited=config["audit"]["k"], table=table)
    return words.removeprefix("\n")


def _safety(policy: dict[str, Any], ledger_table: pa.Table) -> str:
    excluded: dict[str, int] = {}
    for row in ledger.totals(ledger_table):
        if row["reason"] == "biosafety":
            excluded[row["unit"]] = excluded.get(row["unit"], 0) + row["count"]
    rows = sum(excluded.get(unit, 0) for unit in ("row", "feature", "paper"))
    words = SAFETY[policy["policy"]].format(
        records=f"{excluded.get('record', 0):,}", rows=f"{rows:,}", share=percent(policy["max_overlap"])
    )
    return words.removeprefix("\n")
