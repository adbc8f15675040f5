"""What `dnacorpus find` is asked: the question as a value, its texts read, and its filters as Polars expressions.

Texts of the user are 1-based and closed, as GenBank writes; the tables are 0-based and half-open.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from dnacorpus.errors import UsageError

_NAMES = ("gene", "gene_synonym", "locus_tag", "old_locus_tag")
_BASES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(k|m)b?|bp?)?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}

RECORD = ("division", "part", "ordinal")
"""The columns that name a record among all of a build; a dataset has them too."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to a feature table: a feature must meet all that is given.

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
    sort: str = "place"
    reverse: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.region is not None and len(self.records) != 1:
            raise UsageError(
                f"--region: expected one --record that it lies in, found {len(self.records)}; name one record"
            )
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
    def by_place(self) -> bool:
        """Whether features are chosen by where they lie, which the source feature of a record does everywhere."""
        return self.region is not None or self.near is not None or self.cluster is not None


def length_of(text: str) -> int:
    """Read a number of bases: 5000, 5k, 5kb, 1.5 kb, 2Mb. Raises UsageError for anything else."""
    match = _BASES.fullmatch(text.strip().replace(",", ""))
    bases = float(match[1]) * _FACTORS[(match[2] or "").lower()] if match else 0.5
    if bases != int(bases):
        raise UsageError(f"{text!r}: expected a number of bases, found other text; write e.g. 5000, 5k or 1.5kb")
    return int(bases)


def region_of(text: str) -> tuple[int, int]:
    """Read START-END (or START..END), 1-based and closed, with suffixes as `length_of` reads them.

    Raises UsageError for anything else.
    """
    ends = re.split(r"\.\.|-", text)
    if len(ends) != 2:
        raise UsageError(f"--region {text}: expected START-END, found other text; write e.g. 1200-4800 or 10k-20k")
    first, last = map(length_of, ends)
    if first < 1 or last < 1:
        raise UsageError(f"--region {text}: expected positions from 1, found 0; count from 1, as GenBank does")
    return first, last


def near_of(text: str) -> tuple[str, int]:
    """Read NAME:N, a gene or part of a product and a distance in bases; raises UsageError for anything else."""
    name, colon, distance = text.rpartition(":")
    if not colon or not name.strip():
        raise UsageError(f"--near {text}: expected GENE:N, found no such pair; write e.g. rpoB:5k")
    return name.strip(), length_of(distance)


def _check_pattern(name: str, pattern: str | None) -> None:
    try:
        pl.Series([""]).str.contains(pattern or "")
    except pl.exceptions.ComputeError as error:
        why = next((line for line in str(error).splitlines() if line.startswith("error:")), "an illegible one")
        raise UsageError(
            f"--{name} {pattern}: expected a regular expression, found {why}; correct it, or leave --regex out"
        ) from error


def of_records(query: Query) -> pl.Expr:
    """Return what a row of the records table must meet."""
    needs = [pl.lit(True)]
    if query.organism is not None:
        holds = _holding(query.organism, query.regex)
        needs.append(_any(holds(pl.col("organism")), holds(pl.col("species"))))
    if query.divisions:
        needs.append(pl.col("division").is_in(list(query.divisions)))
    if query.records:
        needs.append(pl.col("accession").str.contains(accession_pattern(query.records)))
    return pl.all_horizontal(needs)


def accession_pattern(accessions: tuple[str, ...]) -> str:
    """Return a regular expression of some accessions, each of any version unless it names one."""
    names = "|".join(pl.escape_regex(name) + ("" if re.search(r"\.\d+$", name) else r"(\.\d+)?") for name in accessions)
    return f"(?i)^({names})$"


def of_features(query: Query) -> pl.Expr:
    """Return what a row of the features table must meet, but for place and length of the protein."""
    needs = [pl.lit(True)]
    if query.gene is not None:
        needs.append(_named(query.gene))
    if query.product is not None:
        needs.append(_has_product(query.product, query.regex))
    if query.note is not None:
        holds = _holding(query.note, query.regex)
        needs.append(_any_qualifier(lambda key, value: (key == "note") & holds(value)))
    if query.text is not None:
        holds = _holding(query.text, query.regex)
        columns = [holds(pl.col(name)) for name in ("gene", "locus_tag", "product", "protein_id")]
        # letters of a protein are no words
        needs.append(_any(*columns, _any_qualifier(lambda key, value: (key != "translation") & holds(value))))
    if query.kinds:
        needs.append(pl.col("kind").str.to_lowercase().is_in([kind.lower() for kind in query.kinds]))
    elif query.by_place:
        needs.append(pl.col("kind") != "source")
    if query.strand is not None:
        needs.append(pl.col("strand") == query.strand)
    if query.pseudo is not None:
        needs.append(pl.col("pseudo") == query.pseudo)
    return pl.all_horizontal(needs)


def of_anchors(name: str) -> pl.Expr:
    """Return what the features meet that ``--near`` measures from: the gene's name, or a part of the product."""
    return _any(_named(name), _has_product(name, regex=False)) & (pl.col("kind") != "source")


def of_proteins(query: Query) -> pl.Expr:
    """Return what the protein's length must meet, as `measured` computes it."""
    return pl.all_horizontal(
        pl.lit(True) if query.min_protein is None else pl.col("protein") >= query.min_protein,
        pl.lit(True) if query.max_protein is None else pl.col("protein") <= query.max_protein,
    )


def measured() -> list[pl.Expr]:
    """Return the columns ``bases``, ``protein``, ``note``, ``trans_spliced`` and ``circular``, computed.

    ``bases`` is the length of the parts together; null where a part is elsewhere or not certain. ``protein`` is
    the amino acids of a CDS: whole codons from codon_start on, without the stop codon where the 3' end is
    complete (one that the poly-A tail completes is no whole codon). Null for pseudo CDS and all other kinds.
    """
    part = pl.element().struct.field
    # a location that cannot be read has no parts
    certain = ~pl.col("operator").is_in(["order", "one-of"]) & (pl.col("parts").list.len() > 0)
    local = pl.col("parts").list.eval(part("accession").is_null()).list.all()
    total = pl.col("parts").list.eval(part("end") - part("start")).list.sum()
    bases = pl.when(certain & local).then(total)
    coding = bases - pl.col("codon_start").fill_null(1) + 1
    goes_on = (
        pl.when(pl.col("strand") == 1)
        .then("partial_end")
        .when(pl.col("strand") == -1)
        .then("partial_start")
        .otherwise(pl.col("partial_start") | pl.col("partial_end"))
    )
    stop = ((coding % 3 == 0) & ~goes_on).cast(pl.Int64)
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
    """Return the first value of a key among the qualifiers, null where there is none."""
    field = pl.element().struct.field
    return pl.col("qualifiers").list.eval(field("value").filter(field("key") == key)).list.first()


def ordered(frame: pl.DataFrame, query: Query) -> pl.DataFrame:
    """Return the features in the order that was asked for; ties by place, unknown lengths last."""
    place = ["division", "accession", "part", "ordinal", "start", "end", "index"]
    if query.sort == "place":
        if "cluster" not in frame.columns:  # clusters are in their order already
            frame = frame.sort(place, nulls_last=True)
        return frame.reverse() if query.reverse else frame
    first = {"length": "bases"}.get(query.sort, query.sort)
    return frame.sort([first, *place], descending=[query.reverse] + [False] * len(place), nulls_last=True)


def _holding(text: str, regex: bool) -> Callable[[pl.Expr], pl.Expr]:
    pattern = "(?i)" + (text if regex else pl.escape_regex(text))
    return lambda column: column.str.contains(pattern)


def _named(name: str) -> pl.Expr:
    lower = name.strip().lower()
    # a synonym may be a list: /gene_synonym="cob; CYTB"
    pattern = rf"(?i)^(?:.*;)?\s*{pl.escape_regex(name.strip())}\s*(?:;.*)?$"
    return _any(
        pl.col("gene").str.to_lowercase() == lower,
        pl.col("locus_tag").str.to_lowercase() == lower,
        _any_qualifier(lambda key, value: key.is_in(_NAMES) & value.str.contains(pattern)),
    )


def _has_product(text: str, regex: bool) -> pl.Expr:
    holds = _holding(text, regex)
    return _any(holds(pl.col("product")), _any_qualifier(lambda key, value: (key == "product") & holds(value)))


def _any_qualifier(test: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    field = pl.element().struct.field
    return pl.col("qualifiers").list.eval(test(field("key"), field("value")).fill_null(False)).list.any()


def _any(*tests: pl.Expr) -> pl.Expr:
    return pl.any_horizontal([test.fill_null(False) for test in tests])
