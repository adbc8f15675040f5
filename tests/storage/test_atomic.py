"""Atomic writes: complete output or none, also if two processes write it and one is killed."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

from dnacorpus.errors import UsageError
from dnacorpus.storage.atomic import sweep, whole_directory, whole_file, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with whole_file(target) as path:
        path.write_text("half")
        assert not target.exists()
    assert target.read_text() == "half"
    assert names(target.parent) == ["a.txt"]


@pytest.mark.parametrize("whole", [whole_file, whole_directory])
def test_a_failure_keeps_the_earlier_output(tmp_path, whole):
    target = tmp_path / "a"
    with whole_directory(target) if whole is whole_directory else whole_file(target) as path:
        (path / "old" if whole is whole_directory else path).write_text("old")
    with pytest.raises(RuntimeError), whole(target) as path:
        (path / "new" if whole is whole_directory else path).write_text("new")
        raise RuntimeError
    assert names(tmp_path) == ["a"]
    assert (target / "old" if whole is whole_directory else target).read_text() == "old"


def test_a_directory_replaces_another(tmp_path):
    for content in ("old", "new"):
        with whole_directory(tmp_path / "out") as folder:
            (folder / content).write_text(content)
    assert names(tmp_path / "out") == ["new"]
    assert names(tmp_path) == ["out"]


def test_a_second_process_with_the_same_bytes_leaves_the_output_alone(tmp_path):
    target = tmp_path / "out"
    with whole_directory(target) as first:
        (first / "sub").mkdir()
        (first / "sub" / "a").write_text("same")
    (target / ".snakemake_timestamp").write_text("")
    before = os.stat(target).st_ino
    with whole_directory(target) as second:
        (second / "sub").mkdir()
        (second / "sub" / "a").write_text("same")
    assert os.stat(target).st_ino == before
    with whole_directory(target) as third:
        (third / "sub").mkdir()
        (third / "sub" / "a").write_text("else")
    assert (target / "sub" / "a").read_text() == "else"


def test_a_write_removes_leftovers_of_dead_processes_but_not_of_living_ones(tmp_path):
    script = (
        "import os, sys, pathlib\n"
        "from dnacorpus.storage.atomic import whole_directory\n"
        "with whole_directory(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'a').write_text('half')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    target = tmp_path / "out[1]"
    assert subprocess.run([sys.executable, "-c", script, str(target)], check=False).returncode == -9
    (left,) = names(tmp_path)
    assert left.startswith(".out[1].tmp-")
    with whole_directory(target) as mine:
        assert not (tmp_path / left).exists()
        with pytest.raises(FileExistsError), whole_directory(target):
            pass
        mine.mkdir(exist_ok=True)
    assert names(tmp_path) == ["out[1]"]


def test_a_leftover_of_a_process_with_our_number_is_removed(tmp_path):
    left = tmp_path / f".out.tmp-{socket.gethostname()}-{os.getpid()}"
    left.mkdir()
    (left / "half").write_text("x")
    with whole_directory(tmp_path / "out") as folder:
        (folder / "a").write_text("whole")
    assert names(tmp_path / "out") == ["a"]


def test_a_sweep_removes_leftovers_of_dead_processes_and_nothing_else(tmp_path):
    host = socket.gethostname()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / "deep").mkdir()
    for place, pid in (("deep/.a.tmp-", dead.pid), (".b.tmp-", dead.pid), (".c.tmp-", os.getpid())):
        (tmp_path / f"{place}{host}-{pid}").write_text("")
    (tmp_path / f".d.tmp-otherhost-{dead.pid}").write_text("")
    sweep(tmp_path)
    assert names(tmp_path) == [f".c.tmp-{host}-{os.getpid()}", f".d.tmp-otherhost-{dead.pid}", "deep"]
    assert names(tmp_path / "deep") == []


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "a", "é\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\n"


def test_a_text_replaces_a_link_and_never_follows_it(tmp_path):
    victim, target = tmp_path / "victim", tmp_path / "part.json"
    victim.write_text("precious")
    target.symlink_to(victim)
    write_text(target, "{}")
    assert victim.read_text() == "precious"
    assert target.read_text() == "{}"
    assert not target.is_symlink()


@pytest.mark.parametrize("found", ["file", "link", "link to a folder", "dangling link"])
@pytest.mark.parametrize("late", [False, True])
def test_a_file_or_link_in_place_of_a_folder_is_refused_and_kept(tmp_path, found, late):
    target, folder, file = tmp_path / "out", tmp_path / "mine", tmp_path / "file"
    folder.mkdir()
    (folder / "a").write_text("precious")
    file.write_text("precious")

    def put():
        if found == "file":
            target.write_text("precious")
        else:
            target.symlink_to({"link": file, "link to a folder": folder, "dangling link": tmp_path / "no"}[found])

    if not late:
        put()
    message = f"{target}: expected a folder or nothing, found a {'file' if found == 'file' else 'symbolic link'};"
    with pytest.raises(UsageError, match=message), whole_directory(target) as workspace:
        assert late
        (workspace / "b").write_text("new")
        put()
    assert target.is_symlink() == (found != "file")
    assert names(tmp_path) == ["file", "mine", "out"]
    assert (folder / "a").read_text() == file.read_text() == "precious"
    assert names(folder) == ["a"]


def test_a_folder_that_cannot_be_removed_is_an_error_that_names_it(tmp_path, monkeypatch):
    target = tmp_path / "out"
    target.mkdir()
    (target / "old").write_text("old")
    remove = shutil.rmtree

    def denied(path, ignore_errors=False):
        if path != target:
            remove(path, ignore_errors=ignore_errors)
        elif not ignore_errors:
            raise PermissionError(13, "Permission denied", str(target / "old"))

    monkeypatch.setattr(shutil, "rmtree", denied)
    with pytest.raises(PermissionError, match=str(target / "old")), whole_directory(target) as workspace:
        (workspace / "new").write_text("new")
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("pid", ["9" * 20, "9" * 18, "x", "٣"])
def test_a_leftover_whose_number_is_no_process_is_removed(tmp_path, pid):
    (tmp_path / f".out.tmp-{socket.gethostname()}-{pid}").write_text("half")
    write_text(tmp_path / "out", "whole")
    assert names(tmp_path) == ["out"]
