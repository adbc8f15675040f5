import errno
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dnacorpus.storage.lock import LOCK, alone_in, release, take

HOLD = """
import sys, time
from pathlib import Path
from dnacorpus.storage.lock import take
assert take(Path(sys.argv[1]))[0] is not None
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path):
    """Another process that holds the lock of the folder."""
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_names_the_process_that_holds_it(tmp_path: Path, other) -> None:
    file, holder = take(tmp_path)
    assert file is None
    assert holder.startswith(f"process {other.pid} on ")


def test_a_killed_process_leaves_no_lock(tmp_path: Path, other) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / LOCK).exists()
    with alone_in(tmp_path):
        assert f"process {os.getpid()} on " in (tmp_path / LOCK).read_text()
    assert not (tmp_path / LOCK).exists()


def test_a_child_does_not_keep_the_lock_of_its_parent(tmp_path: Path) -> None:
    file, _ = take(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        os.close(file)
        again, _ = take(tmp_path)
        child.kill()
    assert again is not None
    release(tmp_path, again)


def test_the_second_waits_until_the_first_is_done(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, _ = take(tmp_path)
    order: list[str] = []

    def second() -> None:
        with alone_in(tmp_path):
            order.append("second")

    with caplog.at_level(logging.WARNING):
        thread = threading.Thread(target=second)
        thread.start()
        while not caplog.records and thread.is_alive():
            thread.join(0.01)
        order.append("first")
        release(tmp_path, file)
        thread.join()
    assert order == ["first", "second"]
    assert f"{tmp_path}: process {os.getpid()} on " in caplog.text


def test_a_disk_without_locks_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with alone_in(tmp_path):
        pass
    assert "this disk has no locks" in caplog.text


def test_a_link_in_place_of_the_lock_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK).symlink_to(victim)
    with pytest.raises(OSError, match=LOCK):
        take(tmp_path / "out")
    assert victim.read_text() == "precious"


def test_a_full_disk_leaves_no_lock_and_no_open_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match=f"No space left on device: '{tmp_path / LOCK}'"):
            take(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before
    with alone_in(tmp_path):
        pass
