"""Families of questions about codons, bases and organism of a stretch, and those that it does not answer.

The functions are `exchanges.Family`; nothing here knows a phrasing: `compose` has them.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from dnacorpus.pairs.qa.stretch import PRODUCTS, Exchange, Stretch, draw, named, symbol, worded
from dnacorpus.sequence.bases import gc_and_ambiguous
from dnacorpus.sequence.genetic_code import STARTS, STOPS
from dnacorpus.text.claims import grouped
from dnacorpus.text.evidence import Claim
from dnacorpus.text.qualifiers import FeatureRow, has, values
from dnacorpus.text.templates import Filling
from dnacorpus.text.wording import present

_ODD = ("exception", "transl_except", "ribosomal_slippage", "trans_splicing", "artificial_location")
"""Qualifiers of coding sequences whose codons are not read off their bases one after the other."""


def codons(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the start or stop codon of a complete coding sequence that is read plainly by its genetic code."""
    source = stretch.context.source
    for feature, subject in named(stretch, key, "codon", stretch.within("CDS")):
        coding = stretch.coding_bases(feature).decode("ascii")
        if _is_plain(feature, coding):
            which, codon = ("start", coding[:3]) if draw(key, feature["index"]) % 2 else ("stop", coding[-3:])
            field = f"features[{feature['index']}]/sequence"
            told = Claim(codon, source.accession, field, "sequence", source.license)
            yield Exchange(f"qa.{which}_codon.ask", {"subject": subject}, "qa.codon.tell", {"codon": told})


def _is_plain(feature: FeatureRow, coding: str) -> bool:
    """Tell whether a coding sequence is whole and its codons are read off its bases one after the other."""
    code = feature["transl_table"] or 1
    whole = not (feature["partial_start"] or feature["partial_end"] or feature["pseudo"]) and feature["strand"] != 0
    plain = not any(has(feature, qualifier) for qualifier in _ODD) and feature["codon_start"] in (None, 1)
    begins, ends = coding[:3] in STARTS.get(code, ()), coding[-3:] in STOPS.get(code, ())
    return whole and plain and begins and ends and len(coding) % 3 == 0 and len(coding) > 3


def codes(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the genetic code that a coding sequence states."""
    for feature, subject in named(stretch, key, "code", stretch.within("CDS")):
        if feature["transl_table"] is not None and not feature["pseudo"]:
            told = {"table": stretch.context.source.qualifier(feature, "transl_table")}
            yield Exchange("qa.code.ask", {"subject": subject}, "qa.code.tell", told)


def bases(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the GC content of the stretch or for its length."""
    source = stretch.context.source
    gc, _ = gc_and_ambiguous(stretch.bases)
    found = [Exchange("qa.length.ask", {}, "qa.length.tell", {"length": source.computed(grouped(len(stretch.bases)))})]
    if gc is not None:
        found.append(Exchange("qa.gc.ask", {}, "qa.gc.tell", {"gc": source.computed(f"{100 * gc:.1f}")}))
    # A length tells little where most stretches are as long as they may be.
    yield from found if draw(key, "bases") % 4 == 0 else found[::-1]


def taxonomy(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask for the organism, or for the taxon that the lineage names next below another."""
    organism = [Exchange("qa.organism.ask", {}, "qa.organism.tell", stretch.context.organism)]
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
    found = organism if stretch.context.organism else []
    yield from (*found, *steps) if draw(key, "taxonomy") % 2 else (*steps, *found)


def unanswerable(stretch: Stretch, key: str) -> Iterator[Exchange]:
    """Ask of a gene that the record annotates elsewhere, or for the codon at an end that is incomplete."""
    found = [_absent(stretch, key), _untold(stretch, key)]
    for exchange in found[:: -1 if draw(key, "unanswerable") % 3 == 0 else 1]:
        if exchange:
            yield exchange


def _absent(stretch: Stretch, key: str) -> Exchange | None:
    features = stretch.context.features
    first = draw(key, "absent") % len(features)
    for feature in (*features[first:], *features[:first]):
        gene = symbol(feature) if feature["kind"] in ("gene", *PRODUCTS) else None
        if gene is None or gene.lower() in stretch.words:
            continue
        name = {"gene": stretch.context.source.qualifier(feature, "gene")}
        ask = ("place", "strand", "product")[draw(key, gene) % 3]
        asked: Mapping[str, Filling] = name if ask == "product" else {"subject": worded(key, feature, name)}
        return Exchange(f"qa.{ask}.ask", asked, "qa.absent.tell", {"absent": stretch.together("not annotated")})
    return None


def _untold(stretch: Stretch, key: str) -> Exchange | None:
    for feature, subject in named(stretch, key, "untold", stretch.within("CDS")):
        partial = stretch.context.source.partial(feature)
        if partial and feature["strand"] != 0 and not feature["pseudo"] and not values(feature, "exception"):
            upstream = feature["partial_start"] if feature["strand"] == 1 else feature["partial_end"]
            ask = f"qa.{'start' if upstream else 'stop'}_codon.ask"
            return Exchange(ask, {"subject": subject}, "qa.untold.tell", {"partial": partial})
    return None
