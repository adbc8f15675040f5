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

# Lists and tables in text.
TEXT_FILE = Limit(
    256 << 20, "bytes", "a text file held in memory: config, catalog, templates, list of accessions, rules, state",
    "a catalog of 250,000 files: 60 MB; a list of 2 million accessions: 30 MB",
)  # fmt: skip

TABLE: dict[str, Limit] = {name: limit for name, limit in dict(globals()).items() if isinstance(limit, Limit)}
"""Name -> limit, in the order of this file."""
for _name, _limit in TABLE.items():
    _limit.name = _name
