"""The user's own files, grouped into units by their names.

Flat files (.gbff .gb .gbk .genbank; EMBL .embl .emb .dat), FASTA (.fna .fa .fasta) and annotation with the same stem in
the same folder (.gff .gff3 .gtf), each gzipped or not.
"""

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.gunzip import READ_ERRORS
from dnacorpus.formats.sniff import HEAD_BYTES, format_of
from dnacorpus.formats.source import open_input
from dnacorpus.schemas.names import label_of
from dnacorpus.sources.release import genomic_file
from dnacorpus.storage.digests import md5
from dnacorpus.storage.names import name_flaw, workflow_flaw

logger = logging.getLogger(__name__)

LOCAL = "local"
"""The ``release`` of local files in a catalog."""
_KINDS = {
    ".gbff": "gbff", ".gb": "gbff", ".gbk": "gbff", ".genbank": "gbff",
    ".embl": "gbff", ".emb": "gbff", ".dat": "gbff",
    ".fna": "fna", ".fa": "fna", ".fasta": "fna",
    ".gff": "gff", ".gff3": "gff", ".gtf": "gff",
}  # fmt: skip
# Extracts that NCBI puts beside a genome: cds_from_genomic.fna, GCF_..._rna.fna.gz, viral.1.rna.gbff.gz.
_DERIVED = re.compile(r"(?:.*[._])?(?:cds_from_genomic|rna_from_genomic|rna)")
_EMBL = (".embl", ".emb", ".dat")
SUFFIXES = tuple(_KINDS)
"""The suffixes that are read, apart from .gz; GFF before GTF, which holds less."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of the user."""

    path: Path  # absolute
    stem: str
    suffix: str
    kind: str  # gbff | fna | gff
    bytes: int
    md5: str


def local_units(paths: Iterable[str]) -> list[list[LocalFile]]:
    """Return the units of files that ``paths`` name: files, or folders with everything below them.

    A unit has one stem: a flat file, with its FASTA if there is one, or FASTA with at most one annotation. The order
    of the units does not depend on their folders. Hidden files, other suffixes and NCBI's transcript files are skipped
    in folders. Annotation without FASTA or beside a flat file is left out with a warning, and so is the gzipped one
    of two copies and EMBL beside a GenBank file; files named .dat are used in folders if they begin as EMBL does.
    Raises UsageError for a missing path, another suffix, or a path that `storage.names` does not allow.
    """
    by_stem: dict[tuple[Path, str], list[tuple[Path, str]]] = {}
    for path in sorted({path for given in paths for path in _expand(given)}):
        stem, suffix = _parsed(path)
        if flaw := workflow_flaw(str(path)) or name_flaw(path.name):
            raise UsageError(f"{str(path)!r}: expected a plain path of printable characters, found {flaw}; rename it")
        by_stem.setdefault((path.parent, stem), []).append((path, suffix))
    units = [
        [_measured(path, stem, suffix) for path, suffix in _kept(members)] for (_, stem), members in by_stem.items()
    ]
    return sorted((unit for unit in units if unit), key=lambda unit: [(f.stem, f.path.name, f.md5) for f in unit])


def filled(units: Sequence[Sequence[LocalFile]], part_bytes: int) -> Iterator[list[LocalFile]]:
    """Yield the files of each part: consecutive units up to ``part_bytes``, without repeated file names."""
    part: list[LocalFile] = []
    names: set[str] = set()
    weight = 0
    for unit in units:
        added = sum(file.bytes for file in unit)
        if part and (weight + added > part_bytes or any(file.path.name in names for file in unit)):
            yield part
            part, names, weight = [], set(), 0
        part += unit
        names |= {file.path.name for file in unit}
        weight += added
    if part:
        yield part


def labels_of(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return url -> label of the local files among the rows of a catalog: what stands for them in names of records.

    The files of a unit have one label: the stem of its flat file or FASTA file. If several units of the division have
    that stem, the first digits of the file's MD5 follow: folders are not published.
    """
    units: dict[tuple[Path, str], list[Mapping[str, str]]] = {}
    for row in rows:
        if row["release"] == LOCAL:
            path = Path(row["url"])
            units.setdefault((path.parent, _parsed(path)[0]), []).append(row)
    first = {unit: min(files, key=lambda row: (row["kind"] == "gff", row["file"])) for unit, files in units.items()}
    stems = {unit: label_of(_stem(row["file"])) for unit, row in first.items()}
    several = {stem for stem, count in Counter(stems.values()).items() if count > 1}
    return {
        row["url"]: f"{stems[unit]}-{first[unit]['md5'][:8]}" if stems[unit] in several else stems[unit]
        for unit, files in units.items()
        for row in files
    }


def _stem(name: str) -> str:
    plain = name[:-3] if name.lower().endswith(".gz") else name
    return Path(plain).stem.removesuffix("_genomic")


def _expand(given: str) -> list[Path]:
    path = Path(given).expanduser().absolute()
    if path.is_dir():
        below = (file for file in path.rglob("*") if file.is_file())
        visible = (file for file in below if not any(s.startswith(".") for s in file.relative_to(path).parts))
        named = (file for file in visible if _parsed(file)[1] and not _derived(file))
        files = [file for file in named if _parsed(file)[1] != ".dat" or _is_embl(file)]
        if not files:
            raise UsageError(f"{given}: expected files that end with {_expected()}, found none; correct `path`")
        return files
    if not path.is_file():
        raise UsageError(f"{given}: expected a file or folder, found none; correct `path`")
    if not _parsed(path)[1]:
        raise UsageError(f"{given}: expected a name that ends with {_expected()}; rename the file, or leave it out")
    return [path]


def _is_embl(path: Path) -> bool:
    """Tell whether a file begins as EMBL does: many programs call their data .dat."""
    with contextlib.suppress(*READ_ERRORS), open_input(path) as handle:
        return format_of(handle.read(HEAD_BYTES).split(b"\n")) == "EMBL"
    return False


def _derived(path: Path) -> bool:
    if not _DERIVED.fullmatch(_parsed(path)[0].lower()):
        return False
    logger.warning(
        "%s: left out: its name is that of transcripts extracted from a genome; name the file itself to use it", path
    )
    return True


def _parsed(path: Path) -> tuple[str, str]:
    """Return the stem and suffix of a file's name; the suffix is "" for files that are not read."""
    plain = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    suffix = Path(plain).suffix.lower()
    stem = plain[: len(plain) - len(suffix)]
    release = genomic_file(path.name)
    if release:  # viral.1.genomic.gbff.gz belongs to viral.1.1.genomic.fna.gz
        stem = release.part
    elif stem.startswith(f"{path.parent.name}_") and stem.endswith("_genomic"):
        stem = "genomic"  # NCBI datasets: GCF_000864765.1/genomic.gff, GCF_000864765.1/GCF_000864765.1_..._genomic.fna
    return stem, suffix if suffix in _KINDS else ""


def _kept(members: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Return the files of a stem to use, sorted by name; the others are logged."""
    kept: list[tuple[Path, str]] = []
    paths = {path for path, _ in members}
    kinds = {_KINDS[suffix] for _, suffix in members}
    genbank = any(_KINDS[suffix] == "gbff" and suffix not in _EMBL for _, suffix in members)
    best = min((suffix for _, suffix in members if _KINDS[suffix] == "gff"), key=SUFFIXES.index, default="")
    for path, suffix in members:
        annotation = _KINDS[suffix] == "gff"
        if path.suffix.lower() == ".gz" and path.with_suffix("") in paths:
            reason = f"{path.with_suffix('').name} is beside it"
        elif suffix in _EMBL and genbank:
            reason = "the GenBank file of the same name has the same records"
        elif annotation and "gbff" in kinds:
            reason = "the flat file of the same name has its own annotation"
        elif annotation and "fna" not in kinds:
            reason = "expected FASTA of the same name beside it, found none"
        elif annotation and suffix != best:
            reason = f"the {best} file of the same name is used"
        else:
            kept.append((path, suffix))
            continue
        logger.warning("%s: left out: %s", path, reason)
    return kept


def _measured(path: Path, stem: str, suffix: str) -> LocalFile:
    try:
        return LocalFile(path, stem, suffix, _KINDS[suffix], path.stat().st_size, md5(path))
    except OSError as error:
        raise CorpusError(f"{path}: expected a readable file, found: {error}; correct that and run again") from error


def _expected() -> str:
    return f"{', '.join(SUFFIXES)}, with .gz or without"
