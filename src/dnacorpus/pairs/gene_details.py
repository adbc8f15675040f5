"""What a feature's qualifiers add to its name, clause by clause: function, code, events, neighbours, notes.

A clause is written only if its qualifier adds something to the clauses before it.
"""

import re
from collections import Counter
from collections.abc import Iterable

from dnacorpus.pairs.context import Context
from dnacorpus.pairs.feature_kinds import KINDS
from dnacorpus.pairs.naming import name_key
from dnacorpus.sequence.genetic_code import NAMES
from dnacorpus.text.claims import grouped
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim, ComposedText
from dnacorpus.text.qualifiers import FeatureRow, has, value, values
from dnacorpus.text.wording import alike, present, prose, readable, remark, states_place

_EVENTS = {"ribosomal_slippage": "ribosomal slippage", "trans_splicing": "trans-splicing"}
_EXCEPTIONS = {"rna editing", "ribosomal slippage", "trans-splicing", "alternative processing"}
_EC_NUMBER = re.compile(r"\d+(?:\.(?:n?\d+|-)){3}")
_TERM = re.compile(r"(?:GO:\d{7} - )?([^\[\]]*[^\[\]\s])(?: \[.*)?", re.DOTALL)
_ANTICODON = re.compile(r"seq:\s*([acgtu]{3})\b", re.IGNORECASE)
_POSITION = re.compile(r"pos:\s*+(?:complement\()?<?([0-9]{1,18})(?:\.\.>?([0-9]{1,18}))?(?![0-9])")
_AMINO_ACID = re.compile(r",\s*+aa:\s*+(\w{1,20})")
_RESIDUES = {"sec": "selenocysteine", "pyl": "pyrrolysine", "term": "a stop"}
_CODON = re.compile(r"[ACGTUNRYacgtunry]{3}")
_REPEAT_UNIT = re.compile(r"[A-Za-z]{2,60}")
_BETWEEN_SYNONYMS = re.compile(r";\s+|;")
_TWICE = re.compile(r"^(\w+:)(?=\1)")
"""A database named twice, as in HGNC:HGNC:53537."""
_SERIAL_NAME = re.compile(r"[A-Za-z]{1,5}[-_]?\d{4}\w*|\d+")


def details(context: Context, feature: FeatureRow, key: str, used: Iterable[str]) -> list[ComposedText]:
    """Return one text for each clause that a feature's qualifiers fill.

    ``used`` are the values that the feature's first sentence already has.
    """
    source, names = context.source, list(used)
    functions = _functions(feature, names)
    synonyms = _synonyms(feature, names) if _is_gene(context, feature) else []
    repeat, note = _repeat(context, feature), _note(context, feature, [*names, *functions, *synonyms])
    clauses: list[tuple[str, dict[str, Filling]]] = [
        ("gene.function", _listed("function", [source.qualifier(feature, "function", text) for text in functions])),
        ("gene.binds", _binds(context, feature)),
        ("gene.ec", _listed("ec", [source.qualifier(feature, "EC_number", text) for text in _ec_numbers(feature)])),
        ("gene.ontology", _listed("term", _terms(context, feature))),
        ("gene.anticodon", {**_anticodon(context, feature)}),
        _code(context, feature),
        ("gene.recoded", _recoded(context, feature, key)),
        ("gene.events", {"events": events} if (events := _events(context, feature)) else {}),
        ("gene.polyprotein", _polyprotein(context, feature)),
        ("gene.repeat_unit" if "unit" in repeat else "gene.repeat", repeat),
        ("gene.operon", _one(context, feature, "operon", "operon")),
        ("gene.replicon", {**context.replicon}),
        ("gene.neighbours", _neighbours(context, feature)),
        ("gene.synonyms", _listed("synonym", [source.qualifier(feature, "gene_synonym", text) for text in synonyms])),
        ("gene.names", _names(context, feature, key)),
        ("gene.placed_note" if note and states_place(note["note"].text) else "gene.note", {**note}),
    ]
    return [context.phrase(clause, key, claims) for clause, claims in clauses if claims]


def _listed(slot: str, claims: list[Claim]) -> dict[str, Filling]:
    if not claims:
        return {}
    return {f"{slot}s": claims} if len(claims) > 1 else {slot: claims[0]}


def _one(context: Context, feature: FeatureRow, key: str, slot: str) -> dict[str, Filling]:
    text = value(feature, key)
    return {slot: context.source.qualifier(feature, key, text)} if text and present(text) and len(text) <= 80 else {}


def _functions(feature: FeatureRow, used: list[str]) -> list[str]:
    if not (functions := values(feature, "function")):
        return []
    known = {alike(text) for text in used}
    found = dict.fromkeys(text.rstrip(" .;,") for text in functions if len(text) <= 200)
    return [text for text in found if readable(text) and alike(text) not in known][:3]


def _binds(context: Context, feature: FeatureRow) -> dict[str, Filling]:
    whole = [_without_open_bracket(text) for text in values(feature, "bound_moiety")]
    found = [text for text in dict.fromkeys(whole) if present(text) and len(text) <= 120]
    return {"moiety": [context.source.qualifier(feature, "bound_moiety", text) for text in found[:3]]} if found else {}


def _ec_numbers(feature: FeatureRow) -> list[str]:
    return [text for text in dict.fromkeys(values(feature, "EC_number")) if _EC_NUMBER.fullmatch(text)][:4]


def _terms(context: Context, feature: FeatureRow) -> list[Claim]:
    claims: dict[str, Claim] = {}
    for key in ("GO_function", "GO_process", "GO_component"):
        for text in values(feature, key):
            term = _TERM.fullmatch(text)
            if term and present(term[1]) and "|" not in text:
                claims.setdefault(term[1], context.source.qualifier(feature, key, term[1]))
    return list(claims.values())[:4]


def _anticodon(context: Context, feature: FeatureRow) -> dict[str, Claim]:
    claims = {}
    if found := _ANTICODON.search(value(feature, "anticodon") or ""):
        # The qualifier writes it as DNA; a tRNA is read as RNA.
        shown = found[1].upper().replace("T", "U")
        claims["anticodon"] = context.source.of_feature(feature, "anticodon", shown)
    codon = value(feature, "codon_recognized")
    if codon and _CODON.fullmatch(codon):
        claims["codon"] = context.source.qualifier(feature, "codon_recognized", codon)
    return claims


def _code(context: Context, feature: FeatureRow) -> tuple[str, dict[str, Filling]]:
    table = feature["transl_table"]
    if table in (None, 1):
        return "gene.code", {}
    claims: dict[str, Filling] = {"table": context.source.qualifier(feature, "transl_table")}
    if table not in NAMES:
        return "gene.code", claims
    return "gene.named_code", claims | {"code": context.source.of_feature(feature, "transl_table", NAMES[table])}


def _without_open_bracket(text: str) -> str:
    """Return a value without a bracket that is never closed: the end of some values is lost, as in "ori iteron 2(O"."""
    before, bracket, after = text.rpartition("(")
    return before.rstrip() if bracket and ")" not in after else text


def _recoded(context: Context, feature: FeatureRow, key: str) -> dict[str, Filling]:
    found: Counter[tuple[str, str]] = Counter()
    completed = "stop codon" in " ".join(values(feature, "note"))
    for text in values(feature, "transl_except"):
        position = _POSITION.search(text)
        amino_acid = _AMINO_ACID.search(text, position.end()) if position else None
        residue = _RESIDUES.get(amino_acid[1].lower()) if amino_acid else None
        if residue == "a stop" and completed:
            continue
        if position and residue:
            whole = position[2] is not None and int(position[2]) - int(position[1]) >= 2
            found["codon" if whole else "partial codon", residue] += 1
    if not found:
        return {}
    texts = []
    for (noun, residue), number in found.items():
        codons = f"{grouped(number)} {noun}{'s' if number > 1 else ''}"
        claims = {
            "codons": context.source.of_feature(feature, "transl_except", codons),
            "residue": context.source.of_feature(feature, "transl_except", residue),
        }
        texts.append(context.phrase("recoded.codons", key, claims))
    return {"recoded": texts}


def _events(context: Context, feature: FeatureRow) -> list[Claim]:
    claims = {text: context.source.of_feature(feature, key, text) for key, text in _EVENTS.items() if has(feature, key)}
    for text in values(feature, "exception"):
        if text.lower() in _EXCEPTIONS:
            claims.setdefault(text.lower(), context.source.qualifier(feature, "exception", text))
    return list(claims.values())


def _polyprotein(context: Context, feature: FeatureRow) -> dict[str, Filling]:
    if feature["kind"] != "CDS" or "polyprotein" not in " ".join(values(feature, "product")).lower():
        return {}
    number = context.peptides(feature)
    if number < 2:
        return {}
    return {"peptides": context.source.of_feature(feature, "mat_peptide", f"{grouped(number)} mature peptides")}


def _repeat(context: Context, feature: FeatureRow) -> dict[str, Filling]:
    claims: dict[str, Filling] = {}
    kind, unit = value(feature, "rpt_type"), value(feature, "rpt_unit_seq")
    if kind and present(kind):
        shown = kind.replace("_", " ").lower()
        claims["type"] = context.source.normalised(shown, f"features[{feature['index']}]/rpt_type")
    if unit and _REPEAT_UNIT.fullmatch(unit):
        claims["unit"] = context.source.normalised(unit.upper(), f"features[{feature['index']}]/rpt_unit_seq")
    return claims


def _neighbours(context: Context, feature: FeatureRow) -> dict[str, Filling]:
    # A feature with parts all over the record has no neighbours.
    if feature["strand"] == 0 or has(feature, "trans_splicing"):
        return {}
    names = context.neighbours(feature)
    if not names:
        return {}
    return {"left": names[0], "right": names[1]} if len(names) > 1 else {"neighbour": names[0]}


def _is_gene(context: Context, feature: FeatureRow) -> bool:
    if context.is_one_of_several(feature):
        return False
    return feature["kind"] == "gene" or KINDS[feature["kind"]].subject in ("subject.cds", "subject.rna")


def _synonyms(feature: FeatureRow, used: list[str]) -> list[str]:
    if not (synonyms := values(feature, "gene_synonym")):
        return []
    known = {alike(text) for text in [*used, *values(feature, "locus_tag"), *values(feature, "old_locus_tag")]}
    found: dict[str, str] = {}
    for text in synonyms:
        for name in _BETWEEN_SYNONYMS.split(text):
            shown = name.strip()
            # "ECK0001; JW4367": the locus tags of other annotations are not names.
            if present(shown) and len(shown) <= 60 and not _SERIAL_NAME.fullmatch(shown):
                found.setdefault(alike(shown), shown)
    return [name for same, name in found.items() if same and same not in known][:4]


def _names(context: Context, feature: FeatureRow, key: str) -> dict[str, Filling]:
    source = context.source
    names: list[ComposedText] = []
    for qualifier in ("locus_tag", "protein_id", "transcript_id", "db_xref"):
        for text in values(feature, qualifier)[: 2 if qualifier == "db_xref" else 1]:
            used = qualifier == "locus_tag" and (name_key(feature) == qualifier or text == value(feature, "gene"))
            # gnl|Bakta|EXA_0001: an identifier of a program, which no database has.
            if not used and present(text) and len(text) <= 80 and not text.startswith(("GI:", "gnl|", "lcl|")):
                shown = _TWICE.sub("", text)
                names.append(
                    context.phrase(f"name.{qualifier}", key, {"value": source.qualifier(feature, qualifier, shown)})
                )
    return {"names": names} if names else {}


def _note(context: Context, feature: FeatureRow, used: list[str]) -> dict[str, Claim]:
    read = prose if value(feature, "product") or feature["kind"] in ("gene", "CDS") else remark
    for text in values(feature, "note"):
        note = read(text, [*used, *values(feature, "locus_tag")])
        if note:
            return {"note": context.source.qualifier(feature, "note", note)}
    return {}
