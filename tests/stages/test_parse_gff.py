"""Parsing FASTA with GFF beside it: the rows of the flat file of the same record, and a ledger that balances."""

import gzip
import json
import random
import re

import pytest
from support import taxdumps
from support.each import each
from support.flatfile import fasta, record
from support.settings import pair_settings

from dnacorpus.errors import CorpusError
from dnacorpus.formats.read_part import Files
from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_choice import skip_reasons
from dnacorpus.pairs.gene import describe_feature
from dnacorpus.pairs.record import describe_record
from dnacorpus.pairs.rows import PairRow, rows_of_record
from dnacorpus.schemas import parts as schemas
from dnacorpus.sequence.bases import canonical_digest, reverse_complement
from dnacorpus.sequence.location import extract_feature
from dnacorpus.sources.taxdump import write_taxonomy
from dnacorpus.stages import parse
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

NAMES = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "segments": schemas.SEGMENTS,
    "rejects": schemas.REJECTS,
    "ledger": schemas.LEDGER,
}
SEQ = "NC_000001.1"
BASES = "".join(random.Random("gff").choices("ACGT", k=400))
VERSION = "##gff-version 3"


def line(kind, start, end, strand="+", attributes="", phase=".", seqid=SEQ):  # noqa: PLR0917
    return f"{seqid}\tRefSeq\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{attributes}\n"


def annotation(circular=True, seqid=SEQ, length=400, region=True):
    """Return GFF3 as NCBI writes it: a gene across the origin, a spliced one on the other strand, one cut off."""
    ring = "Is_circular=true;" if circular else ""
    told = f"##sequence-region {seqid} 1 {length}\n" if region else ""
    lines = [
        line("region", 1, 400, attributes=f"ID=r;Dbxref=taxon:511145;{ring}gbkey=Src;mol_type=genomic DNA"),
        line("gene", 390, 410 if circular else 400, attributes="ID=g1;gbkey=Gene;gene=abcA;locus_tag=T_1"),
        line("CDS", 390, 410 if circular else 400, attributes="ID=c1;Parent=g1;gbkey=CDS;product=protein%2C one;"
             "protein_id=NP_1.1;transl_table=11", phase=0),
        line("gene", 50, 200, "-", "ID=g2;gbkey=Gene;gene=abcB;gene_synonym=b1,b2;locus_tag=T_2"),
        line("mRNA", 50, 200, "-", "ID=t2;Parent=g2;gbkey=mRNA;product=protein two"),
        line("exon", 150, 200, "-", "ID=e1;Parent=t2;gbkey=mRNA"),
        line("exon", 50, 90, "-", "ID=e2;Parent=t2;gbkey=mRNA"),
        line("CDS", 150, 190, "-", "ID=c2;Parent=t2;gbkey=CDS;product=protein two;transl_table=11", 1),
        line("CDS", 60, 90, "-", "ID=c2;Parent=t2;gbkey=CDS;product=protein two;transl_table=11", 2),
        line("tRNA", 300, 370, attributes="ID=t3;gbkey=tRNA;product=tRNA-Ala;start_range=.,300;partial=true"),
        line("pseudogene", 210, 240, attributes="ID=g4;gbkey=Gene;gene=abcD;pseudo=true"),
    ]  # fmt: skip
    return f"{VERSION}\n{told}{''.join(lines)}".replace(SEQ, seqid)


def flat(circular=True):
    """Return the flat file of the same record, written from what GenBank's feature table says."""
    first, ident = ("join(390..400,1..10)" if circular else "390..400"), [("gene", "abcA"), ("locus_tag", "T_1")]
    second = [("gene", "abcB"), ("locus_tag", "T_2"), ("gene_synonym", "b1; b2")]
    features = [
        ("source", "1..400", [("mol_type", "genomic DNA"), ("db_xref", "taxon:511145")]),
        ("gene", first, ident),
        ("CDS", first, [*ident, ("codon_start", "1"), ("transl_table", "11"), ("product", "protein, one"),
                        ("protein_id", "NP_1.1")]),
        ("gene", "complement(50..200)", second),
        ("mRNA", "complement(join(50..90,150..200))", [*second, ("product", "protein two")]),
        ("CDS", "complement(join(60..90,150..190))", [*second, ("codon_start", "2"), ("transl_table", "11"),
                                                      ("product", "protein two")]),
        ("tRNA", "<300..370", [("product", "tRNA-Ala")]),
        ("gene", "210..240", [("gene", "abcD"), ("pseudo", None)]),
    ]  # fmt: skip
    return record(SEQ, BASES, features, topology="circular" if circular else "linear", organism=None)


def write(path, text):
    data = text if isinstance(text, bytes) else text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def read(out):
    found = {name: tables.read(out / f"{name}.parquet", schema) for name, schema in NAMES.items()}
    assert ledger.imbalances(ledger.merge(balanced(found))) == []
    return {name: table.to_pylist() for name, table in found.items()}


def balanced(found):
    """Return the ledger of a part with what the later stages decide about its records and features."""
    rows = found["ledger"].to_pylist()
    fates = [
        ("record", len(found["records"]), sum(found["records"]["length"].to_pylist())),
        ("feature", len(found["features"]), 0),
    ]
    return rows + [
        ledger.entry("mine", rows[0]["part"], unit, "kept", count=n, bases=bases) for unit, n, bases in fates
    ]


def ledger_counts(found, unit):
    return {(row["status"], row["reason"]): row["count"] for row in found["ledger"] if row["unit"] == unit}


@pytest.fixture
def part(tmp_path):
    """Parse texts as one part and give its tables as lists of rows."""

    def parse(fna=(), gff=(), gbff=(), damage="", taxa=None):
        kinds = [(gbff, "gbff"), (fna, "fna"), (gff, "gff")]
        files = [[write(tmp_path / f"{n}.{kind}", text) for n, text in enumerate(texts)] for texts, kind in kinds]
        assert parse_part("mine", "x", Files(*files), tmp_path / "out", release="local", taxonomy=taxa) == damage
        return read(tmp_path / "out")

    return parse


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize("seqid", [SEQ, "NC_000001"])
def test_the_features_are_those_of_the_flat_file(part, circular, seqid):
    ours = part([fasta((f"{SEQ} A plasmid.", BASES))], [annotation(circular, seqid)])
    theirs = part(gbff=[flat(circular)])
    assert len(ours["features"]) == 8
    columns = [name for name in schemas.FEATURES.names if name != "qualifiers"]
    for mine, other in each(zip(ours["features"], theirs["features"], strict=True)):
        assert {name: mine[name] for name in columns} == {name: other[name] for name in columns}
        pairs = [sorted((item["key"], item["value"] or "") for item in row["qualifiers"]) for row in (mine, other)]
        assert pairs[0] == pairs[1]
        assert extract_feature(BASES.encode(), mine) == extract_feature(BASES.encode(), other)
    same = ("accession", "topology", "length", "locus_length", "digest", "gc", "taxid", "features", "exclusion")
    assert [ours["records"][0][name] for name in same] == [theirs["records"][0][name] for name in same]
    assert ours["segments"] == theirs["segments"]
    assert ledger_counts(ours, "file") == {("in", ""): 2, ("kept", ""): 2}
    assert ledger_counts(ours, "line") == {}


def test_a_record_with_annotation_says_where_it_is_from(part):
    (row,) = part([fasta((f"{SEQ} A plasmid.", BASES))], [annotation()])["records"]
    shown = {name: row[name] for name in ("source", "release", "definition", "molecule_type", "pmids", "lineage")}
    assert shown == {
        "source": "gff", "release": "local", "definition": "A plasmid", "molecule_type": "genomic DNA", "pmids": [],
        "lineage": [],
    }  # fmt: skip
    told = {item["key"]: item["value"] for item in row["source_qualifiers"]}
    assert told == {"mol_type": "genomic DNA", "db_xref": "taxon:511145"}


def test_the_digest_of_a_ring_is_that_of_any_rotation_and_strand(part):
    turned = BASES[123:] + BASES[:123]
    rows = [
        part([fasta((SEQ, bases))], [annotation(circular)])["records"][0]
        for bases, circular in ((BASES, True), (turned, True), (BASES, False), (turned, False))
    ]
    assert [row["topology"] for row in rows] == ["circular", "circular", "linear", "linear"]
    assert rows[0]["digest"] == rows[1]["digest"] == canonical_digest(reverse_complement(turned.encode()), True)
    assert len({row["digest"] for row in rows}) == 3


@pytest.mark.parametrize(
    ("region", "length", "exclusion", "locus_length"),
    [(True, 400, None, 400), (True, 500, "length_mismatch", 500), (False, 0, None, 400)],
)
def test_a_length_that_the_bases_do_not_have_excludes_the_record(part, region, length, exclusion, locus_length):
    (row,) = part([fasta((SEQ, BASES))], [annotation(length=length, region=region)])["records"]
    assert (row["exclusion"], row["locus_length"], row["length"]) == (exclusion, locus_length, 400)


def test_without_bases_in_the_fasta_that_is_the_reason(part):
    found = part([fasta((SEQ, ""))], [annotation(False)])
    assert [row["exclusion"] for row in found["records"]] == ["no_sequence"]


def test_organism_and_species_are_the_taxonomys_by_the_taxid_of_the_region(part, tmp_path):
    write_taxonomy(str(taxdumps.folder(tmp_path / "taxdump")), "unused", tmp_path / "taxonomy")
    columns = ("taxid", "organism", "species", "species_taxid", "genus", "species_source")
    files = [fasta((SEQ, BASES))], [annotation()]
    (row,) = part(*files, taxa=tmp_path / "taxonomy")["records"]
    strain = "Escherichia coli str. K-12 substr. MG1655"
    assert [row[name] for name in columns] == [511145, strain, "Escherichia coli", 562, "Escherichia", "taxonomy"]
    assert row["ranked_lineage"][-1] == {"rank": "species", "name": "Escherichia coli"}
    bare = part(*files)
    assert [bare["records"][0][name] for name in columns] == [511145, None, None, None, None, "name"]
    assert ledger_counts(bare, "species") == {("in", ""): 1, ("excluded", "no_species"): 1}
    named = annotation().replace("gbkey=Src;", "gbkey=Src;organism=Zea mays;")
    (row,) = part([fasta((SEQ, BASES))], [named])["records"]
    assert [row[name] for name in columns] == [511145, "Zea mays", "Zea mays", None, "Zea", "name"]


def test_the_flat_file_goes_before_gff(part):
    found = part([fasta((SEQ, BASES), ("B.1", BASES))], [annotation(False), annotation(False, "B.1")], [flat(False)])
    assert [(row["accession"], row["source"]) for row in found["records"]] == [(SEQ, "gbff"), ("B.1", "gff")]
    assert len(found["features"]) == 16
    assert ledger_counts(found, "line") == {("in", ""): 8, ("rejected", "no_bases"): 8}


def test_two_files_about_one_sequence(part):
    other = f"{VERSION}\n" + line("gene", 1, 9, attributes="ID=g;gene=late") + line("gene", 1, 9, seqid="C.1")
    found = part([fasta((SEQ, BASES), ("C.1", BASES))], [annotation(), other])
    assert [(row["accession"], row["source"], row["features"]) for row in found["records"]] == [
        (SEQ, "gff", 8), ("C.1", "gff", 1),
    ]  # fmt: skip
    assert "late" not in {row["gene"] for row in found["features"]}
    assert ledger_counts(found, "line") == {("in", ""): 1, ("excluded", "annotated_twice"): 1}


def test_annotation_without_bases_and_bases_without_annotation(part):
    bad = line("gene", "x", 9, seqid="C.1") + line("match", 1, 9, seqid="C.1")
    both = annotation() + "".join(annotation(seqid="D.1").splitlines(keepends=True)[1:])
    found = part([fasta(("B.1 Bare.", BASES), ("D.1", "AC!"))], [both, VERSION + "\n" + bad])
    assert [(row["accession"], row["source"], row["features"]) for row in found["records"]] == [("B.1", "fna", 0)]
    assert [(row["accession"], row["reason"]) for row in found["rejects"]] == [("D.1", "alphabet")]
    assert found["features"] == []
    assert ledger_counts(found, "line") == {
        ("in", ""): 10, ("excluded", "no_feature"): 1, ("rejected", "coordinates"): 1, ("rejected", "no_bases"): 8,
    }  # fmt: skip


@pytest.mark.parametrize("names", [["chr1"], ["chr1", "chr2"], [f"chr{n}" for n in range(9)]])
def test_annotation_of_other_sequences_is_an_error_that_names_both(tmp_path, names):
    fna = write(tmp_path / "a.fna", fasta(("k6", BASES)))
    gff = write(tmp_path / "a.gff", f"{VERSION}\n" + "".join(line("gene", 1, 9, seqid=name) for name in names))
    shown = ", ".join(names[:3]) + (" and 6 more" if len(names) > 3 else "")
    message = (
        f"a.gff: expected annotation of the sequences beside it (k6), found that of others ({shown}); give sequences"
        " the same names in both files"
    )
    with pytest.raises(CorpusError, match=f"^{re.escape(message)}$"):
        parse_part("mine", "x", Files([], [fna], [gff]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("seqid", "accession"), [("NC_000001.1", "NC_000001.2"), ("chr1", "1"), ("chr1", "Chr1")])
def test_names_that_nearly_agree_do_not_agree(tmp_path, seqid, accession):
    fna = write(tmp_path / "a.fna", fasta((accession, BASES)))
    gff = write(tmp_path / "a.gff", f"{VERSION}\n" + line("gene", 1, 9, seqid=seqid))
    with pytest.raises(CorpusError, match=rf"\({re.escape(accession)}\).*\({re.escape(seqid)}\)"):
        parse_part("mine", "x", Files([], [fna], [gff]), tmp_path / "out")


def test_annotation_beside_the_flat_file_of_its_sequence_is_no_error(part):
    found = part([fasta((SEQ, BASES))], [annotation(False)], [flat(False)])
    assert [row["source"] for row in found["records"]] == ["gbff"]
    assert ledger_counts(found, "line") == {("in", ""): 8, ("rejected", "no_bases"): 8}


def test_annotation_of_one_sequence_in_the_part_is_enough(part):
    other = annotation().replace("##sequence-region", line("gene", 1, 9, seqid="Z.1") + "##sequence-region", 1)
    found = part([fasta((SEQ, BASES))], [other])
    assert ledger_counts(found, "line") == {("in", ""): 1, ("rejected", "no_bases"): 1}


def test_flaws_that_cost_nothing_are_counted_as_kept(part):
    odd = line("gene", 1, 9, attributes='ID=g;Name="abc"').replace("\n", "\tmore\n") + line(
        "CDS", 1, 9, attributes="Parent=no"
    )
    found = part([fasta((SEQ, BASES))], [f"{VERSION}\n{odd}"])
    assert ledger_counts(found, "line") == {
        ("in", ""): 3, ("kept", "extra_columns"): 1, ("kept", "quotes"): 1, ("kept", "parent"): 1,
    }  # fmt: skip


SPOILED = [
    line("gene", 61, 360, attributes="ID=g1;Name=abc"),
    line("mRNA", 61, 360, attributes="ID=t1;Parent=g1;product=kinase"),
    line("exon", 61, 100, attributes="Parent=t1"),
    line("exon", 131, 171, attributes="Parent=t1"),
    line("exon", 301, 360, attributes="Parent=t1"),
    line("CDS", 61, 100, attributes="ID=c1;Parent=t1", phase=0),
    line("CDS", 131, 171, attributes="ID=c1;Parent=t1", phase=2).replace("131", "13l"),
    line("CDS", 301, 360, attributes="ID=c1;Parent=t1", phase=0),
]


@pytest.mark.parametrize("number", [3, 6])
def test_a_feature_that_lacks_a_rejected_line_has_a_row_and_no_pair(part, number):
    whole = [text.replace("13l", "131") for text in SPOILED]
    lines = [*whole[:number], whole[number].replace("131", "13l"), *whole[number + 1 :]]
    found = part([fasta((SEQ, BASES))], [f"{VERSION}\n{''.join(lines)}"])
    assert [row["kind"] for row in found["features"]] == ["gene", "mRNA", "CDS"]
    reasons = skip_reasons(found["features"], len(BASES), (1, 1000), 1, SEQ)
    assert reasons == {number // 3: "order", 0: "has_product"}
    assert ledger_counts(found, "line") == {
        ("in", ""): 2, ("kept", "incomplete"): 1, ("rejected", "coordinates"): 1,
    }  # fmt: skip
    (record,) = found["records"]
    rows = rows_of_record(Context(record, found["features"], BASES.encode()), [], pair_settings(1000))
    described = {row.values["feature_kind"] for row in rows if isinstance(row, PairRow)} - {None}
    assert described == {"mRNA", "CDS"} - {"mRNA" if number == 3 else "CDS"}


@pytest.mark.parametrize("below", ["Parent=g", "Parent=t"])
def test_what_lies_below_a_pseudogene_is_not_said_to_encode_anything(part, below):
    lines = [
        line("pseudogene", 61, 360, attributes="ID=g;Name=psA"),
        line("transcript", 61, 360, attributes="ID=t;Parent=g"),
        line("CDS", 61, 360, attributes=f"ID=c;{below};product=x kinase", phase=0),
    ]
    found = part([fasta((SEQ, BASES))], [f"{VERSION}\n{''.join(lines)}"])
    context = Context(found["records"][0], found["features"], BASES.encode())
    texts = {describe_feature(context, found["features"][2], str(key), 300).text for key in range(40)}
    assert len(texts) > 3
    assert [text for text in texts if "pseudogene" not in text] == []
    assert [text for text in texts if re.search("encodes|to encode|to code|produce", text)] == []


def test_order_and_place_of_the_files_do_not_matter(tmp_path):
    outs = []
    for place, step in (("a", 1), ("b/c", -1)):
        fna = [write(tmp_path / place / f"{n}.fna", fasta((f"S{n}.1", BASES))) for n in range(3)]
        gff = [write(tmp_path / place / f"{n}.gff.gz", annotation(seqid=f"S{n}.1")) for n in range(3)]
        parse_part("mine", "x", Files([], fna[::step], gff[::step]), tmp_path / place / "out")
        outs.append({path.name: path.read_bytes() for path in (tmp_path / place / "out").iterdir()})
    assert outs[0] == outs[1]
    assert len(read(tmp_path / "a" / "out")["features"]) == 24


@pytest.mark.parametrize("source", ["fna", "gff", "gbff"])
def test_linear_is_said_only_where_a_flat_file_says_nothing_else(part, source):
    """FASTA and GTF know no topology: that they name no circle is no claim that there is none."""
    bare = f"{VERSION}\n" + line("gene", 1, 9, attributes="ID=g;gene=a")
    files = {"fna": ([fasta((SEQ, BASES))],), "gff": ([fasta((SEQ, BASES))], [bare]), "gbff": ((), (), [flat(False)])}
    found = part(*files[source])
    (row,) = found["records"]
    assert (row["source"], row["topology"]) == (source, "linear")
    texts = {describe_record(Context(row, found["features"], BASES.encode()), str(key)).text for key in range(40)}
    assert {"linear" in text for text in texts} == {source == "gbff"}


def damaged(text):
    return gzip.compress(text.encode(), mtime=0)[:-12]


def listed(raw, *files):
    entries = [
        {"file": path.name, "kind": path.name.split(".")[1], "status": "ok", "detail": "", "bytes": None, "md5": ""}
        for path in files
    ]
    described = {"division": "mine", "part": "x", "release": "local", "files": entries}
    (raw / "part.json").write_text(json.dumps(described))


def test_a_damaged_gzip_gives_what_can_be_read_and_empties_a_fetched_part(tmp_path):
    fna = write(tmp_path / "x.fna", fasta((SEQ, BASES)))
    gff = tmp_path / "x.gff.gz"
    gff.write_bytes(damaged(annotation()))
    said = parse_part("mine", "x", Files([], [fna], [gff]), tmp_path / "out")
    assert said.startswith("x.gff.gz: EOFError")
    found = read(tmp_path / "out")
    assert found["records"][0]["source"] == "gff"
    assert 0 < len(found["features"]) <= 8
    assert ledger_counts(found, "file") == {("in", ""): 2, ("kept", ""): 1, ("rejected", "unreadable"): 1}
    listed(tmp_path, fna, gff)
    parse.run(tmp_path, tmp_path / "raw")
    emptied = read(tmp_path / "raw")
    assert {name for name, rows in emptied.items() if rows} == {"ledger"}
    table = tables.read(tmp_path / "raw" / "ledger.parquet", schemas.LEDGER)
    assert ledger.unreadable(table) == [("mine", "x", said)]


FOREIGN = {
    "FASTQ": "@read1\nACGT\n+\nIIII\n",
    "VCF": f"##fileformat=VCFv4.2\n#CHROM\tPOS\n{SEQ}\t3\t.\tA\tC\t9\t.\t.\n",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_gff_is_named_with_what_it_is(tmp_path, kind):
    files = [write(tmp_path / "x.fna", fasta((SEQ, BASES))), write(tmp_path / "x.gff", FOREIGN[kind])]
    with pytest.raises(CorpusError, match=rf"^x\.gff: expected GFF3 or GTF, found {kind}: "):
        parse_part("mine", "x", Files([], files[:1], files[1:]), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    listed(tmp_path, *files)
    parse.run(tmp_path, tmp_path / "out")
    found = read(tmp_path / "out")
    assert {name for name, rows in found.items() if rows} == {"ledger"}
    (problem,) = [row["detail"] for row in found["ledger"] if row["reason"] == "unreadable"]
    assert problem.startswith(f"x.gff: expected GFF3 or GTF, found {kind}")


def test_the_command_line(run, tmp_path):
    fna = write(tmp_path / "x.fna", fasta((SEQ, BASES)))
    gff = write(tmp_path / "x.gff", annotation())
    command = ("parse", "--division", "mine", "--fna", fna, "--gff")
    assert run(*command, gff, "--out", tmp_path / "out")[0] == 0
    found = read(tmp_path / "out")
    assert [(row["division"], row["part"], row["source"]) for row in found["records"]] == [("mine", "x", "gff")]
    assert len(found["features"]) == 8

    cut = tmp_path / "cut.gff.gz"
    cut.write_bytes(damaged(annotation()))
    code, _, told = run(*command, cut, "--out", tmp_path / "cut")
    assert (code, told.count("\n")) == (1, 1)
    assert told.startswith("dnacorpus parse: cut.gff.gz: EOFError")
    assert len(read(tmp_path / "cut")["records"]) == 1

    code, _, told = run(*command, write(tmp_path / "r.gff", FOREIGN["FASTQ"]), "--out", tmp_path / "foreign")
    assert code == 1
    assert "r.gff: expected GFF3 or GTF, found FASTQ" in told

    code, _, told = run("parse", "--division", "mine", "--gff", gff, "--out", tmp_path / "none")
    assert code == 2
    assert "--gff needs --fna" in told
