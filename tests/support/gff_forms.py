"""One annotation in the forms that databases and tools write it in, and the features that each of them states.

The forms are written from the documentation of the tools and from files that their users show in public reports.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from support.gff import line

Span = tuple[int, int]


@dataclass(frozen=True)
class Transcript:
    """Exons in ascending order, 1-based and closed, and the first and last coding base, stop codon included."""

    number: int
    exons: tuple[Span, ...]
    coding: Span

    def cds(self) -> list[Span]:
        """Return the coding parts of the exons."""
        low, high = self.coding
        return [(max(a, low), min(b, high)) for a, b in self.exons if a <= high and b >= low]

    def utrs(self) -> tuple[list[Span], list[Span]]:
        """Return what lies below and above the coding part."""
        low, high = self.coding
        return [(a, min(b, low - 1)) for a, b in self.exons if a < low], [
            (max(a, high + 1), b) for a, b in self.exons if b > high
        ]


@dataclass(frozen=True)
class Gene:
    """A coding gene; ``strand`` is + or -."""

    number: int
    strand: str
    transcripts: tuple[Transcript, ...]

    @property
    def span(self) -> Span:
        """The bases from the first to the last exon."""
        ends = [end for transcript in self.transcripts for exon in transcript.exons for end in exon]
        return min(ends), max(ends)

    def named(self, transcript: Transcript | None = None) -> dict[str, Any]:
        """Return the names of the gene and a transcript, to fill into attributes."""
        t = transcript.number if transcript else 0
        names = {
            "g": f"G{self.number}",
            "t": f"G{self.number}.{t}",
            "p": f"P{self.number}.{t}",
            "sym": f"abc{self.number}",
        }
        return names | {"tag": f"L_{self.number:04}", "product": f"kinase {self.number}"}


def phased(spans: Sequence[Span], strand: str) -> list[tuple[Span, int]]:
    """Return parts of a coding sequence, in ascending order, with their phases."""
    phases, bases = {}, 0
    for start, end in spans if strand == "+" else spans[::-1]:
        phases[start] = -bases % 3
        bases += end - start + 1
    return [(span, phases[span[0]]) for span in spans]


def in_transcript_order(spans: Sequence[Span], strand: str) -> list[Span]:
    """Return spans in the direction of transcription."""
    return list(spans) if strand == "+" else list(spans)[::-1]


Write = Callable[[Sequence[Gene]], list[str]]


@dataclass(frozen=True)
class Form:
    """How a source writes annotation, and what its features state: None for what it does not state.

    ``symbol`` and ``tag`` are formats of the names of genes. ``rna`` is the key of transcripts; ``utrs`` tells whether
    these have features, ``untranslated`` whether transcripts have any. A form of ``prokaryotes`` has no introns and no
    transcripts.
    """

    write: Write
    genes: bool = True
    rna: str | None = "mRNA"
    cds: bool = True
    symbol: str | None = None
    tag: str | None = None
    product: bool = False
    utrs: bool = False
    untranslated: bool = True
    prokaryotes: bool = False
    flaws: frozenset[str] = frozenset()

    def facts(self, genes: Sequence[Gene]) -> list[tuple[Any, ...]]:
        """Return key, parts, strand, gene, locus tag and product of the features that the form states, sorted."""
        made: list[tuple[Any, ...]] = []
        for gene in genes:
            made += [self._fact(gene, gene.named(), "gene", [gene.span])] if self.genes else []
            for transcript in gene.transcripts:
                names = gene.named(transcript)
                product = names["product"] if self.product else None
                made += [self._fact(gene, names, self.rna, transcript.exons, product)] if self.rna else []
                made += [self._fact(gene, names, "CDS", transcript.cds(), product)] if self.cds else []
                kinds = ("5'UTR", "3'UTR") if gene.strand == "+" else ("3'UTR", "5'UTR")
                for kind, spans in zip(kinds, transcript.utrs() if self.utrs else ((), ()), strict=True):
                    made += [self._fact(gene, names, kind, [span]) for span in spans]
        return sorted(made, key=repr)

    def _fact(
        self, gene: Gene, names: dict[str, Any], kind: str, spans: Sequence[Span], product: str | None = None
    ) -> tuple[Any, ...]:
        called = (text.format(**names) if text else None for text in (self.symbol, self.tag))
        parts = tuple((a - 1, b) for a, b in in_transcript_order(spans, gene.strand))
        return kind, parts, 1 if gene.strand == "+" else -1, *called, product


def gff3(  # noqa: PLR0917 - a format for each type
    gene: str | None,
    rna: str | None,
    cds: str | None,
    exon: str | None = None,
    utr: str | None = None,
    types: tuple[str, str] = ("gene", "mRNA"),
    phases: bool = True,
    codons: str | None = None,
) -> Write:
    """Return a writer of GFF3 from the attributes of each type; ``{i}`` is the number of a part."""

    def write(genes: Sequence[Gene]) -> list[str]:
        lines: list[str] = []
        for each in genes:
            strand = each.strand
            names = each.named()
            lines += [line(types[0], *each.span, strand, gene.format(**names))] if gene else []
            for transcript in each.transcripts:
                names = each.named(transcript)
                span = transcript.exons[0][0], transcript.exons[-1][1]
                lines += [line(types[1], *span, strand, rna.format(**names))] if rna else []
                for i, part in enumerate(in_transcript_order(transcript.exons, strand), 1):
                    lines += [line("exon", *part, strand, exon.format(**names, i=i))] if exon else []
                coding = in_transcript_order(phased(transcript.cds(), strand), strand)
                for i, (part, phase) in enumerate(coding, 1):
                    lines += (
                        [line("CDS", *part, strand, cds.format(**names, i=i), phase if phases else ".")] if cds else []
                    )
                lines += utr_lines(each, transcript, utr, names) if utr else []
                if codons:
                    first, last = codon(transcript, strand == "+"), codon(transcript, strand == "-")
                    lines += [line("start_codon", *first, strand, codons.format(**names), 0)]
                    lines += [line("stop_codon", *last, strand, codons.format(**names), 0)]
        return lines

    return write


def utr_lines(gene: Gene, transcript: Transcript, attributes: str, names: dict[str, Any]) -> list[str]:
    """Return the lines of the untranslated regions of a transcript."""
    kinds = ("five_prime_UTR", "three_prime_UTR") if gene.strand == "+" else ("three_prime_UTR", "five_prime_UTR")
    return [
        line(kind, *span, gene.strand, attributes.format(**names, i=f"{kind}.{i}"))
        for kind, spans in zip(kinds, transcript.utrs(), strict=True)
        for i, span in enumerate(spans, 1)
    ]


def codon(transcript: Transcript, low: bool) -> Span:
    """Return the three coding bases at one end."""
    start, end = transcript.coding
    return (start, start + 2) if low else (end - 2, end)


def gtf(  # noqa: PLR0917 - a format for each type
    gene: str | None,
    rna: str | None,
    exon: str | None,
    cds: str | None = None,
    codons: bool = True,
    utr: str | None = None,
    types: tuple[str, str] = ("gene", "transcript"),
) -> Write:
    """Return a writer of GTF, whose CDS lines exclude the stop codon if there are codon lines."""

    def write(genes: Sequence[Gene]) -> list[str]:
        lines: list[str] = []
        for each in genes:
            strand = each.strand
            lines += [line(types[0], *each.span, strand, gene.format(**each.named()))] if gene else []
            for transcript in each.transcripts:
                names = each.named(transcript)
                span = transcript.exons[0][0], transcript.exons[-1][1]
                lines += [line(types[1], *span, strand, rna.format(**names))] if rna else []
                for i, part in enumerate(in_transcript_order(transcript.exons, strand), 1):
                    lines += [line("exon", *part, strand, exon.format(**names, i=i))] if exon else []
                if not cds:
                    continue
                spans = transcript.cds()
                if codons and strand == "+":
                    spans[-1] = (spans[-1][0], spans[-1][1] - 3)
                elif codons:
                    spans[0] = (spans[0][0] + 3, spans[0][1])
                numbers = {part: i for i, part in enumerate(in_transcript_order(transcript.exons, strand), 1)}
                for part, phase in in_transcript_order(phased(spans, strand), strand):
                    i = next(n for exon_, n in numbers.items() if exon_[0] <= part[0] <= exon_[1])
                    lines += [line("CDS", *part, strand, cds.format(**names, i=i), phase)]
                if codons:
                    first, last = codon(transcript, strand == "+"), codon(transcript, strand == "-")
                    lines += [line("start_codon", *first, strand, cds.format(**names, i=1), 0)]
                    lines += [line("stop_codon", *last, strand, cds.format(**names, i=1), 0)]
                lines += utr_lines(each, transcript, utr, names) if utr else []
        return lines

    return write


def shared_lines(write: Write) -> Write:
    """Return a writer that makes one line of those that differ in Parent alone, as FlyBase does for exons."""

    def merged(genes: Sequence[Gene]) -> list[str]:
        parents: dict[str, list[str]] = {}
        for text in write(genes):
            rest, _, parent = text.partition("Parent=")
            parents.setdefault(rest, []).append(parent)
        return [rest + ("Parent=" + ",".join(found) if found != [""] else "") for rest, found in parents.items()]

    return merged


def with_proteins(write: Write) -> Write:
    """Return a writer that adds a line for the protein of each transcript, as in TAIR10."""

    def extended(genes: Sequence[Gene]) -> list[str]:
        proteins = [
            line(
                "protein",
                *transcript.coding,
                gene.strand,
                "ID={t}-Protein;Derives_from={t}".format(**gene.named(transcript)),
            )
            for gene in genes
            for transcript in gene.transcripts
        ]
        return write(genes) + proteins

    return extended


def ncbi_gtf(genes: Sequence[Gene]) -> list[str]:
    """Return the GTF of NCBI for genes with transcripts."""
    names = 'gene_id "{sym}"; transcript_id "{t}"; gene "{sym}"; locus_tag "{tag}"; product "{product}"; gbkey "'
    return gtf(
        'gene_id "{sym}"; transcript_id ""; gbkey "Gene"; gene "{sym}"; locus_tag "{tag}";',
        names + 'mRNA";',
        names + 'mRNA"; exon_number "{i}";',
        names + 'CDS"; protein_id "{p}"; exon_number "{i}";',
    )(genes)


_ENSEMBL = 'gene_id "{tag}"; gene_version "1"; gene_name "{sym}"; gene_source "ensembl"; gene_biotype "protein_coding";'
_ENSEMBL_T = _ENSEMBL + ' transcript_id "{t}"; transcript_biotype "protein_coding";'
_GENCODE = "gene_id={tag};gene_type=protein_coding;gene_name={sym}"
_AUGUSTUS = 'transcript_id "{t}"; gene_id "{g}";'

FORMS: dict[str, Form] = {
    "NCBI GFF3": Form(
        gff3(
            "ID=gene-{sym};Name={sym};gbkey=Gene;gene={sym};gene_biotype=protein_coding;locus_tag={tag}",
            "ID=rna-{t};Parent=gene-{sym};gbkey=mRNA;gene={sym};locus_tag={tag};product={product};transcript_id={t}",
            "ID=cds-{p};Parent=rna-{t};gbkey=CDS;gene={sym};locus_tag={tag};product={product};protein_id={p}",
            "ID=exon-{t}-{i};Parent=rna-{t};gbkey=mRNA;gene={sym};locus_tag={tag};product={product}",
        ),
        symbol="{sym}", tag="{tag}", product=True,
    ),
    "NCBI GTF": Form(ncbi_gtf, symbol="{sym}", tag="{tag}", product=True),
    "Ensembl GFF3": Form(
        gff3(
            "ID=gene:{tag};Name={sym};biotype=protein_coding;description=a gene;gene_id={tag};logic_name=x",
            "ID=transcript:{t};Parent=gene:{tag};Name={sym}-201;biotype=protein_coding;transcript_id={t}",
            "ID=CDS:{p};Parent=transcript:{t};protein_id={p}",
            "Parent=transcript:{t};Name=E{t}.{i};constitutive=1;exon_id=E{t}.{i};rank={i}",
            "Parent=transcript:{t}",
        ),
        symbol="{sym}", tag="{tag}", utrs=True,
    ),
    "Ensembl GTF": Form(
        gtf(
            _ENSEMBL, _ENSEMBL_T, _ENSEMBL_T + ' exon_number "{i}"; exon_id "E{t}.{i}";',
            _ENSEMBL_T + ' exon_number "{i}"; protein_id "{p}";', utr=_ENSEMBL_T,
        ),
        symbol="{sym}", tag="{tag}", utrs=True,
    ),
    "GENCODE GFF3": Form(
        gff3(
            "ID={tag};" + _GENCODE, "ID={t};Parent={tag};transcript_type=protein_coding;" + _GENCODE,
            "ID=CDS:{t};Parent={t};protein_id={p};" + _GENCODE,
            "ID=exon:{t}:{i};Parent={t};exon_number={i};" + _GENCODE,
            "ID={i}:{t};Parent={t};" + _GENCODE, ("gene", "transcript"), codons="Parent={t};" + _GENCODE,
        ),
        symbol="{sym}", tag="{tag}", utrs=True,
    ),
    "Phytozome": Form(
        gff3(
            "ID={g}.v3.0;Name={sym}", "ID={t}.v3.0;Name={t};pacid=1;longest=1;Parent={g}.v3.0",
            "ID={t}.v3.0.CDS.{i};Parent={t}.v3.0;pacid=1", utr="ID={t}.v3.0.{i};Parent={t}.v3.0;pacid=1",
        ),
        symbol="{sym}", utrs=True,
    ),
    "JGI": Form(
        gtf(
            None, None, 'name "{t}"; transcriptId {i}', 'name "{t}"; proteinId 7; exonNumber {i}',
        ),
        genes=False, tag="{t}",
    ),
    "FlyBase": Form(
        shared_lines(gff3(
            "ID={g};Name={sym};fullname=a gene;Alias=x", "ID={t};Name={sym}-RA;Parent={g}",
            "Name={sym}-cds;parent_type=mRNA;Parent={t}", "Name={sym}:x;parent_type=mRNA;Parent={t}",
        )),
        symbol="{sym}",
    ),
    "WormBase": Form(
        gff3(
            "ID=Gene:{g};Name={sym};interpolated_map_position=1;biotype=protein_coding",
            "ID=Transcript:{t};Parent=Gene:{g};Name={t};wormpep=CE1",
            "ID=CDS:{t};Parent=Transcript:{t};Name={t};status=x",
            "Parent=Transcript:{t}", "Parent=Transcript:{t}",
        ),
        symbol="{sym}", utrs=True,
    ),
    "TAIR": Form(
        with_proteins(gff3(
            "ID={g};Note=protein_coding_gene;Name={sym}", "ID={t};Parent={g};Name={t};Index=1",
            "Parent={t},{t}-Protein;", "Parent={t}", "Parent={t}",
        )),
        symbol="{sym}", utrs=True,
    ),
    "Araport": Form(
        gff3(
            "ID={g};Name={sym};locus_type=protein_coding", "ID={t};Parent={g};Name={t};product={product}",
            "ID={g}:CDS:{t}.{i};Parent={t};Name={g}:CDS:{i}", "ID={g}:exon:{t}.{i};Parent={t};Name={g}:exon:{i}",
            "ID={t}:{i};Parent={t}",
        ),
        symbol="{sym}", product=True, utrs=True,
    ),
    "BRAKER GTF": Form(
        gtf("{g}", "{t}", _AUGUSTUS, _AUGUSTUS), tag="{g}",
    ),
    "BRAKER GFF3": Form(
        gff3(
            "ID={g};", "ID={t};Parent={g};", "ID={t}.CDS{i};Parent={t};", "ID={t}.exon{i};Parent={t};",
            codons="Parent={t};",
        ),
    ),
    "AUGUSTUS GFF3": Form(
        gff3("ID={g}", "ID={t};Parent={g}", "ID={t}.cds;Parent={t}", "Parent={t}", types=("gene",
        "transcript"), codons="Parent={t}"),
    ),
    "GeneMark": Form(
        gtf(None, None, 'gene_id "{g}_g"; transcript_id "{t}_t";',
        'gene_id "{g}_g"; transcript_id "{t}_t"; cds_type "Internal";'),
        genes=False, tag="{g}_g",
    ),
    "MAKER": Form(
        gff3(
            "ID={g};Name={sym}", "ID={t}-mRNA;Parent={g};Name={t}-mRNA;_AED=0.01;_QI=0|1",
            "ID={t}-mRNA:cds;Parent={t}-mRNA", "ID={t}-mRNA:{i};Parent={t}-mRNA", "ID={t}-mRNA:{i};Parent={t}-mRNA",
        ),
        symbol="{sym}", utrs=True,
    ),
    "funannotate": Form(
        gff3(
            "ID={tag};Name={sym};", "ID={tag}-T{t};Parent={tag};product={product};",
            "ID={tag}-T{t}.cds;Parent={tag}-T{t};",
            "ID={tag}-T{t}.exon{i};Parent={tag}-T{t};",
        ),
        symbol="{sym}", product=True,
    ),
    "Helixer": Form(
        gff3(
            "ID={g}", "ID={t};Parent={g}", "ID={t}.CDS.{i};Parent={t}", "ID={t}.exon.{i};Parent={t}",
            "ID={t}.{i};Parent={t}",
        ),
        utrs=True,
    ),
    "StringTie": Form(
        gtf(
            None, 'gene_id "{g}"; transcript_id "{t}"; cov "2.5"; FPKM "1"; TPM "2";',
            'gene_id "{g}"; transcript_id "{t}"; exon_number "{i}"; cov "2.5";',
        ),
        genes=False, rna="misc_RNA", cds=False, tag="{g}",
    ),
    "UCSC": Form(
        gtf(
            None, None, 'gene_id "{g}"; transcript_id "{t}"; exon_number "{i}"; exon_id "{t}.{i}"; gene_name "{sym}";',
            'gene_id "{g}"; transcript_id "{t}"; exon_number "{i}"; exon_id "{t}.{i}"; gene_name "{sym}";',
        ),
        genes=False, symbol="{sym}", tag="{g}",
    ),
    "GenomeThreader": Form(
        gff3("ID={g}", "ID={t};Parent={g};Target=x 2 1068 +", "ID=CDS{t};Parent={t}", "Parent={t}"),
    ),
    "PASA, EVM": Form(
        gff3("ID={g};Name={sym}", "ID={t};Parent={g};Name={sym}", "ID=cds.{t};Parent={t}", "ID={t}.exon{i};Parent={t}"),
        symbol="{sym}",
    ),
    "Liftoff": Form(
        gff3(
            "ID={g};Name={sym};coverage=1.0;sequence_ID=1.0;extra_copy_number=0;copy_num_ID={g}_0",
            "ID={t};Parent={g};product={product};extra_copy_number=0", "ID=cds-{t};Parent={t};extra_copy_number=0",
            "ID=exon-{t}-{i};Parent={t};extra_copy_number=0",
        ),
        symbol="{sym}", product=True,
    ),
    "SGD": Form(
        gff3(
            "ID={g};Name={sym};Alias=x;Ontology_term=GO:0003674,SO:0000704;Note=a gene;display=a gene",
            "ID={t}_mRNA;Name={t}_mRNA;Parent={g}", "Parent={t}_mRNA;Name={t}_CDS", utr="Parent={t}_mRNA",
        ),
        symbol="{sym}", utrs=True,
    ),
    "VEuPathDB": Form(
        gff3(
            "ID={g};Name={sym};description=a gene;ebi_biotype=protein_coding",
            "ID={t};Parent={g};description=a gene;gene_ebi_biotype=protein_coding",
            "ID={t}-p1-CDS{i};Parent={t};gene_id={g};protein_source_id={t}-p1",
            "ID=exon_{t}-E{i};Parent={t};gene_id={g}",
            types=("protein_coding_gene", "mRNA"),
        ),
        symbol="{sym}", tag=None,
    ),
    "Rice MSU": Form(
        gff3(
            "ID={g};Name={g};Note=a%20gene", "ID={t};Name={t};Parent={g}", "ID={t}:cds_{i};Parent={t}",
            "ID={t}:exon_{i};Parent={t}", "ID={t}:{i};Parent={t}", phases=False,
        ),
        symbol="{g}", utrs=True,
    ),
    "GWH": Form(
        gff3(
            "ID={g};Accession=GWH1;Name={sym}", "ID={t};Parent={g};Accession=GWH2",
            "ID=CDS;Parent={t};Protein_Accession=GWH3",
            "ID=exon;Parent={t}",
        ),
        symbol="{sym}", flaws=frozenset({"shared_id"}),
    ),
    "gffread GTF": Form(
        gtf(
            None, 'transcript_id "{t}"; gene_id "{g}"; gene_name "{sym}"',
            'transcript_id "{t}"; gene_id "{g}"; gene_name "{sym}";',
            'transcript_id "{t}"; gene_id "{g}"; gene_name "{sym}";', codons=False,
        ),
        genes=False, symbol="{sym}", tag="{g}",
    ),
    "Excel": Form(
        lambda genes: [
            "\t".join([*text.split("\t")[:8], '"' + text.split("\t")[8].replace('"', '""') + '"'])
            for text in gtf(_ENSEMBL, _ENSEMBL_T, _ENSEMBL_T, _ENSEMBL_T)(genes)
        ],
        symbol="{sym}", tag="{tag}", flaws=frozenset({"quotes"}),
    ),
    "miniprot": Form(
        gff3(
            None, "ID={t};Rank=1;Identity=1.0000;Positive=1.0000;Target=rec1|gene0 1 76",
            "Parent={t};Rank=1;Identity=1.0000;Target=rec1|gene0 1 31",
        ),
        genes=False, untranslated=False,
    ),
    "Prokka": Form(
        gff3(None, None, "ID={tag};Name={sym};gene={sym};inference=Prodigal:2.6;locus_tag={tag};product={product}"),
        genes=False, rna=None, symbol="{sym}", tag="{tag}", product=True, prokaryotes=True,
    ),
    "Bakta": Form(
        gff3(
            "ID={tag}_gene;locus_tag={tag};gene={sym}", None,
            "ID={tag};Name={product};locus_tag={tag};product={product};Dbxref=COG:COG0593;gene={sym};Parent={tag}_gene",
        ),
        rna=None, symbol="{sym}", tag="{tag}", product=True, prokaryotes=True,
    ),
    "PGAP": Form(
        gff3(
            "ID=gene-{tag};Name={sym};gbkey=Gene;gene={sym};gene_biotype=protein_coding;locus_tag={tag}", None,
            "ID=cds-{tag};Parent=gene-{tag};gbkey=CDS;gene={sym};locus_tag={tag};product={product};transl_table=11",
        ),
        rna=None, symbol="{sym}", tag="{tag}", product=True, prokaryotes=True,
    ),
    "Prodigal": Form(
        gff3(None, None, "ID=1_{g};partial=00;start_type=ATG;rbs_motif=AGGAG;gc_cont=0.5;conf=99.99;score=9.9;"),
        genes=False, rna=None, prokaryotes=True,
    ),
    "RAST": Form(
        lambda genes: [
            line("CDS", *gene.span, gene.strand, "ID=fig|6.1.peg.1;Name={product}".format(**gene.named()), 1)
            .replace("\ttool\t", "\tFIG\t")
            .replace("peg.1", f"peg.{gene.number}")
            for gene in genes
        ],
        genes=False, rna=None, product=True, prokaryotes=True,
    ),
    "NCBI GTF of prokaryotes": Form(
        gtf(
            'gene_id "{tag}"; transcript_id ""; gbkey "Gene"; gene "{sym}"; locus_tag "{tag}";', None, None,
            'gene_id "{tag}"; transcript_id "unassigned_transcript_1"; gbkey "CDS"; gene "{sym}"; locus_tag "{tag}";'
            ' product "{product}"; protein_id "{p}"; exon_number "1";',
        ),
        rna=None, symbol="{sym}", tag="{tag}", product=True, prokaryotes=True,
    ),
}  # fmt: skip
