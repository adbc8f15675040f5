"""Writing a simulated release in RefSeq's layout, with its papers and the truth about it.

Memory holds one molecule at a time. The same bases, seed and ``unrelated`` give the same bytes.
"""

import gzip
import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dnacorpus.errors import UsageError
from dnacorpus.simulate.articles import Article, citation, full_text, pubmed_article
from dnacorpus.simulate.evolution import random_stream
from dnacorpus.simulate.genbank_writer import Citation
from dnacorpus.simulate.genomes import MIN_BASES, MoleculeBuilder
from dnacorpus.simulate.molecules import DIVISIONS, REPLICONS, Molecule, Replicon
from dnacorpus.simulate.organisms import KINDS, Species, SpeciesCatalog
from dnacorpus.simulate.planted import SCAFFOLD, CaseContext, Outcome, planted_records
from dnacorpus.simulate.records import fasta_text, flat_text
from dnacorpus.sources.release import md5_list_name
from dnacorpus.storage.atomic import whole_directory, write_text
from dnacorpus.storage.catalog import SIMULATED_RELEASE
from dnacorpus.storage.digests import md5

LEAST_BASES = 50_000
"""Size of the smallest release that holds all planted cases."""
_USUAL_BASES, _USUAL_ROUNDS, _USUAL_PART_BASES = 2_000_000, 24, 500_000
_PLANTED_RECORDS = 40
_GZIP_LEVEL = 4
_RECORDS_PER_ARTICLE = 4
_ARTICLES_PER_FILE = 200


def simulate(out: Path, bases: int, seed: int, unrelated: bool = False) -> dict[str, Any]:
    """Write ``out/release`` in RefSeq's layout with about ``bases`` bases, and ``out/truth.json``; return the truth.

    The release number is `SIMULATED_RELEASE`. ``truth.json`` holds the options, the divisions with their numbers of
    parts, records and bases, the species, the planted records with the status and reason that each must have in the
    ledger, and the papers with their licences. With ``unrelated`` the accessions and bases stay the same while the
    names of genes and organisms are shuffled, so that the text does not predict the bases. Raises UsageError for
    too few bases, or if ``out/release`` is a release that is not simulated.
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
    release = number.read_text(encoding="utf-8").strip() if number.is_file() else "no RELEASE_NUMBER"
    if release != SIMULATED_RELEASE:
        raise UsageError(
            f"{root}: expected no folder or a simulated release ({SIMULATED_RELEASE}), found {release};"
            " give another output folder"
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """The number of rounds of species, the lengths of molecules and of planted ones, and the bases of a part."""

    rounds: int
    lengths: dict[Replicon, int]
    planted_bases: int
    part_bases: int


def _plan(bases: int) -> _Plan:
    """Return the plan of a release; the number of species and the lengths grow with the square root of its size."""
    growth = (bases / _USUAL_BASES) ** 0.5
    planted_bases = min(max(bases // 1000, 1000), 5_000_000)
    rest = bases - _PLANTED_RECORDS * planted_bases
    scale = rest / max(round(_USUAL_ROUNDS * growth), 2) / sum(len(r.divisions) * r.bases for r in REPLICONS)
    lengths = {replicon: max(min(round(scale * replicon.bases), replicon.max_bases), 700) for replicon in REPLICONS}
    bases_per_round = sum(len(replicon.divisions) * length for replicon, length in lengths.items())
    rounds = max(round(rest / bases_per_round), 1)
    return _Plan(rounds, lengths, planted_bases, round(_USUAL_PART_BASES * max(growth, 1)))


class _Simulation:
    """The state of a release that is being written."""

    def __init__(self, root: Path, plan: _Plan, seed: int, unrelated: bool) -> None:
        self._root, self._plan, self._seed = root, plan, seed
        self._catalog = SpeciesCatalog(seed, plan.rounds, unrelated)
        self._builder = MoleculeBuilder(self._catalog)
        self._writers = {division: _DivisionWriter(root, division, plan.part_bases) for division in DIVISIONS}
        self._articles: dict[str, Article] = {}
        self._planted: list[dict[str, Any]] = []
        self._species: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        """Write everything and return the truth about it."""
        for number in range(self._plan.rounds):
            for kind in KINDS.values():
                species = self._catalog.species(kind, number)
                for replicon in REPLICONS:
                    if replicon.organism == kind.name:
                        self._write_molecule(species, replicon)
                row = {"organism": species.name, "kind": kind.name, "taxid": species.taxid, "host": species.host}
                self._species.append(row)
            if number == 0:
                self._write_planted()
        for writer in self._writers.values():
            writer.close()
        self._write_release_files()
        return {
            "unrelated": self._catalog.unrelated,
            "divisions": {division: writer.counts for division, writer in self._writers.items()},
            "species": self._species,
            "planted": self._planted,
            "papers": self._write_papers(),
        }

    def _write_molecule(self, species: Species, replicon: Replicon) -> None:
        usual = self._plan.lengths[replicon]
        length = round(usual * (0.9 + 0.2 * random_stream(self._seed, species.key, replicon.letter, "length").random()))
        molecule = self._builder.build(species, replicon, max(length, MIN_BASES))
        text, fasta = flat_text(molecule, self._cited(molecule), self._seed), fasta_text(molecule)
        for number, division in enumerate(replicon.divisions):
            part = self._writers[division].write(text, fasta, length)
            if number:
                facts = {"of": molecule.accession, "kept_in": replicon.divisions[0]}
                outcome = Outcome("duplicate", "exact", facts)
                self._add_planted("two_divisions", division, part, molecule.accession, outcome)

    def _cited(self, molecule: Molecule) -> tuple[Citation, ...]:
        genus, records = molecule.species.genus, ((molecule.accession, molecule.species.name),)
        article = self._articles.get(genus) or Article(len(self._articles), genus)
        if len(article.records) < _RECORDS_PER_ARTICLE:
            article = replace(article, records=article.records + records)
        self._articles[genus] = article
        return (citation(article),)

    def _write_planted(self) -> None:
        numbers = itertools.count()

        def new_molecule(replicon: Replicon, name: str) -> Molecule:
            species = self._catalog.species(KINDS[replicon.organism], next(numbers) % self._plan.rounds)
            bases = max(self._plan.planted_bases, 2000) if replicon is SCAFFOLD else self._plan.planted_bases
            return self._builder.build(species, replicon, bases, f"_{name}_")

        context = CaseContext(new_molecule, self._builder.accessions.accession, self._seed)
        for case, record in planted_records(context):
            part = self._writers[record.division].write(record.flat, record.fasta, record.bases)
            self._add_planted(case, record.division, part, record.accession, record.outcome)

    def _add_planted(self, case: str, division: str, part: str, accession: str | None, outcome: Outcome) -> None:
        row = {"case": case, "division": division, "part": part, "accession": accession}
        self._planted.append(row | {"status": outcome.status, "reason": outcome.reason} | outcome.facts)

    def _write_release_files(self) -> None:
        sums = sorted((path.name, md5(path)) for path in self._root.glob("*/*.gz"))
        lines = "".join(f"{checksum}\t{name}\n" for name, checksum in sums)
        listing = self._root / md5_list_name(SIMULATED_RELEASE)
        listing.parent.mkdir()
        listing.write_text(lines, encoding="ascii")
        (self._root / "RELEASE_NUMBER").write_text(f"{SIMULATED_RELEASE}\n", encoding="ascii")

    def _write_papers(self) -> list[dict[str, Any]]:
        folder = self._root / "papers"
        folder.mkdir()
        articles = list(self._articles.values())
        for number, start in enumerate(range(0, len(articles), _ARTICLES_PER_FILE), start=1):
            chunk = articles[start : start + _ARTICLES_PER_FILE]
            entries = "".join(pubmed_article(article, self._seed) for article in chunk)
            text = f'<?xml version="1.0" encoding="UTF-8"?>\n<PubmedArticleSet>\n{entries}</PubmedArticleSet>\n'
            (folder / f"pubmed.{number}.xml").write_text(text, encoding="utf-8")
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
    """The open files of a division; a part that is full is closed, and the next one opened."""

    def __init__(self, root: Path, division: str, part_bases: int) -> None:
        self.counts = {"parts": 0, "records": 0, "bases": 0}
        self._folder, self._division, self._part_bases = root / division, division, part_bases
        self._folder.mkdir()
        self._flat: _Gzip | None = None
        self._fasta: _Gzip | None = None
        self._bases_in_part = self._fasta_files = 0

    def write(self, flat: str, fasta: bytes, bases: int) -> str:
        """Write a record to both files of the open part and return the name of the part."""
        if self._flat is None or self._bases_in_part >= self._part_bases:
            self.close()
            self.counts["parts"] += 1
            self._bases_in_part = self._fasta_files = 0
            self._flat = _Gzip(self._folder / f"{self._part}.genomic.gbff.gz")
        if self._fasta is None or self._bases_in_part >= self._fasta_files * self._part_bases / 2:
            self._open_next_fasta()
        self._flat.write(flat.encode("ascii"))
        if self._fasta:
            self._fasta.write(fasta)
        self._bases_in_part += bases
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

    def _open_next_fasta(self) -> None:
        if self._fasta:
            self._fasta.close()
        self._fasta_files += 1
        self._fasta = _Gzip(self._folder / f"{self._part}.{self._fasta_files}.genomic.fna.gz")


class _Gzip:
    """A gzip file without a time stamp and a file name, so that its bytes depend only on its content."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb")
        self._file = gzip.GzipFile("", "wb", _GZIP_LEVEL, self._raw, mtime=0)

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.close()
        self._raw.close()
