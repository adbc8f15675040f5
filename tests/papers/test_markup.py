"""Plain text from XML and HTML: nothing fetched, nothing repeated, blanks collapsed."""

import pytest
from support.each import each
from support.lowered import lower

from dnacorpus.errors import CorpusError
from dnacorpus.limits import LimitError
from dnacorpus.papers.markup import chunks_of, elements, parse_xml, root_name, text_of


def test_inline_markup_is_removed_and_blocks_are_separated():
    root = parse_xml(b"<x>H<sub>2</sub>O and <i>E. coli</i><p>one</p><p>two\n  three</p></x>")
    assert text_of(root) == "H2O and E. coli one two three"
    assert text_of(parse_xml(b"<x> \n </x>")) is None
    assert text_of(None) is None


def test_a_formula_occurs_once_and_footnotes_do_not():
    alternatives = b"<alternatives><tex-math>\\documentclass{x}</tex-math><m:math xmlns:m='m'><m:mi>k</m:mi></m:math>"
    assert text_of(parse_xml(b"<x>rate " + alternatives + b"</alternatives>.<fn><p>note</p></fn></x>")) == "rate k."
    assert text_of(parse_xml(b"<x>Title<xref>*</xref> goes on</x>"), without="xref") == "Title goes on"


def test_namespaces_are_removed_and_html_entities_are_resolved():
    root = parse_xml(b'<!DOCTYPE a SYSTEM "x.dtd"><n:a xmlns:n="u" xmlns:l="v" l:href="y">&mdash;&alpha;&nbsp;z</n:a>')
    assert (root.tag, root.get("href"), text_of(root)) == ("a", "y", "—α z")


@pytest.mark.parametrize(
    "document",
    [
        b"", b"no markup", b"<a><b></a>", b"<a>", b"<a/><b/>", b"<x:a/>", b"<a>&unheard;</a>",
        b"\xff\xfe<", b"<a>\x00</a>",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]><a>&e;</a>',
    ],
)  # fmt: skip
def test_malformed_documents_and_external_entities_are_refused(document):
    with pytest.raises(CorpusError, match="expected well-formed XML, found: "):
        parse_xml(document)
    with pytest.raises(CorpusError, match="well-formed XML"):
        list(elements([document], frozenset({"a", "s"})))


def test_entity_expansion_bombs_are_refused():
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(12))
    with pytest.raises(CorpusError, match="amplification"):
        parse_xml(f"<!DOCTYPE a [{bomb}]><a>&e11;</a>".encode())


def test_elements_are_yielded_one_at_a_time():
    document = b"<s>" + b"".join(b"<a><n>%d</n></a>" % n for n in range(5000)) + b"</s>"
    # A list of the elements would find them emptied.
    read = elements([document], frozenset({"a"}))
    assert [int(element.findtext("n")) for element in read if element.tag == "a"] == list(range(5000))
    assert all(len(element) == 0 for element in each(list(elements([document], frozenset({"a"})))))
    assert root_name(b"<!-- x --><n:s xmlns:n='u'><broken") == "s"


HOSTILE = {
    "elements": b"<s>" + b"<a/>" * 300 + b"</s>",
    "entries": b"<s>" + b"<n>" + b"<a/>" * 300 + b"</n></s>",
    "entities": b"<!DOCTYPE s [<!ENTITY e '" + b"<a/>" * 30 + b"'>]><s>" + b"&e;" * 10 + b"</s>",
    "text": b"<!DOCTYPE s [<!ENTITY e '" + b"x" * 1000 + b"'>]><s>" + b"&e;" * 10 + b"</s>",
    "attributes": b"<!DOCTYPE s [<!ATTLIST a"
    + b"".join(b" a%d CDATA 'x'" % n for n in range(30))
    + b">]>"
    + b"<s>"
    + b"<a/>" * 10
    + b"</s>",
    "depth": b"<a>" * 201 + b"</a>" * 201,
}


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("elements", "XML_ELEMENTS"), ("entries", "XML_ELEMENTS"), ("entities", "XML_ELEMENTS"),
        ("attributes", "XML_ELEMENTS"),
        ("text", "XML_BYTES"), ("depth", "XML_DEPTH"),
    ],
)  # fmt: skip
def test_a_tree_that_grows_beyond_a_limit_is_given_up(name, limit, monkeypatch):
    lower(monkeypatch, "XML_ELEMENTS", 250)
    lower(monkeypatch, "XML_BYTES", 9_999)
    told = rf"expected at most [\d,]+ \w+ \(limit {limit}\), found more"
    with pytest.raises(LimitError, match=told):
        parse_xml(HOSTILE[name])
    with pytest.raises(LimitError, match=told):
        list(elements(chunks_of(HOSTILE[name]), frozenset({"n"})))


def test_the_limit_of_elements_is_that_of_what_is_held_and_not_of_the_document(monkeypatch):
    lower(monkeypatch, "XML_ELEMENTS", 250)
    document = b"<s>" + b"<n><a/><a/></n>" * 5000 + b"</s>"
    chunks = [document[start : start + 900] for start in range(0, len(document), 900)]
    assert sum(element.tag == "n" for element in elements(chunks, frozenset({"n"}))) == 5000
    with pytest.raises(LimitError, match="XML_ELEMENTS"):
        parse_xml(document)
