"""The values that columns of several tables can have, and the columns that hold qualifiers."""

HOW = ("verbatim", "normalised", "annotation", "sequence")
"""Evidence: how a stretch of text follows from its field, from copied to computed."""

FEATURES_ON_SPAN = "span/features"
"""The field of evidence for statements about the features on a row's span, e.g. how many of a kind there are."""

UNITS = ("file", "record", "name", "species", "feature", "line", "character", "paper", "row")
"""What the ledger counts, in the order of the work."""

STATUSES = ("kept", "duplicate", "excluded", "rejected")
"""What can happen to a unit of the ledger; in = the sum of these."""

QUALIFIER_COLUMNS = ("gene", "locus_tag", "product", "protein_id", "transl_table", "codon_start")
"""The columns of features that hold the first value of the qualifier of the same name; the last two are numbers."""

STRANDS_IN_WORDS = {1: "forward strand", -1: "reverse strand"}
"""Strand of a feature or span -> its name; a feature with parts on both strands has none."""

ABSENT = frozenset(
    {
        "", "-", ".", "?", "n/a", "na", "nan", "nil", "none", "null", "missing", "unknown", "unnamed", "other",
        "not applicable", "not available", "not collected", "not determined", "not provided", "not recorded",
        "restricted access", "to be determined", "undetermined", "unidentified", "unspecified",
    }
)  # fmt: skip
"""Values that INSDC submitters write for missing information, in lower case."""

_NO_ORGANISM = ABSENT | {
    "genus species", "organism", "unclassified", "unclassified organism", "unidentified organism", "unknown organism",
    "unknown unclassified",
}  # fmt: skip


def names_organism(text: str | None) -> bool:
    """Return whether a text names an organism: it is not absent, and no placeholder of a program.

    Placeholders: ``Genus species`` (Prokka), ``unspecified`` (SnapGene), ``null``, ``Unknown Unclassified.`` (SciEd).
    """
    return " ".join((text or "").split()).rstrip(". ").lower() not in _NO_ORGANISM
