"""The simulate stage: a release that nobody sequenced, in RefSeq's layout, with papers and the truth about it.

One molecule is held at a time. The same bases, seed and ``unrelated`` give the same bytes.
"""

import gzip
import hashlib
import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dnacorpus.errors import UsageError
from dnacorpus.simulate.articles import Article, citation, full_text, pubmed_article
from dnacorpus.simulate.evolution import stream
from dnacorpus.simulate.genbank_writer import Citation
from dnacorpus.simulate.genomes import DIVISIONS, MIN_BASES, REPLICONS, Molecule, Numbers, Replicon, build_molecule
from dnacorpus.simulate.organisms import KINDS, Nature, Species
from dnacorpus.simulate.planted import SCAFFOLD, Workshop, planted
from dnacorpus.simulate.records import fasta_text, flat_text
from dnacorpus.sources.release import md5_list_name
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.catalog import SIMULATED_RELEASE

LEAST_BASES = 50_000
"""The smallest release that holds all planted cases."""
_USUAL_BASES, _USUAL_ROUNDS, _USUAL_PART = 2_000_000, 24, 500_000
_PLANTED_RECORDS = 40
_GZIP_LEVEL = 4
_RECORDS_IN_ARTICLE = 4
_ARTICLES_IN_FILE = 200


def simulate(out: Path, bases: int, seed: int, unrelated: bool = False) -> dict[str, Any]:
    """Write ``out/release`` in RefSeq's layout with about ``bases`` bases, and ``out/truth.json``; return the truth.

    Release number `SIMULATED_RELEASE`. ``truth.json`` holds what was asked for, the divisions with their
    parts, records and bases, the species, the planted records each with the ledger's status and reason
    that it must come to, and the papers with their licences. With ``unrelated`` accessions and bases stay
    the same while names of genes and of organisms are dealt anew, so that text tells nothing of bases.
    Raises UsageError for too few bases, or where ``out/release`` is a release that is not simulated.
    """
    if bases < LEAST_BASES:
        raise UsageError(f"--bases {bases}: expected at least {LEAST_BASES}, which the planted cases need")
    _refuse_real_release(out / "release")
    with whole_directory(out / "release") as root:
        truth = _Simulation(root, _plan(bases), seed, unrelated).run()
    truth = {"simulated": True, "release": SIMULATED_RELEASE, "bases": bases, "seed": seed, **truth}
    write_text(out / "truth.json", json.dumps(truth, indent=1) + "\n")
    return truth


def _refuse_real_release(root: Path) -> None:
    if not root.exists():
        return
    number = root / "RELEASE_NUMBER"
    found = number.read_text(encoding="utf-8").strip() if number.is_file() else "no RELEASE_NUMBER"
    if found != SIMULATED_RELEASE:
        raise UsageError(
            f"{root}: expected no folder or a simulated release ({SIMULATED_RELEASE}), found {found};"
            " give another folder to simulate into"
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many rounds of species, how long the molecules and the planted ones are, and where parts are cut."""

    rounds: int
    lengths: dict[Replicon, int]
    planted: int
    part: int


def _plan(bases: int) -> _Plan:
    """Divide the bases: a bigger release has both more species and longer molecules, by the square root each."""
    growth = (bases / _USUAL_BASES) ** 0.5
    planted_length = min(max(bases // 1000, 1000), 5_000_000)
    rest = bases - _PLANTED_RECORDS * planted_length
    each = rest / max(round(_USUAL_ROUNDS * growth), 2) / sum(len(r.divisions) * r.bases for r in REPLICONS)
    lengths = {replicon: max(min(round(each * replicon.bases), replicon.most_bases), 700) for replicon in REPLICONS}
    rounds = max(round(rest / sum(len(replicon.divisions) * length for replicon, length in lengths.items())), 1)
    return _Plan(rounds, lengths, planted_length, round(_USUAL_PART * max(growth, 1)))


class _Simulation:
    """One release in the making."""

    def __init__(self, root: Path, plan: _Plan, seed: int, unrelated: bool) -> None:
        self._root, self._plan, self._seed = root, plan, seed
        self._nature = Nature(seed, plan.rounds, unrelated)
        self._numbers = Numbers()
        self._writers = {division: _DivisionWriter(root, division, plan.part) for division in DIVISIONS}
        self._articles: dict[str, Article] = {}
        self._planted: list[dict[str, Any]] = []
        self._species: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        """Write everything and return the truth about it."""
        for number in range(self._plan.rounds):
            for kind in KINDS.values():
                species = self._nature.species(kind, number)
                for replicon in REPLICONS:
                    if replicon.organism == kind.name:
                        self._write_molecule(species, replicon)
                about = {"organism": species.name, "kind": kind.name, "taxid": species.taxid, "host": species.host}
                self._species.append(about)
            if number == 0:
                self._write_planted()
        for writer in self._writers.values():
            writer.close()
        self._write_catalog()
        return {
            "unrelated": self._nature.unrelated,
            "divisions": {division: writer.counts for division, writer in self._writers.items()},
            "species": self._species,
            "planted": self._planted,
            "papers": self._write_papers(),
        }

    def _write_molecule(self, species: Species, replicon: Replicon) -> None:
        usual = self._plan.lengths[replicon]
        length = round(usual * (0.9 + 0.2 * stream(self._seed, species.key, replicon.letter, "length").random()))
        molecule = build_molecule(self._nature, species, replicon, max(length, MIN_BASES), self._numbers)
        text, fasta = flat_text(molecule, self._cited(molecule), self._seed), fasta_text(molecule)
        for number, division in enumerate(replicon.divisions):
            part = self._writers[division].write(text, fasta, length)
            if number:
                self._note("two_divisions", division, part, molecule.accession, "duplicate", "exact",
                           {"of": molecule.accession, "kept_in": replicon.divisions[0]})  # fmt: skip

    def _cited(self, molecule: Molecule) -> tuple[Citation, ...]:
        genus, records = molecule.species.genus, ((molecule.accession, molecule.species.name),)
        article = self._articles.get(genus) or Article(len(self._articles), genus)
        if len(article.records) < _RECORDS_IN_ARTICLE:
            article = replace(article, records=article.records + records)
        self._articles[genus] = article
        return (citation(article),)

    def _write_planted(self) -> None:
        numbers = itertools.count()

        def fresh(replicon: Replicon, name: str) -> Molecule:
            species = self._nature.species(KINDS[replicon.organism], next(numbers) % self._plan.rounds)
            length = max(self._plan.planted, 2000) if replicon is SCAFFOLD else self._plan.planted
            return build_molecule(self._nature, species, replicon, length, self._numbers, f"_{name}_")

        for case, record in planted(Workshop(fresh, self._numbers.accession, self._seed)):
            part = self._writers[record.division].write(record.flat, record.fasta, record.bases)
            self._note(case, record.division, part, record.accession, record.status, record.reason, record.facts)

    def _note(  # noqa: PLR0917 - one row of truth
        self,
        case: str,
        division: str,
        part: str,
        accession: str | None,
        status: str,
        reason: str,
        facts: dict[str, Any],
    ) -> None:
        row = {"case": case, "division": division, "part": part, "accession": accession}
        self._planted.append(row | {"status": status, "reason": reason} | facts)

    def _write_catalog(self) -> None:
        sums = sorted((path.name, _md5(path)) for path in self._root.glob("*/*.gz"))
        lines = "".join(f"{md5}\t{name}\n" for name, md5 in sums)
        listing = self._root / md5_list_name(SIMULATED_RELEASE)
        listing.parent.mkdir()
        listing.write_text(lines, encoding="ascii")
        (self._root / "RELEASE_NUMBER").write_text(f"{SIMULATED_RELEASE}\n", encoding="ascii")

    def _write_papers(self) -> list[dict[str, Any]]:
        folder = self._root / "papers"
        folder.mkdir()
        articles = list(self._articles.values())
        for at in range(0, len(articles), _ARTICLES_IN_FILE):
            some = "".join(pubmed_article(article, self._seed) for article in articles[at : at + _ARTICLES_IN_FILE])
            text = f'<?xml version="1.0" encoding="UTF-8"?>\n<PubmedArticleSet>\n{some}</PubmedArticleSet>\n'
            (folder / f"pubmed.{at // _ARTICLES_IN_FILE + 1}.xml").write_text(text, encoding="utf-8")
        return [self._write_full_text(folder, article) for article in articles]

    def _write_full_text(self, folder: Path, article: Article) -> dict[str, Any]:
        rights = article.rights
        if rights.full_text:
            (folder / f"{article.pmcid}.xml").write_text(full_text(article, self._seed), encoding="utf-8")
        return {
            "pmid": article.pmid,
            "pmcid": article.pmcid if rights.full_text else None,
            "license": rights.license,
            "retracted": rights.retracted,
            "names": [accession for accession, _ in article.records],
        }


class _DivisionWriter:
    """The open files of a division; a full part is closed and the next begun."""

    def __init__(self, root: Path, division: str, part_bases: int) -> None:
        self.counts = {"parts": 0, "records": 0, "bases": 0}
        self._folder, self._division, self._part_bases = root / division, division, part_bases
        self._folder.mkdir()
        self._flat: _Gzip | None = None
        self._fasta: _Gzip | None = None
        self._in_part = self._split = 0

    def write(self, flat: str, fasta: bytes, bases: int) -> str:
        """Write a record to both files of the part that is open and return the part's name."""
        if self._flat is None or self._in_part >= self._part_bases:
            self.close()
            self.counts["parts"] += 1
            self._in_part = self._split = 0
            self._flat = _Gzip(self._folder / f"{self._part}.genomic.gbff.gz")
        if self._fasta is None or self._in_part >= self._split * self._part_bases / 2:
            self._next_split()
        self._flat.write(flat.encode("ascii"))
        if self._fasta:
            self._fasta.write(fasta)
        self._in_part += bases
        self.counts["records"] += 1
        self.counts["bases"] += bases
        return self._part

    def close(self) -> None:
        """Close the files of the open part."""
        for file in (self._flat, self._fasta):
            if file:
                file.close()
        self._flat = self._fasta = None

    @property
    def _part(self) -> str:
        return f"{self._division}.{self.counts['parts']}"

    def _next_split(self) -> None:
        if self._fasta:
            self._fasta.close()
        self._split += 1
        self._fasta = _Gzip(self._folder / f"{self._part}.{self._split}.genomic.fna.gz")


class _Gzip:
    """A gzip file that says nothing of when and where it was made."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb")
        self._stream = gzip.GzipFile("", "wb", _GZIP_LEVEL, self._raw, mtime=0)

    def write(self, data: bytes) -> None:
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()
        self._raw.close()


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
