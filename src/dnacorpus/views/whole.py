"""The folder of a view: its files, and last ``view.json``, which lists them; without it the folder is incomplete."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dnacorpus.bounded import JsonError, file_json
from dnacorpus.dataset.manifest import Manifest, linked
from dnacorpus.limits import LimitError
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.lock import alone_in
from dnacorpus.storage.names import path_flaw

VIEW = "view.json"


@contextlib.contextmanager
def whole_view(out: Path, name: str, manifest: Manifest) -> Iterator[list[dict[str, Any]]]:
    """Context manager: yield a list to which the block adds an object with ``path`` for each file written.

    ``view.json`` of an earlier run is removed before the block, and the new one is written after it: the name of the
    view, tag and SHA-256 of the dataset's manifest, and the objects in order of their paths, which are relative to
    ``out``. Files of the earlier run that the block did not write again are removed. A second run with the same ``out``
    waits until the first has ended.
    """
    with alone_in(out):
        earlier = _files(out)
        (out / VIEW).unlink(missing_ok=True)
        files: list[dict[str, Any]] = []
        yield files
        for path in sorted(earlier - {file["path"] for file in files}):
            (out / path).unlink(missing_ok=True)
        content = {
            "view": name,
            "dataset": {"tag": manifest.tag, "manifest_sha256": manifest.entry.sha256},
            "files": sorted(files, key=lambda file: str(file["path"])),
        }
        write_text(out / VIEW, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _files(out: Path) -> set[str]:
    """Return the plain paths, without symbolic links, in the view.json of an earlier run; none if it cannot be read."""
    try:
        paths = [file["path"] for file in file_json(out / VIEW)["files"]]
        plain = {path for path in paths if isinstance(path, str) and not path_flaw(path)}
        return {path for path in plain if not linked(out, path) and (out / path).is_file()}
    except (OSError, LimitError, JsonError, KeyError, TypeError):
        return set()
