"""The papers stage: of the papers in a directory or at the services, those that kept records cite, one row each."""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import polars as pl

from dnacorpus.errors import UsageError
from dnacorpus.pairs.paper.passages import describing_records
from dnacorpus.papers.files import Gathered, read_files
from dnacorpus.papers.paper import merged
from dnacorpus.papers.spool import PaperSpool
from dnacorpus.schemas.pairs import DECISIONS, PAPERS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import TRAIN
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.atomic import whole_file, write_text
from dnacorpus.storage.parquet import TableWriter
from dnacorpus.storage.results import Results

_log = logging.getLogger(__name__)


SERVICES = "ncbi"
"""The value of ``papers.source`` that means PubMed, PMC and Europe PMC."""
_NCBI = re.compile(r"(?i)https?://ftp\.ncbi\.nlm\.nih\.gov(?:/|$)")

Find = Callable[[Collection[int]], Gathered]
"""Finds the files that tell of some PMIDs."""


def resolve_source(setting: str, mirror: str) -> Path | str | None:
    """Return what the config key ``papers.source`` means: a directory, `SERVICES`, or None for no papers.

    ``auto`` is ``<mirror>/papers`` where the mirror is a directory that has it, the services where the mirror
    is NCBI's own, else none; anything but that, ``ncbi`` and ``none`` names a directory. Raises UsageError when
    it is not there.
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


def papers(  # noqa: PLR0917 - the inputs and the output of one stage
    results: Results,
    divisions: list[str],
    find: Find | None,
    allowed: frozenset[str],
    out: Path,
    most_records: int | None = None,
) -> None:
    """Write the papers that the kept records cite and that ``find`` finds.

    ``allowed``: families (CC-BY) or identifiers (CC-BY-4.0) of open licences. ``most_records``: how many of the
    records that cite one paper describe it, None: all; `describing_records` says which. ``out`` is a Parquet file
    (PAPERS, by pmid, texts of closed papers included). Beside it, as ``.json``, stands how many files of
    each kind were read, which could not be and why, and how many of the cited papers were found.
    """
    cited = citations(results, divisions)
    places = {row.pop("pmid"): row for row in _places(cited).iter_rows(named=True)}
    found = find(places) if find and places else Gathered(out.parent)
    counts: Counter[str] = Counter(cited=len(places), found=0, open=0, retracted=0)
    with PaperSpool(out.parent, places.keys() - found.withdrawn) as spool, whole_file(out) as workspace:
        files, damaged = read_files(found, spool.add)
        unreadable = [*found.unreadable, *damaged]
        for problem in unreadable:
            _log.warning("left out: %s", problem)
        with TableWriter(workspace, PAPERS) as writer:
            for pmid, entries in spool.papers():
                place = places[pmid]
                row = {**merged(entries, allowed), **place, "records": len(place["told_with"])}
                row["told_with"] = describing_records(row, place["told_with"], most_records)
                text = sum(len(passage["text"]) for passage in row["passages"])
                writer.write_row(row, text + len(row["abstract"] or ""))
                counts.update(found=1, open=row["open"], retracted=row["retracted"])
        summary = {**counts, "files": files, "unreadable": unreadable, "services": found.counts}
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
            records = pl.DataFrame(tables.read(results.tables(division, part) / "records.parquet", RECORDS, columns))
            own = records.explode("pmids").rename({"pmids": "pmid"})
            whole = records.drop("pmids").join(assemblies, on="assembly")
            columns = ["part", "ordinal", "pmid", "own"]
            both = [own.with_columns(own=True).select(columns), whole.with_columns(own=False).select(columns)]
            cited = (
                pl.concat(both).filter(pl.col("pmid") > 0).group_by("part", "ordinal", "pmid").agg(pl.col("own").any())
            )
            pieces.append(kept.join(cited, on=["part", "ordinal"]))
    return pl.concat(pieces)


def _places(cited: pl.DataFrame) -> pl.DataFrame:
    """Return pmid, split, division and part: where each cited paper is published, and told_with: who cites it there.

    A paper stated for an assembly alone is published and told with none of its records: those do not cite it.
    """
    split = pl.when(pl.col("split").n_unique().over("pmid") > 1).then(pl.lit(TRAIN)).otherwise("split")
    places = (
        cited.with_columns(elsewhere=pl.col("split") != split, paper_split=split)
        .sort("pmid", "elsewhere", "division", "part", "ordinal")
        .unique("pmid", keep="first", maintain_order=True)
        .select("pmid", "division", "part", split="paper_split")
    )
    citing = cited.filter("own").join(places.select("pmid", "split"), on=["pmid", "split"]).group_by("pmid")
    told = citing.agg(told_with=pl.col("accession").unique().sort())
    # Cited from validation and test alone a paper is in train, where no record tells of it.
    nobody = pl.lit([], pl.List(pl.String))
    return places.join(told, on="pmid", how="left", maintain_order="left").with_columns(
        pl.col("told_with").fill_null(nobody)
    )
