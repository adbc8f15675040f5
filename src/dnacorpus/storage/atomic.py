"""Atomic writes: each process writes under a temporary name of its own and renames when the output is complete.

A killed run may leave child processes that are still writing while the next run does the same job. They do not
share a temporary name, and the process that ends second leaves the output alone if it has the same bytes.
"""

import contextlib
import filecmp
import glob
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from dnacorpus.bounded import whole_number
from dnacorpus.errors import UsageError

_HOST = socket.gethostname()
_USED: set[Path] = set()
"""Temporary names that this process has made."""
_MOVES = 10
"""Attempts to replace a folder that other processes may be replacing, too."""


@contextlib.contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Context manager: yield an empty folder, which becomes ``target`` if the block ends without an error.

    A folder that is there before is replaced. Raises UsageError for a file or symbolic link, which is left alone, and
    OSError, naming what is in the way, if the folder cannot be removed.
    """
    _expect_no_file(target)
    workspace = _workspace(target)
    workspace.mkdir()
    try:
        yield workspace
        _move_directory(workspace, target)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


@contextlib.contextmanager
def temporary_directory(beside: Path) -> Iterator[Path]:
    """Context manager: yield an empty folder in the folder of a path, and remove it at the end of the block.

    Folders that dead processes of this machine left for the same path are removed first.
    """
    workspace = _workspace(beside)
    workspace.mkdir()
    try:
        yield workspace
    finally:
        # Once more for what a thread that was left running has written meanwhile.
        for _ in range(2):
            shutil.rmtree(workspace, ignore_errors=True)


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Context manager: yield a path to write to, which becomes ``target`` if the block ends without an error."""
    workspace = _workspace(target)
    try:
        yield workspace
        os.replace(workspace, target)
    finally:
        workspace.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with whole_file(target) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders of dead processes of this machine, at any depth below a folder."""
    for leftover in sorted(folder.rglob(f".*.tmp-{glob.escape(_HOST)}-*")):
        _remove_dead(leftover)


def is_temporary(name: str, target: str) -> bool:
    """Return whether a name is one under which a process of any machine writes the file or folder ``target``."""
    start = f".{target}.tmp-"
    host, _, number = name.removeprefix(start).rpartition("-")
    return name.startswith(start) and host != "" and whole_number(number) is not None


def _workspace(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    stem = f".{target.name}.tmp-{_HOST}-"
    for stale in sorted(target.parent.glob(f"{glob.escape(stem)}*")):
        _remove_dead(stale)
    workspace = target.parent / f"{stem}{os.getpid()}"
    if workspace not in _USED:
        # In containers, the process that left it may have had our number.
        _remove(workspace)
        _USED.add(workspace)
    return workspace


def _remove_dead(workspace: Path) -> None:
    if not _alive(workspace.name.rpartition("-")[2]):
        _remove(workspace)


def _remove(workspace: Path) -> None:
    if workspace.is_dir() and not workspace.is_symlink():
        shutil.rmtree(workspace, ignore_errors=True)
    else:
        workspace.unlink(missing_ok=True)


def _alive(pid: str) -> bool:
    number = whole_number(pid)
    try:
        if number is None:
            return False
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _expect_no_file(target: Path) -> None:
    if target.is_symlink() or target.is_file():
        found = "a symbolic link" if target.is_symlink() else "a file"
        raise UsageError(f"{target}: expected a folder or nothing, found {found}; remove it, or give another path")


def _move_directory(workspace: Path, target: Path) -> None:
    for attempt in range(1, _MOVES + 1):
        _expect_no_file(target)
        if target.exists():
            if _same(workspace, target):
                return
            shutil.rmtree(target, ignore_errors=attempt < _MOVES)
        try:
            os.rename(workspace, target)
            return
        except OSError:
            if attempt == _MOVES or not target.exists():
                raise


def _same(left: Path, right: Path) -> bool:
    names = _visible(left)
    if names != _visible(right):
        return False
    return not any(filecmp.cmpfiles(left, right, names, shallow=False)[1:])


def _visible(folder: Path) -> list[str]:
    # Snakemake leaves a hidden timestamp in every directory() output.
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if not path.name.startswith(".snakemake"))
