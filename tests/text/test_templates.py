"""Text and evidence are built together: spans slice back to their claims, whatever is composed."""

import re
import string

import pytest
from support.claims import claim
from support.each import each
from support.rederive import template_literals

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.text.compose import compose, join
from dnacorpus.text.templates import Templates

TEMPLATES = Templates.load()


def test_an_unknown_clause_or_set_of_slots_is_an_error():
    with pytest.raises(CorpusError, match=r"no\.such"):
        TEMPLATES.phrase("no.such", "k", {"a": claim("x")})
    with pytest.raises(CorpusError, match=r"record\.gc"):
        TEMPLATES.phrase("record.gc", "k", {"gc": claim("1"), "length": claim("2")})


def test_the_key_alone_chooses_the_phrasing_and_all_are_used():
    said = {key: TEMPLATES.phrase("gene.code", str(key), {"table": claim("11")}).text for key in range(100)}
    assert said == {key: TEMPLATES.phrase("gene.code", str(key), {"table": claim("11")}).text for key in range(100)}
    assert len(set(said.values())) == sum(name == "gene.code" for name, _, _ in TEMPLATES.phrasings())


def test_a_text_is_orientation_free_only_if_all_its_parts_are():
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


def test_literals_hold_no_name():
    allowed = {"GC", "G", "C", "EC", "BioProject", "BioSample", "PubMed", "A"}
    checked = 0
    for _, _, text in TEMPLATES.phrasings():
        sentence_start = True
        for literal, *_ in string.Formatter().parse(text):
            words = re.findall(r"[A-Za-z]+|[.:]", literal)
            for word in words:
                assert word.islower() or sentence_start or word in allowed or word in ".:", (word, text)
                sentence_start = False
                checked += 1
    assert checked > 1000


def test_no_phrasing_occurs_twice():
    texts = [(clause, text) for clause, _, text in TEMPLATES.phrasings()]
    assert len(texts) == len(set(texts))


def test_every_clause_of_a_sentence_has_three_phrasings_for_each_set_of_slots():
    counts: dict[tuple[str, frozenset[str]], int] = {}
    for clause, slots, _ in each(TEMPLATES.phrasings()):
        counts[clause, slots] = counts.get((clause, slots), 0) + 1
    # "encodes" is itself the claim: there is one way to say it
    sentences = [
        (clause, slots) for clause, slots in counts
        if not clause.startswith(("item.", "link.", "name.")) and "encodes" not in slots
    ]  # fmt: skip
    assert {key for key in each(sentences) if counts[key] < 3} == set()


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


def test_a_missing_users_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none.toml: expected TOML of clauses"):
        Templates.load(tmp_path / "none.toml")
