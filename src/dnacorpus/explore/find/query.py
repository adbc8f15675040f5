"""A query of `dnacorpus find`: its values, the parsing of its options, and its filters as Polars expressions.

Positions in options are 1-based and closed, as in GenBank; the tables are 0-based and half-open.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from dnacorpus.errors import UsageError

_NAMES = ("gene", "gene_synonym", "locus_tag", "old_locus_tag")
_BASES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(k|m)b?|bp?)?", re.IGNORECASE)
_BETWEEN_ENDS = re.compile(r"\.\.|-")
_VERSION = re.compile(r"\.\d+$")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}

RECORD = ("division", "part", "ordinal")
"""The columns that identify a record in a build; a dataset has them too."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the features table: a feature must meet all given conditions.

    ``region`` is (first, last), 1-based and closed; first > last crosses the origin. ``near`` is a name and a
    distance in bases. ``cluster`` is the largest distance between neighbours of a cluster, in bases.
    """

    gene: str | None = None
    product: str | None = None
    note: str | None = None
    text: str | None = None
    regex: bool = False
    kinds: tuple[str, ...] = ()
    organism: str | None = None
    divisions: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    region: tuple[int, int] | None = None
    strand: int | None = None
    min_protein: int | None = None
    max_protein: int | None = None
    pseudo: bool | None = None
    near: tuple[str, int] | None = None
    cluster: int | None = None
    cluster_size: int = 2
    sort: str = "position"
    reverse: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        """Raise UsageError for values out of bounds, a malformed pattern, or a region without a single record."""
        if self.region is not None and len(self.records) != 1:
            raise UsageError(f"--region: expected one --record, found {len(self.records)}; name one record")
        for name, least in (("cluster_size", 2), ("limit", 1), ("min_protein", 0), ("max_protein", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(
                    f"--{name.replace('_', '-')}: expected {least} or more, found {value}; give a larger number"
                )
        if self.regex:
            for name in ("product", "note", "text", "organism"):
                _check_pattern(name, getattr(self, name))

    @property
    def by_position(self) -> bool:
        """Return whether features are selected by position; the source feature, which spans the record, is left out."""
        return self.region is not None or self.near is not None or self.cluster is not None


def length_of(text: str, option: str = "--cluster") -> int:
    """Parse a number of bases: 5000, 5k, 5kb, 1.5 kb, 2Mb.

    Raises UsageError, which names the option, for anything else.
    """
    match = _BASES.fullmatch(text.strip().replace(",", ""))
    bases = float(match[1]) * _FACTORS[(match[2] or "").lower()] if match else 0.5
    if bases != int(bases):
        raise UsageError(f"{option}: expected a number of bases, found {text!r}; write e.g. 5000, 5k or 1.5kb")
    return int(bases)


def region_of(text: str) -> tuple[int, int]:
    """Parse START-END (or START..END), 1-based and closed, with the suffixes of `length_of`.

    Raises UsageError for anything else.
    """
    ends = _BETWEEN_ENDS.split(text)
    if len(ends) != 2:
        raise UsageError(f"--region {text}: expected START-END, found other text; write e.g. 1200-4800 or 10k-20k")
    first, last = (length_of(end, f"--region {text}") for end in ends)
    if first < 1 or last < 1:
        raise UsageError(f"--region {text}: expected positions from 1, found 0; count from 1, as GenBank does")
    return first, last


def near_of(text: str) -> tuple[str, int]:
    """Parse NAME:N, a gene or part of a product and a distance in bases; raises UsageError for anything else."""
    name, colon, distance = text.rpartition(":")
    if not colon or not name.strip():
        raise UsageError(f"--near {text}: expected GENE:N, found no such pair; write e.g. rpoB:5k")
    return name.strip(), length_of(distance, f"--near {text}")


def _check_pattern(name: str, pattern: str | None) -> None:
    try:
        pl.Series([""]).str.contains(pattern or "")
    except pl.exceptions.ComputeError as error:
        why = next((line for line in str(error).splitlines() if line.startswith("error:")), "a malformed one")
        raise UsageError(
            f"--{name} {pattern}: expected a regular expression, found {why}; correct it, or leave --regex out"
        ) from error


def of_records(query: Query) -> pl.Expr:
    """Return the condition on rows of the records table."""
    needs = [pl.lit(True)]
    if query.organism is not None:
        contains = _containing(query.organism, query.regex)
        needs.append(_any(contains(pl.col("organism")), contains(pl.col("species"))))
    if query.divisions:
        needs.append(pl.col("division").is_in(list(query.divisions)))
    if query.records:
        needs.append(pl.col("accession").str.contains(accession_pattern(query.records)))
    return pl.all_horizontal(needs)


def accession_pattern(accessions: tuple[str, ...]) -> str:
    """Return a regular expression of some accessions, each of any version unless it names one."""
    names = "|".join(pl.escape_regex(name) + ("" if _VERSION.search(name) else r"(\.\d+)?") for name in accessions)
    return f"(?i)^({names})$"


def of_features(query: Query) -> pl.Expr:
    """Return the condition on rows of the features table, except position and protein length."""
    needs = [pl.lit(True)]
    if query.gene is not None:
        needs.append(_named(query.gene))
    if query.product is not None:
        needs.append(_has_product(query.product, query.regex))
    if query.note is not None:
        contains = _containing(query.note, query.regex)
        needs.append(_any_qualifier(lambda key, value: (key == "note") & contains(value)))
    if query.text is not None:
        contains = _containing(query.text, query.regex)
        columns = [contains(pl.col(name)) for name in ("gene", "locus_tag", "product", "protein_id")]
        # The letters of a protein are not text.
        needs.append(_any(*columns, _any_qualifier(lambda key, value: (key != "translation") & contains(value))))
    if query.kinds:
        needs.append(pl.col("kind").str.to_lowercase().is_in([kind.lower() for kind in query.kinds]))
    elif query.by_position:
        needs.append(pl.col("kind") != "source")
    if query.strand is not None:
        needs.append(pl.col("strand") == query.strand)
    if query.pseudo is not None:
        needs.append(pl.col("pseudo") == query.pseudo)
    return pl.all_horizontal(needs)


def of_anchors(name: str) -> pl.Expr:
    """Return the condition on the features that ``--near`` measures from: the gene's name, or a part of the product."""
    return _any(_named(name), _has_product(name, regex=False)) & (pl.col("kind") != "source")


def of_proteins(query: Query) -> pl.Expr:
    """Return the condition on the protein length that `measured` computes."""
    return pl.all_horizontal(
        pl.lit(True) if query.min_protein is None else pl.col("protein") >= query.min_protein,
        pl.lit(True) if query.max_protein is None else pl.col("protein") <= query.max_protein,
    )


def measured() -> list[pl.Expr]:
    """Return the columns ``bases``, ``protein``, ``note``, ``trans_spliced`` and ``circular``, computed.

    ``bases`` is the total length of the parts, null if a part is remote or uncertain. ``protein`` is the number of
    amino acids of a CDS: whole codons from codon_start on, without the stop codon if the 3' end is complete (a stop
    codon completed by the poly-A tail is not whole). It is null for pseudo CDS and all other kinds.
    """
    part = pl.element().struct.field
    # A malformed location has no parts.
    certain = ~pl.col("operator").is_in(["order", "one-of"]) & (pl.col("parts").list.len() > 0)
    local = pl.col("parts").list.eval(part("accession").is_null()).list.all()
    total = pl.col("parts").list.eval(part("end") - part("start")).list.sum()
    bases = pl.when(certain & local).then(total)
    coding = bases - pl.col("codon_start").fill_null(1) + 1
    incomplete = (
        pl.when(pl.col("strand") == 1)
        .then("partial_end")
        .when(pl.col("strand") == -1)
        .then("partial_start")
        .otherwise(pl.col("partial_start") | pl.col("partial_end"))
    )
    stop = ((coding % 3 == 0) & ~incomplete).cast(pl.Int64)
    return [
        bases.alias("bases"),
        pl.when((pl.col("kind") == "CDS") & ~pl.col("pseudo"))
        .then((coding // 3 - stop).clip(lower_bound=0))
        .alias("protein"),
        first_value("note").alias("note"),
        _any_qualifier(lambda key, value: key == "trans_splicing").alias("trans_spliced"),
        (pl.col("topology") == "circular").fill_null(False).alias("circular"),
    ]


def first_value(key: str) -> pl.Expr:
    """Return the first value of a key among the qualifiers, null if there is none."""
    field = pl.element().struct.field
    return pl.col("qualifiers").list.eval(field("value").filter(field("key") == key)).list.first()


def ordered(frame: pl.DataFrame, query: Query) -> pl.DataFrame:
    """Return the features in the order of the query; ties by position, unknown lengths last."""
    position = ["division", "accession", "part", "ordinal", "start", "end", "index"]
    if query.sort == "position":
        if "cluster" not in frame.columns:  # clusters are already sorted
            frame = frame.sort(position, nulls_last=True)
        return frame.reverse() if query.reverse else frame
    first = {"length": "bases"}.get(query.sort, query.sort)
    return frame.sort([first, *position], descending=[query.reverse] + [False] * len(position), nulls_last=True)


def _containing(text: str, regex: bool) -> Callable[[pl.Expr], pl.Expr]:
    pattern = "(?i)" + (text if regex else pl.escape_regex(text))
    return lambda column: column.str.contains(pattern)


def _named(name: str) -> pl.Expr:
    lower = name.strip().lower()
    # A synonym can be a list: /gene_synonym="cob; CYTB"
    pattern = rf"(?i)^(?:.*;)?\s*{pl.escape_regex(name.strip())}\s*(?:;.*)?$"
    return _any(
        pl.col("gene").str.to_lowercase() == lower,
        pl.col("locus_tag").str.to_lowercase() == lower,
        _any_qualifier(lambda key, value: key.is_in(_NAMES) & value.str.contains(pattern)),
    )


def _has_product(text: str, regex: bool) -> pl.Expr:
    contains = _containing(text, regex)
    return _any(contains(pl.col("product")), _any_qualifier(lambda key, value: (key == "product") & contains(value)))


def _any_qualifier(test: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    field = pl.element().struct.field
    return pl.col("qualifiers").list.eval(test(field("key"), field("value")).fill_null(False)).list.any()


def _any(*tests: pl.Expr) -> pl.Expr:
    return pl.any_horizontal([test.fill_null(False) for test in tests])
