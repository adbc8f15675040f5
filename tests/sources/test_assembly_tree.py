"""Files of assemblies that earlier processes have looked up; the tables and files of the tree: test_custom.py."""

import json
from pathlib import Path

import pytest
from support.lowered import lower

from dnacorpus.sources.assembly_tree import AssemblyFile, GenomeTree
from dnacorpus.sources.http import Policy
from dnacorpus.sources.mirror import opened
from dnacorpus.sources.resumable import Partials

FOLDER = "all/GCF/000/001/405/GCF_000001405.40_x"
KNOWN = {"kind": "gbff", "name": "x.gbff.gz", "url": "/x.gbff.gz", "bytes": 5, "md5": ""}
DAMAGED = [
    b"[" * 200_000,
    b"\xff",
    b"5",
    b"[1, 2]",
    b'["a", 5]',
    b'[["a"], []]',
    *(json.dumps([f"BASE {FOLDER}", files]).encode() for files in ("x", [5], [{}], [KNOWN | {"more": 1}])),
    *(json.dumps([f"BASE {FOLDER}", [KNOWN | change]]).encode() for change in ({"bytes": "5"}, {"url": ["/x"]})),
]


def known(folder: Path, *lines: bytes) -> list[AssemblyFile]:
    """Return the files of the assembly: it has one by the known line, and none in the tree, which is empty."""
    tree = folder / "genomes"
    tree.mkdir()
    partials = Partials(folder / "partials")
    partials.folder.mkdir()
    content = b"".join(line.replace(b"BASE", str(tree).encode()) + b"\n" for line in lines)
    (partials.folder / "assemblies.jsonl").write_bytes(content)
    with opened(str(tree), Policy()) as source:
        return GenomeTree(str(tree), source, partials).files(FOLDER)


GOOD = json.dumps([f"BASE {FOLDER}", [KNOWN]]).encode()


def test_an_assembly_is_looked_up_once(tmp_path: Path) -> None:
    assert known(tmp_path, GOOD) == [AssemblyFile(**KNOWN)]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_costs_itself(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "before").mkdir()
    assert known(tmp_path / "before", line) == []
    (tmp_path / "after").mkdir()
    assert known(tmp_path / "after", line, GOOD) == [AssemblyFile(**KNOWN)]


def test_a_line_without_end_is_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch, "TABLE_LINE", 1000)
    assert known(tmp_path, b"x" * 2000, GOOD) == []
