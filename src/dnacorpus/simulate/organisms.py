"""Species that do not exist: every genus opens with "Simulato", every taxid lies above NCBI's."""

from dataclasses import dataclass

from dnacorpus.simulate.evolution import stream

SPECIES_IN_GENUS = 4
_FIRST_TAXID = 900_000_000
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_SYLLABLES = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_EPITHETS = ("fictus", "imaginarius", "inventus", "commenticius")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of organism: how its genera end, what stands above them, and its nuclear or own genetic codes."""

    name: str
    letter: str
    endings: tuple[str, ...]
    lineages: tuple[tuple[str, ...], ...]
    codes: tuple[int, ...]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "bacterium", "B", ("bacter", "coccus", "monas", "vibrio"),
            (
                ("Bacteria", "Pseudomonadati", "Pseudomonadota", "Gammaproteobacteria"),
                ("Bacteria", "Bacillati", "Bacillota", "Bacilli"),
                ("Bacteria", "Bacillati", "Mycoplasmatota", "Mollicutes"),
            ),
            (11, 11, 4),
        ),
        Kind(
            "plant", "P", ("phyton", "anthus", "carpus"),
            (("Eukaryota", "Viridiplantae", "Streptophyta", "Embryophyta", "Tracheophyta"),), (1,),
        ),
        Kind(
            "animal", "A", ("saurus", "therium", "ichthys"),
            (("Eukaryota", "Metazoa", "Chordata", "Craniata", "Vertebrata"),), (2,),
        ),
        Kind(
            "phage", "H", ("virus",),
            (
                ("Viruses", "Duplodnaviria", "Heunggongvirae", "Uroviricota", "Caudoviricetes"),
                ("Viruses", "Monodnaviria", "Sangervirae", "Phixviricota", "Malgrandaviricetes", "Petitvirales",
                 "Microviridae"),
            ),
            (11, 11),
        ),
        Kind(
            "virus", "V", ("virus",),
            (("Viruses", "Riboviria", "Orthornavirae", "Kitrinoviricota", "Tolucaviricetes", "Tolivirales",
              "Tombusviridae"),),
            (1,),
        ),
    )
}  # fmt: skip
"""The kinds in the order in which a round of the simulation makes one species of each."""
_HOSTS = {"phage": "bacterium", "virus": "plant"}


@dataclass(frozen=True, slots=True)
class Species:
    """One species: ``number`` and ``genus_number`` decide its sequences, ``named`` its names.

    ``code`` is the table of its own genetic code, ``gc`` the share of G and C that its DNA tends to.
    """

    kind: Kind
    number: int
    named: int
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
        """Its name in paths of chance: B12."""
        return f"{self.kind.letter}{self.number}"

    @property
    def tag(self) -> str:
        """The prefix of its locus tags: SIMB00012."""
        return f"SIM{self.kind.letter}{self.named:05d}"


class Nature:
    """All species of one seed.

    With ``unrelated`` the names of each kind are dealt anew among its first ``rounds`` species, so that
    kinship by name says nothing of kinship by sequence.
    """

    def __init__(self, seed: int, rounds: int, unrelated: bool) -> None:
        self.seed, self.unrelated = seed, unrelated
        self._names = {kind: list(range(rounds)) for kind in KINDS}
        if unrelated:
            for kind, names in self._names.items():
                stream(seed, "unrelated", kind).shuffle(names)

    def species(self, kind: Kind, number: int) -> Species:
        """Return a species of a kind; those of one genus are numbered one after the other."""
        genus_number = number // SPECIES_IN_GENUS
        named = self._names[kind.name][number]
        genus = _genus(kind, named // SPECIES_IN_GENUS)
        clade = named // SPECIES_IN_GENUS % len(kind.lineages)
        gc = 0.35 + 0.3 * stream(self.seed, "gc", kind.name, genus_number).random()
        return Species(
            kind=kind,
            number=number,
            named=named,
            genus_number=genus_number,
            name=self._name(kind, named),
            genus=genus,
            lineage=(*kind.lineages[clade], genus),
            taxid=_FIRST_TAXID + list(KINDS).index(kind.name) * 10_000_000 + named,
            code=kind.codes[genus_number % len(kind.codes)],
            gc=gc,
            host=self._host(kind, named),
        )

    def _name(self, kind: Kind, named: int) -> str:
        if kind.name == "phage":
            return f"{_genus(KINDS['bacterium'], named // SPECIES_IN_GENUS)} phage {_word(named).capitalize()}{named}"
        if kind.name == "virus":
            return f"{_genus(KINDS['plant'], named // SPECIES_IN_GENUS)} {_word(named)} mottle virus {named}"
        return f"{_genus(kind, named // SPECIES_IN_GENUS)} {_EPITHETS[named % SPECIES_IN_GENUS]}"

    def _host(self, kind: Kind, named: int) -> str | None:
        return self._name(KINDS[_HOSTS[kind.name]], named) if kind.name in _HOSTS else None


def _genus(kind: Kind, number: int) -> str:
    return f"Simulato{_word(number)}{kind.endings[number % len(kind.endings)]}"


def _word(number: int) -> str:
    # Counting in syllables: no two numbers make one word.
    syllables = [_SYLLABLES[number * 11 % len(_SYLLABLES)]]
    while number := number // len(_SYLLABLES):
        syllables.append(_SYLLABLES[number % len(_SYLLABLES)])
    return "".join(reversed(syllables)) if len(syllables) > 1 else syllables[0] + "l"
