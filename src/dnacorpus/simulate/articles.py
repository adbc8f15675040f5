"""Made-up papers: PubMed XML and open full text for the citations of simulated records.

Formats: PubmedArticleSet (NLM's pubmed DTD) and JATS as in PubMed Central. PMIDs are above 900,000,000; DOIs have
the test prefix 10.5555.
"""

import random
from dataclasses import dataclass
from html import escape

from dnacorpus.simulate.evolution import random_stream
from dnacorpus.simulate.families import PROTEINS, Family
from dnacorpus.simulate.genbank_writer import Citation

FIRST_PMID = 900_000_001
_AUTHORS = (("Simulator", "Ada"), ("Fictor", "Ben"), ("Imaginaria", "Cleo"))
JOURNAL = "Simulated Journal of Genomes"
YEAR = 2020


@dataclass(frozen=True, slots=True)
class Rights:
    """The licence of a paper (SPDX-like identifier and URL), and whether it has full text and is retracted."""

    license: str | None
    url: str
    full_text: bool
    retracted: bool = False


RIGHTS = (
    Rights("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", True),
    Rights("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/", True),
    Rights("CC-BY-NC-4.0", "https://creativecommons.org/licenses/by-nc/4.0/", True),
    Rights(None, "", False),
    Rights("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", True, retracted=True),
)
"""Rights in turn: paper n has those at index n modulo their number."""


@dataclass(frozen=True, slots=True)
class Article:
    """One paper about a genus; ``records`` are (accession, organism) of some records that cite it."""

    number: int
    genus: str
    records: tuple[tuple[str, str], ...] = ()

    @property
    def pmid(self) -> int:
        """The PubMed id."""
        return FIRST_PMID + self.number

    @property
    def pmcid(self) -> str:
        """The PubMed Central id; only papers with full text are published with it."""
        return f"PMC{FIRST_PMID + self.number}"

    @property
    def doi(self) -> str:
        """The DOI."""
        return f"10.5555/simulated.{self.number + 1}"

    @property
    def rights(self) -> Rights:
        """The licence and state of the paper."""
        return RIGHTS[self.number % len(RIGHTS)]

    @property
    def title(self) -> str:
        """The title, without a full stop."""
        return f"Simulated genomes of {self.genus}: genes of replication, repair and folding"


def citation(article: Article) -> Citation:
    """Return the REFERENCE with which a record cites a paper."""
    authors = ", ".join(f"{last},{first[0]}." for last, first in _AUTHORS[:-1])
    last, first = _AUTHORS[-1]
    journal = f"{JOURNAL} 1 ({article.number + 1}), 1-9 ({YEAR})"
    return Citation(f"{authors} and {last},{first[0]}.", article.title, journal, article.pmid)


def abstract(article: Article, seed: int) -> str:
    """Return the abstract of a paper."""
    first, second = _families(article, seed, 2)
    return (
        f"This paper is simulated. We describe genomes of the genus {article.genus}. Its {first.product} serves the"
        f" {first.function}. The gene {second.gene} encodes the {second.product}, which {second.note}."
    )


def pubmed_article(article: Article, seed: int) -> str:
    """Return a paper as a PubmedArticle element."""
    authors = "".join(
        f"<Author><LastName>{last}</LastName><ForeName>{first}</ForeName><Initials>{first[0]}</Initials></Author>"
        for last, first in _AUTHORS
    )
    types = "<PublicationType>Journal Article</PublicationType>"
    if article.rights.retracted:
        types += "<PublicationType>Retracted Publication</PublicationType>"
    ids = f'<ArticleId IdType="pubmed">{article.pmid}</ArticleId><ArticleId IdType="doi">{article.doi}</ArticleId>'
    if article.rights.full_text:
        ids += f'<ArticleId IdType="pmc">{article.pmcid}</ArticleId>'
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{article.pmid}</PMID>\n'
        f'<Article PubModel="Electronic"><Journal><JournalIssue CitedMedium="Internet"><Volume>1</Volume>'
        f"<Issue>{article.number + 1}</Issue><PubDate><Year>{YEAR}</Year></PubDate></JournalIssue>"
        f"<Title>{JOURNAL}</Title><ISOAbbreviation>Simul J Genomes</ISOAbbreviation></Journal>\n"
        f"<ArticleTitle>{escape(article.title)}.</ArticleTitle>\n"
        f"<Abstract><AbstractText>{escape(abstract(article, seed))}</AbstractText></Abstract>\n"
        f'<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>'
        f"<PublicationTypeList>{types}</PublicationTypeList></Article></MedlineCitation>\n"
        f"<PubmedData><PublicationStatus>epublish</PublicationStatus><ArticleIdList>{ids}</ArticleIdList></PubmedData>"
        "</PubmedArticle>\n"
    )


def full_text(article: Article, seed: int) -> str:
    """Return a paper's open full text as a JATS document."""
    rights = article.rights
    names = "".join(
        f'<contrib contrib-type="author"><name><surname>{last}</surname><given-names>{first}</given-names></name>'
        "</contrib>"
        for last, first in _AUTHORS
    )
    sections = "".join(
        f"<sec><title>{title}</title>{''.join(f'<p>{escape(paragraph)}</p>' for paragraph in paragraphs)}</sec>\n"
        for title, paragraphs in _sections(article, seed)
    )
    kind = "retracted-article" if rights.retracted else "research-article"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="{kind}" xml:lang="en">\n<front>'
        f"<journal-meta><journal-title-group><journal-title>{JOURNAL}</journal-title></journal-title-group>"
        "</journal-meta>\n<article-meta>"
        f'<article-id pub-id-type="pmid">{article.pmid}</article-id>'
        f'<article-id pub-id-type="pmc">{article.pmcid}</article-id>'
        f'<article-id pub-id-type="doi">{article.doi}</article-id>\n'
        f"<title-group><article-title>{escape(article.title)}</article-title></title-group>\n"
        f"<contrib-group>{names}</contrib-group>"
        f'<pub-date pub-type="epub"><year>{YEAR}</year></pub-date>\n'
        f"<permissions><copyright-statement>Simulated paper</copyright-statement>"
        f'<license license-type="open-access" xlink:href="{rights.url}"><license-p>This simulated article is'
        f' distributed under <ext-link ext-link-type="uri" xlink:href="{rights.url}">{rights.license}</ext-link>.'
        "</license-p></license></permissions>\n"
        f"<abstract><p>{escape(abstract(article, seed))}</p></abstract></article-meta></front>\n"
        f"<body>\n{sections}</body></article>\n"
    )


def _sections(article: Article, seed: int) -> list[tuple[str, list[str]]]:
    sequences = [
        f"The sequence of {organism} has the accession {accession} in this simulation."
        for accession, organism in article.records
    ]
    genes = [
        f"In {organism}, {family.gene} encodes the {family.product}. It {family.note}."
        for (_, organism), family in zip(article.records, _families(article, seed, len(article.records)), strict=True)
    ]
    return [
        ("Introduction", [f"The genus {article.genus} does not exist. It was simulated to test a pipeline."]),
        *([("Sequences", sequences), ("Genes", genes)] if article.records else []),
    ]


def _families(article: Article, seed: int, count: int) -> list[Family]:
    rng: random.Random = random_stream(seed, "article", article.number)
    return [rng.choice(PROTEINS) for _ in range(count)]
