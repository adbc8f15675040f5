"""Measure `dnacorpus fetch`, MD5 included, against `curl` followed by `md5sum`, from one server on loopback.

    python bench/fetch.py [--bytes 500000000] [--runs 3] [--folder /tmp]

Both get the same made file from the same server (a process of its own, sendfile), in turn; what they wrote is
removed before the next. The times are those of whole commands, start of Python included. The last line is
the row of RESULTS.md.
"""

# ruff: noqa: T201 - a script that prints

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dnacorpus.storage.catalog import COLUMNS

NAME = "viral.1.genomic.gbff.gz"
PIECE = 1 << 22


class Handler(BaseHTTPRequestHandler):
    """Answers a GET with a file of the current folder, from the byte that Range names."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the file with sendfile, as fast as the client takes it."""
        with Path(self.path.lstrip("/")).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(size - start))
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.send_header("ETag", f'"{size:x}"')
            self.end_headers()
            self.wfile.flush()
            self.connection.sendfile(file, start)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder in a process of its own and give its URL."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        finally:
            server.terminate()


def write_release(root: Path, size: int) -> str:
    """Write a release of one file of random bytes, and its catalogue beside it; return the file's MD5."""
    (root / "viral").mkdir(parents=True)
    (root / "RELEASE_NUMBER").write_text("7\n")
    md5 = hashlib.md5(usedforsecurity=False)
    with (root / "viral" / NAME).open("wb") as file:
        for start in range(0, size, PIECE):
            piece = os.urandom(min(PIECE, size - start))
            md5.update(piece)
            file.write(piece)
    row = ("7", "viral", "viral.1", "00000", "gbff", NAME, f"viral/{NAME}", str(size), md5.hexdigest())
    (root.parent / "viral.tsv").write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n")
    return md5.hexdigest()


def timed(command: list[str]) -> tuple[float, str]:
    """Return the seconds and the output of a command that must succeed."""
    started = time.perf_counter()
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - started, run.stdout


def measure(size: int, runs: int, folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of our runs and of curl's."""
    ours, theirs = [], []
    md5 = write_release(folder / "release", size)
    out, plain = folder / "raw", folder / "plain"
    with served(folder / "release") as url:
        us = [sys.executable, "-m", "dnacorpus", "fetch", "--mirror", url, "--catalog", str(folder / "viral.tsv")]
        us += ["--part", "viral.1", "--out", str(out)]
        peer = ["sh", "-c", 'curl -s -o "$0" "$1" && md5sum "$0"', str(plain), f"{url}viral/{NAME}"]
        for run in range(runs):
            seconds, printed = timed(peer)
            assert printed.split()[0] == md5
            theirs.append(seconds)
            plain.unlink()
            seconds, _ = timed(us)
            assert f'"md5": "{md5}"' in (out / "part.json").read_text()
            assert '"status": "ok"' in (out / "part.json").read_text()
            ours.append(seconds)
            shutil.rmtree(out)
            print(f"run {run + 1}: fetch {ours[-1]:.2f} s, curl and md5sum {theirs[-1]:.2f} s", flush=True)
    return ours, theirs


def main() -> None:
    """Serve, or measure and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=500_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go; default: the system's temporary folder")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
            print(httpd.server_address[1], flush=True)
            httpd.serve_forever()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        ours, theirs = measure(options.bytes, options.runs, Path(folder))
    fast, peer = (options.bytes / statistics.median(seconds) / 1e6 for seconds in (ours, theirs))
    print(
        f"| `dnacorpus fetch`, {options.bytes / 1e6:.0f} MB from loopback, MD5 included: {fast:.0f} MB/s"
        f" | `curl -s -o` then `md5sum`: {peer:.0f} MB/s | {fast / peer:.2f}"
        f" | `bench/fetch.py`, medians of {options.runs} runs in turn |"
    )


if __name__ == "__main__":
    main()
