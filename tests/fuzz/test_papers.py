"""Damaged files of papers: each is read, or named as damaged in one line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.fuzzing import JSON, TEXT, XML, bounded, damaged, examples, real
from support.servers.pmc import metadata

from dnacorpus.papers.files import read_file

PUBMED = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">77</PMID><DateRevised><Year>2020</Year>
<Month>1</Month><Day>02</Day></DateRevised><Article><Journal><JournalIssue><PubDate><MedlineDate>2001 Jan-Feb
</MedlineDate></PubDate></JournalIssue><Title>Journal</Title></Journal><ArticleTitle>On <i>maize</i> &amp; rice.
</ArticleTitle><Abstract><AbstractText Label="AIM">We read H<sub>2</sub>O.</AbstractText></Abstract><AuthorList>
<Author ValidYN="Y"><LastName>Ng</LastName><Initials>AB</Initials></Author></AuthorList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><PMID Version="1">78</PMID></CommentsCorrections>
</CommentsCorrectionsList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC55</ArticleId>
<ArticleId IdType="doi">10.1000/abc</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
<DeleteCitation><PMID Version="1">79</PMID></DeleteCitation></PubmedArticleSet>
"""
JATS = b"""<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article"><front><journal-meta>
<journal-title>Plants</journal-title></journal-meta><article-meta><article-id pub-id-type="pmid">77</article-id>
<article-id pub-id-type="doi">10.1000/abc</article-id><title-group><article-title>On <italic>maize</italic>
</article-title></title-group><contrib-group><contrib contrib-type="author"><name><surname>Ng</surname><given-names>A
</given-names></name></contrib></contrib-group><pub-date pub-type="epub"><year>2001</year></pub-date><permissions>
<license xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>Open.</license-p></license></permissions>
<abstract><title>Abstract</title><sec><title>Aim</title><p>We read it.</p></sec></abstract></article-meta></front>
<body><sec><title>Results</title><p>The gene abcA <xref ref-type="bibr">1</xref> is here.</p><table-wrap><label>Table 1
</label><caption><p>Genes.</p></caption></table-wrap></sec></body></article>
"""
EUROPEPMC = json.dumps({
    "version": "6.9",
    "resultList": {"result": [{
        "id": "77", "source": "MED", "pmid": "77", "pmcid": "PMC55", "doi": "10.1000/abc", "license": "cc by",
        "title": "On <i>maize</i>.", "authorString": "Ng A, Li B.", "pubYear": "2001",
        "pubTypeList": {"pubType": ["x"]},
        "abstractText": "<h4>Aim</h4>Growth (<100 g).", "journalInfo": {"journal": {"title": "Plants"}},
        "commentCorrectionList": {"commentCorrection": [{"type": "Retraction in", "id": "78"}]},
    }]},
}).encode()  # fmt: skip
PMC = json.dumps(metadata()).encode()
MEDLINE = b"""
PMID- 77
LR  - 20200102
DP  - 2001 Jan-Feb
TI  - On maize &amp; rice, with a title that goes
      on.
AB  - AIM: We read H2O.
AU  - Ng AB
PT  - Journal Article
AID - 10.1000/abc [doi]
"""
FORMS = {
    "pubmed": ([PUBMED, *real("papers/pubmed_xml", "*.xml")], XML, "x.xml"),
    "jats": ([JATS, *real("papers/jats", "*.xml", "*.nxml")], XML, "x.nxml"),
    "europepmc": ([EUROPEPMC, *real("papers/europepmc", "*.json")], JSON, "x.json"),
    "pmc": ([PMC], JSON, "x.json"),
    "medline": ([MEDLINE], TEXT, "x.nbib"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


def test_the_undamaged_files_are_papers_of_their_kind(tmp_path: Path) -> None:
    for kind, (corpus, _, name) in each(FORMS.items()):
        (tmp_path / name).write_bytes(corpus[0])
        found, papers, _ = read_file(tmp_path / name)
        assert found == kind
        assert len(papers) >= 1


@pytest.mark.parametrize("kind", sorted(FORMS))
@examples(150)
@given(data=st.data())
def test_a_damaged_file_of_papers(folder: Path, kind: str, data: st.DataObject) -> None:
    corpus, mutations, name = FORMS[kind]
    path = folder / name
    path.write_bytes(data.draw(damaged(corpus, mutations)))
    with bounded():
        found, papers, _ = read_file(path)
        assert found in {*FORMS, "other", "other xml", "other json", "ris", "bibtex", "endnote", "html"}
        for paper in papers:
            assert paper.pmid is None or 0 < paper.pmid < 2**63
            assert paper.year is None or 0 < paper.year < 10_000
