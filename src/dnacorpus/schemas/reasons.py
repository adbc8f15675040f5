"""The reasons of the ledger, explained in words."""

REASONS = {
    "unreadable": "the file is damaged; this dataset has nothing of its part",
    "gone": "the file or accession is no longer in its source",
    "trailing_bytes": "bytes after the end of its gzip data, which are left out",
    "columns": "a line without exactly nine columns",
    "coordinates": "a line with malformed coordinates",
    "reversed": "a line whose end is before its start, on a linear sequence",
    "strand": "a line with a malformed strand",
    "phase": "a line with a malformed phase",
    "directive": "a malformed directive",
    "control": "a control character or line separator, read as a blank",
    "invisible": "a character without a glyph, such as a change of direction, left out",
    "no_character": "a lone surrogate or noncharacter, read as U+FFFD",
    "no_feature": "a line of a type without a corresponding feature key",
    "annotated_twice": "annotation of a sequence that another file annotates too",
    "no_bases": "annotation of a sequence that is in no FASTA file, or that a flat file describes",
    "exact": "the same bases as a kept copy, on either strand and, if circular, from any origin",
    "leak": "held out, but all or too much of its sequence is also in an earlier split",
    "length_mismatch": "the number of bases is not the length stated in the record",
    "master": "a master record, which only lists other records",
    "no_sequence": "a record without bases in the release files",
    "accession_conflict": "another record has the same accession and different bases",
    "protein": "a protein, not a nucleotide sequence",
    "alphabet": "letters that are not nucleotide codes",
    "bad_locus": "a malformed LOCUS line",
    "locus": "a LOCUS line whose name and length run together",
    "header": "a malformed header",
    "no_locus": "text between records",
    "unterminated": "a record that does not end with //",
    "truncated": "a record cut by the end of a damaged file",
    "features": "a malformed feature table",
    "accession": "an accession",
    "by_file": "the name in one's own file, and the file's",
    "numbered": "the name of one's own file and a number, because the name occurs in it before, or there is none",
    "taxonomy": "by its taxid, from NCBI's taxonomy",
    "name": "from the name of its organism, because the taxonomy does not have it",
    "no_species": "a record without an organism",
    "uninformative": "beyond the limit on hypothetical proteins, or similar, per record, pairs.max_uninformative_share",
    "not_wanted": "a row of a kind that is not in pairs.kinds",
    "biosafety": "a virus of eukaryotes, or similar to one, which the biosafety policy excludes",
    "cluster_cap": "beyond the limit on near-duplicates per cluster, dedup.max_per_cluster",
    "species_cap": "beyond the limit on records per species, dedup.max_per_species",
    "evaluation_cap": "beyond the limit on held-out bases per division, splits.max_eval_bases",
    "too_short": "shorter than the shortest feature with a row, pairs.min_bases",
    "too_long": "longer than the longest row, pairs.max_bases",
    "cap": "beyond the limit on windows per record, windows.max_windows",
    "few_questions": "a stretch with too few possible questions",
    "many_records": "a paper that more records cite than may have rows about it",
    "gap": "a stretch with too many unknown bases",
    "source": "the source feature, which describes the record as a whole",
    "kind": "a kind of feature that has no rows",
    "unnamed": "a feature without a description",
    "has_product": "a gene whose product has a row",
    "no_paper": "a paper that no source of papers has",
    "retracted": "a retracted paper",
    "other_split": "the paper belongs to another split than this record",
    "license": "a paper that is not known to have an open licence",
    "no_abstract": "a paper without an abstract or a passage that names the record",
    "malformed": "a malformed location",
    "one_of": "a location of alternatives",
    "order": "a location whose parts are ordered, not joined",
    "remote": "a location with a part on another record",
    "between": "a location between two bases",
    "zero_length": "a location without bases",
    "out_of_bounds": "a location outside its record",
}

OF_RECORD = "record_"
"""The prefix of the record's reason for features that are not kept because their record is not."""


def in_words(reason: str) -> str:
    """Return a reason of the ledger in words, or an empty string for an unknown one."""
    if reason.startswith(OF_RECORD):
        words = REASONS.get(reason.removeprefix(OF_RECORD), "")
        return f"its record: {words}" if words else "its record is not kept"
    return REASONS.get(reason, "")
