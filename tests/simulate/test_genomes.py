"""Molecules of the requested length with valid genes."""

from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.simulate.evolution import CODES, extract_parts, translate
from dnacorpus.simulate.genomes import MoleculeBuilder
from dnacorpus.simulate.molecules import REPLICONS
from dnacorpus.simulate.organisms import KINDS, SpeciesCatalog


@given(st.integers(0, 10**6), st.sampled_from(REPLICONS), st.integers(700, 4000))
def test_molecules_have_the_requested_length_and_valid_genes(seed, replicon, bases):
    catalog = SpeciesCatalog(seed, 12, unrelated=False)
    molecule = MoleculeBuilder(catalog).build(catalog.species(KINDS[replicon.organism], seed % 12), replicon, bases)
    assert len(molecule.sequence) == bases
    coding = [feature for feature in molecule.features if feature.kind == "CDS"]
    assert coding[0].parts[0][0] == 0
    assert coding[0].strand == 1
    for feature in coding:
        bases = extract_parts(molecule.sequence, feature.parts, feature.strand)
        assert translate(bases, CODES[feature.table])
