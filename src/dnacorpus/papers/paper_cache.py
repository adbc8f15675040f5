"""What literature services have answered, kept so that no build asks for a paper twice.

A folder per service, in it a folder per batch, written whole or not at all:
``<service>/<2 hex>/<14 hex>/``, named by the ids asked for, holds the answers as files that `paper_files` reads, and
``receipt.json``: {asked, missing, notes}. Answers do not expire; who wants to ask again removes a service's folder.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.errors import CorpusError
from dnacorpus.storage.atomic import whole_directory

_RECEIPT = "receipt.json"
_PACKED = (".xml", ".json")


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of ids that a service answered; ``notes`` is what the answers say beside the files."""

    folder: Path
    asked: frozenset[str]
    missing: frozenset[str]
    notes: Mapping[str, str]

    def files(self) -> list[Path]:
        """Return the answers, sorted."""
        return sorted(path for path in self.folder.iterdir() if path.name != _RECEIPT)


class PaperCache:
    """The answers of one service."""

    def __init__(self, root: Path, service: str) -> None:
        self._folder = root / service
        found = sorted(self._folder.glob(f"[0-9a-f][0-9a-f]/*/{_RECEIPT}"))
        self._batches = [_read(receipt) for receipt in found]
        self._asked = {name for batch in self._batches for name in batch.asked}

    def unasked(self, names: Iterable[str]) -> list[str]:
        """Return those of the ids that were never asked for, sorted by length, then by character."""
        return sorted(set(names) - self._asked, key=lambda name: (len(name), name))

    def asked(self, prefix: str = "") -> set[str]:
        """Return the ids that were asked for and begin with a prefix."""
        return {name for name in self._asked if name.startswith(prefix)}

    def batches(self, names: Iterable[str]) -> list[Batch]:
        """Return the batches in which any of the ids was asked for, in order of their folders."""
        wanted = set(names)
        return sorted((batch for batch in self._batches if batch.asked & wanted), key=lambda batch: batch.folder)

    def put(
        self,
        asked: Iterable[str],
        missing: Iterable[str],
        files: Mapping[str, bytes],
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the answers to one batch; XML and JSON are packed, without a clock in them."""
        names = sorted(set(asked))
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        target = self._folder / digest[:2] / digest[2:16]
        receipt = {"asked": names, "missing": sorted(set(missing)), "notes": dict(sorted((notes or {}).items()))}
        with whole_directory(target) as workspace:
            for name, content in files.items():
                packed = name.endswith(_PACKED)
                path = workspace / (f"{name}.gz" if packed else name)
                path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
            (workspace / _RECEIPT).write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
        self._batches.append(_read(target / _RECEIPT))
        self._asked.update(names)


def _read(path: Path) -> Batch:
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        return Batch(path.parent, frozenset(receipt["asked"]), frozenset(receipt["missing"]), dict(receipt["notes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: expected asked, missing and notes, found: {error!r}; remove its folder, to ask again"
        ) from error
