"""The papers stage: the papers that kept records cite, from a directory or from PubMed, PMC and Europe PMC.

In: the tables of all parts, the decisions of all divisions, and the papers. Out: a Parquet file (PAPERS) and, beside
it as ``.json``, how many files of each kind were read, which could not be and why, and how many of the cited papers
were found. Memory: the citations of all kept records, and one paper; the papers themselves are spooled to the disk.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dnacorpus.config.build import Build
from dnacorpus.curation.citations import citations, cited_papers
from dnacorpus.pairs.paper.passages import describing_records
from dnacorpus.papers.files import Gathered, in_directory, read_files, unread
from dnacorpus.papers.gather import Services, gather
from dnacorpus.papers.paper import merged
from dnacorpus.papers.source import resolve_source
from dnacorpus.papers.spool import PaperSpool
from dnacorpus.printable import json_text
from dnacorpus.schemas.pairs import PAPERS
from dnacorpus.sources.eutils import key_of
from dnacorpus.sources.http import Policy
from dnacorpus.storage.atomic import whole_file, write_text
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

_log = logging.getLogger(__name__)


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


def write_papers(results: Results, divisions: list[str], find: Find, rules: PaperRules, out: Path) -> None:
    """Write the papers that the kept records cite and that ``find`` finds, by PMID, texts of closed ones included."""
    cited = citations(results, divisions)
    papers_by_pmid = {row.pop("pmid"): row for row in cited_papers(cited).iter_rows(named=True)}
    gathered = find(papers_by_pmid) if papers_by_pmid else Gathered(out.parent)
    counts: Counter[str] = Counter(cited=len(papers_by_pmid), found=0, open=0, retracted=0)
    replaced: Counter[str] = Counter()
    with PaperSpool(out.parent, papers_by_pmid.keys() - gathered.withdrawn) as spool, whole_file(out) as workspace:
        files = read_files(gathered, spool.add)
        withdrawn = (gathered.withdrawn | files.withdrawn) & papers_by_pmid.keys()
        counts["withdrawn"] = len(withdrawn)
        unreadable = [*gathered.unreadable, *files.damaged]
        for problem in unreadable:
            _log.warning("left out: %s", problem)
        if not gathered.counts and (others := unread(files.kinds)):
            _log.warning(
                "no papers in these files of %s: %s; expected PubMed XML or MEDLINE text, JATS, JSON of Europe PMC or"
                " PMC, or PDF",
                gathered.root,
                others,
            )
        with TableWriter(workspace, PAPERS) as writer:
            for pmid, entries in spool.papers():
                if pmid in withdrawn:
                    continue
                cited_paper = papers_by_pmid[pmid]
                row = {
                    **merged(entries, rules.licenses),
                    **cited_paper,
                    "records": len(cited_paper["records_with_rows"]),
                }
                row["records_with_rows"] = describing_records(row, cited_paper["records_with_rows"], rules.records)
                text = sum(len(passage["text"]) for passage in row["passages"])
                writer.write_row(row, text + len(row["abstract"] or ""))
                counts.update(found=1, open=row["open"], retracted=row["retracted"])
                for entry in entries:
                    replaced.update(dict(entry.replaced))
        found = {"files": files.kinds, "unreadable": unreadable, "services": gathered.counts, "replaced": replaced}
        write_text(out.with_suffix(".json"), json_text({**counts, **found}, indent=1, sort_keys=True) + "\n")
    _log.info("%(found)d of %(cited)d cited papers found, %(open)d with an open licence", counts)
