"""What a record says of itself, clause by clause, from its fields alone.

A clause is said only where its field says something. Nothing here knows a phrasing: `compose` has them.
"""

import re
from collections import Counter
from collections.abc import Sequence

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import value
from dnacorpus.text.templates import Filling, join, phrase
from dnacorpus.text.wording import cut, present, present_name

_REPLICON_PARTS = ("chromosome", "segment", "organelle")
_SOURCE_ITEMS = (
    "sub_species", "strain", "sub_strain", "isolate", "clone", "cultivar", "breed", "ecotype", "biovar", "serovar",
    "serogroup", "serotype", "genotype", "haplotype", "specimen_voucher",
)  # fmt: skip
_ORIGINS = ("host", "tissue_type", "cell_type", "isolation_source")
"""Source qualifiers in the order of telling: what carries the sequence, whose it is, what was sampled."""
_TOLD_WITH_THEIR_KEY = ("chromosome", "plasmid", "segment", "clone")
_MOST_KINDS = 10
"""Kinds of features that a record counts one by one; more are summed up."""
_SUMMARY = re.compile(r"\bSummary:\s([^\[]+?)\.?\s+\[provided\s+by\s+RefSeq")
_ADMINISTRATIVE = re.compile(r"[A-Z0-9_:]+|RefSeq.*|MANE .*|TPA:.*|Third Party .*|[A-Z]{2} \d+.*|complete genome")


def describe_record(context: Context, key: str, sequence: bytes) -> ComposedText:
    """Say what a record is: title, molecule, organism, source, contents, links.

    ``sequence`` is the row's bases; ``key`` chooses the phrasings.
    """
    record, source = context.record, context.source
    title = cut(record["definition"].strip(), 400) if present(record["definition"]) else None
    told = title or ""
    passages = [phrase("record.title", key, _record_title(context, title))]
    passages.append(phrase("record.molecule", key, _record_molecule(context, len(sequence))))
    gc, _ = gc_and_ambiguous(sequence)
    if gc is not None:
        passages.append(phrase("record.gc", key, {"gc": source.computed(f"{100 * gc:.1f}")}))
    details = (
        ("record.organism", _record_organism(context, told)),
        ("record.plasmid", _record_plasmid(context, told)),
        ("record.replicon", _record_replicon(context, told, key)),
        ("record.source", _record_source(context, told, key)),
        ("record.sample", _record_sample(context, told, key)),
        ("record.contents", _record_contents(context)),
        ("record.summary", _record_summary(context)),
        ("record.keywords", _record_keywords(context)),
        ("record.links", _record_links(context, key)),
    )
    passages += [phrase(clause, key, claims) for clause, claims in details if claims]
    return join(passages)


def _record_title(context: Context, title: str | None) -> dict[str, Claim]:
    accession = {"accession": context.source.verbatim(context.record["accession"], "accession")}
    return accession | ({"definition": context.source.verbatim(title, "definition")} if title else {})


def _record_molecule(context: Context, length: int) -> dict[str, Claim]:
    record, source = context.record, context.source
    claims = {"length": source.computed(grouped(length))}
    topology = record["topology"]
    if topology == "circular":
        claims["topology"] = source.verbatim(topology, "topology")
    elif topology == "linear" and record["source"] == "gbff":
        # LOCUS lines of old records leave the word out: then it follows from what is not said. FASTA, and GTF and
        # most GFF3 beside it, say nothing of topology at all.
        claims["topology"] = source.annotation(topology, "topology")
    if present(record["molecule_type"]):
        claims["molecule"] = source.verbatim(record["molecule_type"], "molecule_type")
    return claims


def _record_organism(context: Context, told: str) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    if context.organism and context.organism["organism"].text.lower() not in told.lower():
        claims |= context.organism
    lineage = dict.fromkeys(taxon for taxon in context.record["lineage"] or [] if present(taxon))
    if lineage:
        claims["lineage"] = [context.source.verbatim(taxon, "lineage") for taxon in lineage]
    return claims


def _record_plasmid(context: Context, told: str) -> dict[str, Filling]:
    text = _source_text(context, "plasmid")
    if not text or not context.source_feature or not context.organism or text.lower() == "plasmid":
        return {}
    host: dict[str, Filling] = {"host": context.organism["organism"]}
    if _is_told(f"plasmid {text}", told):
        return host
    return host | {"plasmid": context.source.qualifier(context.source_feature, "plasmid", text)}


def _record_replicon(context: Context, told: str, key: str) -> dict[str, Filling]:
    parts: list[ComposedText] = []
    for name in _REPLICON_PARTS:
        text = _source_text(context, name)
        if not text or not context.source_feature:
            continue
        # /organelle="plastid:chloroplast" names the kind of plastid last
        text = text.rpartition(":")[2] if name == "organelle" else text
        if not _is_told(f"{name} {text}" if name in _TOLD_WITH_THEIR_KEY else text, told):
            parts.append(
                phrase(f"item.{name}", key, {"value": context.source.qualifier(context.source_feature, name, text)})
            )
    return {"parts": parts} if parts else {}


def _record_source(context: Context, told: str, key: str) -> dict[str, Filling]:
    items = _items(context, told, key, _SOURCE_ITEMS)
    return {"items": items} if items else {}


def _record_sample(context: Context, told: str, key: str) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    if origins := _items(context, told, key, _ORIGINS):
        claims["origin"] = origins
    for slot, names in (("place", ("geo_loc_name", "country")), ("date", ("collection_date",))):
        for name in names:
            text = _source_text(context, name)
            if text and context.source_feature and slot not in claims:
                claims[slot] = context.source.qualifier(context.source_feature, name, text)
    return claims


def _items(context: Context, told: str, key: str, names: Sequence[str]) -> list[ComposedText]:
    items: list[ComposedText] = []
    for name in names:
        text = _source_text(context, name)
        if (
            text
            and context.source_feature
            and not _is_told(f"{name} {text}" if name in _TOLD_WITH_THEIR_KEY else text, told)
        ):
            items.append(
                phrase(f"item.{name}", key, {"value": context.source.qualifier(context.source_feature, name, text)})
            )
            told += f" {text}"
    return items


def _source_text(context: Context, name: str) -> str | None:
    text = value(context.source_feature, name) if context.source_feature else None
    return text.rstrip(" .;,") if text and present_name(text) and len(text) <= 120 else None


def _is_told(text: str, told: str) -> bool:
    stem = "mitochondri" if text == "mitochondrion" else text.lower()
    return re.search(rf"(?<!\w){re.escape(stem)}", told.lower()) is not None


def _record_contents(context: Context) -> dict[str, Filling]:
    found = Counter(feature["kind"] for feature in context.features)
    counts = [context.source.count(found[kind], told.noun, told.plural) for kind, told in KINDS.items() if found[kind]]
    if len(counts) <= _MOST_KINDS:
        return {"counts": counts} if counts else {}
    total = sum(found.values()) - found["source"]
    return {"counts": counts[:_MOST_KINDS], "total": context.source.count(total, "feature", "features")}


def _record_summary(context: Context) -> dict[str, Claim]:
    found = _SUMMARY.search(context.record["comment"] or "")
    summary = cut(" ".join(found[1].split()), 1000) if found else None
    return {"summary": context.source.normalised(summary, "comment")} if summary else {}


def _record_keywords(context: Context) -> dict[str, Filling]:
    words = [word for word in context.record["keywords"] or [] if present(word) and not _ADMINISTRATIVE.fullmatch(word)]
    claims = [context.source.verbatim(word, "keywords") for word in words[:10]]
    if not claims:
        return {}
    return {"keywords": claims} if len(claims) > 1 else {"keyword": claims[0]}


def _record_links(context: Context, key: str) -> dict[str, Filling]:
    record, links = context.record, list[ComposedText]()
    for name, shown in (("assembly", "Assembly"), ("bioproject", "BioProject"), ("biosample", "BioSample")):
        text = record[name]
        if present(text):
            held = [c["key"] for c in record["structured_comment"] or [] if name == "assembly" and text in c["value"]]
            field = f"structured_comment/{held[0]}" if held else f"dblink/{shown}"
            links.append(phrase(f"link.{name}", key, {"value": context.source.verbatim(text.strip(), field)}))
    return {"links": links} if links else {}
