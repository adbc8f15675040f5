"""The pieces of the simulation: flat-file text, translation, mutation, molecules turned and rotated."""

import io
import textwrap

import pytest
from Bio import SeqIO
from Bio.Data import CodonTable
from Bio.Seq import Seq
from hypothesis import given
from hypothesis import strategies as st
from support.oracle import parts as parts_by_biopython

from dnacorpus.simulate.articles import Article, full_text
from dnacorpus.simulate.evolution import (
    CODES,
    extract_parts,
    mutate_bases,
    mutate_codons,
    random_bases,
    stream,
    translate,
)
from dnacorpus.simulate.families import CODING, HYPOTHETICAL, PROTEINS, RNAS, Lineage, coding_sequence, rna_sequence
from dnacorpus.simulate.genbank_writer import Citation, Entry, Header, fasta_record, flat_record, location
from dnacorpus.simulate.genomes import REPLICONS, Numbers, build_molecule, reversed_strand, rotated
from dnacorpus.simulate.organisms import KINDS, Nature

WORDS = st.lists(st.text("abc,;:\"'()-", min_size=1, max_size=20), min_size=1, max_size=30).map(" ".join)
SPANS = st.lists(st.integers(0, 5000), min_size=2, max_size=40, unique=True).map(sorted)
SEEDS = st.integers(0, 10**6)


def header(**changes):
    values = {
        "accession": "NC_900000001.1", "length": 4, "molecule": "DNA", "topology": "linear", "division": "BCT",
        "date": "01-JAN-2020", "definition": "Simulated x.", "keywords": ("RefSeq", "simulated"),
        "organism": "Simulatobacter fictus", "source": "Simulatobacter fictus",
        "lineage": ("Bacteria", "Simulatobacter"),
        "links": (("BioProject", "PRJNA900000001"), ("BioSample", "SAMN900000001")),
        "citations": (), "comment": "Simulated.", "structured_comment": ("Simulation", (("Seed", "1"),)),
    }  # fmt: skip
    return Header(**values | changes)


def read(text):
    return SeqIO.read(io.StringIO(text), "genbank")


@given(note=WORDS, title=WORDS, bases=st.text("ACGTRYN", min_size=1, max_size=300))
def test_a_flat_record_reads_back_as_it_was_written(note, title, bases):
    entries = [Entry("gene", f"1..{len(bases)}", (("note", note), ("pseudo", None), ("codon_start", "1")))]
    text = flat_record(
        header(length=len(bases), citations=(Citation("Fictor,B.", title, "Simulated J. 1", 900000001),)),
        entries,
        bases.encode(),
    )
    record = read(text)
    assert record.id == "NC_900000001.1"
    assert str(record.seq) == bases
    assert record.features[0].qualifiers == {"note": [note], "pseudo": [""], "codon_start": ["1"]}
    assert record.annotations["references"][0].title == title
    assert record.annotations["references"][0].pubmed_id == "900000001"
    assert record.annotations["taxonomy"] == ["Bacteria", "Simulatobacter"]
    assert record.annotations["structured_comment"] == {"Simulation": {"Seed": "1"}}
    assert record.dbxrefs == ["BioProject:PRJNA900000001", "BioSample:SAMN900000001"]


@given(SPANS, st.sampled_from([1, -1]), st.tuples(st.booleans(), st.booleans()))
def test_locations_are_those_that_biopython_reads(numbers, strand, partial):
    forward = list(zip(numbers[::2], numbers[1::2], strict=False))
    parts = forward if strand == 1 else forward[::-1]
    text = location(parts, strand, partial)
    record = read(flat_record(header(length=6000), [Entry("gene", text)], b"A" * 6000))
    [feature] = record.features
    assert parts_by_biopython(feature.location) == [(None, start, end, strand) for start, end in parts]
    fuzzy = ("<" in text.split("..")[0], ">" in text.split("..")[-1])
    assert fuzzy == (partial if strand == 1 else partial[::-1])


@given(st.text("ACGTacgt", max_size=500))
def test_fasta_keeps_case_and_breaks_lines_at_eighty(bases):
    text = fasta_record("NC_900000001.1 Simulated", bases.encode()).decode()
    assert text == ">NC_900000001.1 Simulated\n" + "".join(f"{line}\n" for line in textwrap.wrap(bases, 80))


@pytest.mark.parametrize("table", CODES)
def test_genetic_codes_are_ncbis(table):
    ours, theirs = CODES[table], CodonTable.unambiguous_dna_by_id[table]
    assert set(ours.stops) == set(theirs.stop_codons)
    assert {codon: ours.amino_acids[codon] for codon in ours.sense} == theirs.forward_table
    assert set(ours.starts) <= set(theirs.start_codons)
    for codon, synonyms in ours.synonyms.items():
        assert all(ours.amino_acids[other] == ours.amino_acids[codon] and other != codon for other in synonyms)


@given(st.text("ACGTN", max_size=60), st.sampled_from(sorted(CODES)))
def test_a_translation_is_biopythons_or_there_is_none(coding, table):
    ours = translate(coding.encode(), CODES[table])
    if len(coding) % 3 or len(coding) < 6 or coding[:3] not in CODES[table].starts:
        assert ours is None
        return
    # Some codons with N have one meaning for Biopython; here they are X.
    clear = [coding[at : at + 3] if "N" not in coding[at : at + 3] else "NNN" for at in range(0, len(coding), 3)]
    theirs = str(Seq("".join(clear)).translate(table=table))
    whole = theirs.endswith("*") and "*" not in theirs[:-1]
    assert ours == ("M" + theirs[1:-1] if whole else None)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_exactly_so_many_bases_change(noise, data):
    sequence = noise.translate(b"ACGTN" * 51 + b"A")
    count = data.draw(st.integers(0, len(sequence)))
    mutated = mutate_bases(sequence, count, stream("test", count))
    changed = [after for before, after in zip(sequence, mutated, strict=True) if before != after]
    assert len(changed) == count
    assert set(changed) <= set(b"ACGT")


@given(SEEDS, st.sampled_from(sorted(CODES)), st.floats(0, 1))
def test_mutated_codons_stay_sense_codons(seed, table, share):
    code = CODES[table]
    codons = stream(seed).choices(code.sense, k=200)
    mutated = mutate_codons(codons, share, code, 0.5, stream(seed, "mutate"))
    assert set(mutated) <= set(code.sense)
    assert share > 0 or mutated == codons
    assert share < 1 or all(before != after for before, after in zip(codons, mutated, strict=True))


def test_bases_have_the_content_that_was_asked_for():
    for gc in (0.25, 0.5, 0.75):
        bases = random_bases(100_000, gc, stream("gc", gc))
        assert (bases.count(b"G") + bases.count(b"C")) / 100_000 == pytest.approx(gc, abs=0.01)


def test_streams_depend_on_their_whole_path():
    assert stream(1, "a").random() == stream(1, "a").random()
    assert len({stream(*path).random() for path in [(1, "a"), (1, "b"), (2, "a"), (1,)]}) == 4


def identity(one, other):
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def test_copies_of_a_family_resemble_one_another_and_no_other_family():
    core = slice(3, 243)
    for family in PROTEINS:
        genus = [Lineage(1, "bacterium", 0, 11, 0.5), Lineage(1, "plant", 3, 1, 0.5)]
        copies = [coding_sequence(family, lineage, stream("x", n))[core] for n, lineage in enumerate(genus)]
        sister = coding_sequence(family, genus[0], stream("x", "sister"))[core]
        assert identity(copies[0], copies[1]) > 0.6
        assert identity(copies[0], sister) > 0.7
        others = [coding_sequence(other, genus[0], stream("x", 0))[core] for other in CODING if other is not family]
        assert max(identity(copies[0], other) for other in others) < 0.5
    for family in RNAS:
        copies = [rna_sequence(family, Lineage(1, "bacterium", n, 11, 0.5), stream("y", n)) for n in (0, 1)]
        assert 0.6 < identity(*copies) < 1
        assert all(not family.anticodon or copy[33:36] == family.anticodon for copy in copies)


def test_hypothetical_proteins_resemble_nothing():
    lineage = Lineage(1, "bacterium", 0, 11, 0.5)
    copies = [coding_sequence(HYPOTHETICAL, lineage, stream("z", n))[3:243] for n in (0, 1)]
    assert identity(*copies) < 0.4


def test_neither_length_nor_beginning_tells_the_family():
    lineage = Lineage(1, "bacterium", 0, 11, 0.5)
    for family in CODING:
        lengths = {len(coding_sequence(family, lineage, stream("length", n))) for n in range(400)}
        assert lengths == {3 * (82 + tail) for tail in range(10, 41)}


@given(SEEDS, st.sampled_from(REPLICONS), st.integers(700, 4000))
def test_molecules_have_the_length_and_the_genes_that_they_should(seed, replicon, bases):
    nature = Nature(seed, 12, unrelated=False)
    molecule = build_molecule(nature, nature.species(KINDS[replicon.organism], seed % 12), replicon, bases, Numbers())
    assert len(molecule.sequence) == bases
    coding = [feature for feature in molecule.features if feature.kind == "CDS"]
    assert coding[0].parts[0][0] == 0
    assert coding[0].strand == 1
    for feature in coding:
        bases = extract_parts(molecule.sequence, feature.parts, feature.strand)
        assert translate(bases, CODES[feature.table])


@given(SEEDS, st.integers(0, 2999))
def test_turning_and_rotating_keep_every_feature(seed, offset):
    nature = Nature(seed, 4, unrelated=False)
    replicon = next(replicon for replicon in REPLICONS if replicon.spliced)
    molecule = build_molecule(nature, nature.species(KINDS["plant"], 0), replicon, 3000, Numbers())
    expected = sorted((f.kind, extract_parts(molecule.sequence, f.parts, f.strand)) for f in molecule.features)
    for changed in (rotated(molecule, offset), reversed_strand(molecule), reversed_strand(rotated(molecule, offset))):
        found = sorted((f.kind, extract_parts(changed.sequence, f.parts, f.strand)) for f in changed.features)
        assert found == expected
    assert rotated(rotated(molecule, offset), 3000 - offset).sequence == molecule.sequence
    assert reversed_strand(reversed_strand(molecule)).sequence == molecule.sequence


def test_no_two_species_share_a_name_and_a_genus_is_of_one_kind():
    nature = Nature(1, 2000, unrelated=False)
    names, genera = set(), {}
    for kind in KINDS.values():
        for number in range(2000):
            species = nature.species(kind, number)
            names.add((species.name, species.taxid))
            assert genera.setdefault(species.genus, kind.name) in (kind.name, "phage", "virus")
            assert species.genus.startswith("Simulato")
    assert len({name for name, _ in names}) == len({taxid for _, taxid in names}) == 10_000


def test_unrelated_names_are_a_permutation_of_the_related_ones():
    plain, dealt = (Nature(1, 40, unrelated) for unrelated in (False, True))
    for kind in KINDS.values():
        names = [[nature.species(kind, n).name for n in range(40)] for nature in (plain, dealt)]
        assert sorted(names[0]) == sorted(names[1])
        assert names[0] != names[1]
        assert [plain.species(kind, n).gc for n in range(40)] == [dealt.species(kind, n).gc for n in range(40)]


def test_text_of_a_paper_is_escaped():
    assert "A &amp; B &lt;x&gt;" in full_text(Article(0, "Simulatobacter", (("NC_9", "A & B <x>"),)), 1)
