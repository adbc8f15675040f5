"""Which records of viruses a corpus leaves out: lineage first, the stated host where a lineage is mixed.

Viruses of eukaryotes are left out, and what nobody can tell apart from them (see `biosafety_rules`). A record
of a cell is never judged, whatever provirus it holds: its rows are, by their bases (see `row_guard`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from dnacorpus.curation.biosafety.hosts import PROKARYOTE, says
from dnacorpus.curation.biosafety.rules import ROOT, Rules, built_in_rules, plain
from dnacorpus.divisions import DIVISIONS

POLICIES = ("exclude", "flag", "off")
"""Leave out what the rules exclude, keep it and say so in each row, or keep it."""
REASON = "biosafety"
"""The reason in decisions and ledger."""
KEYS = ["division", "part", "ordinal", "organism", "definition", "lineage", "ranked_lineage", "source_qualifiers"]
"""The columns of records that are looked at."""

_HOSTS = ("host", "lab_host", "specific_host")
_PLACES = ("isolation_source",)
_CELLULAR = frozenset(
    """bacteria eubacteria archaea archaebacteria eukaryota eukaryotae eucaryota eucaryotae eukarya prokaryota
    prokaryotae procaryotae monera""".split()
)
_ABOVE = frozenset({"root", "cellular organisms", "cellular root", "acellular root"})
_VIRAL_NAME = re.compile(
    r"(?:vir(?:us(?:es)?|oids?|ions?)|phages?)\b|\bsatellite rna\b"
    r"|\b(?:hcov|sars-cov|mers-cov|hiv|siv|hbv|hcv|hpv|ebov|mpxv|zikv|variola|monkeypox)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a record: ``decision`` keep or exclude, the ``rule``'s taxon (empty: none applies), why."""

    decision: str
    rule: str
    why: str


_NO_VIRUS = Verdict("keep", "", "not a virus")
_VERDICT = dict.fromkeys(("decision", "rule", "why"), pl.String)


def verdict(
    lineage: Sequence[str],
    organism: str | None,
    hosts: Sequence[str],
    places: Sequence[str] = (),
    rules: Rules | None = None,
) -> Verdict:
    """Judge one record by its lineage, from the root downwards, its organism's name and its stated hosts.

    ``hosts`` are values of /host and /lab_host, ``places`` of /isolation_source. Where the deciding row says
    host, the first of hosts, name and places that names bacteria, archaea or eukaryotes decides; none: excluded.
    A lineage that tells neither cells nor viruses is judged as `ROOT` where the name is a virus's, else kept.
    ``rules`` are the package's own unless others are given.
    """
    return _verdict([lineage], organism, hosts, places, rules or built_in_rules(), is_virus=False)


def _verdict(  # noqa: PLR0917 - what is known of one record
    lineages: Sequence[Sequence[str]],
    organism: str | None,
    hosts: Sequence[str],
    places: Sequence[str],
    rules: Rules,
    is_virus: bool,
) -> Verdict:
    if settled := _by_lineage(lineages, rules):
        return settled
    found = [rule for rule in map(rules.deciding, lineages) if rule]
    if not found and (is_virus or _VIRAL_NAME.search(organism or "")):
        found = [rules.by_name[plain(ROOT)]]
    if not found:
        return _NO_VIRUS
    for name, values in (("host", hosts), ("name", [organism or ""]), ("isolation source", places)):
        said = {value: says(value) for value in values}
        if any(said.values()):
            strange = sorted(value for value, kind in said.items() if kind and kind != PROKARYOTE)
            shown = strange or sorted(value for value, kind in said.items() if kind)
            return Verdict("exclude" if strange else "keep", found[0].taxon, f"mixed; the {name} is {shown[0]}")
    return Verdict("exclude", found[0].taxon, "mixed; no host is stated")


def _by_lineage(lineages: Sequence[Sequence[str]], rules: Rules) -> Verdict | None:
    """Return the verdict where the lineages alone give one; the first is that as written, if there is any."""
    if any(map(_cellular, lineages[:1])):
        return _NO_VIRUS
    found = [rule for rule in map(rules.deciding, lineages) if rule and rule.decision != "host"]
    rule = min(found, key=lambda rule: rule.decision != "exclude", default=None)
    return Verdict(rule.decision, rule.taxon, f"infects {rule.infects}") if rule else None


def _cellular(lineage: Sequence[str]) -> bool:
    names = (plain(taxon) for taxon in lineage)
    return next((name for name in names if name not in _ABOVE), "") in _CELLULAR


def judge_records(records: pl.DataFrame | pa.Table, rules: Rules | None = None) -> pl.DataFrame:
    """Judge the records of viruses among ``records``, which has the columns `KEYS`.

    Returns division, part, ordinal, decision, rule and why of each record that a rule applies to, in the given
    order. The record's lineage and the taxonomy's both count: where they differ the stricter verdict holds, but
    a mixed lineage yields to one that is not. What stands in the division of viruses without a lineage is
    a virus; without an ORGANISM the definition is looked at, but not in the divisions of cells.
    """
    rules = rules or built_in_rules()
    frame = pl.DataFrame(records).select(KEYS).with_row_index("row")
    # The records of cells are nearly all: nothing of theirs is looked at but the root.
    root = pl.col("lineage").list.first().str.strip_chars(" .").str.to_lowercase()
    frame = frame.filter(root.is_null() | ~root.is_in(sorted(_CELLULAR))).with_columns(
        written=pl.col("lineage").list.join("\n", ignore_nulls=True).fill_null(""),
        ranked=pl.col("ranked_lineage")
        .list.eval(pl.element().struct.field("name"))
        .list.join("\n", ignore_nulls=True)
        .fill_null(""),
    )
    lineages = {texts: _by_lineage(_split(texts), rules) for texts in frame.select("written", "ranked").unique().rows()}
    settled = _table([(*texts, found) for texts, found in lineages.items() if found], ["written", "ranked"])
    asked = frame.join(settled, on=["written", "ranked"], how="anti")
    answers = [(row["row"], _verdict(*_question(row), rules, _is_virus(row))) for row in asked.iter_rows(named=True)]
    columns = ["division", "part", "ordinal", *_VERDICT]
    judged = (
        frame.join(settled, on=["written", "ranked"]).select("row", *columns),
        asked.join(_table(answers, ["row"]).cast({"row": asked.schema["row"]}), on="row").select("row", *columns),
    )
    return pl.concat(judged).filter(pl.col("rule") != "").sort("row").select(columns)


def _table(verdicts: list[tuple[Any, ...]], keys: list[str]) -> pl.DataFrame:
    """Return a frame of keys, each with the fields of its verdict."""
    rows = [(*names, found.decision, found.rule, found.why) for *names, found in verdicts]
    return pl.DataFrame(
        rows, [*((key, pl.Int64 if key == "row" else pl.String) for key in keys), *_VERDICT.items()], orient="row"
    )


def _split(texts: tuple[str, ...]) -> list[list[str]]:
    return [text.split("\n") for text in texts if text]


def _question(row: dict[str, Any]) -> tuple[list[list[str]], str | None, list[str], list[str]]:
    """Return what `verdict` is asked about a record, but for the rules."""
    organism = row["organism"]
    if _is_virus(row) or row["division"] not in DIVISIONS:  # where nothing says that it is of a cell
        organism = " ".join(filter(None, (organism, row["definition"])))
    return _split((row["written"], row["ranked"])), organism, _values(row, _HOSTS), _values(row, _PLACES)


def _is_virus(row: dict[str, Any]) -> bool:
    division = DIVISIONS.get(row["division"])
    return division is not None and division.title == ROOT


def _values(row: dict[str, Any], keys: Sequence[str]) -> list[str]:
    qualifiers = row["source_qualifiers"] or []
    return [pair["value"] for pair in qualifiers if pair["key"] in keys and pair["value"]]


def excluded_records(records: pl.DataFrame | pa.Table, rules: Rules | None = None) -> pl.DataFrame:
    """Return division, part, ordinal, reason (`REASON`) and rule of the records that the rules leave out.

    ``records`` has the columns `KEYS`; judged as by `judge_records`.
    """
    judged = judge_records(records, rules).filter(pl.col("decision") == "exclude")
    return judged.select("division", "part", "ordinal", pl.lit(REASON).alias("reason"), "rule")
