"""Which papers the kept records cite, and the split of each paper.

A paper that is cited in several splits is in train, and is described only with records that are in train too.
"""

import polars as pl

from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.splits import TRAIN
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.results import Results


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


def cited_papers(cited: pl.DataFrame) -> pl.DataFrame:
    """Return pmid, split, division and part of each cited paper, and the records that cite it in that split.

    The latter are the column ``records_with_rows``. A paper that is stated for an assembly alone is used with none of
    its records: they do not cite it.
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
