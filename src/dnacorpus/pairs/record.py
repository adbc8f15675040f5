"""The text about a whole record, clause by clause, from its fields alone.

A clause is written only if its field is informative. The phrasings are in ``templates.toml``.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.text.claims import ClaimSource, grouped
from dnacorpus.text.compose import Filling, join
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import value
from dnacorpus.text.wording import cut, present, present_name, present_title

_REPLICON_PARTS = ("chromosome", "segment", "organelle")
_SOURCE_ITEMS = (
    "sub_species", "strain", "sub_strain", "isolate", "clone", "cultivar", "breed", "ecotype", "biovar", "serovar",
    "serogroup", "serotype", "genotype", "haplotype", "specimen_voucher",
)  # fmt: skip
_ORIGINS = ("host", "tissue_type", "cell_type", "isolation_source")
"""Source qualifiers in the order of the text: the replicon, the organism's strain, the sample."""
_SHOWN_WITH_KEY = ("chromosome", "plasmid", "segment", "clone")
_MOST_KINDS = 10
"""Kinds of features that a record's text counts one by one; for the others there is a total."""
_SUMMARY = re.compile(r"\bSummary:\s(.+)", re.DOTALL)
_BY_REFSEQ = re.compile(r"provided\s+by\s+RefSeq")
_ADMINISTRATIVE = re.compile(r"[A-Z0-9_:]+|RefSeq.*|MANE .*|TPA:.*|Third Party .*|[A-Z]{2} \d+.*|complete genome")


def describe_record(context: Context, key: str) -> ComposedText:
    """Return the text about a record: title, molecule, organism, source, contents, links.

    ``key`` chooses the phrasings.
    """
    record, source = context.record, context.source
    definition = cut(record["definition"].strip(), 400) if present_title(record["definition"]) else None
    title = definition or ""
    texts = [
        context.phrase("record.title", key, _record_title(source, definition)),
        context.phrase("record.molecule", key, _record_molecule(context)),
    ]
    gc, _ = gc_and_ambiguous(context.sequence)
    if gc is not None:
        texts.append(context.phrase("record.gc", key, {"gc": source.computed(f"{100 * gc:.1f}")}))
    details = (
        ("record.organism", _record_organism(context, title)),
        ("record.plasmid", _record_plasmid(context, title)),
        ("record.replicon", _record_replicon(context, title, key)),
        ("record.source", _record_source(context, title, key)),
        ("record.sample", _record_sample(context, title, key)),
        ("record.contents", _record_contents(context)),
        ("record.summary", _record_summary(context)),
        ("record.keywords", _record_keywords(context)),
        ("record.links", _record_links(context, key)),
    )
    texts += [context.phrase(clause, key, claims) for clause, claims in details if claims]
    return join(texts)


def _record_title(source: ClaimSource, definition: str | None) -> dict[str, Claim]:
    claims = {"accession": source.verbatim(source.accession, "accession")}
    if definition:
        claims["definition"] = source.verbatim(definition, "definition")
    return claims


def _record_molecule(context: Context) -> dict[str, Claim]:
    record, source = context.record, context.source
    claims = {"length": source.computed(grouped(len(context.sequence)))}
    topology = record["topology"]
    if topology == "circular":
        claims["topology"] = source.verbatim(topology, "topology")
    elif topology == "linear" and record["source"] in ("gbff", "embl"):
        # LOCUS lines of old records leave out "linear", so it follows from the absence of "circular". FASTA, and GTF
        # and most GFF3 beside it, do not state the topology at all.
        claims["topology"] = source.annotation(topology, "topology")
    if present(record["molecule_type"]):
        claims["molecule"] = source.verbatim(record["molecule_type"], "molecule_type")
    return claims


def _record_organism(context: Context, title: str) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    if context.organism and context.organism["organism"].text.lower() not in title.lower():
        claims |= context.organism
    lineage = dict.fromkeys(taxon for taxon in context.record["lineage"] or [] if present(taxon))
    if not context.organism and list(lineage) == ["Unclassified"]:  # Prokka writes it below its placeholder
        lineage = {}
    if lineage:
        claims["lineage"] = [context.source.verbatim(taxon, "lineage") for taxon in lineage]
    return claims


def _record_plasmid(context: Context, title: str) -> dict[str, Claim]:
    plasmid = _source_claim(context, "plasmid")
    if plasmid is None or not context.organism or plasmid.text.lower() == "plasmid":
        return {}
    host = {"host": context.organism["organism"]}
    return host if _is_in(f"plasmid {plasmid.text}", title) else host | {"plasmid": plasmid}


def _record_replicon(context: Context, title: str, key: str) -> dict[str, Filling]:
    parts: list[ComposedText] = []
    for name in _REPLICON_PARTS:
        claim = _source_claim(context, name)
        if claim and not _is_in(_shown(name, claim), title):
            parts.append(context.phrase(f"item.{name}", key, {"value": claim}))
    return {"parts": parts} if parts else {}


def _record_source(context: Context, title: str, key: str) -> dict[str, Filling]:
    items = _items(context, title, key, _SOURCE_ITEMS)
    return {"items": items} if items else {}


def _record_sample(context: Context, title: str, key: str) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    if origins := _items(context, title, key, _ORIGINS):
        claims["origin"] = origins
    for slot, names in (("place", ("geo_loc_name", "country")), ("date", ("collection_date",))):
        for name in names:
            claim = _source_claim(context, name)
            if claim and slot not in claims:
                claims[slot] = claim
    return claims


def _items(context: Context, title: str, key: str, names: Sequence[str]) -> list[ComposedText]:
    """Return a text for each source qualifier that neither the title nor an item before it contains."""
    items: list[ComposedText] = []
    before = title
    for name in names:
        claim = _source_claim(context, name)
        if claim and not _is_in(_shown(name, claim), before):
            items.append(context.phrase(f"item.{name}", key, {"value": claim}))
            before += f" {claim.text}"
    return items


def _source_claim(context: Context, name: str) -> Claim | None:
    """Claim a qualifier of the source feature, of up to 120 characters, if it names something."""
    feature = context.source_feature
    text = value(feature, name) if feature else None
    if feature is None or not text or not present_name(text) or len(text) > 120:
        return None
    if name == text.lower():  # /strain="strain", as Prokka writes without the option
        return None
    text = text.rstrip(" .;,")
    if name == "organelle":
        # /organelle="plastid:chloroplast" names the kind of plastid last
        text = text.rpartition(":")[2].strip()
    return context.source.qualifier(feature, name, text) if text else None


def _shown(name: str, claim: Claim) -> str:
    return f"{name} {claim.text}" if name in _SHOWN_WITH_KEY else claim.text


def _is_in(text: str, before: str) -> bool:
    stem = "mitochondri" if text == "mitochondrion" else text.lower()
    return re.search(rf"(?<!\w){re.escape(stem)}", before.lower()) is not None


def _record_contents(context: Context) -> dict[str, Filling]:
    counted = Counter(feature["kind"] for feature in context.features)
    counts = [context.source.count(counted[key], kind.noun, kind.plural) for key, kind in KINDS.items() if counted[key]]
    if len(counts) <= _MOST_KINDS:
        return {"counts": counts} if counts else {}
    total = sum(counted.values()) - counted["source"]
    return {"counts": counts[:_MOST_KINDS], "total": context.source.count(total, "feature", "features")}


def _record_summary(context: Context) -> dict[str, Claim]:
    pieces = (context.record["comment"] or "").split("[")
    closed = (before for before, after in pairwise(pieces) if before[-1:].isspace() and _BY_REFSEQ.match(after))
    found = next(filter(None, map(_SUMMARY.search, closed)), None)
    summary = cut(" ".join(found[1].rstrip().removesuffix(".").split()), 1000) if found else None
    return {"summary": context.source.normalised(summary, "comment")} if summary else {}


def _record_keywords(context: Context) -> dict[str, Filling]:
    words = [word for word in context.record["keywords"] or [] if present(word) and not _ADMINISTRATIVE.fullmatch(word)]
    claims = [context.source.verbatim(word, "keywords") for word in words[:10]]
    if not claims:
        return {}
    return {"keywords": claims} if len(claims) > 1 else {"keyword": claims[0]}


def _record_links(context: Context, key: str) -> dict[str, Filling]:
    record = context.record
    links: list[ComposedText] = []
    for name, shown in (("assembly", "Assembly"), ("bioproject", "BioProject"), ("biosample", "BioSample")):
        text = record[name]
        if present(text):
            held = [c["key"] for c in record["structured_comment"] or [] if name == "assembly" and text in c["value"]]
            field = f"structured_comment/{held[0]}" if held else f"dblink/{shown}"
            claim = context.source.verbatim(text.strip(), field)
            links.append(context.phrase(f"link.{name}", key, {"value": claim}))
    return {"links": links} if links else {}
