"""Write docs/biosafety.md: the policy on viruses, and its decisions on real records.

Usage: ``make_biosafety.py TABLES PAGE``, where ``dnacorpus parse`` wrote TABLES/<division>/<part>/records.parquet.
"""

import sys
from pathlib import Path

import polars as pl

from dnacorpus.curation.biosafety.rules import Rule, built_in_rules
from dnacorpus.curation.biosafety.verdict import KEYS, judge_records
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import parquet as tables

HEAD = """# Viruses excluded from the corpus

Written by `docs/make_biosafety.py` from the policy, `src/dnacorpus/curation/biosafety/biosafety.tsv`, and the records
of a mirror of real data. By default (`biosafety.policy: exclude`) a corpus contains no record of a virus of
eukaryotes, like the training data of Evo; phages and viruses of archaea are kept. `flag` keeps all records and names
the deciding taxon in the column `biosafety`; `off` keeps all records without marking them.

Rules:

- A record with a cellular lineage is never excluded, even if it contains a provirus.
- For a virus, the most specific taxon of its lineage with a row in the policy decides: `keep`, `exclude`, or `host`.
  All other viruses are decided by the row `Viruses`.
- `host` is for lineages with mixed hosts. First `/host` and `/lab_host` decide; if they are not conclusive, the name
  (a phage, or a genus of bacteria or archaea); then `/isolation_source`. If words for eukaryotes and for bacteria both
  occur, the eukaryote decides; without any evidence the record is excluded. The words are in
  `src/dnacorpus/curation/biosafety/hosts.toml`.
- The lineage in the record and that of the taxonomy are both judged; the stricter verdict applies.
- A record without a lineage is judged as `Viruses` if it is in RefSeq's division of viruses or if its name is that of
  a virus.
- An exact copy of an excluded record is excluded in every division. A paper cited only by excluded records gives no
  row.
- A row of another record is dropped if more than `biosafety.max_overlap` of its k-mers occur in excluded records, for
  example a provirus or a viral gene in a vector. The whole record, with this sequence, stays in the config
  `segments`.
- Every exclusion is in the ledger with the reason `biosafety`.

`biosafety.table` names a custom table in the same format, which replaces the policy.

## What exclusion does not achieve

Exclusion reduces what a model learns about these viruses; it does not prevent misuse. The sequences are public, and
anyone with the weights can continue training. Evo 2, which was trained without viruses of eukaryotes, was fine-tuned
on sequences of 110 viruses that infect humans. It then modelled unseen viruses better and, to a limited degree (AUROC
0.6), recognised variants of SARS-CoV-2 that escape immunity, although it had seen no sequence of that virus
(arXiv:2511.19299). In other tests, filtered knowledge returned quickly under fine-tuning, and linear probes found
traces of it in the filtered model (arXiv:2510.27629).

The policy selects by host, not by harm. It keeps phages, including those that carry toxins, and bacterial and other
cellular pathogens with their toxin and resistance genes. It excludes harmless plant and insect viruses. Endogenous
viruses and viral vectors are kept if no excluded record is similar, or if fewer of their k-mers match than the limit.
A virus that is mislabelled as a phage is also kept. A model that is to be released needs its own safeguards.
"""
_FAMILY = ("viridae", "viroidae", "satellitidae", "viriformidae")
_SHOWN = 3


def render(folder: Path) -> str:
    """Return the whole page for the parsed parts below a folder."""
    paths = sorted(folder.glob("*/*/records.parquet"))
    records = pl.concat(pl.DataFrame(tables.read(path, RECORDS, [*KEYS, "accession"])) for path in paths)
    judged = records.join(judge_records(records), on=["division", "part", "ordinal"])
    lines = [HEAD, "## Decisions on real records\n", *_decided(judged, len(records)), ""]
    lines += [f"## The policy: {len(built_in_rules().by_name)} rows\n", *policy()]
    return "\n".join(lines) + "\n"


def _decided(judged: pl.DataFrame, records: int) -> list[str]:
    kept = judged.filter(pl.col("decision") == "keep").height
    lines = [
        f"Of {records:,} records, {len(judged):,} are of viruses: {kept:,} kept, {len(judged) - kept:,} excluded.\n",
        "| family, or lowest known taxon | higher taxa | kept | excluded | deciding row | reason | examples |",
        "| --- | --- | ---: | ---: | --- | --- | --- |",
    ]
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in judged.sort("organism", "accession").to_dicts():
        found.setdefault((*_placed(row["lineage"]), row["rule"], row["why"]), []).append(row)
    for (family, above, rule, why), rows in sorted(
        found.items(), key=lambda item: (item[0][1], item[0][0], item[0][2])
    ):
        kept = sum(row["decision"] == "keep" for row in rows)
        named = {row["organism"]: row["accession"] for row in reversed(rows)}
        shown = ", ".join(f"{name} ({accession})" for name, accession in sorted(named.items())[:_SHOWN])
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        lines.append(
            f"| {family} | {above} | {kept or ''} | {len(rows) - kept or ''} | {rule} | {why} | {shown}{more} |"
        )
    return lines


def _placed(lineage: list[str]) -> tuple[str, str]:
    """Return the family, or the last taxon of a lineage without one, and the first taxa below the root."""
    family = next((taxon for taxon in lineage if taxon.endswith(_FAMILY)), lineage[-1] if lineage else "no lineage")
    above = [taxon for taxon in lineage[1:4] if taxon != family and not taxon.endswith(_FAMILY)]
    return family, "; ".join(above)


def policy() -> list[str]:
    """Return the lines of the table of the policy."""
    lines = ["| taxon | decision | infects | source |", "| --- | --- | --- | --- |"]
    rules: list[Rule] = list(built_in_rules().by_name.values())
    return lines + [f"| {rule.taxon} | {rule.decision} | {rule.infects} | {rule.source} |" for rule in rules]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(render(Path(sys.argv[1])), encoding="utf-8")
