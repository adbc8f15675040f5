"""Made-up species: every genus name starts with "Simulato", and every taxid is above NCBI's."""

from dataclasses import dataclass

from dnacorpus.simulate.evolution import random_stream

SPECIES_IN_GENUS = 4
_FIRST_TAXID = 900_000_000
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_SYLLABLES = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_EPITHETS = ("fictus", "imaginarius", "inventus", "commenticius")


@dataclass(frozen=True, slots=True)
class OrganismKind:
    """A kind of organism: the endings of its genus names, their lineages, and its nuclear genetic codes."""

    name: str
    letter: str
    endings: tuple[str, ...]
    lineages: tuple[tuple[str, ...], ...]
    codes: tuple[int, ...]


KINDS = {
    kind.name: kind
    for kind in (
        OrganismKind(
            "bacterium", "B", ("bacter", "coccus", "monas", "vibrio"),
            (
                ("Bacteria", "Pseudomonadati", "Pseudomonadota", "Gammaproteobacteria"),
                ("Bacteria", "Bacillati", "Bacillota", "Bacilli"),
                ("Bacteria", "Bacillati", "Mycoplasmatota", "Mollicutes"),
            ),
            (11, 11, 4),
        ),
        OrganismKind(
            "plant", "P", ("phyton", "anthus", "carpus"),
            (("Eukaryota", "Viridiplantae", "Streptophyta", "Embryophyta", "Tracheophyta"),), (1,),
        ),
        OrganismKind(
            "animal", "A", ("saurus", "therium", "ichthys"),
            (("Eukaryota", "Metazoa", "Chordata", "Craniata", "Vertebrata"),), (2,),
        ),
        OrganismKind(
            "phage", "H", ("virus",),
            (
                ("Viruses", "Duplodnaviria", "Heunggongvirae", "Uroviricota", "Caudoviricetes"),
                ("Viruses", "Monodnaviria", "Sangervirae", "Phixviricota", "Malgrandaviricetes", "Petitvirales",
                 "Microviridae"),
            ),
            (11, 11),
        ),
        OrganismKind(
            "virus", "V", ("virus",),
            (("Viruses", "Riboviria", "Orthornavirae", "Kitrinoviricota", "Tolucaviricetes", "Tolivirales",
              "Tombusviridae"),),
            (1,),
        ),
    )
}  # fmt: skip
"""Name to kind, in the order in which a round of the simulation makes one species of each."""
_HOSTS = {"phage": "bacterium", "virus": "plant"}


@dataclass(frozen=True, slots=True)
class Species:
    """One species: ``number`` and ``genus_number`` decide its sequences, ``name_number`` its names.

    ``code`` is the number of its genetic code, ``gc`` the expected share of G and C of its DNA.
    """

    kind: OrganismKind
    number: int
    name_number: int
    genus_number: int
    name: str
    genus: str
    lineage: tuple[str, ...]
    taxid: int
    code: int
    gc: float
    host: str | None

    @property
    def key(self) -> str:
        """The name of the species in the paths of `random_stream`: B12."""
        return f"{self.kind.letter}{self.number}"

    @property
    def tag(self) -> str:
        """The prefix of the locus tags: SIMB00012."""
        return f"SIM{self.kind.letter}{self.name_number:05d}"


class SpeciesCatalog:
    """All species of one seed.

    With ``unrelated`` the names of each kind are shuffled among its first ``rounds`` species, so that relatedness by
    name does not predict relatedness by sequence.
    """

    def __init__(self, seed: int, rounds: int, unrelated: bool) -> None:
        self.seed, self.unrelated = seed, unrelated
        self._names = {kind: list(range(rounds)) for kind in KINDS}
        if unrelated:
            for kind, names in self._names.items():
                random_stream(seed, "unrelated", kind).shuffle(names)

    def species(self, kind: OrganismKind, number: int) -> Species:
        """Return a species of a kind; the species of a genus have consecutive numbers."""
        genus_number = number // SPECIES_IN_GENUS
        name_number = self._names[kind.name][number]
        genus = _genus(kind, name_number // SPECIES_IN_GENUS)
        clade = name_number // SPECIES_IN_GENUS % len(kind.lineages)
        gc = 0.35 + 0.3 * random_stream(self.seed, "gc", kind.name, genus_number).random()
        return Species(
            kind=kind,
            number=number,
            name_number=name_number,
            genus_number=genus_number,
            name=self._name(kind, name_number),
            genus=genus,
            lineage=(*kind.lineages[clade], genus),
            taxid=_FIRST_TAXID + list(KINDS).index(kind.name) * 10_000_000 + name_number,
            code=kind.codes[genus_number % len(kind.codes)],
            gc=gc,
            host=self._host(kind, name_number),
        )

    def _name(self, kind: OrganismKind, name_number: int) -> str:
        word = _word(name_number)
        if kind.name == "phage":
            return (
                f"{_genus(KINDS['bacterium'], name_number // SPECIES_IN_GENUS)} phage {word.capitalize()}{name_number}"
            )
        if kind.name == "virus":
            return f"{_genus(KINDS['plant'], name_number // SPECIES_IN_GENUS)} {word} mottle virus {name_number}"
        return f"{_genus(kind, name_number // SPECIES_IN_GENUS)} {_EPITHETS[name_number % SPECIES_IN_GENUS]}"

    def _host(self, kind: OrganismKind, name_number: int) -> str | None:
        return self._name(KINDS[_HOSTS[kind.name]], name_number) if kind.name in _HOSTS else None


def _genus(kind: OrganismKind, number: int) -> str:
    return f"Simulato{_word(number)}{kind.endings[number % len(kind.endings)]}"


def _word(number: int) -> str:
    # The number in base len(_SYLLABLES), so that different numbers give different words.
    syllables = [_SYLLABLES[number * 11 % len(_SYLLABLES)]]
    while number := number // len(_SYLLABLES):
        syllables.append(_SYLLABLES[number % len(_SYLLABLES)])
    return "".join(reversed(syllables)) if len(syllables) > 1 else syllables[0] + "l"
