"""Runs a command that is killed at a chosen moment: before its n-th change to files, or when a file reaches a size.

Both are counted in the command itself, so the same number is the same moment in every run of one process.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_SCRIPT = """
import os, resource, signal, sys
moment, size, number = map(int, sys.argv[1:4])
root = os.path.realpath(sys.argv[4])
seen = 0

def hook(event, arguments):
    global seen
    if event == "open":
        path, _, flags = arguments
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"):
        path, writes = arguments[0], True
    else:
        return
    if writes and isinstance(path, str) and os.path.abspath(path).startswith(root):
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), number)

if size:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
if moment:
    sys.addaudithook(hook)
from dnacorpus.cli.main import main
sys.argv[1:] = sys.argv[5:]
code = main()
sys.stdout.flush()
sys.exit(code)
"""


def killed(
    arguments: Sequence[object], folder: Path, *, moment: int = 0, size: int = 0, number: int = signal.SIGKILL
) -> subprocess.CompletedProcess[str]:
    """Run ``dnacorpus`` and return how it ended.

    It gets the signal ``number`` before the ``moment``-th change to files below ``folder``, and dies by SIGXFSZ at the
    byte after ``size`` of any file. 0 leaves either out; without both, or with large ones, it runs to its end.
    """
    command = [sys.executable, "-c", _SCRIPT, moment, size, number, folder, *arguments]
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def started(arguments: Sequence[object]) -> subprocess.Popen[bytes]:
    """Start ``dnacorpus`` as a process of its own, whose output is dropped."""
    command = [sys.executable, "-m", "dnacorpus", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
