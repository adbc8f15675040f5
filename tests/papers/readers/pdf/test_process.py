"""PDFs that the test makes with PyMuPDF, read in the process apart; what a hostile or damaged one does."""

import random
import subprocess
import sys
import zlib
from contextlib import suppress

import pytest
from support.lowered import lower

from dnacorpus.errors import CorpusError
from dnacorpus.papers.readers.pdf import process as pdf
from dnacorpus.papers.readers.pdf.process import PdfReader

pymupdf = pytest.importorskip("pymupdf")

WIDTH, HEIGHT = 595, 842
VOCABULARY = """mitochondrial genome sequence analysis nucleotide polymorphism phylogenetic relationship evolutionary
  conservation transcription annotation chromosome population structure significant divergence"""


def paragraph(chance: random.Random, words: int) -> str:
    chosen = [chance.choice(VOCABULARY.split()) for _ in range(words)]
    return " ".join(["The", *chosen]) + "."


def lines_of(text: str, width: float, size: float, chance: random.Random) -> list[str]:
    """Set a text in lines, one in three of which divides a word."""
    font, lines, line = pymupdf.Font("helv"), [], ""
    for word in text.split():
        trial = f"{line} {word}".strip()
        if font.text_length(trial, size) <= width:
            line = trial
            continue
        cut = next(
            (at for at in range(len(word) - 3, 3, -1) if font.text_length(f"{line} {word[:at]}-", size) <= width), 0
        )
        if cut and chance.random() < 0.4:
            lines.append(f"{line} {word[:cut]}-")
            line = word[cut:]
        else:
            lines.append(line)
            line = word
    return [*lines, line]


def two_columns(seed: int, pages: int = 3) -> tuple[bytes, list[str]]:
    """A paper of two columns under a title, with heads and page numbers; and its paragraphs, if all fit."""
    chance = random.Random(seed)
    texts = [paragraph(chance, chance.randrange(40, 90)) for _ in range(pages * 9)]
    # Every word occurs undivided somewhere, as in a paper of some length.
    texts[0] = f"The {' '.join(VOCABULARY.split())}."
    flow = []
    for text in texts:
        first, *rest = lines_of(text, 225, 10, chance)
        flow += [(12.0, first), *((0.0, line) for line in rest)]
    used, document = 0, pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=WIDTH, height=HEIGHT)
        page.insert_text((60, 40), f"Journal of Owls 12: {number}", fontsize=8)
        page.insert_text((290, 815), str(number), fontsize=8)
        top = 90
        if number == 1:
            page.insert_text((60, 90), "On the owls of the night forest", fontsize=20)
            page.insert_text((60, 108), "doi:10.1000/owls.1", fontsize=8)
            top = 140
        for x in (60, 310):
            y = top
            while y < 770 and used < len(flow):
                indent, line = flow[used]
                page.insert_text((x + indent, y), line, fontsize=10)
                used, y = used + 1, y + 12
    content = document.tobytes()
    document.close()
    return content, texts


@pytest.fixture(scope="module")
def reader():
    with PdfReader() as reader:
        yield reader


@pytest.mark.parametrize("seed", range(4))
def test_a_text_in_two_columns_is_read_word_for_word(reader, seed):
    content, texts = two_columns(seed)
    paper = reader.read(content)
    assert (paper.title, paper.doi, paper.source) == ("On the owls of the night forest", "10.1000/owls.1", "pdf")
    found = [paragraph.text for paragraph in paper.paragraphs]
    assert found[:-1] == texts[: len(found) - 1]  # the last column may end amid a sentence
    assert len(found) > 15
    pages = [paragraph.page for paragraph in paper.paragraphs]
    assert pages == sorted(pages)
    assert set(pages) == {1, 2, 3}
    assert reader.read(content) == paper


def made(*pages: str, **save: object) -> bytes:
    with pymupdf.open() as document:
        for text in pages:
            document.new_page().insert_textbox((60, 60, 500, 700), text, fontsize=10)
        return document.tobytes(**save)


LONG = "The owl of this forest flies by night and sleeps by day in old trees. " * 8


def test_unreadable_pdfs_are_refused_with_the_reason(reader):
    whole = made(LONG)
    cases = {
        b"": "expected a PDF, found: ",
        b"rubbish": "expected a PDF, found: ",
        made(""): "found 0 letters on 1 pages: a scan",
        made(LONG, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="owl", owner_pw="wol"): "found one with a password",
    }
    for content, reason in cases.items():
        with pytest.raises(CorpusError, match=reason):
            reader.read(content)
    assert reader.read(whole).paragraphs  # and the reader goes on


def test_a_pdf_truncated_anywhere_is_read_or_refused(reader):
    whole = made(LONG, LONG)
    for end in range(0, len(whole), len(whole) // 12):
        with suppress(CorpusError):
            assert reader.read(whole[:end]).source == "pdf"
    assert len(reader.read(whole).paragraphs) == 2


def test_a_pdf_locked_for_printing_is_read(reader):
    content = made(
        LONG, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owl", permissions=pymupdf.PDF_PERM_ACCESSIBILITY
    )
    assert reader.read(content).paragraphs[0].text == LONG.strip()


def test_limits_of_pages_and_characters(monkeypatch):
    lower(monkeypatch, "PDF_PAGES", 2)
    assert len(pdf.document_of(made(LONG, LONG)).pages) == 2
    with pytest.raises(CorpusError, match=r"expected at most 2 pages \(limit PDF_PAGES\), found 3"):
        pdf.document_of(made(LONG, LONG, LONG))
    lower(monkeypatch, "PDF_CHARACTERS", 100)
    with pytest.raises(CorpusError, match="expected at most 100 characters"):
        pdf.document_of(made(LONG))
    lower(monkeypatch, "ARTICLE_FILE", 10)
    with (
        PdfReader() as reader,
        pytest.raises(CorpusError, match=r"expected at most 10 bytes \(limit ARTICLE_FILE\), found 14"),
    ):
        reader.read(b"%PDF-1.7 owls.")


def test_a_pdf_that_ends_the_process_costs_one_paper(monkeypatch):
    """The process is replaced by one that dies at its first PDF, then left alone."""
    started = []
    real = subprocess.Popen

    def dying(command: list[str], **more: object) -> subprocess.Popen:
        started.append(command)
        killed = [sys.executable, "-c", "import os; os.read(0, 8); os.kill(os.getpid(), 9)"]
        return real(killed if len(started) == 1 else command, **more)

    monkeypatch.setattr(subprocess, "Popen", dying)
    with PdfReader() as reader:
        with pytest.raises(CorpusError, match="found one that ended the reading process"):
            reader.read(made(LONG))
        assert reader.read(made(LONG)).paragraphs
        assert reader.read(made(LONG)).paragraphs
    assert len(started) == 2


def test_the_process_ends_with_its_reader():
    with PdfReader() as reader:
        reader.read(made(LONG))
        process = reader._process
        assert process.poll() is None
    assert process.poll() is not None


def test_without_pymupdf_the_error_names_the_extra_to_install(monkeypatch):
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda _: None)
    with (
        PdfReader() as reader,
        pytest.raises(CorpusError, match=r"needs PyMuPDF: run pip install '\.\[pdf\]'"),
    ):
        reader.read(made(LONG))


def test_links_bold_type_and_rotated_text():
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((60, 60), "Owls in bold", fontname="hebo", fontsize=12)
        page.insert_text((60, 80), "Owls in plain, e\ufb03cient")
        page.insert_text((30, 400), "Turned", rotate=90)
        page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(60, 60, 90, 80), "uri": "https://owls.org/by"})
        document.set_metadata({"title": "Owls", "subject": "doi:10.1000/x"})
        read = pdf.document_of(document.tobytes())
    assert next((line.text, line.bold, line.page) for line in read.pages[0].lines) == ("Owls in bold", True, 1)
    assert "Turned" not in {line.text for line in read.pages[0].lines}
    assert (read.title, read.metadata[0], read.links) == ("Owls", "doi:10.1000/x", ("https://owls.org/by",))


def bomb(inflated: int) -> bytes:
    """Return a PDF of one page whose content is compressed twice and inflates to this many blanks."""
    content = zlib.compress(zlib.compress(b" " * inflated, 9), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%b\nendstream" % (len(content), content),
    ]  # fmt: skip
    written = b"%PDF-1.4\n"
    for number, item in enumerate(objects, 1):
        written += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    return written + b"trailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF\n"


def test_a_pdf_whose_content_inflates_a_thousandfold_costs_itself():
    content = bomb(64 << 20)
    assert len(content) < 10_000
    with PdfReader() as reader:
        with pytest.raises(CorpusError, match="expected "):
            reader.read(content)
        assert reader.read(made(LONG)).paragraphs[0].text == LONG.strip()
