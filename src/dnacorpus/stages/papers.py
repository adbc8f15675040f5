"""The papers stage: the papers that kept records cite, from a directory or from PubMed, PMC and Europe PMC.

In: the tables of all parts, the decisions of all divisions, and the papers. Out: a Parquet file (PAPERS) and, beside
it as ``.json``, how many files of each kind were read, which could not be and why, and how many of the cited papers
were found. Memory: the citations of all kept records, and one paper; the papers themselves are spooled to the disk.
"""

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from dnacorpus.config.build import Build
from dnacorpus.errors import UsageError
from dnacorpus.pairs.paper.passages import describing_records
from dnacorpus.papers.files import Gathered, in_directory, read_files
from dnacorpus.papers.gather import Services, gather
from dnacorpus.papers.paper import merged
from dnacorpus.papers.spool import PaperSpool
from dnacorpus.schemas.pairs import DECISIONS, PAPERS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import TRAIN
from dnacorpus.sources.eutils import key_of
from dnacorpus.sources.http import Policy
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file, write_text
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

_log = logging.getLogger(__name__)


SERVICES = "ncbi"
"""The value of ``papers.source`` that means PubMed, PMC and Europe PMC."""
_NCBI = re.compile(r"(?i)https?://ftp\.ncbi\.nlm\.nih\.gov(?:/|$)")

Find = Callable[[Collection[int]], Gathered]
"""Finds the files of the papers of some PMIDs."""


@dataclass(frozen=True, slots=True)
class PaperRules:
    """Which papers are open, and how many records a paper is used with.

    ``licenses`` are families (CC-BY) or identifiers (CC-BY-4.0) of open licences. ``records`` is how many of the
    records that cite a paper are described with it, None for all; `describing_records` chooses them.
    """

    licenses: frozenset[str]
    records: int | None = None


def run(build: Build, out: Path) -> None:
    """Write the papers that the kept records cite to ``out``; none without a source of papers.

    Raises UsageError when ``papers.source`` names no directory, RemoteError when a service fails.
    """
    config = build.config
    source = resolve_source(config.settings.papers.source, config.settings.mirror)
    find: Find
    if source is None:
        find = partial(_nothing, out.parent)
    elif isinstance(source, Path):
        find = partial(_in_directory, source)
    else:
        policy = Policy(contact=config.settings.contact)
        services = Services(
            config.settings.services.model_dump(),
            policy,
            key_of(os.environ),
            config.settings.papers.bulk_download_above,
        )
        find = partial(gather, services=services, cache=Path(config.settings.papers.cache))
    rules = PaperRules(frozenset(config.settings.papers.licenses), config.settings.papers.max_records_per_paper)
    write_papers(build.results, config.divisions, find, rules, out)


def _nothing(folder: Path, _: Collection[int]) -> Gathered:
    return Gathered(folder)


def _in_directory(source: Path, _: Collection[int]) -> Gathered:
    return in_directory(source)


def resolve_source(setting: str, mirror: str) -> Path | str | None:
    """Return what the config key ``papers.source`` means: a directory, `SERVICES`, or None for no papers.

    ``auto`` is ``<mirror>/papers`` where the mirror is a directory that has it, the services where the mirror
    is NCBI's own, else none. Any value but ``auto``, ``ncbi`` and ``none`` names a directory. Raises UsageError when
    that directory does not exist.
    """
    if setting == "none":
        return None
    if setting == SERVICES:
        return SERVICES
    if setting != "auto":
        if not Path(setting).is_dir():
            raise UsageError(
                f"papers.source {setting}: expected a directory of PubMed, JATS, Europe PMC or PDF files, found none;"
                " name another, or say auto, ncbi or none"
            )
        return Path(setting)
    folder = Path(mirror) / "papers"
    if "://" not in mirror and folder.is_dir():
        return folder
    if _NCBI.match(mirror):
        return SERVICES
    _log.warning("no papers: %s has no directory papers; papers.source names another one, or ncbi", mirror)
    return None


def write_papers(results: Results, divisions: list[str], find: Find, rules: PaperRules, out: Path) -> None:
    """Write the papers that the kept records cite and that ``find`` finds, by PMID, texts of closed ones included."""
    cited = citations(results, divisions)
    cited_papers = {row.pop("pmid"): row for row in _cited_papers(cited).iter_rows(named=True)}
    gathered = find(cited_papers) if cited_papers else Gathered(out.parent)
    counts: Counter[str] = Counter(cited=len(cited_papers), found=0, open=0, retracted=0)
    with PaperSpool(out.parent, cited_papers.keys() - gathered.withdrawn) as spool, whole_file(out) as workspace:
        files, damaged = read_files(gathered, spool.add)
        unreadable = [*gathered.unreadable, *damaged]
        for problem in unreadable:
            _log.warning("left out: %s", problem)
        with TableWriter(workspace, PAPERS) as writer:
            for pmid, entries in spool.papers():
                cited_paper = cited_papers[pmid]
                row = {
                    **merged(entries, rules.licenses),
                    **cited_paper,
                    "records": len(cited_paper["records_with_rows"]),
                }
                row["records_with_rows"] = describing_records(row, cited_paper["records_with_rows"], rules.records)
                text = sum(len(passage["text"]) for passage in row["passages"])
                writer.write_row(row, text + len(row["abstract"] or ""))
                counts.update(found=1, open=row["open"], retracted=row["retracted"])
        summary = {**counts, "files": files, "unreadable": unreadable, "services": gathered.counts}
        write_text(out.with_suffix(".json"), json.dumps(summary, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    _log.info("%(found)d of %(cited)d cited papers found, %(open)d with an open licence", counts)


def citations(results: Results, divisions: list[str]) -> pl.DataFrame:
    """Return division, part, ordinal, accession, split, pmid and own of every kept record and paper that it cites.

    The papers that NCBI states for an assembly count as cited by its records; ``own`` is whether the record itself
    cites the paper.
    """
    pieces = []
    for division in sorted(divisions):
        decisions = pl.DataFrame(tables.read(results.decisions(division), DECISIONS))
        kept = decisions.filter(pl.col("status") == "kept").select("division", "part", "ordinal", "accession", "split")
        stated = results.assembly_papers(division)
        assemblies = pl.DataFrame(stated, schema={"assembly": pl.String, "pmid": pl.Int64}, orient="row")
        for part in results.parts(division):
            columns = ["part", "ordinal", "pmids", "assembly"]
            records = pl.DataFrame(tables.read(results.records(division, part), RECORDS, columns))
            own = records.explode("pmids").rename({"pmids": "pmid"})
            whole = records.drop("pmids").join(assemblies, on="assembly")
            columns = ["part", "ordinal", "pmid", "own"]
            both = [own.with_columns(own=True).select(columns), whole.with_columns(own=False).select(columns)]
            cited = (
                pl.concat(both).filter(pl.col("pmid") > 0).group_by("part", "ordinal", "pmid").agg(pl.col("own").any())
            )
            pieces.append(kept.join(cited, on=["part", "ordinal"]))
    return pl.concat(pieces)


def _cited_papers(cited: pl.DataFrame) -> pl.DataFrame:
    """Return pmid, split, division and part of each cited paper, and the records that cite it in that split.

    The latter are the column ``records_with_rows``.

    A paper that is stated for an assembly alone is used with none of its records: they do not cite it.
    """
    split = pl.when(pl.col("split").n_unique().over("pmid") > 1).then(pl.lit(TRAIN)).otherwise("split")
    papers = (
        cited.with_columns(elsewhere=pl.col("split") != split, paper_split=split)
        .sort("pmid", "elsewhere", "division", "part", "ordinal")
        .unique("pmid", keep="first", maintain_order=True)
        .select("pmid", "division", "part", split="paper_split")
    )
    citing = cited.filter("own").join(papers.select("pmid", "split"), on=["pmid", "split"]).group_by("pmid")
    citing_records = citing.agg(records_with_rows=pl.col("accession").unique().sort())
    # A paper that only records of validation and test cite, in both, is in train: no record there cites it.
    no_records = pl.lit([], pl.List(pl.String))
    return papers.join(citing_records, on="pmid", how="left", maintain_order="left").with_columns(
        pl.col("records_with_rows").fill_null(no_records)
    )
