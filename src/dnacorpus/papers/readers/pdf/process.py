"""Reading PDFs with PyMuPDF in a separate process; no other module imports pymupdf.

A damaged or hostile PDF can crash a parser written in C, or exhaust memory. The reader therefore runs in a
process of its own with limits of memory and time, and a PDF that ends the process costs only that paper.
``python -m dnacorpus.papers.readers.pdf.process`` is that process: it reads PDFs from stdin and writes papers to
stdout, each as an 8-byte length and that many bytes.
"""

import importlib.util
import os
import pickle
import struct
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from dnacorpus import limits
from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.pdf.layout import Line, Page
from dnacorpus.papers.readers.pdf.lines import clean
from dnacorpus.papers.readers.pdf.paper import Document, paper_of_pdf

_BOLD = 16
"""The bit of a span's flags that marks a bold face."""


class PdfReader:
    """Reads PDFs one after another in one process, which is replaced if it dies; use as a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, content: bytes) -> Paper:
        """Return the paper of one PDF.

        Raises CorpusError when pymupdf is not installed, and for a PDF that is damaged, encrypted, without text, too
        large, or that ends the reading process.
        """
        if importlib.util.find_spec("pymupdf") is None:
            raise CorpusError("needs PyMuPDF: run pip install '.[pdf]' in the repository's folder")
        if len(content) > limits.ARTICLE_FILE:
            raise LimitError(f"{limits.ARTICLE_FILE.exceeded(len(content))}; remove it")
        process = self._process or self._start()
        try:
            _send(process.stdin, content)
            answer = _receive(process.stdout)
        except (OSError, EOFError) as error:
            self._stop()
            raise CorpusError(
                f"expected a PDF that can be read within {limits.PDF_MEMORY >> 30} GiB and {limits.PDF_SECONDS} s"
                " (limits PDF_MEMORY, PDF_SECONDS), found one that ended the reading process; get the file again or"
                " remove it"
            ) from error
        result = pickle.loads(answer)  # noqa: S301 - written by the process started below
        if isinstance(result, str):
            raise CorpusError(result)
        paper: Paper = result
        return paper

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dnacorpus.papers.readers.pdf.process"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()


def document_of(content: bytes) -> Document:
    """Return the text of one PDF with its positions on the pages; text that does not run left to right is left out.

    Raises CorpusError for a PDF that is damaged, encrypted or too large.
    """
    import pymupdf  # noqa: PLC0415 - optional, and used only in the reading process

    try:
        file: Any = pymupdf.open(stream=content, filetype="pdf")  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise CorpusError(f"expected a PDF, found: {_one_line(error)}; get the file again") from error
    with file:
        if file.needs_pass:
            raise CorpusError("expected a PDF without a password, found one with a password; remove it")
        if not len(file):
            raise CorpusError("expected at least 1 page, found 0; remove the file")
        if len(file) > limits.PDF_PAGES:
            raise LimitError(f"{limits.PDF_PAGES.exceeded(len(file))}; remove the file")
        pages, characters = [], 0
        for number in range(len(file)):
            try:
                page = _page(file[number], number + 1)
            except (RuntimeError, ValueError) as error:
                raise CorpusError(
                    f"page {number + 1}: expected text, found: {_one_line(error)}; get it again"
                ) from error
            characters += sum(len(line.text) for line in page.lines)
            if characters > limits.PDF_CHARACTERS:
                raise LimitError(f"{limits.PDF_CHARACTERS.exceeded()}; remove the file")
            pages.append(page)
        ends = sorted({0, 1, len(file) - 1} & set(range(len(file))))
        links = [link.get("uri") or "" for number in ends for link in file[number].get_links()]
        metadata = file.metadata or {}
        title, *others = (clean(metadata.get(key) or "") for key in ("title", "subject", "keywords"))
        return Document(tuple(pages), title, tuple(others), tuple(link for link in links if link))


def _page(page: Any, number: int) -> Page:
    import pymupdf  # noqa: PLC0415 - see document_of

    # Without TEXT_CID_FOR_UNKNOWN_UNICODE a glyph of unknown meaning becomes U+FFFD, not the letter of its number.
    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
    lines = []
    for block_number, block in enumerate(page.get_text("dict", flags=flags)["blocks"]):
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["text"].strip()]
            if spans and line["dir"][0] > 0.99:
                widest = max(spans, key=lambda span: len(span["text"]))
                text = clean("".join(span["text"] for span in line["spans"]))
                left, top, right, bottom = (round(edge, 2) for edge in line["bbox"])
                bold = all(span["flags"] & _BOLD for span in spans)
                fonts = {span["font"] for span in spans}
                font = fonts.pop() if len(fonts) == 1 else ""
                size = round(widest["size"], 2)
                lines.append(Line(number, left, top, right, bottom, size, text.strip(), bold, font, block_number))
    # The rule of a table can be a row of characters of unknown meaning.
    legible = tuple(line for line in lines if line.text.count("\ufffd") * 2 < len(line.text))
    return Page(float(page.rect.height), legible)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _send(pipe: IO[bytes] | None, content: bytes) -> None:
    if pipe is None:
        raise EOFError
    pipe.write(struct.pack("<Q", len(content)) + content)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> bytes:
    head = pipe.read(8) if pipe is not None else b""
    if pipe is None or len(head) < 8:
        raise EOFError
    (length,) = struct.unpack("<Q", head)
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return content


def _serve() -> None:
    """Answer every PDF on stdin with a pickled Paper, or with the reason why it cannot be read."""
    import resource  # noqa: PLC0415 - POSIX only, and used only here

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the C library prints must not mix with the answers
    for limit, bound in ((resource.RLIMIT_AS, limits.PDF_MEMORY), (resource.RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (bound, bound))
    while True:
        try:
            content = _receive(sys.stdin.buffer)
        except EOFError:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + limits.PDF_SECONDS, hard))
        try:
            result: Paper | str = paper_of_pdf(document_of(content))
        except CorpusError as error:
            result = str(error)
        except (MemoryError, RecursionError) as error:
            result = f"{limits.PDF_MEMORY.exceeded(type(error).__name__)}; remove it"
        _send(answers, pickle.dumps(result))


if __name__ == "__main__":
    _serve()
