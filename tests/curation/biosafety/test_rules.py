"""Tables of rules: what is refused, what a custom one replaces, and that the package's own is complete."""

import importlib.util

import pytest
from support.repository import REPOSITORY

from dnacorpus.curation.biosafety.rules import DECISIONS, built_in_rules, parse_rules, plain, read_rules
from dnacorpus.errors import UsageError

HEADER = "taxon\tdecision\tinfects\tsource\n"
RULES = list(built_in_rules().by_name.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "t.tsv: expected the header taxon, decision, infects, source, separated by tabs, found no line"),
        ("taxon,decision\n", "found 'taxon,decision'; write it above the rows"),
        (HEADER, "t.tsv: expected a row for Viruses"),
        (HEADER + "Viruses\thost\tall\n", "t.tsv: line 2: expected 4 filled columns"),
        (HEADER + "# a remark\n\nViruses\thost\t\tICTV\n", "t.tsv: line 4: expected 4 filled columns"),
        (HEADER + "Viruses\tdrop\tall\tICTV\n", "Viruses: expected the decision keep, exclude or host, found 'drop'"),
        (
            HEADER + "Viruses\thost\ta\tb\nVIRUSES\tkeep\ta\tb\n",
            "line 3: expected one row a taxon, found VIRUSES",
        ),
    ],
)
def test_a_malformed_table_is_refused_naming_file_and_line(text, expected):
    with pytest.raises(UsageError) as error:
        parse_rules(text, "t.tsv")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_custom_table_replaces_the_rules_of_the_package(tmp_path):
    table = tmp_path / "own.tsv"
    table.write_text(
        "\ufeff" + HEADER + "Viruses\tkeep\tall\tme\nCaudovirales\texclude\tbacteria\tme\n", encoding="utf-8"
    )
    rules = read_rules(str(table))
    lineages = [["Viruses", name] for name in ("Caudovirales", "Poxviridae")]
    assert [rules.deciding(lineage).decision for lineage in lineages] == ["exclude", "keep"]
    assert read_rules("") is built_in_rules()
    for place in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(UsageError, match=r"expected a table of viruses in UTF-8, .*; correct biosafety\.table"):
            read_rules(str(place))
    table.write_bytes(b"taxon\xff")
    with pytest.raises(UsageError, match=r"own\.tsv: expected a table"):
        read_rules(str(table))


def test_every_rule_of_the_package_is_complete_and_cited():
    assert {rule.decision for rule in RULES} == set(DECISIONS)
    assert all(
        rule.infects and any(mark in rule.source for mark in ("ICTV", "NCBI", "20", "GenBank")) for rule in RULES
    )
    assert not any("http" in rule.source for rule in RULES)
    assert not any(plain(rule.taxon) in ("environmental samples", "unclassified") for rule in RULES)


def test_the_documentation_page_lists_the_current_rules():
    spec = importlib.util.spec_from_file_location("make_biosafety", REPOSITORY / "docs" / "make_biosafety.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    page = (REPOSITORY / "docs" / "biosafety.md").read_text(encoding="utf-8")
    assert page.startswith(maker.HEAD), "run docs/make_biosafety.py"
    assert page.endswith("\n".join(maker.policy()) + "\n"), "run docs/make_biosafety.py"
