"""Which pairs go together: bounds and rules hold for any candidates, and the order of what comes in does not matter."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each

from dnacorpus.text.claims import ClaimSource
from dnacorpus.views.documents.plan import Candidate, DocumentLimits, document_id, groups_of, plans, size
from dnacorpus.views.documents.style import STRUCTURES, style

STYLE = style("text_dna", "tags", lineage=False)
LENGTHS = {"organism": 20, "product": 15, "length": 3, "kind": 3, "accession": 11}
CANDIDATES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 2000), st.integers(10, 400), st.booleans()), max_size=30
).map(lambda several: [candidate(n, *values) for n, values in enumerate(several)])


def candidate(number: int, species: int, start: int, bases: int, named: bool = True) -> Candidate:
    lengths = LENGTHS | ({"gene": 4, "locus_tag": 8} if named else {})
    return Candidate(f"{number:032x}", f"Species {species}", start, start + bases, bases, 0, lengths)


def limits(**more) -> DocumentLimits:
    values = {"structures": STRUCTURES, "contexts": (1000,), "min_members": 2, "max_uses": 1, "reach": 8}
    return DocumentLimits(**(values | more))


@settings(max_examples=60)
@given(CANDIDATES, st.sampled_from(["family", "replicon"]), st.integers(1, 2), st.randoms(use_true_random=False))
def test_rules_hold_for_any_candidates_in_any_order(candidates, structure, uses, draw):
    bounds = limits(contexts=(600, 1500), max_uses=uses)
    made = list(plans(structure, b"group", candidates, STYLE, bounds))
    draw.shuffle(candidates)
    assert list(plans(structure, b"group", candidates, STYLE, bounds)) == made
    assert len({plan.document_id for plan in made}) == len(made)
    stands = Counter((plan.context, member.pair_id) for plan in made for member in plan.members)
    assert all(count <= uses for count in stands.values())
    for plan in made:
        template = STYLE.named(plan.template)
        assert structure in template.structures
        assert len(plan.members) >= 2
        assert all(set(template.slots) <= member.lengths.keys() for member in plan.members)
        assert STYLE.frame + sum(size(member, template, STYLE) for member in plan.members) <= plan.context
        assert plan.document_id == document_id(
            structure, plan.template, plan.context, [member.pair_id for member in plan.members]
        )
        if structure == "family":
            assert len({member.species for member in plan.members}) == len(plan.members)
        else:
            starts = [member.start for member in plan.members]
            assert starts == sorted(starts)


def test_a_document_takes_as_many_as_fit():
    candidates = [candidate(n, n, 0, 100) for n in range(40)]
    made = list(plans("family", b"group", candidates, STYLE, limits(contexts=(2000,))))
    assert sum(len(plan.members) for plan in made) >= 39
    for plan in each(made[:-1]):
        template = STYLE.named(plan.template)
        room = plan.context - STYLE.frame - sum(size(member, template, STYLE) for member in plan.members)
        assert room < size(candidates[0], template, STYLE)


def test_templates_vary_and_are_tried_in_turn():
    made = [
        plan
        for group in range(60)
        for plan in plans("family", bytes([group]), [candidate(1, 1, 0, 50), candidate(2, 2, 0, 50)], STYLE, limits())
    ]
    assert len(made) == 60
    assert len({plan.template for plan in made}) >= 6
    # gene.named speaks of the one pair, but no company has a gene name
    mixed = [candidate(1, 1, 0, 50), *(candidate(n, n, 0, 50, named=False) for n in range(2, 5))]
    for group in range(60):
        assert [len(plan.members) for plan in plans("family", bytes([group]), mixed, STYLE, limits())] == [4]


def test_no_document_with_too_few_members():
    alone = [candidate(1, 1, 0, 50)]
    kin = [candidate(n, 1, 0, 50) for n in range(9)]
    long = [candidate(1, 1, 0, 50), candidate(2, 2, 0, 5000)]
    assert [list(plans("family", b"g", found, STYLE, limits())) for found in (alone, kin, long)] == [[], [], []]


def test_isoforms_of_a_gene_are_in_no_document_together():
    genes = [candidate(n, 1, start, 200) for n, start in enumerate((0, 0, 20, 190, 400))]
    made = list(plans("replicon", b"g", genes, STYLE, limits(contexts=(3000,))))
    assert [member.start for member in made[0].members] == [0, 190, 400]


def test_each_context_has_documents_of_its_own():
    candidates = [candidate(n, n, 0, 100) for n in range(30)]
    both = list(plans("family", b"g", candidates, STYLE, limits(contexts=(4000, 800))))
    alone = list(plans("family", b"g", candidates, STYLE, limits(contexts=(800,))))
    assert [plan for plan in both if plan.context == 800] == alone
    assert {plan.context for plan in both} == {800, 4000}


def row(**more) -> dict:
    values = {
        "kind": "gene", "informative": True, "division": "viral", "feature_kind": "CDS", "feature_index": 3,
        "accession": "NC_1.1", "evidence": [], "lineage": ["Bacteria", "Vibrio"], "species": "Vibrio fischeri",
        "organism": "Vibrio fischeri ES114",
    }  # fmt: skip
    return values | more


def groups(values: dict, **said: str) -> dict[str, bytes]:
    source = ClaimSource("NC_1.1")
    return dict(groups_of(values, {slot: source.verbatim(text, slot) for slot, text in said.items()}))


def test_groups_are_of_kind_and_product_or_gene_name_record_and_taxon():
    base = groups(row(), product="DNA gyrase subunit B")
    assert set(base) == {"family", "replicon"}
    assert groups(row(), product="dna gyrase  Subunit-B")["family"] == base["family"]
    assert groups(row(), product="DNA gyrase subunit A")["family"] != base["family"]
    assert groups(row(feature_kind="tRNA"), product="DNA gyrase subunit B")["family"] != base["family"]
    assert groups(row(division="plasmid"), product="DNA gyrase subunit B").keys() == base.keys()
    assert not set(groups(row(division="plasmid"), product="DNA gyrase subunit B").values()) & set(base.values())
    assert groups(row(accession="NC_2.1"), product="DNA gyrase subunit B")["replicon"] != base["replicon"]
    assert groups(row(), gene="gyrB")["family"] == groups(row(), gene="GyrB")["family"]
    assert groups(row(), gene="gyrB")["family"] != groups(row(), product="gyrB")["family"]
    assert set(groups(row(feature_kind="mRNA"), product="x y")) == {"family"}
    assert set(groups(row())) == {"replicon"}
    record = row(kind="record", feature_kind=None, feature_index=None)
    assert set(groups(record)) == {"clade"}
    assert groups(record) == groups(record | {"lineage": ["Bacteria", "Vibrio", "Vibrio fischeri"]})
    assert groups(record | {"lineage": []}) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"informative": False},
        {"kind": "window"},
        {"kind": "qa"},
        {"evidence": [{"field": "features[3]/pseudogene", "start": 0, "end": 1}]},
        {"evidence": [{"field": "features[3]/pseudo", "start": 0, "end": 1}]},
    ],
)
def test_uninformative_rows_and_pseudogenes_are_in_no_group(more):
    assert groups(row(**more), product="DNA gyrase") == {}


def test_the_pseudo_flag_of_another_feature_does_not_count():
    flagged = row(evidence=[{"field": "features[13]/pseudo", "start": 0, "end": 1}])
    assert set(groups(flagged, product="DNA gyrase")) == {"family", "replicon"}


def test_a_second_use_of_pairs_repeats_no_document():
    candidates = [candidate(n, n, 0, 100) for n in range(30)]
    made = list(plans("family", b"g", candidates, STYLE, limits(max_uses=2)))
    assert (
        Counter(Counter(member.pair_id for plan in made for member in plan.members).values()).most_common(1)[0][0] == 2
    )
    assert len({tuple(member.pair_id for member in plan.members) for plan in made}) == len(made)
