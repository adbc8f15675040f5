"""The papers stage: of all papers in a directory, those that kept records cite, one row each."""

import gzip
import json
import logging
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
from tqdm import tqdm

from dnacorpus import tables
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.europepmc import read_europepmc
from dnacorpus.files import write_text
from dnacorpus.jats import read_jats
from dnacorpus.layout import Results
from dnacorpus.markup import root_name
from dnacorpus.paper import Paper, merged
from dnacorpus.pubmed import ROOTS, read_pubmed
from dnacorpus.schemas import DECISIONS, PAPERS, RECORDS
from dnacorpus.splits import TRAIN

SUFFIXES = (".xml", ".nxml", ".json")
"""What a file must end in, `.gz` apart, to be looked into; what it holds then decides its kind."""

_log = logging.getLogger(__name__)


def resolve_source(setting: str, mirror: str) -> Path | None:
    """Return the directory of papers that the config key ``papers.source`` means, or None for no papers.

    ``auto`` is ``<mirror>/papers`` where the mirror is a directory that has it; ``none`` is none; anything
    else names a directory. Raises UsageError when a directory that was named is not there.
    """
    if setting == "none":
        return None
    if setting != "auto":
        if not Path(setting).is_dir():
            raise UsageError(
                f"papers.source {setting}: expected a directory of PubMed XML, JATS or Europe PMC JSON, found none;"
                " name another, or say auto or none"
            )
        return Path(setting)
    folder = Path(mirror) / "papers"
    if "://" not in mirror and folder.is_dir():
        return folder
    _log.warning("no papers: %s has no directory papers; papers.source names another one", mirror)
    return None


def papers(results: Results, divisions: list[str], source: Path | None, allowed: frozenset[str], out: Path) -> None:
    """Write the papers that the kept records cite and that a directory holds.

    ``allowed``: families (CC-BY) or identifiers (CC-BY-4.0) of open licences. ``out`` is a Parquet file
    (PAPERS, by pmid, abstracts of closed papers included). Beside it, as ``.json``, stands how many files of
    each kind were read, which could not be and why, and how many of the cited papers were found.
    """
    cited = citations(results, divisions)
    found, files, unreadable = read_directory(source, set(cited["pmid"])) if source else ({}, {}, [])
    for problem in unreadable:
        _log.warning("left out: %s", problem)
    places = {row.pop("pmid"): row for row in _places(cited).iter_rows(named=True)}
    rows = [{**merged(found[pmid], allowed), **places[pmid]} for pmid in sorted(found)]
    counts = {"cited": len(places), "found": len(rows), "open": sum(row["open"] for row in rows)}
    _log.info("%(found)d of %(cited)d cited papers found, %(open)d with an open licence", counts)
    summary = {**counts, "retracted": sum(row["retracted"] for row in rows), "files": files, "unreadable": unreadable}
    write_text(out.with_suffix(".json"), json.dumps(summary, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    tables.write(out, PAPERS, rows)


def citations(results: Results, divisions: list[str]) -> pl.DataFrame:
    """Return division, part, ordinal, split and pmid of every kept record and paper that it cites."""
    pieces = []
    for division in sorted(divisions):
        decisions = pl.DataFrame(tables.read(results.decisions(division), DECISIONS))
        kept = decisions.filter(pl.col("status") == "kept").select("division", "part", "ordinal", "split")
        for part in results.parts(division):
            columns = ["part", "ordinal", "pmids"]
            records = pl.DataFrame(tables.read(results.tables(division, part) / "records.parquet", RECORDS, columns))
            cited = records.explode("pmids").filter(pl.col("pmids") > 0).rename({"pmids": "pmid"})
            pieces.append(kept.join(cited, on=["part", "ordinal"]).unique())
    return pl.concat(pieces)


def _places(cited: pl.DataFrame) -> pl.DataFrame:
    """Return pmid, split, division and part: where each cited paper is published."""
    split = pl.when(pl.col("split").n_unique().over("pmid") > 1).then(pl.lit(TRAIN)).otherwise("split")
    return (
        cited.with_columns(elsewhere=pl.col("split") != split, paper_split=split)
        .sort("pmid", "elsewhere", "division", "part", "ordinal")
        .unique("pmid", keep="first", maintain_order=True)
        .select("pmid", "division", "part", split="paper_split")
    )


def read_directory(source: Path, wanted: set[int]) -> tuple[dict[int, list[Paper]], dict[str, int], list[str]]:
    """Read a directory tree and return the wanted papers by PMID, the number of files by kind, and what is damaged.

    Kinds are jats, europepmc, pubmed, other and unreadable; of a damaged file nothing is taken, and it is
    named ("<place>: <what is wrong>"). A paper that states no PMID gets that of the one wanted paper with
    its PMC id or DOI.
    """
    found: dict[int, list[Paper]] = {}
    unnamed: list[Paper] = []
    kinds: Counter[str] = Counter()
    damaged: list[str] = []
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for path in tqdm(files, desc="papers", unit="file", disable=None):
        try:
            kind, entries = read_file(path)
            for paper in entries:
                if paper.pmid in wanted:
                    found.setdefault(paper.pmid, []).append(paper)
                elif paper.pmid is None and (paper.pmcid or paper.doi):
                    unnamed.append(paper)
        except CorpusError as error:
            kind = "unreadable"
            damaged.append(f"{path.relative_to(source).as_posix()}: {error}")
        kinds[kind] += 1
    for paper in identified(unnamed, found):
        found[paper.pmid or 0].append(paper)
    return found, dict(kinds), damaged


def read_file(path: Path) -> tuple[str, list[Paper]]:
    """Return the kind of a file (jats, europepmc, pubmed or other) and its papers.

    Raises CorpusError when the file is damaged.
    """
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(SUFFIXES):
        return "other", []
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise CorpusError(f"expected a whole gzip file, found: {error}; get the file anew") from error
    if name.endswith(".json"):
        answer = read_europepmc(content)
        return ("other", []) if answer is None else ("europepmc", answer)
    if root_name(content) in ROOTS:
        return "pubmed", list(read_pubmed(content))
    articles = read_jats(content)
    return ("jats" if articles else "other"), articles


def identified(unnamed: list[Paper], found: dict[int, list[Paper]]) -> Iterator[Paper]:
    """Yield the papers without a PMID that share a PMC id or DOI with papers of just one PMID, given that PMID."""
    owners: dict[str, set[int]] = {}
    for pmid, entries in found.items():
        for paper in entries:
            for name in _names(paper):
                owners.setdefault(name, set()).add(pmid)
    for paper in unnamed:
        pmids = set().union(*(owners.get(name, set()) for name in _names(paper)))
        if len(pmids) == 1:
            yield replace(paper, pmid=pmids.pop())


def _names(paper: Paper) -> list[str]:
    return [name.lower() for name in (paper.pmcid, paper.doi) if name]
