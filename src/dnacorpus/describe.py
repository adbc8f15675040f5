"""What a record says of itself, clause by clause, from its fields alone.

A clause is said only where its field says something. Nothing here knows a phrasing: `compose` has them.
"""

import re
from collections import Counter

from dnacorpus.claims import grouped, value
from dnacorpus.compose import Claim, Filling, Passage, join, phrase
from dnacorpus.context import KINDS, Context
from dnacorpus.sequence import gc_and_ambiguous
from dnacorpus.wording import cut, present

_SOURCE_ITEMS = {
    "organelle": "organelle",
    "chromosome": "chromosome",
    "plasmid": "plasmid",
    "segment": "segment",
    "strain": "strain",
    "isolate": "isolate",
    "cultivar": "cultivar",
    "serotype": "serotype",
    "haplotype": "haplotype",
    "host": "host",
    "isolation_source": "isolation_source",
    "tissue_type": "tissue_type",
    "geo_loc_name": "place",
    "country": "place",
    "collection_date": "collection_date",
}
"""Source qualifier to the ``item`` clause that tells it, in the order of telling."""
_TOLD_WITH_THEIR_KEY = ("chromosome", "plasmid", "segment")
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
        ("record.source", _record_source(context, told, key)),
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
    lineage = [taxon for taxon in context.record["lineage"] or [] if present(taxon)]
    if lineage:
        claims["lineage"] = [context.witness.verbatim(taxon, "lineage") for taxon in lineage]
    return claims


def _record_source(context: Context, told: str, key: str) -> dict[str, Filling]:
    items: list[Passage] = []
    source = context.source
    for name, item in _SOURCE_ITEMS.items() if source else ():
        text = value(source, name) if source else None
        if not source or not text or not present(text) or len(text) > 120:
            continue
        # /organelle="plastid:chloroplast" names the kind of plastid last
        text = text.rpartition(":")[2] if name == "organelle" else text
        if not _is_told(f"{name} {text}" if name in _TOLD_WITH_THEIR_KEY else text, told):
            items.append(phrase(f"item.{item}", key, {"value": context.witness.qualifier(source, name, text)}))
            told += f" {text}"
    return {"items": items} if items else {}


def _is_told(text: str, told: str) -> bool:
    stem = "mitochondri" if text == "mitochondrion" else text.lower()
    return re.search(rf"(?<!\w){re.escape(stem)}", told.lower()) is not None


def _record_contents(context: Context) -> dict[str, Filling]:
    found = Counter(feature["kind"] for feature in context.features)
    counts = [context.witness.count(found[kind], told.noun, told.plural) for kind, told in KINDS.items() if found[kind]]
    return {"counts": counts} if counts else {}


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
