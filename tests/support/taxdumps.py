"""Writes small taxdumps in NCBI's format, whole or damaged, and a small taxonomy that has the cases that matter."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

NODES = [
    (1, 1, "no rank", "root"),
    (131567, 1, "cellular root", "cellular organisms"),
    (2, 131567, "domain", "Bacteria"),
    (1224, 2, "phylum", "Pseudomonadota"),
    (543, 1224, "family", "Enterobacteriaceae"),
    (561, 543, "genus", "Escherichia"),
    (562, 561, "species", "Escherichia coli"),
    (83333, 562, "strain", "Escherichia coli K-12"),
    (511145, 83333, "no rank", "Escherichia coli str. K-12 substr. MG1655"),
    (2759, 131567, "domain", "Eukaryota"),
    (9608, 2759, "family", "Canidae"),
    (9611, 9608, "genus", "Canis"),
    (9612, 9611, "species", "Canis lupus"),
    (9615, 9612, "subspecies", "Canis lupus familiaris"),
    (1386, 2, "genus", "Bacillus"),
    (55087, 2759, "genus", "Bacillus"),
    (10239, 1, "acellular root", "Viruses"),
    (2559587, 10239, "realm", "Riboviria"),
    (12429, 2559587, "no rank", "unclassified Riboviria"),
    (77763, 12429, "species", "Test RNA virus 1"),
]
"""Taxid, parent, rank, scientific name."""
SYNONYMS = [
    (562, "Bacterium coli", "synonym"),
    (9615, "dog", "genbank common name"),
    (9612, "gray wolf", "genbank common name"),
    (9612, "Dog", "common name"),
    (2, "bacteria", "blast name"),
    (2559587, "dog", "synonym"),
    (562, "ATCC 11775", "type material"),
    (561, "Escherichia Castellani and Chalmers 1919", "authority"),
]
"""Taxid, name, class."""
MERGED = [(662101, 562), (9999, 9615)]
"""Old taxid, new taxid."""
DELETED = 4444


def lines(rows: Iterable[tuple[object, ...]]) -> bytes:
    """Return rows as NCBI writes them."""
    return "".join("\t|\t".join(map(str, row)) + "\t|\n" for row in rows).encode()


def files(
    nodes: Iterable[tuple[int, int, str, str]] = NODES,
    synonyms: Iterable[tuple[int, str, str]] = SYNONYMS,
    merged: Iterable[tuple[int, int]] = MERGED,
    deleted: Iterable[int] = (DELETED,),
) -> dict[str, bytes]:
    """Return the .dmp files of a taxdump, nodes.dmp with all the columns of new_taxdump."""
    nodes = list(nodes)
    names = [(taxid, name, "", "scientific name") for taxid, _, _, name in nodes]
    names += [(taxid, name, "", kind) for taxid, name, kind in synonyms]
    rest = ("", 0, 1, 11, 1, 0, 1, 1, 0, "code compliant; specified", "", "", 0, 0, 1)
    return {
        "delnodes.dmp": lines((taxid,) for taxid in deleted),
        "merged.dmp": lines(merged),
        "names.dmp": lines(sorted(names)),
        "nodes.dmp": lines((taxid, parent, rank, *rest) for taxid, parent, rank, _ in nodes),
    }


def folder(path: Path, content: Mapping[str, bytes] | None = None) -> Path:
    """Write a folder of .dmp files."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in (files() if content is None else content).items():
        (path / name).write_bytes(data)
    return path


def tar_gz(path: Path, content: Mapping[str, bytes] | None = None, md5: bool = False) -> Path:
    """Write a .tar.gz, and its .md5 beside it if wanted; the same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in (files() if content is None else content).items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    if md5:
        digest = hashlib.md5(path.read_bytes()).hexdigest()
        path.with_name(f"{path.name}.md5").write_text(f"{digest}  {path.name}\n")
    return path


def packed(path: Path, content: Mapping[str, bytes] | None = None) -> Path:
    """Write a .zip, its files in a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (files() if content is None else content).items():
            archive.writestr(f"taxdmp/{name}", data)
    return path
