"""Gene families: copies resemble each other, other families do not."""

from support.each import each

from dnacorpus.simulate.evolution import random_stream
from dnacorpus.simulate.families import CODING, HYPOTHETICAL, PROTEINS, RNAS, Lineage, coding_sequence, rna_sequence


def identity(one, other):
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def test_copies_of_a_family_resemble_each_other_and_no_other_family():
    core = slice(3, 243)
    for family in PROTEINS:
        genus = [Lineage(1, "bacterium", 0, 11, 0.5), Lineage(1, "plant", 3, 1, 0.5)]
        copies = [coding_sequence(family, lineage, random_stream("x", n))[core] for n, lineage in enumerate(genus)]
        sister = coding_sequence(family, genus[0], random_stream("x", "sister"))[core]
        assert identity(copies[0], copies[1]) > 0.6
        assert identity(copies[0], sister) > 0.7
        others = [
            coding_sequence(other, genus[0], random_stream("x", 0))[core] for other in CODING if other is not family
        ]
        assert max(identity(copies[0], other) for other in others) < 0.5
    for family in RNAS:
        copies = [rna_sequence(family, Lineage(1, "bacterium", n, 11, 0.5), random_stream("y", n)) for n in (0, 1)]
        assert 0.6 < identity(*copies) < 1
        assert all(not family.anticodon or copy[33:36] == family.anticodon for copy in each(copies))


def test_hypothetical_proteins_do_not_resemble_each_other():
    lineage = Lineage(1, "bacterium", 0, 11, 0.5)
    copies = [coding_sequence(HYPOTHETICAL, lineage, random_stream("z", n))[3:243] for n in (0, 1)]
    assert identity(*copies) < 0.4


def test_all_families_have_the_same_lengths():
    lineage = Lineage(1, "bacterium", 0, 11, 0.5)
    for family in CODING:
        lengths = {len(coding_sequence(family, lineage, random_stream("length", n))) for n in range(400)}
        assert lengths == {3 * (82 + tail) for tail in range(10, 41)}
