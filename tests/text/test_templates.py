"""Text and evidence are built together: spans slice back to their claims, whatever is composed."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rederive import template_literals

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.text.claims import ClaimSource
from dnacorpus.text.compose import compose, join, quote
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.templates import Templates
from dnacorpus.text.wording import article, cut, is_uninformative, present, prose

TEMPLATES = Templates.load()
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
CLAIMS = NAMES.map(lambda text: Claim(text, "NC_1.1", "definition", "verbatim", "LicenseRef-NCBI"))


def claim(text: str, field: str = "definition", how: str = "verbatim") -> Claim:
    return Claim(text, "NC_1.1", field, how, "LicenseRef-NCBI")


def shown(passage: ComposedText) -> list[str]:
    return [passage.text[span["start"] : span["end"]] for span in passage.evidence]


@given(st.lists(CLAIMS, min_size=1, max_size=6), CLAIMS, CLAIMS)
def test_spans_slice_back_to_their_claims(several, first, last):
    inner = compose("of {b} and more", {"b": last})
    passage = compose("The {a} with {list} {inner}.", {"a": first, "list": several, "inner": inner})
    assert shown(passage) == [first.text, *(one.text for one in several), last.text]
    both = join([passage, compose("Ends: {a}.", {"a": first})])
    assert shown(both) == [*shown(passage), first.text]
    assert both.text.startswith(f"{passage.text} Ends: ")


@given(st.lists(CLAIMS, min_size=1, max_size=6))
def test_outside_the_spans_is_literal(several):
    passage = compose("Held: {list}!", {"list": several})
    outside, end = "", 0
    for span in passage.evidence:
        outside += passage.text[end : span["start"]] + "\0"
        end = span["end"]
    outside += passage.text[end:]
    middle = "".join(", \0" for _ in several[1:-1]) + (" and \0" if len(several) > 1 else "")
    assert outside == f"Held: \0{middle}!"


def test_evidence_names_source_field_how_and_license():
    passage = compose("Ångström’s {name}.", {"name": Claim("φX174", "NC_001422.1", "organism", "verbatim", "X")})
    assert passage.evidence == (
        {"start": 11, "end": 16, "source": "NC_001422.1", "field": "organism", "how": "verbatim", "license": "X"},
    )


def test_a_list_reads_as_one():
    three = [claim("a"), claim("b"), claim("c")]
    assert [compose("{x}", {"x": three[:n]}).text for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_an_abbreviation_ends_a_sentence_with_one_full_stop():
    passage = compose("It is {name}.", {"name": claim("Bacillus sp.")})
    assert passage.text == "It is Bacillus sp."
    assert shown(passage) == ["Bacillus sp."]


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
def test_articles(noun, text):
    passage = compose("{x:a}", {"x": claim(noun)})
    assert passage.text == text
    assert shown(passage) == [noun]
    assert (article(noun) + " " + noun).strip() == text


@pytest.mark.parametrize("text", ["", " ", " a", "a\n"])
def test_an_empty_or_ragged_claim_is_impossible(text):
    with pytest.raises(ValueError, match="needs a text"):
        claim(text)


def test_how_is_one_of_four():
    with pytest.raises(ValueError, match="expected how"):
        claim("a", how="guessed")


def test_a_missing_slot_is_an_error():
    with pytest.raises(CorpusError, match=r"\{organism\}"):
        compose("Of {organism}", {"gene": claim("a")})


def test_an_empty_list_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        compose("{x}", {"x": []})
    with pytest.raises(ValueError, match="at least one"):
        join([])


@pytest.mark.parametrize("template", ["{}", "{a!r}", "{a:>9}"])
def test_other_kinds_of_slots_are_refused(template):
    with pytest.raises(CorpusError, match="slot"):
        compose(template, {"a": claim("x")})


def test_an_unknown_clause_or_set_of_slots_is_an_error():
    with pytest.raises(CorpusError, match=r"no\.such"):
        TEMPLATES.phrase("no.such", "k", {"a": claim("x")})
    with pytest.raises(CorpusError, match=r"record\.gc"):
        TEMPLATES.phrase("record.gc", "k", {"gc": claim("1"), "length": claim("2")})


def test_the_key_alone_chooses_the_phrasing_and_all_are_used():
    said = {key: TEMPLATES.phrase("gene.code", str(key), {"table": claim("11")}).text for key in range(100)}
    assert said == {key: TEMPLATES.phrase("gene.code", str(key), {"table": claim("11")}).text for key in range(100)}
    assert len(set(said.values())) == sum(name == "gene.code" for name, _, _ in TEMPLATES.phrasings())


def test_orientation_is_lost_with_any_part():
    free = TEMPLATES.phrase("gene.code", "k", {"table": claim("11")})
    bound = TEMPLATES.phrase("gene.length", "k", {"length": claim("9")})
    assert free.orientation_free
    assert not bound.orientation_free
    assert not join([free, bound]).orientation_free
    assert not compose("{a}", {"a": bound}).orientation_free


def test_literals_are_those_of_the_file_and_hold_no_digit():
    runs = set(TEMPLATES.literals())
    assert runs == {run for run in template_literals() if run in runs}
    assert {run for run in template_literals() if not run.startswith(".")} <= runs | {run[1:] for run in runs}
    assert not [run for run in runs if re.search(r"\d", run)]


def test_literals_name_nothing():
    allowed = {"GC", "G", "C", "EC", "BioProject", "BioSample", "PubMed", "A"}
    for _, _, text in TEMPLATES.phrasings():
        sentence_start = True
        for literal, *_ in string.Formatter().parse(text):
            words = re.findall(r"[A-Za-z]+|[.:]", literal)
            for word in words:
                assert word.islower() or sentence_start or word in allowed or word in ".:", (word, text)
                sentence_start = False


def test_no_phrasing_stands_twice():
    texts = [(clause, text) for clause, _, text in TEMPLATES.phrasings()]
    assert len(texts) == len(set(texts))


def test_every_clause_of_a_sentence_has_three_phrasings_for_each_set_of_slots():
    counts: dict[tuple[str, frozenset[str]], int] = {}
    for clause, slots, _ in TEMPLATES.phrasings():
        counts[clause, slots] = counts.get((clause, slots), 0) + 1
    few = {key for key, count in counts.items() if count < 3 and not key[0].startswith(("item.", "link.", "name."))}
    # "encodes" is itself the claim: there is one way to say it
    assert {clause for clause, slots in few if "encodes" not in slots} == set()


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
def test_prose(note, kept):
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
def test_says_nothing(product):
    assert is_uninformative(product)


@pytest.mark.parametrize(
    "product", ["cytochrome b", "membrane protein", "NS5 protein", "putative lipoprotein", "tRNA-Leu"]
)
def test_says_something(product):
    assert not is_uninformative(product)


def test_absent_values():
    assert not any(map(present, (None, "", " ", "missing", "Not Applicable", "unknown", "N/A")))
    assert present("Brazil")


def test_counts_are_singular_or_plural():
    source = ClaimSource("NC_1.1")
    assert source.count(1, "gene", "genes").text == "1 gene"
    assert source.count(1234, "gene", "genes").text == "1,234 genes"


@given(NAMES, st.data())
def test_a_quotation_has_spans_for_its_words_besides_its_own(text, data):
    whole = compose("It says: {x}", {"x": quote(claim(text, "abstract"))})
    assert shown(whole) == [text]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if text[start:end].strip() == text[start:end]:
        quoted = compose("It says: {x}", {"x": quote(claim(text, "abstract"), (start, end))})
        assert quoted.text == whole.text
        assert shown(quoted) == [text, text[start:end]]
        assert {span["field"] for span in quoted.evidence} == {"abstract"}


@pytest.mark.parametrize("run", [(0, 0), (-1, 2), (2, 1), (0, 8), (1, 3), (2, 5)])
def test_what_is_no_run_of_words_cannot_be_marked(run):
    with pytest.raises(ValueError, match="expected a run of words"):
        quote(claim("ab cd e"), run)


def loaded(tmp_path, text: str) -> Templates:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return Templates.load(path)


def texts(templates: Templates, clause: str, claims: dict, keys: int = 400) -> set[str]:
    return {templates.phrase(clause, str(key), claims).text for key in range(keys)}


def test_a_users_phrasings_are_added_to_the_packages_or_replace_them(tmp_path):
    gc, title = {"gc": claim("41.2", "sequence", "sequence")}, {"accession": claim("NC_1.1")}
    before = texts(TEMPLATES, "record.gc", gc)
    added = loaded(
        tmp_path, '[clause."record.gc"]\nphrasings = ["Share of G and C: {gc}%.", "Its share of G and C is {gc}%."]\n'
    )
    after = texts(added, "record.gc", gc)
    assert after - before == {"Share of G and C: 41.2%.", "Its share of G and C is 41.2%."}
    assert before < after
    replaced = loaded(tmp_path, '[clause."record.gc"]\nreplace = true\nphrasings = ["G and C: {gc}%."]\n')
    assert texts(replaced, "record.gc", gc) == {"G and C: 41.2%."}
    for templates in (added, replaced):
        assert texts(templates, "record.title", title) == texts(TEMPLATES, "record.title", title)
    assert replaced.phrase("record.gc", "x", gc).evidence[0]["field"] == "sequence"
    assert "G and C: " in set(replaced.literals())


def test_a_users_phrasings_leave_the_packages_as_they_are(tmp_path):
    gc = {"gc": claim("41.2", "sequence", "sequence")}
    before = texts(Templates.load(), "record.gc", gc)
    loaded(tmp_path, '[clause."record.gc"]\nreplace = true\nphrasings = ["G and C: {gc}%."]\n')
    assert texts(Templates.load(), "record.gc", gc) == before
    assert "G and C: " not in set(Templates.load().literals())


def test_a_second_file_is_added_to_the_first(tmp_path):
    gc = {"gc": claim("41.2", "sequence", "sequence")}
    first = loaded(tmp_path, '[clause."record.gc"]\nreplace = true\nphrasings = ["G and C: {gc}%."]\n')
    (tmp_path / "more.toml").write_text('[clause."record.gc"]\nphrasings = ["C and G: {gc}%."]\n', encoding="utf-8")
    assert texts(first.with_file(tmp_path / "more.toml"), "record.gc", gc) == {"G and C: 41.2%.", "C and G: 41.2%."}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("not toml", "expected TOML of clauses"),
        ("[joints]\nlast = ' or '", "expected TOML of clauses"),
        ('[clause."record.gc"]\nphrasings = 5', "expected TOML of clauses"),
        ('[clause."record.colour"]\nphrasings = ["It is red."]', "found record.colour; those are"),
        (
            '[clause."record.gc"]\nphrasings = ["Of {length} bases {gc}%."]',
            r"expected the slots of one of \[gc\], found",
        ),
        (
            '[clause."record.gc"]\nphrasings = ["About 40 % ({gc}%)."]',
            "no digit and no name outside the slots, found '40'",
        ),
        ('[clause."record.gc"]\nphrasings = ["In Escherichia it is {gc}%."]', "found 'Escherichia'"),
        ('[clause."record.gc"]\nphrasings = ["{gc}% Escherichia."]', "found 'Escherichia'"),
        ('[clause."record.gc"]\nphrasings = ["It is {gc"]', "expected {slot}s"),
        ('[clause."record.gc"]\nphrasings = ["Escherichia has {gc}%."]', "found 'Escherichia'"),
        ('[clause."record.gc"]\nphrasings = ["It is {gc}%. Escherichia."]', "found 'Escherichia'"),
        ('[clause."record.gc"]\nphrasings = ["It is {gc}%.\\nIt is so."]', "found a line break"),
        ('[clause."record.gc"]\nphrasings = ["(Escherichia has {gc}%.)"]', "found 'Escherichia'"),
        ('[clause."record.replicon"]\nphrasings = ["It is one strand of {parts}."]', "found 'strand'"),
        ('[clause."record.replicon"]\nphrasings = ["It lies upstream of {parts}."]', "found 'upstream'"),
        ('[clause."record.gc"]\nreplaces = true\nphrasings = ["It is {gc}%."]', "found record.gc: replaces"),
    ],
)
def test_a_users_phrasing_that_states_something_is_refused(tmp_path, text, found):
    with pytest.raises(UsageError, match=found) as error:
        loaded(tmp_path, text)
    assert "mine.toml" in str(error.value)


def test_a_users_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none.toml: expected TOML of clauses"):
        Templates.load(tmp_path / "none.toml")
