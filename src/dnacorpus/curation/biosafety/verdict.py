"""Whether the record of a virus is kept: its lineage decides, or its stated host where the lineage is mixed.

Viruses of eukaryotes are excluded, and with them what cannot be told apart from them (see `biosafety.rules`). A record
of a cellular organism is never judged, whatever provirus it holds; its rows are, by their bases (see `screen`).
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
import pyarrow as pa

from dnacorpus.curation.biosafety.rules import ROOT, Rules, built_in_rules, plain
from dnacorpus.divisions import DIVISIONS

REASON = "biosafety"
"""The reason in decisions and ledger."""
KEYS = ["division", "part", "ordinal", "organism", "definition", "lineage", "ranked_lineage", "source_qualifiers"]
"""The columns of records that a verdict depends on."""
PROKARYOTE, EUKARYOTE = "prokaryote", "eukaryote"

_HOSTS = ("host", "lab_host", "specific_host")
_CELLULAR = frozenset(
    """bacteria eubacteria archaea archaebacteria eukaryota eukaryotae eucaryota eucaryotae eukarya prokaryota
    prokaryotae procaryotae monera""".split()
)
_ABOVE_DOMAINS = frozenset({"root", "cellular organisms", "cellular root", "acellular root"})
_VIRAL_NAME = re.compile(
    r"(?:vir(?:us(?:es)?|oids?|ions?)|phages?)\b|\bsatellite rna\b"
    r"|\b(?:hcov|sars-cov|mers-cov|hiv|siv|hbv|hcv|hpv|ebov|mpxv|zikv|variola|monkeypox)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_NOT_BACTERIOPHAGES = ("virophage", "virophages", "macrophage", "macrophages")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to a record: ``decision`` (keep or exclude), the ``rule``'s taxon (empty: no rule applies), why."""

    decision: str
    rule: str
    why: str


_NOT_A_VIRUS = Verdict("keep", "", "not a virus")
_VERDICT_COLUMNS = dict.fromkeys(("decision", "rule", "why"), pl.String)


@dataclass(frozen=True, slots=True)
class _Virus:
    """What a record states about itself; ``lineages`` go from the root downwards, the one as written first."""

    lineages: list[list[str]]
    name: str
    hosts: list[str]
    isolation_sources: list[str]
    in_viral_division: bool


def judge_records(records: pl.DataFrame | pa.Table, rules: Rules | None = None) -> pl.DataFrame:
    """Judge the records of viruses among ``records``, which has the columns `KEYS`, by the package's rules or others.

    Returns division, part, ordinal, decision, rule and why of each record that a rule applies to, in the given order.

    The deepest taxon of a lineage that has a rule decides. Both the lineage as written and the taxonomy's count: the
    stricter verdict holds, but a mixed lineage yields to one that is not mixed. Where the rule says ``host``, the
    first of /host and /lab_host, the name, and /isolation_source that names prokaryotes or eukaryotes decides; if none
    does, the record is excluded. A record without a lineage of cells or viruses is judged as `ROOT` if it is in the
    division of viruses or has the name of a virus. Its name is its organism, and outside the divisions of cellular
    organisms its definition too.
    """
    rules = rules or built_in_rules()
    frame = pl.DataFrame(records).select(KEYS).with_row_index("row")
    # Nearly all records are of cellular organisms: only the root of their lineage is looked at.
    root = pl.col("lineage").list.first().str.strip_chars(" .").str.to_lowercase()
    frame = frame.filter(root.is_null() | ~root.is_in(sorted(_CELLULAR))).with_columns(
        written=pl.col("lineage").list.join("\n", ignore_nulls=True).fill_null(""),
        ranked=pl.col("ranked_lineage")
        .list.eval(pl.element().struct.field("name"))
        .list.join("\n", ignore_nulls=True)
        .fill_null(""),
    )
    lineages = {texts: _by_lineage(_split(texts), rules) for texts in frame.select("written", "ranked").unique().rows()}
    by_lineage = _table([(*texts, verdict) for texts, verdict in lineages.items() if verdict], ["written", "ranked"])
    others = frame.join(by_lineage, on=["written", "ranked"], how="anti")
    verdicts = [(row["row"], _verdict(_virus(row), rules)) for row in others.iter_rows(named=True)]
    columns = ["division", "part", "ordinal", *_VERDICT_COLUMNS]
    judged = (
        frame.join(by_lineage, on=["written", "ranked"]).select("row", *columns),
        others.join(_table(verdicts, ["row"]).cast({"row": others.schema["row"]}), on="row").select("row", *columns),
    )
    return pl.concat(judged).filter(pl.col("rule") != "").sort("row").select(columns)


def _table(verdicts: list[tuple[Any, ...]], keys: list[str]) -> pl.DataFrame:
    """Return a frame of keys, each with the fields of its verdict."""
    rows = [(*names, verdict.decision, verdict.rule, verdict.why) for *names, verdict in verdicts]
    key_columns = [(key, pl.Int64 if key == "row" else pl.String) for key in keys]
    return pl.DataFrame(rows, [*key_columns, *_VERDICT_COLUMNS.items()], orient="row")


def _split(texts: tuple[str, ...]) -> list[list[str]]:
    return [text.split("\n") for text in texts if text]


def _virus(row: dict[str, Any]) -> _Virus:
    """Return what a record states about itself."""
    division = DIVISIONS.get(row["division"])
    in_viral_division = division is not None and division.title == ROOT
    name = row["organism"] or ""
    if in_viral_division or division is None:
        name = " ".join(filter(None, (row["organism"], row["definition"])))
    lineages = _split((row["written"], row["ranked"]))
    return _Virus(lineages, name, _values(row, _HOSTS), _values(row, ("isolation_source",)), in_viral_division)


def _values(row: dict[str, Any], keys: Sequence[str]) -> list[str]:
    qualifiers = row["source_qualifiers"] or []
    return [qualifier["value"] for qualifier in qualifiers if qualifier["key"] in keys and qualifier["value"]]


def _by_lineage(lineages: Sequence[Sequence[str]], rules: Rules) -> Verdict | None:
    """Return the verdict if the lineages alone give one; the one as written, if there is any, comes first."""
    if lineages and _is_cellular(lineages[0]):
        return _NOT_A_VIRUS
    deciding = [rule for rule in map(rules.deciding, lineages) if rule and rule.decision != "host"]
    rule = min(deciding, key=lambda rule: rule.decision != "exclude", default=None)
    return Verdict(rule.decision, rule.taxon, f"infects {rule.infects}") if rule else None


def _is_cellular(lineage: Sequence[str]) -> bool:
    names = (plain(taxon) for taxon in lineage)
    return next((name for name in names if name not in _ABOVE_DOMAINS), "") in _CELLULAR


def _verdict(virus: _Virus, rules: Rules) -> Verdict:
    """Return the verdict over one record, by its hosts or name where its lineages do not decide."""
    if verdict := _by_lineage(virus.lineages, rules):
        return verdict
    rule = next(filter(None, map(rules.deciding, virus.lineages)), None)
    if rule is None:
        if not (virus.in_viral_division or _VIRAL_NAME.search(virus.name)):
            return _NOT_A_VIRUS
        rule = rules.by_name[plain(ROOT)]
    for what, texts in (("host", virus.hosts), ("name", [virus.name]), ("isolation source", virus.isolation_sources)):
        kinds = {text: classify_host(text) for text in texts}
        if eukaryotes := sorted(text for text, kind in kinds.items() if kind == EUKARYOTE):
            return Verdict("exclude", rule.taxon, f"mixed; the {what} is {eukaryotes[0]}")
        if prokaryotes := sorted(text for text, kind in kinds.items() if kind == PROKARYOTE):
            return Verdict("keep", rule.taxon, f"mixed; the {what} is {prokaryotes[0]}")
    return Verdict("exclude", rule.taxon, "mixed; no host is stated")


def classify_host(text: str) -> str | None:
    """Return `PROKARYOTE` or `EUKARYOTE` for a host or the name of a virus, or None if the text names neither.

    A text that names both is `EUKARYOTE`. The words are those of ``hosts.toml``; a phage infects prokaryotes.
    """
    words = set(_WORD.findall(text.lower()))
    words |= {part for word in words for part in word.split("-")}
    if any(_names(word, EUKARYOTE) for word in words):
        return EUKARYOTE
    return PROKARYOTE if any(_names(word, PROKARYOTE) for word in words) else None


def _names(word: str, kind: str) -> bool:
    if word.endswith(("phage", "phages")):
        return (kind == EUKARYOTE) == (word in _NOT_BACTERIOPHAGES)
    listed, endings = _host_words()[kind]
    return word in listed or word.endswith(endings)


@cache
def _host_words() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """Return kind of host -> its words and its endings of words."""
    table = tomllib.loads(files("dnacorpus.curation.biosafety").joinpath("hosts.toml").read_text(encoding="utf-8"))
    sections = {PROKARYOTE: table["prokaryotes"], EUKARYOTE: table["eukaryotes"]}
    return {
        kind: (frozenset(section["words"].split()), tuple(section["endings"])) for kind, section in sections.items()
    }
