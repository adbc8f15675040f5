"""What a record says of itself, clause by clause, from its fields alone.

A clause is said only where its field says something. Nothing here knows a phrasing: `compose` has them.
"""

import re
from collections import Counter
from collections.abc import Sequence

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.text.claims import grouped, value
from dnacorpus.text.templates import Claim, Filling, Passage, join, phrase
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


def describe_record(context: Context, key: str, sequence: bytes) -> Passage:
    """Say what a record is: title, molecule, organism, source, contents, links.

    ``sequence`` is the row's bases; ``key`` chooses the phrasings.
    """
    record, witness = context.record, context.witness
    title = cut(record["definition"].strip(), 400) if present(record["definition"]) else None
    told = title or ""
    passages = [phrase("record.title", key, _record_title(context, title))]
    passages.append(phrase("record.molecule", key, _record_molecule(context, len(sequence))))
    gc, _ = gc_and_ambiguous(sequence)
    if gc is not None:
        passages.append(phrase("record.gc", key, {"gc": witness.computed(f"{100 * gc:.1f}")}))
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
    accession = {"accession": context.witness.verbatim(context.record["accession"], "accession")}
    return accession | ({"definition": context.witness.verbatim(title, "definition")} if title else {})


def _record_molecule(context: Context, length: int) -> dict[str, Claim]:
    record, witness = context.record, context.witness
    claims = {"length": witness.computed(grouped(length))}
    topology = record["topology"]
    if topology == "circular":
        claims["topology"] = witness.verbatim(topology, "topology")
    elif topology == "linear" and record["source"] == "gbff":
        # LOCUS lines of old records leave the word out: then it follows from what is not said. FASTA, and GTF and
        # most GFF3 beside it, say nothing of topology at all.
        claims["topology"] = witness.annotation(topology, "topology")
    if present(record["molecule_type"]):
        claims["molecule"] = witness.verbatim(record["molecule_type"], "molecule_type")
    return claims


def _record_organism(context: Context, told: str) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    if context.organism and context.organism["organism"].text.lower() not in told.lower():
        claims |= context.organism
    lineage = dict.fromkeys(taxon for taxon in context.record["lineage"] or [] if present(taxon))
    if lineage:
        claims["lineage"] = [context.witness.verbatim(taxon, "lineage") for taxon in lineage]
    return claims


def _record_plasmid(context: Context, told: str) -> dict[str, Filling]:
    text = _source_text(context, "plasmid")
    if not text or not context.source or not context.organism or text.lower() == "plasmid":
        return {}
    host: dict[str, Filling] = {"host": context.organism["organism"]}
    if _is_told(f"plasmid {text}", told):
        return host
    return host | {"plasmid": context.witness.qualifier(context.source, "plasmid", text)}


def _record_replicon(context: Context, told: str, key: str) -> dict[str, Filling]:
    parts: list[Passage] = []
    for name in _REPLICON_PARTS:
        text = _source_text(context, name)
        if not text or not context.source:
            continue
        # /organelle="plastid:chloroplast" names the kind of plastid last
        text = text.rpartition(":")[2] if name == "organelle" else text
        if not _is_told(f"{name} {text}" if name in _TOLD_WITH_THEIR_KEY else text, told):
            parts.append(phrase(f"item.{name}", key, {"value": context.witness.qualifier(context.source, name, text)}))
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
            if text and context.source and slot not in claims:
                claims[slot] = context.witness.qualifier(context.source, name, text)
    return claims


def _items(context: Context, told: str, key: str, names: Sequence[str]) -> list[Passage]:
    items: list[Passage] = []
    for name in names:
        text = _source_text(context, name)
        if text and context.source and not _is_told(f"{name} {text}" if name in _TOLD_WITH_THEIR_KEY else text, told):
            items.append(phrase(f"item.{name}", key, {"value": context.witness.qualifier(context.source, name, text)}))
            told += f" {text}"
    return items


def _source_text(context: Context, name: str) -> str | None:
    text = value(context.source, name) if context.source else None
    return text.rstrip(" .;,") if text and present_name(text) and len(text) <= 120 else None


def _is_told(text: str, told: str) -> bool:
    stem = "mitochondri" if text == "mitochondrion" else text.lower()
    return re.search(rf"(?<!\w){re.escape(stem)}", told.lower()) is not None


def _record_contents(context: Context) -> dict[str, Filling]:
    found = Counter(feature["kind"] for feature in context.features)
    counts = [context.witness.count(found[kind], told.noun, told.plural) for kind, told in KINDS.items() if found[kind]]
    if len(counts) <= _MOST_KINDS:
        return {"counts": counts} if counts else {}
    total = sum(found.values()) - found["source"]
    return {"counts": counts[:_MOST_KINDS], "total": context.witness.count(total, "feature", "features")}


def _record_summary(context: Context) -> dict[str, Claim]:
    found = _SUMMARY.search(context.record["comment"] or "")
    summary = cut(" ".join(found[1].split()), 1000) if found else None
    return {"summary": context.witness.normalised(summary, "comment")} if summary else {}


def _record_keywords(context: Context) -> dict[str, Filling]:
    words = [word for word in context.record["keywords"] or [] if present(word) and not _ADMINISTRATIVE.fullmatch(word)]
    claims = [context.witness.verbatim(word, "keywords") for word in words[:10]]
    if not claims:
        return {}
    return {"keywords": claims} if len(claims) > 1 else {"keyword": claims[0]}


def _record_links(context: Context, key: str) -> dict[str, Filling]:
    record, links = context.record, list[Passage]()
    for name, shown in (("assembly", "Assembly"), ("bioproject", "BioProject"), ("biosample", "BioSample")):
        text = record[name]
        if present(text):
            held = [c["key"] for c in record["structured_comment"] or [] if name == "assembly" and text in c["value"]]
            field = f"structured_comment/{held[0]}" if held else f"dblink/{shown}"
            links.append(phrase(f"link.{name}", key, {"value": context.witness.verbatim(text.strip(), field)}))
    return {"links": links} if links else {}
