"""Names of simulated species."""

from dnacorpus.simulate.organisms import KINDS, SpeciesCatalog


def test_species_names_are_unique_and_a_genus_has_one_kind():
    catalog = SpeciesCatalog(1, 2000, unrelated=False)
    names, genera = set(), {}
    for kind in KINDS.values():
        for number in range(2000):
            species = catalog.species(kind, number)
            names.add((species.name, species.taxid))
            assert genera.setdefault(species.genus, kind.name) in (kind.name, "phage", "virus")
            assert species.genus.startswith("Simulato")
    assert len({name for name, _ in names}) == len({taxid for _, taxid in names}) == 10_000


def test_unrelated_shuffles_the_names_only():
    plain, dealt = (SpeciesCatalog(1, 40, unrelated) for unrelated in (False, True))
    for kind in KINDS.values():
        names = [[catalog.species(kind, n).name for n in range(40)] for catalog in (plain, dealt)]
        assert sorted(names[0]) == sorted(names[1])
        assert names[0] != names[1]
        assert [plain.species(kind, n).gc for n in range(40)] == [dealt.species(kind, n).gc for n in range(40)]
