"""Feature keys and qualifiers of a flat file for the types and attributes of GFF3 and GTF.

Sources: NCBI's README_GFF3 for its types and attributes, the Sequence Ontology for those of others, the INSDC Feature
Table Definition for flat files. docs/annotation.md describes the mapping.
"""

import re

from dnacorpus.formats.genbank.features import Qualifiers

_KEY = re.compile(r"[A-Za-z0-9_'*-]{1,40}")
_GENE = re.compile(r"(?!pseudogenic_).*(?:_gene|pseudogene)")  # types of genes in the Sequence Ontology
_PROTEIN_PARTS = (
    ("signal_peptide", "sig_peptide"),
    ("transit_peptide", "transit_peptide"),
    ("propeptide", "propeptide"),
    ("", "mat_peptide"),
)
_GBKEYS = {"Gene": "gene", "Src": "source", "Region": "misc_feature", "Site": "misc_feature", "Bond": "misc_feature"}
_NCRNA_CLASSES = {
    **{
        name: name
        for name in (
            "antisense_RNA autocatalytically_spliced_intron circRNA guide_RNA hammerhead_ribozyme miRNA piRNA rasiRNA"
            " ribozyme RNase_MRP_RNA RNase_P_RNA scRNA scaRNA siRNA snoRNA snRNA SRP_RNA telomerase_RNA vault_RNA Y_RNA"
        ).split()
    },
    **dict.fromkeys(("lnc_RNA", "lncRNA", "lincRNA"), "lncRNA"),
    "ncRNA": "other",
}
_TYPES = {
    "protein_coding": "mRNA",
    "transcript": "misc_RNA",
    "pseudogenic_transcript": "misc_RNA",
    "primary_transcript": "precursor_RNA",
    "five_prime_UTR": "5'UTR",
    "five_prime_utr": "5'UTR",
    "5UTR": "5'UTR",
    "three_prime_UTR": "3'UTR",
    "three_prime_utr": "3'UTR",
    "3UTR": "3'UTR",
    "long_terminal_repeat": "repeat_region",
    "LTR": "repeat_region",
    "direct_repeat": "repeat_region",
    "inverted_repeat": "repeat_region",
    "tandem_repeat": "repeat_region",
    "mobile_genetic_element": "mobile_element",
    "transposable_element": "mobile_element",
    "CRISPR": "repeat_region",
    "origin_of_replication": "rep_origin",
    "oriC": "rep_origin",
    "oriV": "rep_origin",
    "signal_peptide": "sig_peptide",
    "regulatory_region": "regulatory",
    "origin_of_transfer": "oriT",
    "primer_binding_site": "primer_bind",
    "protein_binding_site": "protein_bind",
    "sequence_difference": "misc_difference",
    "sequence_uncertainty": "unsure",
    "sequence_alteration": "variation",
    "sequence_variant": "variation",
    "polyA_site": "polyA_site",
}
_REGULATORY = frozenset(
    "attenuator CAAT_signal DNase_I_hypersensitive_site enhancer GC_signal insulator locus_control_region"
    " minus_35_signal minus_10_signal polyA_signal_sequence promoter ribosome_entry_site riboswitch silencer TATA_box"
    " terminator".split()
)
_SAME = frozenset(
    "gene CDS mRNA tRNA rRNA tmRNA exon intron assembly_gap gap centromere D-loop operon repeat_region rep_origin"
    " misc_feature misc_RNA misc_binding misc_recomb misc_structure modified_base ncRNA oriT polyA_site precursor_RNA"
    " stem_loop STS telomere unsure variation mat_peptide sig_peptide transit_peptide propeptide".split()
)

STRUCTURE = frozenset(
    "ID id parent Name Target Gap Derives_from gbkey gene_biotype transcript_biotype gene_id exon_number exonNumber tag"
    " part partial is_ordered Is_circular start_range end_range pseudo codon_start old-name gb-acronym"
    " Ontology_term".split()
)
"""Attributes that give no qualifier themselves: they link lines, or repeat a column or the location."""
MANY = frozenset(
    "Dbxref db_xref Note note Ontology_term inference experiment gene_synonym old_locus_tag go_function"
    " go_process go_component exception eC_number ec_number".split()
)
"""GFF3 attributes in which commas separate values; in others a comma is part of the value, escaped or not."""
NOTES = frozenset("Note note description model_evidence".split())
"""Attributes whose values a flat file joins in one /note, separated by semicolons."""
_RENAMED = {
    "Dbxref": "db_xref",
    "eC_number": "EC_number",
    "ec_number": "EC_number",
    "gene_name": "gene",
    "nat-host": "host",
    "plasmid-name": "plasmid",
}
_NO_TRANSCRIPT = ("unassigned_transcript_", "unknown_transcript_")  # NCBI's GTF, of genes without a transcript
_EXCEPTIONS = {"trans-splicing": "trans_splicing", "ribosomal slippage": "ribosomal_slippage"}
_BARE = frozenset(
    "environmental_sample focus germline macronuclear metagenomic proviral rearranged ribosomal_slippage"
    " trans_splicing transgenic".split()
)
_ORGANELLES = {
    "mitochondrion": "mitochondrion",
    "kinetoplast": "mitochondrion:kinetoplast",
    "chloroplast": "plastid:chloroplast",
    "chromoplast": "plastid:chromoplast",
    "apicoplast": "plastid:apicoplast",
    "leucoplast": "plastid:leucoplast",
    "proplastid": "plastid:proplastid",
    "cyanelle": "plastid:cyanelle",
    "plastid": "plastid",
    "nucleomorph": "nucleomorph",
    "hydrogenosome": "hydrogenosome",
    "chromatophore": "chromatophore",
}
_COPIES = ("genbank:", "refseq:", "ncbi_gp:")  # cross-references that repeat protein_id or transcript_id


def kind_of(feature_type: str, gbkey: str | None) -> str:
    """Return the feature key of a flat file for column 3 and NCBI's gbkey attribute, if there is one."""
    if gbkey == "Prot":
        return next(key for start, key in _PROTEIN_PARTS if feature_type.startswith(start))
    if gbkey and _KEY.fullmatch(gbkey):
        return _GBKEYS.get(gbkey, gbkey)
    if feature_type in _SAME:
        return feature_type
    if feature_type in _NCRNA_CLASSES:
        return "ncRNA"
    if _GENE.fullmatch(feature_type):
        return "gene"
    return _TYPES.get(feature_type) or ("regulatory" if feature_type in _REGULATORY else "misc_feature")


def rna_class(feature_type: str) -> str | None:
    """Return the /ncRNA_class of a type of column 3, or None."""
    return _NCRNA_CLASSES.get(feature_type)


def regulatory_class(feature_type: str) -> str | None:
    """Return the /regulatory_class of a type of column 3, or None."""
    return feature_type if feature_type in _REGULATORY else None


def qualifiers_for(kind: str, key: str, values: list[str]) -> Qualifiers:
    """Return the qualifiers of a flat file for an attribute of a feature with key ``kind``; [] if there are none."""
    if key.startswith("go_"):
        return [(f"GO_{key[3:]}", _gene_ontology(value)) for value in values]
    if key == "exception":
        return [(_EXCEPTIONS[value], None) if value in _EXCEPTIONS else (key, value) for value in values]
    if key == "genome" and kind == "source":
        return [("organelle", _ORGANELLES[value]) for value in values if value in _ORGANELLES]
    if key == "transcript_id" and (kind in ("CDS", "gene") or values[0].startswith(_NO_TRANSCRIPT)):
        return []
    key = _RENAMED.get(key, key.replace("-", "_"))
    if key == "db_xref":
        values = [value for value in values if not value.lower().startswith(_COPIES)]
    if key in _BARE and values == ["true"]:
        return [(key, None)]
    return [(key, value) for value in values if value]


def _gene_ontology(value: str) -> str:
    name, identifier, pmid, evidence = (*value.split("|"), "", "", "")[:4]
    text = f"GO:{identifier} - {name}" if identifier else name
    return text + (f" [Evidence {evidence}]" if evidence else "") + (f" [PMID {pmid}]" if pmid else "")
