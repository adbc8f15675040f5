"""Every feature key has a decision, and texts depend on their own record alone."""

import os
import random
import re
import subprocess
import sys

import pytest
from support.flatfile import record
from support.readrecord import read_record
from support.repository import REPOSITORY
from support.stages import build, published, release

from dnacorpus.pairs.feature_kinds import KINDS, NOT_DESCRIBED, skip_reason

INSDC = frozenset(
    """assembly_gap C_region CDS centromere D-loop D_segment exon gap gene iDNA intron J_segment mat_peptide
    misc_binding misc_difference misc_feature misc_recomb misc_RNA misc_structure mobile_element modified_base mRNA
    ncRNA N_region
    old_sequence operon oriT polyA_site precursor_RNA prim_transcript primer_bind propeptide protein_bind regulatory
    repeat_region rep_origin rRNA S_region sig_peptide source stem_loop STS telomere tmRNA transit_peptide tRNA unsure
    V_region V_segment variation 3'UTR 5'UTR""".split()
)
"""The INSDC Feature Table Definition, appendix II, version 11.3."""
BEFORE_2014 = frozenset(
    """-10_signal -35_signal allele attenuator CAAT_signal conflict enhancer GC_signal LTR misc_signal mutation
    polyA_signal promoter RBS repeat_unit satellite scRNA snoRNA snRNA TATA_signal terminator virion""".split()
)
"""Keys that regulatory, ncRNA, repeat_region, variation and others have replaced."""
BASES = "".join(random.Random(5).choices("ACGT", k=600))


def test_every_feature_key_is_described_or_deliberately_not():
    assert set(KINDS) | set(NOT_DESCRIBED) == INSDC | BEFORE_2014
    assert set(KINDS) & set(NOT_DESCRIBED) == set()
    assert all(reason.strip() and not reason.endswith(".") for reason in NOT_DESCRIBED.values())


def test_every_kind_has_names_of_its_own():
    nouns = [kind.noun for kind in KINDS.values()]
    assert len(set(nouns)) == len(nouns) == len({kind.plural for kind in KINDS.values()})
    assert all(kind.level in ("genomic", "transcript", "cds") for kind in KINDS.values())


def reason(kind: str, *qualifiers: tuple[str, str | None]) -> str | None:
    features = [("source", "1..600", []), (kind, "1..90", qualifiers)]
    return skip_reason(read_record(record(sequence=BASES, features=features).encode(), lambda _: None).features[1])


@pytest.mark.parametrize("kind", sorted(NOT_DESCRIBED))
def test_what_is_not_described(kind):
    assert reason(kind, ("note", "a long note on it")) == ("source" if kind == "source" else "kind")


@pytest.mark.parametrize(
    ("kind", "qualifiers", "expected"),
    [
        ("Protein", [], "kind"),  # of a GenPept record
        ("misc_feature", [], "unnamed"),
        ("misc_feature", [("gene", "rpoC1")], "unnamed"),
        ("misc_feature", [("note", "control region")], None),
        ("misc_feature", [("note", "Derived by automated computational analysis using X")], "unnamed"),
        ("misc_feature", [("standard_name", "cohesive end")], None),
        ("misc_recomb", [], "unnamed"),
        ("misc_signal", [("function", "operator")], None),
        ("misc_binding", [("note", "a site of some kind")], "unnamed"),
        ("misc_binding", [("bound_moiety", "Sp1")], None),
        ("regulatory", [("regulatory_class", "other")], "unnamed"),
        ("regulatory", [("regulatory_class", "other"), ("note", "D box")], None),
        ("repeat_region", [("rpt_type", "tandem")], "unnamed"),
        ("repeat_region", [("rpt_family", "Alu")], None),
        ("repeat_region", [("rpt_type", "long_terminal_repeat")], None),
        ("repeat_region", [("note", "repeat III-4")], None),
        ("satellite", [], "unnamed"),
        ("satellite", [("satellite", "alpha")], None),
        ("stem_loop", [], None),
        ("CDS", [], None),
    ],
)
def test_what_says_nothing_of_itself_is_left_out(kind, qualifiers, expected):
    assert reason(kind, *qualifiers) == expected


def texts(folder, mirror, divisions) -> dict[str, tuple[str, str]]:
    rows = published(build(folder, mirror, divisions), "pairs")
    return dict(zip(rows["pair_id"], zip(rows["text"], rows["evidence"].to_list(), strict=True), strict=True))


def test_adding_a_division_changes_no_text(tmp_path):
    mirror = release(tmp_path / "mirror")
    alone = texts(tmp_path / "alone", mirror, ["plant"])
    among = texts(tmp_path / "among", mirror, ["viral", "plastid", "plant", "protozoa"])
    shared = alone.keys() & among.keys()
    assert len(shared) > 5
    assert len(among) > len(alone)
    assert {name: alone[name] for name in shared} == {name: among[name] for name in shared}


def test_a_text_is_the_same_in_another_process():
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pairs.test_record import ODD_RECORD, rows\n"
        "print([row['text'] for row, _ in rows(ODD_RECORD, keys=3)])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=REPOSITORY, check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert len(said.pop()) > 1000


@pytest.mark.parametrize(("script", "wanted"), [("make_coverage", "| plant | CDS |"), ("make_samples", "## ")])
def test_the_pages_are_made_from_results(script, wanted, built, tmp_path):
    page = tmp_path / "page.md"
    command = [sys.executable, REPOSITORY / "docs" / f"{script}.py", built, page]
    subprocess.run(command, check=True, capture_output=True)
    first = page.read_text(encoding="utf-8")
    assert wanted in first
    assert not re.search(r"nan|None|Traceback", first)
    subprocess.run(command, check=True, capture_output=True)
    assert page.read_text(encoding="utf-8") == first
