"""Families of questions about codons, bases and organism of a stretch, and questions that it does not answer.

The functions are values of `stretch.QuestionFamily`; the phrasings are in ``templates.toml``.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from dnacorpus.pairs.naming import PRODUCTS, gene_symbol
from dnacorpus.pairs.qa.stretch import Exchange, Stretch, draw, name_text, named
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.sequence.genetic_code import STARTS, STOPS
from dnacorpus.text.claims import grouped
from dnacorpus.text.compose import Filling
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, has, values
from dnacorpus.text.wording import present

_ODD = ("exception", "transl_except", "ribosomal_slippage", "trans_splicing", "artificial_location")
"""Qualifiers of coding sequences whose codons are not simply every three bases."""


def codons(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the start or stop codon of a complete coding sequence that follows its genetic code."""
    source = stretch.context.source
    for feature, subject in named(stretch, key, "codon", stretch.within("CDS")):
        coding = stretch.coding_bases(feature).decode("ascii")
        if _is_plain(feature, coding):
            which, codon = ("start", coding[:3]) if draw(key, feature["index"]) % 2 else ("stop", coding[-3:])
            field = f"features[{feature['index']}]/sequence"
            claim = Claim(codon, source.accession, field, "sequence", source.license)
            yield Exchange(f"qa.{which}_codon.ask", {"subject": subject}, "qa.codon.tell", {"codon": claim})


def _is_plain(feature: FeatureRow, coding: str) -> bool:
    """Return whether a coding sequence is complete and its codons are every three bases, from start to stop codon."""
    code = feature["transl_table"] or 1
    whole = not (feature["partial_start"] or feature["partial_end"] or feature["pseudo"]) and feature["strand"] != 0
    plain = not any(has(feature, qualifier) for qualifier in _ODD) and feature["codon_start"] in (None, 1)
    begins, ends = coding[:3] in STARTS.get(code, ()), coding[-3:] in STOPS.get(code, ())
    return whole and plain and begins and ends and len(coding) % 3 == 0 and len(coding) > 3


def codes(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the genetic code that a coding sequence states."""
    for feature, subject in named(stretch, key, "code", stretch.within("CDS")):
        if feature["transl_table"] is not None and not feature["pseudo"]:
            answered = {"table": stretch.context.source.qualifier(feature, "transl_table")}
            yield Exchange("qa.code.ask", {"subject": subject}, "qa.code.tell", answered)


def bases(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the GC content of the stretch or for its length."""
    source = stretch.context.source
    gc, _ = gc_and_ambiguous(stretch.bases)
    length = source.computed(grouped(len(stretch.bases)))
    exchanges = [Exchange("qa.length.ask", {}, "qa.length.tell", {"length": length})]
    if gc is not None:
        exchanges.append(Exchange("qa.gc.ask", {}, "qa.gc.tell", {"gc": source.computed(f"{100 * gc:.1f}")}))
    # The length comes first in one row of four only: most stretches have the greatest length allowed.
    if draw(key, "bases") % 4:
        exchanges.reverse()
    yield from exchanges


def taxonomy(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the organism, or for the taxon that the lineage lists next below another."""
    organism = Exchange("qa.organism.ask", {}, "qa.organism.tell", stretch.context.organism)
    taxa = [taxon for taxon in stretch.context.record["lineage"] or [] if present(taxon)]
    below = [(high, low) for high, low in pairwise(taxa) if len(set(taxa)) == len(taxa)]
    source = stretch.context.source
    steps = [
        Exchange(
            "qa.lineage.ask", {"taxon": source.verbatim(high, "lineage")},
            "qa.lineage.tell", {"taxon": source.verbatim(low, "lineage")},
        )
        for high, low in sorted(below, key=lambda pair: draw(key, pair))
    ]  # fmt: skip
    if not stretch.context.organism:
        yield from steps
    elif draw(key, "taxonomy") % 2:
        yield from (organism, *steps)
    else:
        yield from (*steps, organism)


def unanswerable(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask about a gene that the record annotates elsewhere, or for the codon at an incomplete end."""
    exchanges = [_absent(stretch, key), _incomplete(stretch, key)]
    if draw(key, "unanswerable") % 3 == 0:
        exchanges.reverse()
    yield from (exchange for exchange in exchanges if exchange is not None)


def _absent(stretch: Stretch, key: str) -> Exchange | None:
    features = stretch.context.features
    first = draw(key, "absent") % len(features)
    for feature in (*features[first:], *features[:first]):
        gene = gene_symbol(feature) if feature["kind"] in ("gene", *PRODUCTS) else None
        if gene is None or gene.lower() in stretch.words:
            continue
        name = {"gene": stretch.context.source.qualifier(feature, "gene")}
        ask = ("place", "strand", "product")[draw(key, gene) % 3]
        asked: Mapping[str, Filling] = name if ask == "product" else {"subject": name_text(stretch, key, feature, name)}
        return Exchange(f"qa.{ask}.ask", asked, "qa.absent.tell", {"absent": stretch.together("not annotated")})
    return None


def _incomplete(stretch: Stretch, key: str) -> Exchange | None:
    for feature, subject in named(stretch, key, "untold", stretch.within("CDS")):
        partial = stretch.context.source.partial(feature)
        if partial and feature["strand"] != 0 and not feature["pseudo"] and not values(feature, "exception"):
            upstream = feature["partial_start"] if feature["strand"] == 1 else feature["partial_end"]
            ask = f"qa.{'start' if upstream else 'stop'}_codon.ask"
            return Exchange(ask, {"subject": subject}, "qa.untold.tell", {"partial": partial})
    return None
