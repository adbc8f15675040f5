"""Which papers count as retracted: by title, type, relation and abstract, and the same in every source."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.jats import read_jats
from dnacorpus.papers.readers.pmc import read_article_version, read_pmc_metadata
from dnacorpus.papers.readers.pubmed import read_pubmed
from dnacorpus.papers.retraction import is_retracted, is_retracted_title

MARKED = [
    # the paper itself, marked at the beginning
    "RETRACTED: Growth of yeast", "Retracted: Growth of yeast", "RETRACTED:Growth of yeast", "RETRACTED; Growth",
    "RETRACTED ARTICLE: Growth of yeast", "Retracted Article: Growth", "RETRACTED CHAPTER: Growth",
    "Retracted paper: X", "RETRACTED ARTICLE - Growth", "RETRACTED ARTICLE – Growth", "RETRACTED—Growth",
    "Retracted - Growth", "RETRACTED. Growth of yeast", "RETRACTED| Growth", "*RETRACTED* Growth",
    "_RETRACTED_ Growth", "***RETRACTED***: Growth", "[Retracted] Growth", "(Retracted) Growth",
    "[RETRACTED ARTICLE] Growth", "[RETRACTED: La croissance.]", "【Retracted】Growth", "［Retracted］Growth",
    "Retracted： Growth", "“RETRACTED: Growth”", "RETRACTED Growth of yeast", "Retracted and republished: Growth",
    "RETRACTED REVIEW ARTICLE: Growth", "Article retracted: Growth", "This article has been retracted: Growth",
    "Paper withdrawn: Growth", "WITHDRAWN: Growth", "Withdrawn: a paper", "Withdrawn Article: Growth",
    "WITHDRAWN Growth of yeast", "REMOVED: Growth", "TEMPORARY REMOVAL: Growth", "Partially retracted: Growth",
    # at the end
    "Growth [Retracted]", "Growth [retracted].", "Growth (Retracted)", "Growth (Retracted article)",
    "Growth (Retracted Article. See vol 12, pg 3, 2010)", "Growth (retracted in 2012)", "Growth [RETRACTED ARTICLE]",
    "Growth (Retraction of vol 12, pg 3, 2010)", "Growth [Retraction]", "Growth (Withdrawn Publication)",
    "Growth - RETRACTED", "Growth: RETRACTED",
    "Growth: Retraction", "Growth - Retraction.", "Growth. Retracted.", "Growth of yeast RETRACTED",
    # notices, whose form publishers give to the paper too
    "Retraction: Growth", "RETRACTION: Growth", "Retraction. Growth", "Retraction - Growth", "Retraction",
    "Retraction.", "Retraction Note: Growth", "Retraction Note to: Growth", "Retraction note to Growth",
    'Retraction notice to "Growth"', "Notice of Retraction: Growth", "Notice of Retraction Growth of yeast",
    "Notice of retraction and replacement. Growth", "Statement of Retraction: Growth", "Retraction statement: Growth",
    "Retraction and replacement: Growth", "Retraction for Lee et al., Growth", "Retraction of: Growth",
    "Retraction of “Growth”", "Retraction to: Growth", "Retraction of Publication: Growth",
    "Retraction of the article by Lee", "Partial Retraction: Growth", "Editorial retraction: Growth",
    "Article Retraction: Growth", "Withdrawal notice: Growth", "Author's retraction: X",
    # other languages
    "RÉTRACTÉ : Croissance", "Article rétracté : Croissance", "Rétractation : Croissance", "Zurückgezogen: Wachstum",
    "Zurückgezogener Artikel: Wachstum", "Retraktion: Wachstum", "[ARTIGO RETRATADO]: Crescimento",
    "Retratação: Crescimento", "[ARTÍCULO RETRACTADO]: Crecimiento", "[ARTIGO PARCIALMENTE RETRATADO]: Crescimento",
    "RETRACTADO: Crecimiento", "RITIRATO: Crescita",
]  # fmt: skip
UNMARKED = [
    "", "Growth of yeast", "Retraction of the chick optic tectum during development",
    "Neurite retraction: a role of Rho", "Neurite retraction and extension", "Retraction-induced apoptosis",
    "Retraction–extension cycles of pili", "Retraction forces in clots: a model",
    "Retraction and extension of type IV pili", "Clot retraction", "Retraction for shoulder surgery: a review",
    "Retraction of lung tissue", "Pilus retraction.", "Retractile testis", "Space closure: retraction",
    "Movement of the tongue (retraction)", "Wing posture (extended and retracted)",
    "Withdrawn from the market: the story of a drug", "Withdrawal: mechanisms of dependence",
    "Withdrawal of opioids: care", "Rofecoxib (withdrawn)", "The kidneys (removed)",
    "Removed from the genome: introns", "Flagella that are retracted.",
    "Retracted papers: a survey of their citations", "Retracted, but still cited",
    "Retracted work in biology: a study", "Retracted Science and the Retraction Index",
    "Retraction notices: an analysis", "Retractions in the literature", "Citations of retracted articles",
    "Why articles are retracted", "On retracted: tests", "RETRACTED POTENTIALS OF HEARTS",
    "Comment on: RETRACTED: Growth", 'Correction to: "RETRACTED: Growth"', "Erratum: Growth", "Republished: Growth",
    "Expression of Concern: Growth", "Notice of retraction practices", "Removal of introns: a review",
]  # fmt: skip


@pytest.mark.parametrize("title", MARKED)
def test_titles_of_retracted_papers(title):
    assert is_retracted_title(title)
    assert is_retracted_title(f"  {title}\N{NO-BREAK SPACE} ")
    assert is_retracted_title(title.replace("etract", "etr\N{SOFT HYPHEN}act"))


@pytest.mark.parametrize("title", UNMARKED)
def test_titles_that_only_speak_of_retraction(title):
    assert not is_retracted_title(title)
    assert not is_retracted_title(f"[{title}]")


def test_a_paper_without_a_title_is_not_retracted():
    assert not is_retracted(None)


@given(st.text(max_size=300), st.sampled_from(["RETRACTED: {}", "[Retracted] {}", "{} (Retracted article)"]))
def test_a_mark_counts_whatever_the_title(title, form):
    assert is_retracted_title(form.format(title))


@pytest.mark.parametrize("part", ["-", "[", " ", "retraction of ", "retracted (", ": ", "_", "\u0301"])
def test_long_titles_are_read_at_their_ends_only(part):
    long = part * (1_000_000 // len(part))
    assert not is_retracted_title(f"A {long} b")
    assert is_retracted_title(f"RETRACTED: {long}")
    assert is_retracted_title(f"A {long} b [Retracted]")


def test_what_is_looked_at_is_cut_after_one_character_became_many():
    for dots in each(["." * 300, "…" * 100]):
        assert is_retracted_title(f"{dots}Retracted: Growth")
        assert is_retracted("Growth", f"{dots}This article has been retracted.")
    assert not is_retracted_title("…" * 300 + "Retracted: Growth")
    assert not is_retracted("Growth", "…" * 300 + "This article has been retracted.")


def test_abstracts_that_say_so_in_their_first_words():
    said = [
        "This article has been withdrawn at the request of the authors.", "This paper was retracted.",
        "The authors have withdrawn this manuscript because of an error.",
        "[This article has been formally retracted.]",
        "The publisher has retracted the article.",
    ]  # fmt: skip
    for abstract in each(said):
        assert is_retracted("Growth", abstract), abstract
    spoken = [
        "This article is about papers that were retracted.", "This corrects the article DOI: 10.1000/x.", "",
        "The authors have withdrawn blood from each patient.", "We asked why this article has been retracted.",
    ]  # fmt: skip
    for abstract in each(spoken):
        assert not is_retracted("Growth", abstract), abstract


RELATIONS = {
    "Retraction in": True, "Partial retraction in": True, "Retracted and republished in": True,
    "Retraction of": False, "Partial retraction of": False, "Retracted and republished from": False,
    "Corrected and republished in": False, "Republished in": False, "Republished from": False,
    "Expression of concern in": False, "Expression of concern for": False, "Erratum in": False, "Erratum for": False,
    "Comment in": False, "Update in": False, "Update of": False, "Cites": False,
}  # fmt: skip
"""PubMed's relations between papers, all of them, as Europe PMC writes them."""
TYPES = {
    "Retracted Publication": True, "Retraction of Publication": False, "Expression of Concern": False, "Review": False,
    "Published Erratum": False, "Corrected and Republished Article": False,
}  # fmt: skip
JATS_RELATIONS = {
    "retraction-forward": True, "retracted-article": False, "partial-retraction": False, "correction-forward": False,
    "object-of-concern": False,
}  # fmt: skip
JATS_TYPES = {
    "retracted-article": True, "retraction": False, "partial-retraction": False, "expression-of-concern": False,
    "research-article": False,
}  # fmt: skip


def pubmed(title: str = "Growth", kind: str = "Review", relation: str = "Cites") -> Paper:
    reference = "".join(word if word in ("and", "of") else word.capitalize() for word in relation.split())
    (paper,) = read_pubmed(
        f"""<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>{title}</ArticleTitle>
        <PublicationTypeList><PublicationType>Journal Article</PublicationType><PublicationType>{kind}</PublicationType>
        </PublicationTypeList></Article><CommentsCorrectionsList><CommentsCorrections RefType="{reference}"/>
        </CommentsCorrectionsList></MedlineCitation></PubmedArticle>""".encode()
    )
    return paper


def book(title: str, kind: str = "Review") -> Paper:
    (paper,) = read_pubmed(
        f"""<PubmedBookArticle><BookDocument><PMID>1</PMID><ArticleTitle>{title}</ArticleTitle>
        <PublicationType>{kind}</PublicationType></BookDocument></PubmedBookArticle>""".encode()
    )
    return paper


def europepmc(title: str = "Growth", kind: str = "Review", relation: str = "Cites") -> Paper:
    (paper,) = read_europepmc(
        json.dumps(
            {"id": "1", "source": "MED", "pmid": "1", "title": title, "pubTypeList": {"pubType": ["Article", kind]}}
            | {"commentCorrectionList": {"commentCorrection": [{"type": "Comment in"}, {"type": relation}]}}
        ).encode()
    )
    return paper


def jats(title: str = "Growth", kind: str = "research-article", relation: str = "companion", meta: str = "") -> Paper:
    (paper,) = read_jats(
        f"""<article article-type="{kind}"><front><article-meta>{meta}
        <title-group><article-title>{title}</article-title></title-group>
        <related-article related-article-type="{relation}"/></article-meta></front></article>""".encode()
    )
    return paper


def pmc(title: str) -> bytes:
    return json.dumps({"pmcid": "PMC1", "version": 1, "license_code": "CC BY", "title": title}).encode()


@pytest.mark.parametrize("title", [*MARKED, *UNMARKED[1:]])
def test_every_source_gives_the_same_answer_on_a_title(title):
    escaped = html.escape(title)
    answers = {
        "pubmed": pubmed(escaped).retracted,
        "pubmed, italic": pubmed(f"<i>{escaped}</i>").retracted,
        "pubmed, book": book(escaped).retracted,
        "europepmc": europepmc(escaped).retracted,
        "europepmc, bold": europepmc(f"<b>{escaped}</b>").retracted,
        "jats": jats(escaped).retracted,
        "pmc": read_pmc_metadata(pmc(escaped)).retracted,
        "pmc, version": read_article_version(pmc(escaped)).retracted,
    }
    assert set(answers.values()) == {title in MARKED}, answers


@pytest.mark.parametrize(("relation", "retracted"), RELATIONS.items())
def test_pubmed_and_europe_pmc_give_the_same_answer_on_a_relation(relation, retracted):
    assert pubmed(relation=relation).retracted is retracted
    assert europepmc(relation=relation).retracted is retracted
    assert europepmc(relation=relation.lower()).retracted is retracted


@pytest.mark.parametrize(("kind", "retracted"), TYPES.items())
def test_pubmed_and_europe_pmc_give_the_same_answer_on_a_type(kind, retracted):
    assert pubmed(kind=kind).retracted is retracted
    assert book("Growth", kind).retracted is retracted
    assert europepmc(kind=kind).retracted is retracted


def test_jats_says_so_in_a_relation_a_type_a_heading_or_a_date():
    for relation, retracted in each(JATS_RELATIONS.items()):
        assert jats(relation=relation).retracted is retracted, relation
    for kind, retracted in each(JATS_TYPES.items()):
        assert jats(kind=kind).retracted is retracted, kind
    heading = "<article-categories><subj-group><subject>{}</subject></subj-group></article-categories>"
    for subject, retracted in each(
        {"Retracted": True, "Retracted Article": True, "Retraction": False, "Axons": False}.items()
    ):
        assert jats(meta=heading.format(subject)).retracted is retracted, subject
    assert jats(meta='<history><date date-type="retracted"><year>2020</year></date></history>').retracted
    assert jats(meta='<pub-history><event event-type="retracted"/></pub-history>').retracted
    assert not jats(meta='<history><date date-type="accepted"><year>2020</year></date></history>').retracted
