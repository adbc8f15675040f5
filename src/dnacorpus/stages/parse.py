"""The parse stage: the flat files, FASTA files and GFF of one part as the tables of a part.

In: the folder of fetch, or files. Out: a folder of records, features, segments, references, rejects and ledger, written
whole or not at all; the same bytes in give the same bytes out, whatever the paths. A bad record is left out alone, and
goes to rejects with its reason and its bytes. Memory: about 16 MB of records and their bases, or the longest record,
three times; the bases of FASTA files are kept on the disk.
"""

import json
import logging
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.formats.gff.annotations import UnusedAnnotationError
from dnacorpus.formats.part_writer import PartWriter
from dnacorpus.formats.read_part import Files, FindTaxon, read_files
from dnacorpus.formats.sniff import ForeignFormatError
from dnacorpus.formats.taxonomy.lookup import Taxa
from dnacorpus.limits import LimitError
from dnacorpus.numbers import count
from dnacorpus.schemas.names import BY_FILE, NUMBERED, RecordNames
from dnacorpus.sources.release import member_of
from dnacorpus.storage.atomic import whole_directory

_log = logging.getLogger(__name__)


def parse_part(
    division: str, part: str, files: Files, out: Path, *, release: str | None = None, taxonomy: Path | None = None
) -> str:
    """Read the files of one part and write its tables to the folder ``out``.

    ``taxonomy`` is the folder of the taxonomy stage; without one species are taken from names.
    Returns "", or one line that names the damaged file and the damage: the tables then hold what
    precedes it. Raises CorpusError for a file that is missing or in another format, UsageError for
    two files of one name, since the tables name files without their folders.
    """
    names = sorted(path.name for path in files)
    twice = [name for name, after in pairwise(names) if name == after]
    if twice:
        raise UsageError(f"{twice[0]}: expected files of different names, found it twice; rename one of them")
    with whole_directory(out) as workspace, PartWriter(workspace, division, part, release) as tables:
        damages = read_files(tables, files, workspace, _taxa(taxonomy))
        tables.write_ledger(len(names), damages)
    return "; ".join(damages)


def run_on_files(
    division: str,
    gbff: Sequence[Path],
    fna: Sequence[Path],
    gff: Sequence[Path],
    out: Path,
    *,
    release: str | None = None,
    taxonomy: Path | None = None,
) -> str:
    """Read files without a build, as `parse_part` does; the part is named after the first flat file or FASTA file."""
    part = member_of((*gbff, *fna)[0].name)
    return parse_part(division, part, Files(gbff, fna, gff), out, release=release, taxonomy=taxonomy)


def run(raw: Path, out: Path, taxonomy: Path | None = None) -> None:
    """Read the fetched part in the folder ``raw``, as its ``part.json`` lists it, and write its tables to ``out``.

    ``taxonomy`` is as in `parse_part`. A part with any file that is damaged, or no flat file at all, gets
    empty tables; its ledger names the file and the damage. Of an assembly that lacks a
    file nothing is read. Records of one's own files are named as `RecordNames` does, after the label of their file in
    ``part.json``. Raises CorpusError if ``part.json`` is missing or has another form.
    """
    listing = _listing(raw)
    names = (listing["division"], listing["part"], listing["release"])
    described = listing["files"]
    damages = [f"{file['file']}: {file['detail']}" for file in described if file["status"] == "unreadable"]
    damages += [f"{file['file']}: {change}" for file in described if (change := _changed(raw, file))]
    tombstones, used = _without_gone(described)
    labels = listing.get("labels", {})
    with whole_directory(out) as workspace:
        if not damages:
            find_taxon = _taxa(taxonomy)
            with PartWriter(workspace, *names, labels) as tables:
                try:
                    for files in _units(raw, used, labels):
                        damages += read_files(tables, files, workspace, find_taxon)
                except (ForeignFormatError, UnusedAnnotationError, LimitError) as error:
                    damages = [str(error)]
                tables.write_ledger(len(described), damages, tombstones)
                _say_names(listing["part"], tables.names)
        if damages:
            for path in workspace.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            with PartWriter(workspace, *names) as tables:
                tables.write_ledger(len(described), sorted(damages), tombstones)


def _changed(raw: Path, file: dict[str, Any]) -> str:
    """Return how a file differs from what was fetched, or "": a linked file may have been replaced since."""
    path = raw / file["file"]
    if file["status"] != "ok" or not path.is_file() or file["bytes"] in (None, path.stat().st_size):
        return ""
    return f"expected the {file['bytes']} bytes that were fetched, found {path.stat().st_size}; fetch the part again"


def _units(raw: Path, used: list[dict[str, Any]], labels: dict[str, str]) -> list[Files]:
    """Return the files to read together: those of one label, since names of one's own are those of one genome's files.

    Files without labels, which are of a release, are read together.
    """
    units: dict[str, list[dict[str, Any]]] = {}
    for file in used:
        units.setdefault(labels.get(file["file"], ""), []).append(file)
    return [
        Files(*([raw / file["file"] for file in unit if file["kind"] == kind] for kind in ("gbff", "fna", "gff")))
        for unit in units.values()
    ]


def _say_names(part: str, names: RecordNames) -> None:
    if names.example:
        own, name = names.example
        records = count(names.counts[BY_FILE] + names.counts[NUMBERED], "record")
        _log.warning(
            "%s: %s named after the file, e.g. %s for %s: only accessions are unique in all files",
            part,
            records,
            name,
            own,
        )


def _taxa(taxonomy: Path | None) -> FindTaxon:
    return Taxa(taxonomy).taxon if taxonomy else None


def _without_gone(described: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a line for each file that is gone, and the files to read: none of an assembly that lacks a file."""
    gone = {member_of(file["file"]): file["file"] for file in described if file["status"] == "gone"}
    tombstones, used = [], []
    for file in described:
        if file["status"] == "gone":
            tombstones.append(f"{file['file']}: {file['detail']}")
        elif file["status"] == "ok" and member_of(file["file"]) in gone:
            tombstones.append(f"{file['file']}: left out: {gone[member_of(file['file'])]} is gone")
        elif file["status"] == "ok":
            used.append(file)
    return sorted(tombstones), used


def _listing(raw: Path) -> dict[str, Any]:
    path = raw / "part.json"
    try:
        listing: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if missing := _missing(listing):
            raise KeyError(missing)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: expected the list of a part's files, found {type(error).__name__}: {error}; fetch the part again"
        ) from error
    return listing


def _missing(listing: dict[str, Any]) -> str:
    """Return the first key that a part's list, or one of its files, lacks, or ""; raises TypeError for other values."""
    keys = ("division", "part", "release", "files")
    if missing := [key for key in keys if key not in listing]:
        return missing[0]
    for file in listing["files"]:
        if missing := [key for key in ("detail", "status", "file", "kind", "bytes") if key not in file]:
            return missing[0]
        if not isinstance(file["file"], str):
            raise TypeError(f"file: expected a name, found {file['file']!r}")
    return ""
