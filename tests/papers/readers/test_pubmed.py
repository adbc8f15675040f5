"""PubMed XML: each trap of the format in a document made for it."""

import pytest
from support.each import each

from dnacorpus.errors import CorpusError
from dnacorpus.papers.readers.pubmed import deleted_pmids, read_pubmed, select_entries


def article(pmid="1", title="A title.", abstract="", date="<Year>2001</Year>", *, citation="", data="", more="") -> str:
    return f"""<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID>
      <DateRevised><Year>2020</Year><Month>1</Month><Day>02</Day></DateRevised>
      <Article><Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue><Title>Journal of Tests</Title></Journal>
      <ArticleTitle>{title}</ArticleTitle>{abstract and f"<Abstract>{abstract}</Abstract>"}{more}</Article>{citation}
      </MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>"""


def read(*articles: str) -> list:
    return list(read_pubmed(f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()))


def one(**parts: str):
    (paper,) = read(article(**parts))
    return paper


def test_a_plain_article():
    paper = one(
        pmid="123",
        abstract="<AbstractText>We <i>did</i> H<sub>2</sub>O.</AbstractText>",
        more="""<AuthorList><Author ValidYN="Y"><LastName>Ng</LastName><Initials>AB</Initials></Author>
          <Author ValidYN="N"><LastName>Gn</LastName></Author>
          <Author><CollectiveName>The Consortium</CollectiveName></Author></AuthorList>""",
        data="""<ArticleIdList><ArticleId IdType="pubmed">123</ArticleId><ArticleId IdType="pmc">PMC55</ArticleId>
          <ArticleId IdType="doi">10.1000/abc</ArticleId></ArticleIdList>""",
    )
    assert (paper.source, paper.pmid, paper.pmcid, paper.doi) == ("pubmed", 123, "PMC55", "10.1000/abc")
    assert (paper.title, paper.journal, paper.year) == ("A title.", "Journal of Tests", 2001)
    assert paper.abstract == "We did H2O."
    assert paper.authors == ("Ng AB", "The Consortium")
    assert (paper.license, paper.retracted, paper.version, paper.revised) == (None, False, 1, "2020-01-02")


def test_versions_of_one_paper():
    second = article().replace('Version="1"', 'Version="2"')
    assert [(paper.pmid, paper.version) for paper in read(article(), second)] == [(1, 1), (1, 2)]


def test_labelled_abstracts():
    texts = (
        '<AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">One.</AbstractText><AbstractText Label="RESULTS"/>'
        '<AbstractText Label="UNLABELLED">Two.</AbstractText><AbstractText>Three.</AbstractText>'
    )
    assert one(abstract=texts).abstract == "BACKGROUND: One. Two. Three."
    assert one(abstract="<AbstractText> </AbstractText>").abstract is None
    assert one(abstract="<AbstractText>No abstract available.</AbstractText>").abstract is None
    assert one(more="<OtherAbstract><AbstractText>Autre.</AbstractText></OtherAbstract>").abstract is None


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("<Year>1998</Year><Month>Dec</Month>", 1998),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998),
        ("<MedlineDate>Winter 2000-2001</MedlineDate>", 2000),
        ("<MedlineDate>19th century</MedlineDate>", None),
        ("", None),
    ],
)
def test_dates(date, year):
    assert one(date=date).year == year


def test_the_electronic_date_is_used_without_a_print_date():
    assert one(date="", more='<ArticleDate DateType="Electronic"><Year>2012</Year></ArticleDate>').year == 2012


def test_ids_in_references_are_ignored():
    references = """<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9999/other</ArticleId>
      <ArticleId IdType="pmc">PMC9</ArticleId></ArticleIdList></Reference></ReferenceList>"""
    paper = one(data=references)
    assert (paper.doi, paper.pmcid) == (None, None)
    location = (
        '<ELocationID EIdType="doi" ValidYN="N">10.1/bad</ELocationID><ELocationID EIdType="pii">S1</ELocationID>'
    )
    assert one(data=references, more=location).doi is None
    location += '<ELocationID EIdType="doi" ValidYN="Y">10.1000/good</ELocationID>'
    assert one(data=references, more=location).doi == "10.1000/good"


def test_titles():
    assert one(title="[Le g&#xe9;nome de <i>X</i>.]").title == "[Le génome de X.]"
    assert one(title="").title is None
    assert one(title="", more="<VernacularTitle>Le titre.</VernacularTitle>").title == "Le titre."
    assert one(title="[Not Available].", more="<VernacularTitle>Le titre.</VernacularTitle>").title == "Le titre."


@pytest.mark.parametrize(
    ("kind", "retracted"),
    [("RetractionIn", True), ("RetractedandRepublishedIn", True), ("RetractionOf", False), ("ErratumIn", False)],
)
def test_retractions(kind, retracted):
    notes = f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}"/></CommentsCorrectionsList>'
    assert one(citation=notes).retracted is retracted


def test_retracted_by_publication_type():
    def typed(name: str) -> bool:
        types = f"<PublicationTypeList><PublicationType>{name}</PublicationType></PublicationTypeList>"
        return one(more=types).retracted

    assert typed("Retracted Publication")
    assert not typed("Retraction of Publication")


def test_a_licence_in_the_copyright_information():
    def stated(text: str) -> str | None:
        words = f"<AbstractText>x</AbstractText><CopyrightInformation>{text}</CopyrightInformation>"
        return one(abstract=words).license

    assert stated("© 2021 The Authors. Licensed under CC BY-NC 4.0.") == "CC-BY-NC-4.0"
    assert stated("© 2023. The Author(s), under exclusive licence to Springer.") is None


def test_books_and_bare_roots():
    book = """<PubmedBookArticle><BookDocument><PMID>7</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList>
      <Book><BookTitle>GeneReviews</BookTitle><PubDate><Year>1993</Year></PubDate>
      <AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList></Book>
      <ArticleTitle>A <i>chapter</i></ArticleTitle>
      <AuthorList Type="authors"><Author><LastName>Li</LastName><Initials>C</Initials></Author></AuthorList>
      <Abstract><AbstractText Label="CLINICAL">Text.</AbstractText></Abstract></BookDocument></PubmedBookArticle>"""
    first, second = read(article(), book)
    assert first.pmid == 1
    assert (second.pmid, second.title, second.journal, second.year) == (7, "A chapter", "GeneReviews", 1993)
    assert (second.abstract, second.authors) == ("CLINICAL: Text.", ("Li C",))
    assert next(read_pubmed(article(pmid="9").encode())).pmid == 9


def test_medline_citations_and_book_documents_without_an_envelope():
    citation = article(pmid="3").partition("<MedlineCitation>")[2].partition("</MedlineCitation>")[0]
    for root in each(["<MedlineCitationSet>{}</MedlineCitationSet>", "{}"]):
        content = root.format(f"<MedlineCitation>{citation}</MedlineCitation>")
        (paper,) = read_pubmed(content.encode())
        assert (paper.pmid, paper.title, paper.year) == (3, "A title.", 2001)
    book = "<BookDocument><PMID>4</PMID><Book><BookTitle>GeneReviews</BookTitle></Book></BookDocument>"
    for root in each(["<BookDocumentSet>{}</BookDocumentSet>", "{}"]):
        (paper,) = read_pubmed(root.format(book).encode())
        assert (paper.pmid, paper.title) == (4, "GeneReviews")


def test_deletions():
    deletions = (
        "<DeleteCitation><PMID>5</PMID><PMID>6</PMID></DeleteCitation><DeleteDocument><PMID>7</PMID></DeleteDocument>"
    )
    content = f"<PubmedArticleSet>{article()}{deletions}</PubmedArticleSet>".encode()
    assert deleted_pmids(content) == {5, 6, 7}
    assert deleted_pmids(b"<PubmedArticleSet/>") == frozenset()
    assert select_entries([content], {1, 6, 7}).deleted == (6, 7)


def test_entries_without_an_id_and_deletions_are_left_out():
    deleted = "<DeleteCitation><PMID>5</PMID></DeleteCitation>"
    assert [paper.pmid for paper in read(article(pmid=""), "<PubmedArticle/>", article(pmid="4"), deleted)] == [4]
    assert read() == []


def test_the_error_of_a_truncated_document_has_its_position():
    whole = f"<PubmedArticleSet>{article()}{article(pmid='2')}".encode()
    with pytest.raises(CorpusError, match=r"expected well-formed XML, found: .*line \d+, column \d+"):
        list(read_pubmed(whole))
