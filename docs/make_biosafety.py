"""Write docs/biosafety.md: the policy on viruses, and what it decides of real records.

Use: ``make_biosafety.py TABLES PAGE``, where TABLES/<division>/<part>/records.parquet is what ``dnacorpus parse`` made.
"""

import sys
from pathlib import Path

import polars as pl

from dnacorpus.curation.biosafety.rules import Rule, built_in_rules
from dnacorpus.curation.biosafety.verdict import KEYS, judge_records
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.storage import parquet as tables

HEAD = """# Viruses that the corpus leaves out

Made by `docs/make_biosafety.py` from the policy, `src/dnacorpus/curation/biosafety/biosafety.tsv`, and the
records of a mirror of real ones. By default (`biosafety.policy: exclude`) a corpus holds no record of a virus of
eukaryotes, as the training data of Evo did not; phages and viruses of archaea stay. `flag` keeps all and names the
deciding taxon in the column `biosafety`; `off` keeps all and says nothing.

How a record is judged:

- A record whose lineage is that of a cell is never judged, whatever provirus it holds.
- Of a virus's lineage the deepest taxon with a row in the policy decides: `keep`, `exclude`, or `host`. What nobody
  has placed ends at the row `Viruses`.
- `host` stands where a lineage is mixed. Then `/host` and `/lab_host` decide; where they say nothing the name (a phage,
  or a genus of bacteria or archaea); then `/isolation_source`. A word for a eukaryote outweighs one for a
  bacterium, and where nothing is said the record is excluded. The words are in
  `src/dnacorpus/curation/biosafety/hosts.toml`.
- The lineage as written and that of the taxonomy both count: the stricter verdict holds.
- A record without a lineage is judged as `Viruses` where it stands in RefSeq's division of viruses, or where its name
  is that of a virus.
- An exact copy of an excluded record is excluded, in whatever division it stands; a paper that only excluded records
  cite is not told.
- A row of another record, more than `biosafety.max_overlap` of whose k-mers stand in excluded records, is dropped: a
  provirus, a viral gene in a vector. Its chromosome stays, with the sequence, in the config `segments`.
- Every exclusion stands in the ledger, with the reason `biosafety`.

`biosafety.table` names a table of your own in the same format, which replaces the policy.

## What exclusion does not achieve

It lowers what a model knows of these viruses; it is no lock. The sequences are public, and who has the weights can
train on. Evo 2, which had not seen viruses of eukaryotes, was fine-tuned on sequences of 110 viruses that infect
people. It then predicted unseen ones better, and told variants of SARS-CoV-2 that escape immunity, though it had seen
none of that virus, if to a limited degree (AUROC 0.6; arXiv:2511.19299). Elsewhere filtered knowledge came back fast
under fine-tuning in some tests, and linear probes read signs of it from what the filtered model had learnt
(arXiv:2510.27629).

Nor is this a filter for danger: it goes by host, not by harm. Phages stay, those that carry toxins too; so do
pathogens, with the toxins and resistances in their genomes. Plant and insect viruses of no concern go. Endogenous
viruses and viral vectors stay where fewer of their k-mers match than the limit, or no excluded record is like them;
so does what is mislabelled as a phage. A model that is to be released needs safeguards of its own.
"""
_FAMILY = ("viridae", "viroidae", "satellitidae", "viriformidae")
_SHOWN = 3


def render(folder: Path) -> str:
    """Return the whole page for the parsed parts below a folder."""
    paths = sorted(folder.glob("*/*/records.parquet"))
    records = pl.concat(pl.DataFrame(tables.read(path, RECORDS, [*KEYS, "accession"])) for path in paths)
    judged = records.join(judge_records(records), on=["division", "part", "ordinal"])
    lines = [HEAD, "## What it decides of real records\n", *_decided(judged, len(records)), ""]
    lines += [f"## The policy: {len(built_in_rules().by_name)} rows\n", *policy()]
    return "\n".join(lines) + "\n"


def _decided(judged: pl.DataFrame, records: int) -> list[str]:
    kept = judged.filter(pl.col("decision") == "keep").height
    lines = [
        f"Of {records:,} records {len(judged):,} are of viruses: {kept:,} kept, {len(judged) - kept:,} excluded.\n",
        "| family, or what is known | under | kept | excluded | deciding row | why | for example |",
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
    """Return the family, or the last taxon where none is named, and the taxa that stand first below the root."""
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
