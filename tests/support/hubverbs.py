"""Runs publish and pull as processes of their own, as a person would, and stops them on the way."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.servers.hub import HubServer

SCRIPT = """
import logging, sys
from pathlib import Path
from dnacorpus.errors import CorpusError
from dnacorpus.stages import publish
from dnacorpus.dataset.pull import pull
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
verb, first, second = sys.argv[1:]
try:
    print(publish.run(Path(first), second) if verb == "publish" else pull(first, Path(second)))
except CorpusError as error:
    print(f"dnacorpus {verb}: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""


def start(verb: str, first: object, second: object, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start ``publish DATASET REPO`` or ``pull REPO DEST``; only these HF_ variables count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, verb, str(first), str(second)],
        env=kept | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(verb: str, first: object, second: object, environment: dict[str, str]) -> tuple[int, str, str]:
    """Run a verb to its end and return exit code, stdout, stderr."""
    process = start(verb, first, second, environment)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def kill_when(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Send SIGKILL once the condition holds."""
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate()


def content(folder: Path) -> dict[str, bytes]:
    """Return path -> bytes of all files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def held(hub: HubServer, repo: str) -> dict[str, bytes]:
    """Return path -> bytes of what the branch main holds, without what the Hub puts there itself."""
    files = hub.repositories[repo].commits[-1].files
    return {path: blob.content for path, blob in files.items() if path != ".gitattributes"}
