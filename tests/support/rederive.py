"""Checks a pair against the record as Biopython reads it, with no code of the package."""

import importlib.resources
import itertools
import re
import string
import tomllib
from functools import cache
from typing import Any

from Bio.Data import CodonTable
from Bio.Seq import Seq
from Bio.SeqFeature import SeqFeature
from Bio.SeqRecord import SeqRecord
from support.rederive_qa import answer_problems, base_numbers, follows_in_qa
from support.rederive_windows import follows_on_window

NOUNS = {
    "coding sequence": "CDS", "non-coding RNA": "ncRNA", "other RNA": "misc_RNA", "RNA": "misc_RNA",
    "precursor RNA": "precursor_RNA", "mature peptide": "mat_peptide", "signal peptide": "sig_peptide",
    "mobile element": "mobile_element", "repeat region": "repeat_region", "regulatory element": "regulatory",
    "replication origin": "rep_origin", "long terminal repeat": "LTR",
    "transit peptide": "transit_peptide", "primary transcript": "prim_transcript",
    "5' untranslated region": "5'UTR", "3' untranslated region": "3'UTR", "variable region": "V_region",
    "constant region": "C_region", "N region": "N_region", "switch region": "S_region",
    "variable segment": "V_segment", "diversity segment": "D_segment", "joining segment": "J_segment",
    "repeat unit": "repeat_unit", "satellite repeat": "satellite", "ribosome binding site": "RBS",
    "-10 signal": "-10_signal", "-35 signal": "-35_signal", "CAAT signal": "CAAT_signal", "GC signal": "GC_signal",
    "TATA signal": "TATA_signal", "polyA signal": "polyA_signal", "miscellaneous signal": "misc_signal",
    "protein binding site": "protein_bind", "primer binding site": "primer_bind", "binding site": "misc_binding",
    "transfer origin": "oriT", "stem-loop": "stem_loop", "structural element": "misc_structure",
    "recombination site": "misc_recomb", "intervening DNA": "iDNA", "stretches of intervening DNA": "iDNA",
    "miscellaneous feature": "misc_feature",
}  # fmt: skip


def problems(pair: dict[str, Any], record: SeqRecord, papers: dict[int, dict[str, Any]] | None = None) -> list[str]:
    """Return what is wrong with a pair's sequence, spans and evidence; empty if all of it is rederived.

    ``papers`` holds title, journal, year, abstract and license of each PMID, read independently of the package.
    """
    text, found = pair["text"], []
    if pair["sequence"] != bases(pair, record):
        found.append(f"sequence is not that of {pair['accession']}, feature {pair['feature_index']}")
    covered = [False] * len(text)
    for span in pair["evidence"]:
        shown = text[span["start"] : span["end"]]
        if span["source"].startswith("PMID:"):
            found += paper_problems(shown, span, pair, papers or {})
        elif not shown or span["source"] != record.id or span["license"] != "LicenseRef-NCBI":
            found.append(f"span {span} shows {shown!r}")
        elif not supported(shown, span["field"], span["how"], pair, record):
            found.append(f"{shown!r} does not follow from {span['field']} ({span['how']})")
        covered[span["start"] : span["end"]] = [True] * len(shown)
    if pair["kind"] == "qa":
        found += answer_problems(pair, record)
    gaps = "".join("\0" if inside else character for character, inside in zip(text, covered, strict=True))
    found += [f"literal {gap!r}" for gap in re.split("\0+", gaps) if gap and not is_literal(gap)]
    return found


def paper_problems(
    shown: str, span: dict[str, Any], pair: dict[str, Any], papers: dict[int, dict[str, Any]]
) -> list[str]:
    pmid = int(span["source"].removeprefix("PMID:"))
    paper = papers.get(pmid, {})
    verbatim = shown and span["how"] == "verbatim" and shown in paper_value(span["field"], paper)
    whole = span["field"] != "abstract" or shown == paper.get("abstract")
    if verbatim and whole and pair["pmids"] == [pmid] and span["license"] == paper.get("license"):
        return []
    return [f"{shown[:80]!r} is not {span['field']} of {span['source']} under {paper.get('license')}: {span}"]


def paper_value(field: str, paper: dict[str, Any]) -> str:
    if path := re.fullmatch(r"passages\[(\d+)\](/section)?", field):
        passage = paper["passages"][int(path[1])]
        return passage["section"].split(" > ")[-1] if path[2] else passage["text"]
    return str(paper.get(field))


def bases(pair: dict[str, Any], record: SeqRecord) -> str:
    if pair["kind"] == "record":
        return str(record.seq).upper()
    if pair["kind"] in ("window", "qa"):
        return str(record.seq[pair["start"] : pair["end"]]).upper()
    if pair["kind"] == "paper":
        return str(record.seq[: pair["end"]]).upper()
    feature = record.features[pair["feature_index"]]
    pieces = [record.seq[int(part.start) : int(part.end)] for part in feature.location.parts]
    strands = [part.strand for part in feature.location.parts]
    return "".join(
        str(piece.reverse_complement() if strand == -1 else piece)
        for piece, strand in zip(pieces, strands, strict=True)
    ).upper()


def supported(shown: str, field: str, how: str, pair: dict[str, Any], record: SeqRecord) -> bool:
    if field == "references":
        return shown in [reference.pubmed_id for reference in record.annotations.get("references", [])]
    if how == "verbatim":
        return any(shown in value for value in field_values(field, record))
    if how == "normalised":
        return any(squeezed(shown) in squeezed(value) for value in field_values(field, record))
    if how == "sequence" or pair["kind"] == "qa":
        numbers = field == "sequence" and shown in base_numbers(pair["sequence"])
        return numbers or (pair["kind"] == "qa" and follows_in_qa(shown, field, how, record))
    if pair["kind"] == "window" and (field in ("span", "length", "span/features") or field.endswith("/location")):
        return how == "annotation" and follows_on_window(shown, field, pair, record, NOUNS)
    return how == "annotation" and follows(shown, field, record)


def squeezed(text: str) -> str:
    return re.sub(r"[\s,_]", "", text).lower()


def field_values(field: str, record: SeqRecord) -> list[str]:
    head, _, key = field.partition("/")
    plain = {"definition": record.description, "accession": record.id}
    annotations = {
        "organism": "organism",
        "molecule_type": "molecule_type",
        "topology": "topology",
        "comment": "comment",
    }
    if field in plain:
        return [plain[field]]
    if field in annotations:
        return [str(record.annotations.get(field, ""))]
    if field in ("lineage", "keywords"):
        return list(record.annotations["taxonomy" if field == "lineage" else field])
    if head == "dblink":
        return [link.partition(":")[2] for link in record.dbxrefs if link.startswith(f"{key}:")]
    if head == "structured_comment":
        blocks = record.annotations.get("structured_comment", {}).values()
        return [block[key] for block in blocks if key in block]
    feature = feature_of(head, record)
    return [feature.type] if key == "kind" else [str(value) for value in feature.qualifiers.get(key, [])]


def feature_of(head: str, record: SeqRecord) -> SeqFeature:
    return record.features[int(re.fullmatch(r"features\[(\d+)\]", head)[1])]


def follows(shown: str, field: str, record: SeqRecord) -> bool:
    head, _, key = field.partition("/")
    if field == "features":
        number, _, noun = shown.partition(" ")
        singular = noun if number == "1" else noun.removesuffix("s")
        kind = NOUNS.get(singular, singular)
        if kind == "feature":
            return number.replace(",", "") == str(sum(feature.type != "source" for feature in record.features))
        return number.replace(",", "") == str(sum(feature.type == kind for feature in record.features))
    if field == "topology":
        return shown == record.annotations.get("topology", "linear")
    return follows_from_feature(shown, key, feature_of(head, record), record)


def follows_from_feature(shown: str, key: str, feature: SeqFeature, record: SeqRecord) -> bool:
    if key == "kind":
        return NOUNS.get(shown, shown) == feature.type
    if key == "location":
        return shown in location_words(feature, len(record.seq))
    if key == "mat_peptide":
        return shown == f"{peptides_within(feature, record):,} mature peptides"
    if key == "experiment":
        return shown == "encodes" and has_experiment(feature)
    return key in feature.qualifiers and shown in qualifier_words(key, shown, feature)


def peptides_within(feature: SeqFeature, record: SeqRecord) -> int:
    """Count the distinct mature peptides within the exons and in the frame of a coding sequence."""
    exons = [list(part) for part in feature.location.parts]  # base by base, in transcript order
    coding = [(base, exon) for exon, bases in enumerate(exons) for base in bases]
    strand = feature.location.strand
    first_codon = int(feature.qualifiers.get("codon_start", ["1"])[0]) - 1
    found = set()
    for other in record.features:
        if other.type != "mat_peptide" or other.location is None or other.location.strand != strand:
            continue
        pieces = [tuple(part) for part in other.location.parts]
        holders = [{n for n, exon in enumerate(exons) if set(piece) <= set(exon)} for piece in pieces]
        places = [n for n, (base, exon) in enumerate(coding) if base == pieces[0][0] and exon in holders[0]]
        if all(holders) and any(place == 0 or (place - first_codon) % 3 == 0 for place in places):
            found.add(tuple(pieces))
    return len(found)


def has_experiment(feature: SeqFeature) -> bool:
    """Return whether an experiment that is no inference supports a product whose name is not hedged."""
    experiments = [text for text in feature.qualifiers.get("experiment", []) if not re.search("inference", text, re.I)]
    words = re.findall(r"[a-z]+", feature.qualifiers.get("product", [""])[0].lower())
    hedges = {"putative", "probable", "possible", "predicted"}
    unknown = {"hypothetical", "uncharacterized", "uncharacterised", "unknown", "unnamed"}
    last = feature.qualifiers.get("product", [""])[0].lower().rpartition(", ")[2]
    known = [word for word in words if word not in hedges | {"conserved"}]
    return bool(any(experiments) and known) and known[0] not in unknown and not hedges & {words[0], last}


def qualifier_words(key: str, shown: str, feature: SeqFeature) -> set[str]:
    """Return the texts that follow from a qualifier; a genetic code's name in the word order of ``shown``."""
    values = [str(value) for value in feature.qualifiers[key]]
    flags = {
        "pseudo": "pseudogene",
        "ribosomal_slippage": "ribosomal slippage", "trans_splicing": "trans-splicing",
    }  # fmt: skip
    if key in flags:
        return {flags[key]}
    if key == "transl_table":
        named = set(shown.lower().replace(",", "").split()) - {"and"} == code_words(int(values[0]))
        return {shown} if named else set()
    if key == "anticodon":
        return {found[1].upper().replace("T", "U") for value in values if (found := re.search(r"seq:(\w+)", value))}
    if key == "pseudogene":
        return {"pseudogene"} | {
            f"{value} pseudogene" for value in values if value in ("processed", "unprocessed", "unitary", "allelic")
        }
    if key == "translation":
        return {f"{sum(map(str.isalpha, value)):,} amino acids" for value in values}
    return recoded_words(values) if key == "transl_except" else set()


def recoded_words(values: list[str]) -> set[str]:
    words = set()
    names = {"Sec": "selenocysteine", "Pyl": "pyrrolysine", "TERM": "a stop"}
    for residue, name in names.items():
        sites = [value for value in values if re.search(rf"aa:\s*{residue}\b", value, re.IGNORECASE)]
        spans = [[int(number) for number in re.findall(r"\d+", site.partition(",aa")[0])] for site in sites]
        whole = sum(span[-1] - span[0] == 2 for span in spans)
        for number, noun in ((whole, "codon"), (len(sites) - whole, "partial codon")):
            if number:
                words |= {name, f"{number:,} {noun}{'s' if number > 1 else ''}"}
    return words


def code_words(number: int) -> set[str]:
    """Return the words of Biopython's names of a genetic code."""
    names = CodonTable.unambiguous_dna_by_id[number].names
    return {word.lower() for name in names if name and not name.startswith("SGC") for word in name.split()}


def location_words(feature: SeqFeature, length: int) -> set[str]:
    parts = feature.location.parts
    ordered = parts if feature.location.strand != -1 else parts[::-1]
    wraps = sum(int(left.end) == length and int(right.start) == 0 for left, right in itertools.pairwise(ordered))
    numbers = {f"{int(part.start) + 1:,}" for part in parts} | {f"{int(part.end):,}" for part in parts}
    words = numbers | {str(len(parts) - wraps) if len(parts) - wraps > 1 else ""}
    words.add({1: "forward strand", -1: "reverse strand"}.get(feature.location.strand, "both strands"))
    words |= {"spans the origin"} if wraps else set()
    before = any("Before" in type(edge).__name__ for part in parts for edge in (part.start, part.end))
    after = any("After" in type(edge).__name__ for part in parts for edge in (part.start, part.end))
    if before and after:
        words.add("incomplete at both ends")
    elif before or after:
        five = before == (feature.location.strand == 1)
        words.add("incomplete" if feature.location.strand is None else f"incomplete at the {5 if five else 3}' end")
    return words


@cache
def template_literals() -> list[str]:
    """Every literal of the template file, also without a full stop that an abbreviation replaces."""
    data = tomllib.loads(
        importlib.resources.files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8")
    )
    texts = [text for clause in data["clause"].values() for text in clause["phrasings"]]
    runs = {literal for text in texts for literal, *_ in string.Formatter().parse(text)} | set(data["joints"].values())
    return sorted((runs | {run[1:] for run in runs if run.startswith(".")}) - {""}, key=len, reverse=True)


@cache
def _literal_pattern() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(re.escape(run) for run in template_literals()) + ")+")


@cache
def is_literal(gap: str) -> bool:
    return _literal_pattern().fullmatch(gap) is not None and not re.search(r"\d", gap)


def reverse_complement(sequence: str) -> str:
    return str(Seq(sequence).reverse_complement())
