"""The names by which a paper may mention what a record holds: accession, loci, genes, products, strain, organism."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dnacorpus.pairs.naming import name_key
from dnacorpus.schemas.names import without_version
from dnacorpus.schemas.values import names_organism
from dnacorpus.text.qualifiers import FeatureRow, values
from dnacorpus.text.wording import article, is_uninformative, present

KINDS_OF_NAMES = ("accession", "locus_tag", "gene", "product", "strain", "organism")
"""From the name of this record alone to the name that all records of its organism share."""

ENGLISH = frozenset(
    """a about add age aim air all alone also am among an and any are arm art as ask at bad bag bar base bat be bed big
    bind bit both box bud but by came can cap capsid car case cell clone code copy core cut dash day did do does down
    each ear early eat egg either end envelope even eye far fast fat few find first fit five fix flu fly for form found
    four free from full gap gene get give go good got great had half hand has have he head heat held help her here high
    him his host hot how if in into is it its key kit large last late lead left less let light like line list live long
    low made main major make male many map mark mass matrix may me mean met mice mid mini minor mix mode more most mouse
    much must my near need net new next nine no none nor not now of off old on once one only open or order other our out
    over own pair part peak per pig plant plus poor post pre put rare rat rate raw red ring role root run safe same sap
    sat saw sea see self set seven sex she short side sit six small so some son soon spike spot star stem step still
    stop such sum sun system tag tail take tan ten test than that the their them then there these they this those three
    time to too top tree try twin two type unit up us use van vast very via virus was way we well were what when which
    while who whole why wide will with work wt yeast yet you""".split()
)
"""Words of running text that are also gene symbols, so that a text does not show which is meant."""

_BESIDE = {
    "gene": ("gene", "genes", "protein", "proteins", "locus", "mRNA", "transcript", "transcripts", "operon", "ORF"),
    "strain": ("strain", "strains", "isolate", "isolates", "cultivar", "cultivars", "cv.", "variety", "line"),
}
_BINOMIAL = re.compile(r"([A-Z])[a-z]+ (?!sp\b|cf\b|aff\b|bacterium\b)([a-z]{3,}(?:-[a-z]+)?)\b")
_NO_SPECIES = re.compile(
    r"uncultured|unidentified|unclassified|synthetic|vector|metagenome|environmental|\bsp\.", re.IGNORECASE
)
_VIRUS = re.compile(r"vir(?:us|oid)|phage", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d]")
_SHAPED = re.compile(r"\d|.[A-Z]")
_LEAST_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Name:
    """One way to name what a record holds.

    ``text`` is the name as the record's ``field`` has it, ``sought`` what a paper is searched for: in any case
    if ``any_case``; only next to one of the words ``beside``, if there are any (before them, or also after them if
    ``before``); only in a paper that also has the text ``after``. Names of one gene have the same ``about``.
    """

    kind: str  # one of KINDS_OF_NAMES
    text: str
    field: str
    sought: str
    about: str
    any_case: bool = False
    beside: tuple[str, ...] = ()
    before: bool = False
    after: str = ""


def names_of(record: Mapping[str, Any], features: Sequence[FeatureRow], end: int | None) -> list[Name]:
    """Return the names of a record and of its features, each once, in the order of `KINDS_OF_NAMES`.

    ``record`` and ``features`` are rows of their tables; features that end beyond ``end`` are left out, None: none
    is. So are names that do not identify: hypothetical proteins, classes of products, words of running text.
    """
    names = [*_record_names(record), *_source_names(features)]
    names += [name for feature in features if end is None or feature["end"] <= end for name in _feature_names(feature)]
    names.sort(key=lambda name: KINDS_OF_NAMES.index(name.kind))
    by_sought: dict[str, Name] = {}
    for name in names:
        by_sought.setdefault(name.sought, name)
    return list(by_sought.values())


def _record_names(record: Mapping[str, Any]) -> Iterator[Name]:
    accession = record["accession"]
    for text in dict.fromkeys((accession, without_version(accession))):
        yield Name("accession", text, "accession", text, accession)
    organism = (record["organism"] or "").strip()
    if not names_organism(organism) or _NO_SPECIES.search(organism):
        return
    if " " in organism:
        yield Name("organism", organism, "organism", organism, organism, any_case=True)
    binomial = _BINOMIAL.match(organism)
    if binomial and not _VIRUS.search(organism):
        species, short = binomial[0], f"{binomial[1]}. {binomial[2]}"
        yield Name("organism", species, "organism", species, organism, any_case=True)
        yield Name("organism", species, "organism", short, organism, after=species)


def _source_names(features: Sequence[FeatureRow]) -> Iterator[Name]:
    for feature in features:
        if feature["kind"] != "source":
            continue
        for key in ("strain", "isolate", "cultivar", "sub_strain"):
            for text in filter(present, values(feature, key)):
                if text.lower() == key:  # Prokka's placeholder
                    continue
                alone = len(text) > 3 and _DIGIT.search(text) and _LETTER.search(text)
                beside = () if alone else _BESIDE["strain"]
                if alone or not _is_english(text):
                    field = f"features[{feature['index']}]/{key}"
                    yield Name("strain", text, field, text, text, beside=beside, before=True)


def _feature_names(feature: FeatureRow) -> Iterator[Name]:
    if feature["kind"] == "source":
        return
    key, path = name_key(feature), f"features[{feature['index']}]"
    about = values(feature, key)[0] if key else path
    for tag in ("locus_tag", "old_locus_tag"):
        for text in _listed(values(feature, tag)):
            if len(text) > 3 and _DIGIT.search(text):
                yield Name("locus_tag", text, f"{path}/{tag}", text, about)
    for symbols in ("gene", "gene_synonym"):
        for text in _listed(values(feature, symbols)):
            yield from _gene_name(text, f"{path}/{symbols}", about)
    for text in values(feature, "product"):
        letters = sum(map(str.isalpha, text))
        if letters >= _LEAST_LETTERS and not is_uninformative(text) and not article(text) and not _is_english(text):
            yield Name("product", text, f"{path}/product", text, about, any_case=True)


def _gene_name(text: str, field: str, about: str) -> Iterator[Name]:
    """Yield the symbol, sought without a word beside it only if its form shows a symbol: rbcL, TP53, not white."""
    if _is_english(text) or not _LETTER.search(text):
        return
    shaped = _SHAPED.search(text) is not None
    alone = shaped and len(text) > 2 and text[0].isalpha()
    yield Name("gene", text, field, text, about, beside=() if alone else _BESIDE["gene"], before=text != text.lower())


def _listed(texts: Sequence[str]) -> list[str]:
    return [part for text in texts for part in map(str.strip, text.split(";")) if present(part)]


def _is_english(text: str) -> bool:
    """Return whether a text is a word of running text; in capitals only a single letter is."""
    word = text if len(text) > 1 else text.lower()
    return word in ENGLISH or (word.istitle() and word.lower() in ENGLISH)
