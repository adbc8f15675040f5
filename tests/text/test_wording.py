"""Articles, prose in notes, uninformative names, and cuts at boundaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.claims import claim

from dnacorpus.text.compose import compose
from dnacorpus.text.evidence import ComposedText
from dnacorpus.text.wording import article, cut, is_uninformative, present, prose, remark


def shown(text: ComposedText) -> list[str]:
    return [text.text[span["start"] : span["end"]] for span in text.evidence]


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        ("ABC transporter permease", "an ABC transporter permease"),
        ("MFS transporter", "an MFS transporter"),
        ("hypothetical protein", "a hypothetical protein"),
        ("uncharacterized protein", "an uncharacterized protein"),
        ("ubiquitin-like protein", "a ubiquitin-like protein"),
        ("universal stress protein", "a universal stress protein"),
        ("GNAT family N-acetyltransferase", "a GNAT family N-acetyltransferase"),
        ("SAM-binding protein", "a SAM-binding protein"),
        ("18S RNA", "an 18S RNA"),
        ("rRNA", "an rRNA"),
        ("tRNA", "a tRNA"),
        ("oxidoreductase", "an oxidoreductase"),
        ("eukaryotic initiation factor", "a eukaryotic initiation factor"),
        ("cytochrome b", "cytochrome b"),
        ("alcohol dehydrogenase", "alcohol dehydrogenase"),
        ("ribosomal protein L2", "ribosomal protein L2"),
        ("tRNA-Pro", "tRNA-Pro"),
    ],
)
def test_articles_of_noun_phrases(noun, text):
    passage = compose("{x:a}", {"x": claim(noun)})
    assert passage.text == text
    assert shown(passage) == [noun]
    assert (article(noun) + " " + noun).strip() == text


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("Subunit of the EGO complex; regulates exit", "Subunit of the EGO complex; regulates exit"),
        ("TPP riboswitch element; Derived by automated computational analysis using gene prediction method: x.",
         "TPP riboswitch element"),
        ("Derived by automated computational analysis using gene prediction method: Protein Homology.", None),
        ("ORF_ID:slr0001 and more words", None),
        ("similar to hypothetical protein of Bacillus", None),
        ("Rv0001, (MT0001), len: 507 aa. Chromosomal protein", None),
        ("conserved protein; COG0419: ATPase involved in repair", None),
        ("lrRNA", None),
        ("conserved hypothetical protein", None),
        ("repeat of the unit ACGTACGTACGTACGTACGT twice", None),
        ("[supplied by OMIM] a text of theirs", None),
    ],
)  # fmt: skip
def test_the_prose_of_a_note(note, kept):
    assert prose(note) == kept


@given(st.text("ab .;", max_size=80), st.integers(1, 60), st.booleans())
def test_cut_gives_a_prefix_within_the_limit(text, limit, words):
    found = cut(text, limit, words)
    assert found == text if len(text) <= limit else found is None or (text.startswith(found) and len(found) <= limit)


def test_cut_ends_at_a_boundary():
    assert cut("First part; second part; third part", 26) == "First part; second part"
    assert cut("one two three four", 10) == "one two"
    assert cut("one two three four", 10, words=False) is None


@pytest.mark.parametrize(
    "product",
    ["hypothetical protein", "conserved protein", "DUF2489 domain-containing protein", "gp12", "ORF167", "unknown",
     "uncharacterized LOC100996442", "unnamed protein product", "Putative Protein", "DUF6033 family protein"],
)  # fmt: skip
def test_uninformative_products(product):
    assert is_uninformative(product)


@pytest.mark.parametrize(
    "product", ["cytochrome b", "membrane protein", "NS5 protein", "putative lipoprotein", "tRNA-Leu"]
)
def test_informative_products(product):
    assert not is_uninformative(product)


def test_absent_values():
    assert not any(map(present, (None, "", " ", "missing", "Not Applicable", "unknown", "N/A")))
    assert present("Brazil")


@pytest.mark.parametrize(
    ("note", "told", "as_prose", "as_remark"),
    [
        ("CEN1; Chromosome I centromere", [], "CEN1; Chromosome I centromere", "CEN1; Chromosome I centromere"),
        (
            "propagated from UniProtKB/Swiss-Prot (P1.4); Region: Disordered. /evidence=E",
            [],
            None,
            "Region: Disordered",
        ),
        ("30S ribosomal protein S7", ["ribosomal protein S7"], None, None),
        ("TPP riboswitch; Derived by automated computational analysis using X", [], None, "TPP riboswitch"),
        ("ileT, tRNA-Ile, anticodon gat, length = 74", [], None, None),
        ("SSU rRNA (match 1579 ... 1627 at 93.88% sim)", [], None, None),
        ("28 bp repeat at the right end, ACGTACGTACGTACGTACG. See others", [], *["28 bp repeat at the right end"] * 2),
        ("Integrase core domain; Region: rve; cl01316", [], *["Integrase core domain; Region: rve"] * 2),
        ("color: #ffffff; direction: RIGHT", [], None, None),
        ("color: blue", [], None, None),
        ("sequence: CTGACTGAC", [], None, None),
        ("Geneious type: Polymorphism", [], None, None),
        ("binds the lac repressor; color: #31849b; direction: LEFT", [], *["binds the lac repressor"] * 2),
        ("direction: RIGHT; binds the lac repressor", [], *["binds the lac repressor"] * 2),
        ("color: of the eye, white", [], *["color: of the eye, white"] * 2),
        ("; ; ", [], None, None),
        ("", [], None, None),
    ],
)
def test_the_prose_and_the_remark_of_a_note(note, told, as_prose, as_remark):
    assert prose(note, told) == as_prose
    assert remark(note, told) == as_remark
