"""MEDLINE text: as Biopython reads it, and the same papers as in PubMed's XML."""

import io

import pytest
from Bio import Medline
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.papers.readers.medline import read_medline
from dnacorpus.papers.readers.pubmed import read_pubmed

TEXT = """
PMID- 123
OWN - NLM
LR  - 20200102
DP  - 2001 Dec-2002 Jan
TI  - A title with a long name that goes on, in which
      <i>E. coli</i> and &amp;alpha; occur.
LID - 10.1000/abc [doi]
LID - S0092-8674(13)01084-2 [pii]
AB  - BACKGROUND: One sentence. RESULTS: p<0.05 and
      a second one.
CI  - (c) 2020 The Authors. Licensed under CC BY-NC 4.0.
FAU - Ng, Ann B
AU  - Ng AB
AD  - A department, which
      has an address.
CN  - The Consortium
AU  - Li C
PT  - Journal Article
TA  - J Tests
JT  - Journal of Tests
PMC - PMC55
AID - 10.1000/abc [doi]
SO  - J Tests. 2001 Dec;1(1):1-2.
"""
XML = """<PubmedArticle><MedlineCitation><PMID Version="1">123</PMID>
  <DateRevised><Year>2020</Year><Month>01</Month><Day>02</Day></DateRevised>
  <Article><Journal><JournalIssue><PubDate><MedlineDate>2001 Dec-2002 Jan</MedlineDate></PubDate></JournalIssue>
  <Title>Journal of Tests</Title></Journal>
  <ArticleTitle>A title with a long name that goes on, in which <i>E. coli</i> and &amp;alpha; occur.</ArticleTitle>
  <Abstract><AbstractText Label="BACKGROUND">One sentence.</AbstractText>
  <AbstractText Label="RESULTS">p&lt;0.05 and a second one.</AbstractText>
  <CopyrightInformation>(c) 2020 The Authors. Licensed under CC BY-NC 4.0.</CopyrightInformation></Abstract>
  <AuthorList><Author><LastName>Ng</LastName><Initials>AB</Initials></Author>
  <Author><CollectiveName>The Consortium</CollectiveName></Author>
  <Author><LastName>Li</LastName><Initials>C</Initials></Author></AuthorList></Article></MedlineCitation>
  <PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/abc</ArticleId><ArticleId IdType="pmc">PMC55</ArticleId>
  </ArticleIdList></PubmedData></PubmedArticle>"""


def one(text: str):
    (paper,) = read_medline(text.encode())
    return paper


@pytest.mark.parametrize("form", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT.lstrip(), TEXT + "\n\n"])
def test_the_same_paper_as_in_xml(form):
    (expected,) = read_pubmed(XML.encode())
    assert one(form) == expected


def test_records_are_separated_by_blank_lines_or_not():
    for joint in each(["", "\n", "\n\n\n", "\r\n"]):
        text = joint.join(TEXT.replace("123", str(pmid)) for pmid in (1, 2, 3))
        assert [paper.pmid for paper in read_medline(text.encode())] == [1, 2, 3]
        assert [record["PMID"] for record in Medline.parse(io.StringIO(text))] == ["1", "2", "3"]


WORDS = st.lists(st.text(alphabet="abc 1.-é", min_size=1, max_size=12), min_size=1, max_size=4)


@given(WORDS, WORDS, st.lists(st.sampled_from(["Ng A", "Li B", "Groß C"]), unique=True))
def test_biopython_reads_the_same_fields(title, abstract, authors):
    joint = "\n" + 6 * " "
    lines = ["PMID- 7", f"TI  - {joint.join(title)}", f"AB  - {joint.join(abstract)}"]
    text = "\n".join([*lines, *(f"AU  - {name}" for name in authors), "JT  - Journal"]) + "\n"
    (record,) = Medline.parse(io.StringIO(text))
    paper = one(text)
    assert (paper.title or "").split() == record.get("TI", "").split()
    assert (paper.abstract or "").split() == record.get("AB", "").split()
    assert (list(paper.authors), paper.journal) == (record.get("AU", []), record["JT"])


@pytest.mark.parametrize(
    ("field", "retracted"),
    [
        ("PT  - Retracted Publication", True), ("RIN - J Tests. 2003;1:2", True), ("PRIN- J Tests. 2003", True),
        ("RRI - J Tests. 2003", True), ("ROF - J Tests. 2003", False), ("PT  - Retraction of Publication", False),
        ("ECI - J Tests. 2003", False), ("EIN - J Tests. 2003", False), ("RPF - J Tests. 2003", False),
    ],
)  # fmt: skip
def test_retractions(field, retracted):
    assert one(f"PMID- 1\n{field}\nTI  - Growth\n").retracted is retracted
    assert one(f"PMID- 1\n{field}\nTI  - RETRACTED: Growth\n").retracted


def test_titles_years_and_records_without_an_id():
    assert one("PMID- 1\nTI  - [Not Available].\nTT  - Le titre.\n").title == "Le titre."
    assert one("PMID- 1\nBTI - GeneReviews\n").title == "GeneReviews"
    assert one("PMID- 1\nDEP - 20190305\n").year == 2019
    assert one("PMID- 1\nTI  - A\nAB  - No abstract available.\n").abstract is None
    assert list(read_medline(b"PMID- x\nTI  - A\n")) == list(read_medline(b"")) == []
    assert one("PMID- 1\nTI  - Caf\ufffd").title == "Caf\N{REPLACEMENT CHARACTER}"
