"""Flat-file and FASTA text, read back with Biopython."""

import io
import textwrap

from Bio import SeqIO
from hypothesis import given
from hypothesis import strategies as st
from support.oracle import parts as parts_by_biopython

from dnacorpus.simulate.genbank_writer import Citation, FeatureEntry, Header, fasta_record, flat_record, location

WORDS = st.lists(st.text("abc,;:\"'()-", min_size=1, max_size=20), min_size=1, max_size=30).map(" ".join)
INTERVAL_ENDS = st.lists(st.integers(0, 5000), min_size=2, max_size=40, unique=True).map(sorted)


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
def test_biopython_reads_back_what_a_flat_record_states(note, title, bases):
    entries = [FeatureEntry("gene", f"1..{len(bases)}", (("note", note), ("pseudo", None), ("codon_start", "1")))]
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


@given(INTERVAL_ENDS, st.sampled_from([1, -1]), st.tuples(st.booleans(), st.booleans()))
def test_biopython_reads_the_same_locations(numbers, strand, partial):
    forward = list(zip(numbers[::2], numbers[1::2], strict=False))
    parts = forward if strand == 1 else forward[::-1]
    text = location(parts, strand, partial)
    record = read(flat_record(header(length=6000), [FeatureEntry("gene", text)], b"A" * 6000))
    [feature] = record.features
    assert parts_by_biopython(feature.location) == [(None, start, end, strand) for start, end in parts]
    fuzzy = ("<" in text.split("..")[0], ">" in text.split("..")[-1])
    assert fuzzy == (partial if strand == 1 else partial[::-1])


@given(st.text("ACGTacgt", max_size=500))
def test_fasta_keeps_case_and_breaks_lines_at_80_bases(bases):
    text = fasta_record("NC_900000001.1 Simulated", bases.encode()).decode()
    assert text == ">NC_900000001.1 Simulated\n" + "".join(f"{line}\n" for line in textwrap.wrap(bases, 80))
