"""The made-up record whose row the README shows."""

from typing import Any

from flatfile import record

from dnacorpus.pairs import Limits, Row, rows_of_record
from dnacorpus.record import read_record

GENE = "ATGACCGAACTGAAAGTTCTGATCGGTGCTGGCGATTACGCGAAACGTTTTGGCATCTAA"
TEXT = record(
    "NC_900001.1",
    "TTGACAATTAATCATCGGCTCGTATAATGTGTGGAATTGT" + GENE + "GCGTAACCCGCCTTCGGGCGGGTTATTTT",
    [
        ("source", "1..129", [("organism", "Exemplibacter fictus"), ("mol_type", "genomic DNA")]),
        ("gene", "41..100", [("gene", "exaA"), ("locus_tag", "EXF_0001")]),
        (
            "CDS",
            "41..100",
            [
                ("gene", "exaA"),
                ("locus_tag", "EXF_0001"),
                ("codon_start", "1"),
                ("transl_table", "11"),
                ("product", "example dehydrogenase subunit A"),
                ("protein_id", "WP_900000001.1"),
            ],
        ),
    ],
    organism="Exemplibacter fictus",
    lineage=("Bacteria", "Exemplota", "Exemplibacter"),
    definition="Exemplibacter fictus, complete sequence.",
)


def example_row() -> dict[str, Any]:
    """Return the CDS row of the example as the pair stage makes it."""
    read = read_record(TEXT.encode(), lambda accession: None)
    about = {"division": "bacteria", "part": "bacteria.1", "release": "0", "ordinal": 0}
    features = [feature | {"accession": "NC_900001.1", "ordinal": 0} for feature in read.features]
    rows = rows_of_record(read.row | about, features, read.references, read.sequence, [], Limits(max_bases=1000))
    (row,) = (found.values for found in rows if isinstance(found, Row) and found.values["kind"] == "gene")
    return row


def rendered() -> str:
    """Return the block that the README holds."""
    row = example_row()
    lines = [f"{key:<9} {row[key]}" for key in ("kind", "accession", "start", "end", "strand", "sequence", "text")]
    spans = [
        f"          {row['text'][span['start'] : span['end']]!r} <- {span['field']} of {span['source']}, {span['how']}"
        for span in row["evidence"][:4]
    ]
    return "\n".join([*lines, "evidence", *spans, f"          ... {len(row['evidence'])} spans in all"])
