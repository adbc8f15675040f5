"""What the reasons of the ledger mean, for people."""

REASONS = {
    "unreadable": "the file is damaged; nothing of its part is in this dataset",
    "gone": "the file or accession is no longer where it was",
    "columns": "a line with another number of columns than nine",
    "coordinates": "a line with illegible coordinates",
    "reversed": "a line that ends before it starts, on a linear sequence",
    "strand": "a line with an illegible strand",
    "phase": "a line with an illegible phase",
    "directive": "an illegible directive",
    "no_feature": "a line of a type that flat files have no feature for",
    "annotated_twice": "annotation of a sequence that another file annotates",
    "no_bases": "annotation of a sequence that no FASTA file has, or that a flat file describes",
    "exact": "the same bases as a kept copy: on either strand and, if circular, from any origin",
    "leak": "held out, but training data holds it too, or too much of it",
    "length_mismatch": "the bases found are not as many as the record promises",
    "master": "a master record, which only lists other records",
    "no_sequence": "a record that has no bases in the release files",
    "accession_conflict": "the same accession stands on different bases elsewhere",
    "protein": "a protein, not a nucleotide sequence",
    "alphabet": "letters that are no nucleotide code",
    "bad_locus": "an illegible LOCUS line",
    "header": "an illegible header",
    "no_locus": "text between records that is no record",
    "unterminated": "a record that does not end with //",
    "truncated": "a record cut by the end of a damaged file",
    "features": "an illegible feature table",
    "taxonomy": "by its taxid, from NCBI's taxonomy",
    "name": "from the name of its organism, since no taxonomy has it",
    "no_species": "a record that names no organism",
    "uninformative": "one hypothetical protein, or the like, too many in its record",
    "not_wanted": "of a kind of row that the config leaves out",
    "biosafety": "a virus of eukaryotes, or too like one, which the policy leaves out",
    "cluster_cap": "one of more near-duplicates than the config allows",
    "species_cap": "one of more records of its species than the config allows",
    "evaluation_cap": "held out beyond the bases that are enough for its division",
    "too_short": "shorter than the row of a feature may be",
    "too_long": "longer than a row may be",
    "cap": "more windows of a record than the config allows",
    "few_questions": "a stretch about which too few questions can be asked",
    "many_records": "a paper that more records cite than may tell of it",
    "gap": "a stretch with too many unknown bases",
    "source": "the source feature: it describes the record as a whole",
    "kind": "a kind of feature that gets no row of its own",
    "unnamed": "a feature with nothing said about it",
    "has_product": "a gene whose product has the row",
    "no_paper": "a paper that the sources of papers do not have",
    "retracted": "a retracted paper",
    "license": "a paper without a licence that is known to be open",
    "no_abstract": "a paper without an abstract, and without a passage that names the record",
    "illegible": "an illegible location",
    "one_of": "a location of alternatives",
    "order": "a location whose parts are not said to be joined",
    "remote": "a location with a part on another record",
    "between": "a location between two bases",
    "zero_length": "a location without bases",
    "out_of_bounds": "a location outside its record",
}

OF_RECORD = "record_"
"""Stands before the record's reason where features share their record's fate."""


def in_words(reason: str) -> str:
    """Return a reason of the ledger in words, or nothing where the reason itself must do."""
    if reason.startswith(OF_RECORD):
        words = REASONS.get(reason.removeprefix(OF_RECORD), "")
        return f"its record: {words}" if words else "its record is not kept"
    return REASONS.get(reason, "")
