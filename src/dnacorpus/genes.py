"""What a feature says of itself, clause by clause, from its fields alone.

A clause is said only where its field says something. Certainty is kept: "is predicted to encode",
and "encodes" only where ``/experiment`` answers for the verb.
"""

import re

import xxhash

from dnacorpus.claims import Feature, grouped, has, value, values
from dnacorpus.compose import Claim, Filling, Passage, join, phrase
from dnacorpus.context import KINDS, Context, name_key
from dnacorpus.wording import cut, present, prose, readable, says_nothing

_CLASS_KEYS = {
    "ncRNA": "ncRNA_class",
    "regulatory": "regulatory_class",
    "mobile_element": "mobile_element_type",
}
_EVENTS = {"ribosomal_slippage": "ribosomal slippage", "trans_splicing": "trans-splicing"}
_EXCEPTIONS = {"rna editing", "ribosomal slippage", "trans-splicing", "alternative processing"}
_EC_NUMBER = re.compile(r"\d+(?:\.(?:n?\d+|-)){3}")
_TERM = re.compile(r"(?:GO:\d{7} - )?([^\[\]]*[^\[\]\s])(?: \[.*)?", re.DOTALL)
_ANTICODON = re.compile(r"seq:\s*([acgtu]{3})\b", re.IGNORECASE)


def describe_feature(context: Context, feature: Feature, key: str, length: int) -> Passage:
    """Say what a feature is and, for one ``key`` in two, where it lies.

    ``length`` is that of the row's sequence in bases. A text that leaves out place, strand and length
    stays true for the reverse complement and for a crop.
    """
    identity = _identity(context, feature, key)
    details = _details(context, feature, key)
    choice = xxhash.xxh3_64_intdigest(f"{key}order".encode()) % 4
    if choice < 2:
        return join([identity, *details])
    place = _place(context, feature, key, length)
    return join([identity, *place, *details] if choice == 2 else [identity, *details, *place])


def informative(feature: Feature) -> bool:
    """Tell whether a feature's names say more than that something is there."""
    product, gene, locus_tag = (value(feature, key) or "" for key in ("product", "gene", "locus_tag"))
    if present(product) and (says_nothing(product) or product != locus_tag):
        return not says_nothing(product)
    if feature["kind"] not in ("gene", "CDS", "mRNA", "misc_RNA"):
        return True
    notes = values(feature, "note") + values(feature, "function")
    named = present(gene) and gene != locus_tag and not says_nothing(gene)
    return named or any(prose(note) for note in notes)


def _identity(context: Context, feature: Feature, key: str) -> Passage:
    witness, told = context.witness, KINDS[feature["kind"]]
    product, kind = _product(context, feature), _kind(context, feature)
    if feature["pseudo"] and (told.subject in ("subject.cds", "subject.rna", "subject.mrna") or told.noun == "gene"):
        subject = _subject(context, feature, key, "subject.cds" if told.noun == "gene" else told.subject)
        flag = "pseudogene" if has(feature, "pseudogene") else "pseudo"
        marked = witness.of_feature(feature, flag, "pseudogene")
        return phrase("gene.pseudo", key, {"subject": subject, "pseudo": marked, **product})
    if told.subject == "subject.element" or (not product and told.subject != "subject.peptide"):
        subject = _subject(context, feature, key, "subject.element")
        return phrase("gene.element", key, {"subject": subject} | _element(context, feature))
    claims: dict[str, Filling] = {"subject": _subject(context, feature, key, told.subject), **product}
    if has(feature, "experiment"):
        claims["encodes"] = witness.of_feature(feature, "experiment", "encodes")
    if told.subject == "subject.peptide":
        return phrase("gene.peptide", key, claims | {"kind": kind})
    return phrase("gene.product", key, claims)


def _subject(context: Context, feature: Feature, key: str, clause: str) -> Passage:
    claims: dict[str, Filling] = {**context.organism}
    if clause != "subject.element":
        claims |= _name(context, feature)
    named = "gene" in claims or "locus" in claims
    if clause in ("subject.rna", "subject.mrna") or (clause == "subject.cds" and not named):
        claims["kind"] = _kind(context, feature)
    return phrase(clause, key, claims)


def _name(context: Context, feature: Feature) -> dict[str, Claim]:
    key = name_key(feature)
    if key is None:
        return {}
    return {"gene" if key == "gene" else "locus": context.witness.qualifier(feature, key)}


def _product(context: Context, feature: Feature) -> dict[str, Claim]:
    product = (value(feature, "product") or "").rstrip(" .;,")
    names = {value(feature, "locus_tag")} | {value(feature, "gene")}
    # Old records name a tRNA by its letter, which is a label and no product.
    if not present(product) or product in names or (len(product) < 3 and feature["kind"] != "CDS"):
        return {}
    if says_nothing(product) and (feature["pseudo"] or feature["kind"].endswith("peptide")):
        return {}
    return {"product": context.witness.qualifier(feature, "product", cut(product, 200))}


def _kind(context: Context, feature: Feature) -> Claim:
    key = _CLASS_KEYS.get(feature["kind"])
    named = (value(feature, key) or "").partition(":")[0].strip() if key else ""
    if key and present(named):
        shown = named.replace("_", " ")
        field = f"features[{feature['index']}]/{key}"
        return context.witness.verbatim(shown, field) if shown == named else context.witness.normalised(shown, field)
    noun = KINDS[feature["kind"]].noun
    if noun == feature["kind"]:
        return context.witness.verbatim(noun, f"features[{feature['index']}]/kind")
    return context.witness.of_feature(feature, "kind", noun)


def _element(context: Context, feature: Feature) -> dict[str, Filling]:
    claims: dict[str, Filling] = {"kind": _kind(context, feature)}
    family = value(feature, "rpt_family")
    mobile = (value(feature, "mobile_element_type") or "").partition(":")[2].strip()
    name = name_key(feature)
    if present(mobile):
        return claims | {"label": context.witness.qualifier(feature, "mobile_element_type", mobile)}
    if family and present(family):
        return claims | {"family": context.witness.qualifier(feature, "rpt_family", family)}
    if name:
        return claims | (
            {"label": _name(context, feature).popitem()[1]} if feature["kind"] == "gene" else _name(context, feature)
        )
    for key in ("product", "standard_name"):
        text = value(feature, key)
        if text and present(text):
            return claims | {"label": context.witness.qualifier(feature, key, text)}
    return claims


def _details(context: Context, feature: Feature, key: str) -> list[Passage]:
    witness = context.witness
    clauses: list[tuple[str, dict[str, Filling]]] = [
        (
            "gene.function",
            _listed("function", [witness.qualifier(feature, "function", v) for v in _functions(feature)]),
        ),
        ("gene.ec", _listed("ec", [witness.qualifier(feature, "EC_number", v) for v in _ec_numbers(feature)])),
        ("gene.ontology", _listed("term", _terms(context, feature))),
        ("gene.anticodon", {**_anticodon(context, feature)}),
        ("gene.code", {**_code(context, feature)}),
        ("gene.events", {"events": events} if (events := _events(context, feature)) else {}),
        ("gene.replicon", {**context.replicon}),
        ("gene.neighbours", _neighbours(context, feature)),
        ("gene.names", _names(context, feature, key)),
        ("gene.note", {**_note(context, feature)}),
    ]
    return [phrase(clause, key, claims) for clause, claims in clauses if claims]


def _listed(slot: str, claims: list[Claim]) -> dict[str, Filling]:
    if not claims:
        return {}
    return {f"{slot}s": claims} if len(claims) > 1 else {slot: claims[0]}


def _functions(feature: Feature) -> list[str]:
    product = (value(feature, "product") or "").lower()
    found = dict.fromkeys(text.rstrip(" .;,") for text in values(feature, "function") if len(text) <= 200)
    return [text for text in found if readable(text) and text.lower() != product][:3]


def _ec_numbers(feature: Feature) -> list[str]:
    return [text for text in dict.fromkeys(values(feature, "EC_number")) if _EC_NUMBER.fullmatch(text)][:4]


def _terms(context: Context, feature: Feature) -> list[Claim]:
    claims: dict[str, Claim] = {}
    for key in ("GO_function", "GO_process", "GO_component"):
        for text in values(feature, key):
            term = _TERM.fullmatch(text)
            if term and present(term[1]) and "|" not in text:
                claims.setdefault(term[1], context.witness.qualifier(feature, key, term[1]))
    return list(claims.values())[:4]


def _anticodon(context: Context, feature: Feature) -> dict[str, Claim]:
    found = _ANTICODON.search(value(feature, "anticodon") or "")
    if not found:
        return {}
    return {"anticodon": context.witness.normalised(found[1].upper(), f"features[{feature['index']}]/anticodon")}


def _code(context: Context, feature: Feature) -> dict[str, Claim]:
    table = feature["transl_table"]
    return {} if table in (None, 1) else {"table": context.witness.qualifier(feature, "transl_table")}


def _events(context: Context, feature: Feature) -> list[Claim]:
    claims = {
        text: context.witness.of_feature(feature, key, text) for key, text in _EVENTS.items() if has(feature, key)
    }
    for text in values(feature, "exception"):
        if text.lower() in _EXCEPTIONS:
            claims.setdefault(text.lower(), context.witness.qualifier(feature, "exception", text))
    return list(claims.values())


def _neighbours(context: Context, feature: Feature) -> dict[str, Filling]:
    found = context.neighbours(feature)
    return {"left": found[0], "right": found[1]} if len(found) > 1 else {"neighbour": found[0]} if found else {}


def _names(context: Context, feature: Feature, key: str) -> dict[str, Filling]:
    witness, names = context.witness, list[Passage]()
    for qualifier in ("locus_tag", "protein_id", "db_xref"):
        for text in values(feature, qualifier)[: 2 if qualifier == "db_xref" else 1]:
            told = qualifier == "locus_tag" and (name_key(feature) == qualifier or text == value(feature, "gene"))
            if present(text) and len(text) <= 80 and not told and not text.startswith("GI:"):
                names.append(phrase(f"name.{qualifier}", key, {"value": witness.qualifier(feature, qualifier, text)}))
    return {"names": names} if names else {}


def _note(context: Context, feature: Feature) -> dict[str, Claim]:
    told = " ".join(values(feature, "product") + values(feature, "function")).lower()
    for text in values(feature, "note"):
        note = prose(text)
        if note and note.lower() not in told:
            return {"note": context.witness.qualifier(feature, "note", note)}
    return {}


def _place(context: Context, feature: Feature, key: str, length: int) -> list[Passage]:
    witness, molecule = context.witness, context.record["length"]
    accession = {"accession": witness.verbatim(witness.accession, "accession")}
    across = feature["end"] > molecule
    segments = len(feature["parts"]) - across
    location = witness.coordinates(feature, molecule) | witness.strand(feature) | accession
    clauses: list[tuple[str, dict[str, Claim]]] = [("gene.location", location)]
    if feature["strand"] == 0:
        clauses.append(("gene.strands", {"strands": witness.of_feature(feature, "location", "both strands")}))
    if segments > 1:
        clauses.append(("gene.segments", {"segments": witness.of_feature(feature, "location", grouped(segments))}))
    if across:
        clauses.append(("gene.origin", {"origin": witness.of_feature(feature, "location", "spans the origin")}))
    if partial := witness.partial(feature):
        clauses.append(("gene.partial", {"partial": partial}))
    if length > 1:
        clauses.append(("gene.length", {"length": witness.computed(grouped(length))}))
    return [phrase(clause, key, {**claims}) for clause, claims in clauses]
