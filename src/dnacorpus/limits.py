"""How much is read from outside at most: every limit, with what it bounds and the largest legitimate input known.

A limit is an int, and stands in ``TABLE`` under its name; docs/limits.md is made from this file. Whatever is larger is
refused in one line and costs the record, file or answer that it is in.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dnacorpus.errors import CorpusError


class Limit(int):
    """The most of something that is read.

    ``unit`` is in the plural; ``bounds`` says what is counted, and where; ``largest`` is the largest legitimate input
    known, and its source.
    """

    name: str
    unit: str
    bounds: str
    largest: str

    def __new__(cls, number: int, unit: str, bounds: str, largest: str) -> "Limit":
        """Return a limit, so far without a name."""
        limit = super().__new__(cls, number)
        limit.name, limit.unit, limit.bounds, limit.largest = "", unit, bounds, largest
        return limit

    def exceeded(self, found: int | str = "more") -> str:
        """Return what was expected and found, for the message of an error."""
        shown = f"{found:,}" if isinstance(found, int) else found
        return f"expected at most {self:,} {self.unit} (limit {self.name}), found {shown}"

    def found_more(self) -> str:
        """Return what was found, for a message that says what was expected."""
        return f"more than {self:,} {self.unit} (limit {self.name})"


class LimitError(CorpusError):
    """An input that is larger than its limit."""


@contextmanager
def within_memory() -> Iterator[None]:
    """Raise LimitError in place of MemoryError and RecursionError, so that they cost one input and not the run."""
    try:
        yield
    except MemoryError as error:
        error.__traceback__ = None  # it would keep what filled the memory
        raise LimitError(
            "expected an input that fits in memory, found a larger one; remove it, or give more memory"
        ) from None
    except RecursionError as error:
        error.__traceback__ = None
        raise LimitError("expected a few levels of nesting, found hundreds; remove it") from None


# Servers.
TEXT_ANSWER = Limit(
    64 << 20, "bytes", "a text answer of a server, held in memory",
    "an article in JATS of 60 MB (PMC); a release's list of MD5 sums of 20 MB (NCBI)",
)  # fmt: skip
ARTICLE_FILE = Limit(
    256 << 20, "bytes", "a file of an article in PMC, held in memory; a larger PDF is not read",
    "PDFs with scanned pages of 100 MB (PMC)",
)  # fmt: skip
UNSTATED_DOWNLOAD = Limit(
    64 << 30, "bytes", "a download whose size no catalog states",
    "20 chromosomes of one request to nuccore: tens of GB (NCBI)",
)  # fmt: skip
HUB_ANSWER = Limit(
    64 << 20, "bytes", "a text answer of the Hugging Face Hub; a file is read up to the size in the manifest",
    "a page of 1,000 files: 0.5 MB (Hub API)",
)  # fmt: skip

# Papers.
PAPER_FILE = Limit(
    1 << 30, "bytes", "a file of papers, after decompression, held in memory",
    "PubMed's files of 30,000 entries: 0.2 GB (NCBI, pubmed26n*.xml.gz)",
)  # fmt: skip
XML_BYTES = Limit(
    512 << 20, "bytes", "the text in an XML document, entities resolved, that is held as a tree",
    "an article in JATS of 60 MB (PMC)",
)  # fmt: skip
XML_ELEMENTS = Limit(
    4_000_000, "elements", "XML elements held as a tree: of a document, or of one entry of PubMed",
    "1.3 million, in a made article of 60 MB with an element every 47 bytes",
)  # fmt: skip
XML_DEPTH = Limit(
    200, "levels", "nesting of XML elements", "about 30, in tables inside boxes of articles (JATS)",
)  # fmt: skip
PDF_PAGES = Limit(1000, "pages", "a PDF", "theses and proceedings of some hundred pages")
PDF_CHARACTERS = Limit(5_000_000, "characters", "the text of a PDF", "proceedings of 1,000 pages: 4 million")
PDF_MEMORY = Limit(
    4 << 30, "bytes", "memory of the process that reads PDFs", "1 GB, for pages with scanned images (PyMuPDF)"
)
PDF_SECONDS = Limit(300, "seconds", "CPU time for one PDF", "30 s, for 1,000 pages (PyMuPDF)")

# JSON.
JSON_BYTES = Limit(
    256 << 20, "bytes", "a JSON document: manifest, state of a build, papers",
    "a manifest of 300,000 files: 80 MB; 1,000 papers of Europe PMC: 20 MB",
)  # fmt: skip
JSON_VALUES = Limit(
    8_000_000, "values", "commas and brackets of a JSON document, which bound its values",
    "a manifest of 300,000 files with 8 keys each: 3 million",
)  # fmt: skip
JSON_DEPTH = Limit(100, "levels", "nesting of a JSON document", "about 10 (Europe PMC, resultType core)")

# Compressed files.
INFLATED_BYTES = Limit(
    4 << 30, "bytes", "a gzip file of records, inflated; beyond it, at most INFLATED_RATIO times the compressed bytes",
    "no file with more than this has a ratio above 20; a run of N in FASTA reaches 1,000",
)  # fmt: skip
INFLATED_RATIO = Limit(
    100, "bytes per compressed byte", "a gzip file that inflates to more than INFLATED_BYTES",
    "5 of flat files, 4 of FASTA, 12 of GFF3 (RefSeq); 20 with long runs of N",
)  # fmt: skip

# Records.
RECORD_BYTES = Limit(
    4 << 30, "bytes", "a record of a flat file or of FASTA, held in memory about three times",
    "chromosomes of 2.1 Gb, the most that INSDC takes: 2.7 GB as a flat file",
)  # fmt: skip
STRAY_BYTES = Limit(
    64 << 20, "bytes", "text outside records that is held, and rejected, at a time", "the head of a release file: 1 kB"
)
FEATURES = Limit(4_000_000, "features", "the feature table of a record", "60,000, of a human chromosome (RefSeq)")
QUALIFIERS = Limit(
    40_000_000, "qualifiers", "the feature table of a record", "a million, of a human chromosome (RefSeq)"
)
LOCATION_DEPTH = Limit(
    1000, "levels", "brackets of the locations in a feature table", "2: complement(join(...)) (INSDC)"
)
POSITION_DIGITS = Limit(18, "digits", "a position, length or taxid in a record", "10, of a chromosome of 2.1 Gb")
GFF_LINE = Limit(16 << 20, "bytes", "a line of a GFF3 or GTF file", "100 kB, with long notes and many Dbxref (RefSeq)")
FASTA_RECORDS = Limit(20_000_000, "records", "a FASTA file, whose titles are held in memory", "3 million contigs (WGS)")
GFF_LINES = Limit(
    20_000_000, "lines", "features and other lines of a GFF3 or GTF file that are held in memory",
    "5 million, of the human genome (RefSeq, GENCODE)",
)  # fmt: skip

# Taxonomy.
TAXDUMP_FILE = Limit(
    768 << 20, "bytes", "nodes.dmp, names.dmp or merged.dmp of a taxdump, inflated and held in memory",
    "names.dmp of 250 MB, nodes.dmp of 200 MB, with 2.6 million taxa (NCBI, 2025)",
)  # fmt: skip
TAXDUMP_BYTES = Limit(
    16 << 30, "bytes", "all members of a taxdump, inflated; those that are not needed are skipped",
    "2 GB, most of it fullnamelineage.dmp and taxidlineage.dmp (NCBI, new_taxdump)",
)  # fmt: skip
TAXDUMP_MEMBERS = Limit(1000, "members", "a taxdump", "15 (NCBI, new_taxdump)")

# Lists and tables in text.
TEXT_FILE = Limit(
    256 << 20, "bytes", "a text file held in memory: config, catalog, list of accessions, table of viruses",
    "a catalog of 250,000 files: 60 MB; a list of 2 million accessions: 30 MB",
)  # fmt: skip
TEMPLATES = Limit(1 << 20, "bytes", "a file of `pairs.templates`", "60 kB (templates.toml of the package)")
TABLE_LINE = Limit(
    1 << 20, "bytes", "a line of a table that is read line by line: assembly_summary.txt, accessions of a release",
    "2 kB, with a long ftp_path and submitter (NCBI)",
)  # fmt: skip

# Parquet.
PARQUET_COLUMNS = Limit(1000, "columns", "columns of a Parquet file, those in structs and lists included", "60 (pairs)")
PARQUET_GROUPS = Limit(
    1_000_000, "row groups", "a Parquet file", "100,000 (taxa.parquet, digests.parquet: 1,024 rows in each)"
)
PARQUET_ROWS = Limit(
    16_000_000, "rows", "a row group of a Parquet file", "65,536; of other writers a million (pyarrow, polars)"
)
PARQUET_VALUES = Limit(
    8_000_000, "values", "a list column in a row group of a Parquet file: items, fields and nulls count",
    "a million: 65,536 rows with 16 spans of evidence in each (pairs)",
)  # fmt: skip
PARQUET_GROUP = Limit(
    1 << 30, "bytes", "a row group of a Parquet file, uncompressed, as its footer states; rows decoded together",
    "64 MB and one row of at most 17 MB; the Hub's viewer refuses more than 300 MB",
)  # fmt: skip

TABLE: dict[str, Limit] = {name: limit for name, limit in dict(globals()).items() if isinstance(limit, Limit)}
"""Name -> limit, in the order of this file."""
for _name, _limit in TABLE.items():
    _limit.name = _name
