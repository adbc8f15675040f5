"""Rotation and reverse complement of molecules."""

from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.simulate.evolution import extract_parts
from dnacorpus.simulate.genomes import MoleculeBuilder
from dnacorpus.simulate.molecules import REPLICONS, reversed_strand, rotated
from dnacorpus.simulate.organisms import KINDS, SpeciesCatalog


@given(st.integers(0, 10**6), st.integers(0, 2999))
def test_rotation_and_reversal_keep_the_bases_of_every_feature(seed, offset):
    catalog = SpeciesCatalog(seed, 4, unrelated=False)
    replicon = next(replicon for replicon in REPLICONS if replicon.spliced)
    molecule = MoleculeBuilder(catalog).build(catalog.species(KINDS["plant"], 0), replicon, 3000)
    expected = sorted((f.kind, extract_parts(molecule.sequence, f.parts, f.strand)) for f in molecule.features)
    for changed in (rotated(molecule, offset), reversed_strand(molecule), reversed_strand(rotated(molecule, offset))):
        found = sorted((f.kind, extract_parts(changed.sequence, f.parts, f.strand)) for f in changed.features)
        assert found == expected
    assert rotated(rotated(molecule, offset), 3000 - offset).sequence == molecule.sequence
    assert reversed_strand(reversed_strand(molecule)).sequence == molecule.sequence
