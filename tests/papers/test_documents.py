"""XML files that are not quite well formed: joined documents, marks and blanks before them, entities, encodings."""

import codecs
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.errors import CorpusError
from dnacorpus.papers.documents import documents
from dnacorpus.papers.files import read_file
from dnacorpus.papers.markup import parse_xml, text_of
from dnacorpus.papers.readers.pubmed import read_pubmed

DOCTYPE = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://example.org/pubmed.dtd">\n'


def declared(encoding: str = "UTF-8") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'


def entry(pmid: int, title: str = "Title") -> str:
    return f"""<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID>
      <Article><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"""


def whole(*pmids: int) -> str:
    return f"<PubmedArticleSet>{''.join(map(entry, pmids))}</PubmedArticleSet>"


def jats(pmid: int) -> str:
    return f"""<article><front><article-meta><article-id pub-id-type="pmid">{pmid}</article-id></article-meta></front>
      </article>"""


def write(folder: Path, content: str | bytes, name: str = "a.xml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


JOINED = {
    "two answers with declarations": (declared() + whole(1) + "\n" + declared() + DOCTYPE + whole(2, 3), [1, 2, 3]),
    "on one line": (whole(1) + whole(2) + whole(3), [1, 2, 3]),
    "with empty answers": (whole(1) + "<PubmedArticleSet/>" + declared() + whole(2) + whole() + whole(3), [1, 2, 3]),
    "with comments": (whole(1) + declared() + "<!-- 2 -->\n" + DOCTYPE + "<!-- 2 -->" + whole(2), [1, 2]),
    "with a byte order mark each": ("\ufeff" + declared() + whole(1) + "\ufeff\n" + declared() + whole(2), [1, 2]),
    "with a doctype alone": (DOCTYPE + whole(1) + "\r\n\r\n" + DOCTYPE + whole(2), [1, 2]),
    "entries without a set": (entry(1) + "\n" + entry(2) + entry(3), [1, 2, 3]),
    "one set of entries": (whole(1, 2), [1, 2]),
    "articles of JATS with declarations": (declared() + jats(1) + declared() + jats(2), [1, 2]),
    "sets of PMC": (f"<pmc-articleset>{jats(1)}{jats(2)}</pmc-articleset><pmc-articleset>{jats(3)}</pmc-articleset>",
                    [1, 2, 3]),
    "PubMed and JATS": (declared() + whole(1) + declared() + jats(2), [1, 2]),
}  # fmt: skip


@pytest.mark.parametrize("form", JOINED)
def test_all_documents_of_a_file_are_read(form, tmp_path):
    content, pmids = JOINED[form]
    assert [paper.pmid for paper in read_file(write(tmp_path, content))[1]] == pmids
    compressed = gzip.compress(content.encode())
    assert [paper.pmid for paper in read_file(write(tmp_path, compressed, "a.xml.gz"))[1]] == pmids
    members = b"".join(gzip.compress(line) for line in content.encode().splitlines(keepends=True))
    assert [paper.pmid for paper in read_file(write(tmp_path, members, "b.xml.gz"))[1]] == pmids


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_any_number_of_documents_joined_in_any_way_is_read(pmids, data):
    joints = st.sampled_from(["", "\n", " \r\n\t", "\ufeff", declared(), "\n" + declared() + DOCTYPE, "\n" + DOCTYPE])
    content = "".join(data.draw(joints) + whole(pmid) for pmid in pmids)
    found = list(documents(content.encode()))
    assert [paper.pmid for _, document in found for paper in read_pubmed(document)] == pmids
    lines = content.split("\n")
    for line, document in each(found):
        assert document.decode().split("\n")[0] in lines[line - 1]


@pytest.mark.parametrize("before", ["\n", "\r\n\r\n", " \t", "\ufeff", "\ufeff\n\ufeff"])
def test_blanks_and_marks_before_a_document_are_left_out(before, tmp_path):
    for rest in each([declared() + whole(1), DOCTYPE + whole(1), whole(1), declared() + DOCTYPE + jats(1)]):
        assert [paper.pmid for paper in read_file(write(tmp_path, before + rest))[1]] == [1]


@pytest.mark.parametrize("head", ["", declared(), declared() + DOCTYPE, DOCTYPE])
def test_named_entities_are_those_of_html(head):
    title = "&eacute; &beta;-lactamase &plusmn;&nbsp;2 &lt;5 &amp; &NotEqualTilde;"
    ((_, document),) = documents((head + f"<PubmedArticleSet>{entry(1, title)}</PubmedArticleSet>").encode())
    (paper,) = read_pubmed(document)
    assert paper.title == "é β-lactamase ± 2 <5 & ≂̸"


def test_the_entities_that_a_document_declares_are_its_own():
    declaring = '<!DOCTYPE x [<!ENTITY beta "B">]><x>&beta;</x>'
    ((_, document),) = documents(declaring.encode())
    assert text_of(parse_xml(document)) == "B"


def test_an_entity_that_nobody_knows_is_named_with_its_line(tmp_path):
    with pytest.raises(CorpusError, match=r"undefined entity.*line 3"):
        read_file(write(tmp_path, f"<PubmedArticleSet>\n{entry(1, '&unheard;')}</PubmedArticleSet>"))


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("ISO-8859-1", "é"), ("windows-1252", "“é”"), ("GB2312", "中文"), ("Big5", "中文"), ("Shift_JIS", "日本"),
        ("EUC-JP", "日本"), ("EUC-KR", "한국"), ("KOI8-R", "Ген"), ("UTF8", "é中"), ("latin-1", "é"), ("US-ASCII", "e"),
        ("utf-16", "é中"),
    ],
)  # fmt: skip
def test_the_stated_encoding_is_used(encoding, title, tmp_path):
    content = declared(encoding) + f"<PubmedArticleSet>{entry(1, title)}</PubmedArticleSet>"
    (paper,) = read_file(write(tmp_path, content.encode(encoding)))[1]
    assert paper.title == title


def test_text_that_was_saved_in_another_encoding_than_stated():
    text = declared("UTF-16") + f"<PubmedArticleSet>{entry(1, 'é')}</PubmedArticleSet>"
    for content in each([text.encode(), codecs.BOM_UTF8 + text.encode(), b"\xfe\xff" + text.encode("utf-16-be")]):
        ((_, document),) = documents(content)
        assert [paper.title for paper in read_pubmed(document)] == ["é"]


@pytest.mark.parametrize("encoding", ["zip", "punycode", "unicode_escape", "hex", "nobody-1", "utf-99"])
def test_an_encoding_that_is_none_is_refused(encoding):
    text = declared(encoding) + whole(1)
    with pytest.raises(CorpusError, match=f"expected a known encoding, found {encoding}"):
        list(documents(text.encode()))


def test_bytes_that_are_not_in_the_stated_encoding_are_refused():
    with pytest.raises(CorpusError, match="expected text in shift_jis, as stated, found: "):
        list(documents((declared("Shift_JIS") + whole(1)).encode() + b"\xff\xff"))


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252"])
@pytest.mark.parametrize("sign", ["\x0c", "\x00", "\x1b", "&#12;", "&#x1F;", "&#0;", "&#031;", "&#xD800;"])
def test_characters_that_xml_does_not_allow_are_counted_and_become_blanks(sign, encoding, tmp_path):
    content = declared(encoding) + f"<PubmedArticleSet>{entry(1, f'bene{sign}fits é')}</PubmedArticleSet>"
    (paper,) = read_file(write(tmp_path, content.encode(encoding)))[1]
    assert (paper.title, paper.replaced) == ("bene fits é", (("control", 1),))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("R&D of cats & dogs", "R&D of cats & dogs"),
        ("A&amp;B &#38; C&&D", "A&B & C&&D"),
        ("x&y; &", "x&y; &"),
        ("<![CDATA[R&D &eacute;]]>", "R&D é"),
    ],
)
def test_a_bare_ampersand_is_one(text, title, tmp_path):
    content = f"<PubmedArticleSet>{entry(1, text)}</PubmedArticleSet>"
    if ";" in text.replace("&amp;", "").replace("&#38;", "").replace("&eacute;", ""):
        with pytest.raises(CorpusError, match="undefined entity"):
            read_file(write(tmp_path, content))
    else:
        assert read_file(write(tmp_path, content))[1][0].title == title


def test_a_cut_document_is_named_with_its_place(tmp_path):
    with pytest.raises(CorpusError, match=r"^expected well-formed XML, found: .*line \d+, column \d+"):
        read_file(write(tmp_path, whole(1, 2)[:-40]))
    with pytest.raises(CorpusError, match=r"^document 2, which begins on line 6: expected well-formed XML, found: "):
        read_file(write(tmp_path, "\n" + declared() + whole(1) + "\n\n" + declared() + whole(2)[:-40]))


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xef\xbb\xbf", b"text", b"<", b"<?xml ", b"\xff\xfe<\x00", b"\xfe\xff\x00"]
)
def test_files_without_a_document_are_refused(content, tmp_path):
    with pytest.raises(CorpusError, match="expected "):
        read_file(write(tmp_path, content))
