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


class LimitError(CorpusError):
    """An input that is larger than its limit."""


@contextmanager
def within_memory() -> Iterator[None]:
    """Raise LimitError in place of MemoryError and RecursionError, so that they cost one input and not the run."""
    lacking = ""
    try:
        yield
    except MemoryError:
        lacking = "expected an input that fits in memory, found a larger one; remove it, or give more memory"
    except RecursionError:
        lacking = "expected a few levels of nesting, found hundreds; remove it"
    # Raised here, without a context: the traceback of the first error would keep what filled the memory.
    if lacking:
        raise LimitError(lacking)


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

# JSON.
JSON_BYTES = Limit(
    256 << 20, "bytes", "a JSON document: manifest, state of a build, papers",
    "a manifest of 300,000 files: 80 MB; 1,000 papers of Europe PMC: 20 MB",
)  # fmt: skip

TABLE: dict[str, Limit] = {name: limit for name, limit in dict(globals()).items() if isinstance(limit, Limit)}
"""Name -> limit, in the order of this file."""
for _name, _limit in TABLE.items():
    _limit.name = _name
