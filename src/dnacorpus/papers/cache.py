"""The answers of literature services, kept on disk so that no build asks for the same paper twice.

Each service has a folder with one subfolder per batch of ids, ``<service>/<2 hex>/<14 hex>/``, named by the
ids asked for. It is written whole or not at all, and holds the answers as files that `papers.files` reads, and
``receipt.json``: {asked, missing, notes}. Answers do not expire; remove a service's folder to ask it again.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from dnacorpus.bounded import file_json
from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.limits import within_memory
from dnacorpus.storage.atomic import whole_directory

_RECEIPT = "receipt.json"
_COMPRESSED = (".xml", ".json")
_MAX_FAILURES = 3
"""Ids in a row that may fail before the service, not the ids, is taken to be at fault."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of ids that a service answered; ``notes`` are the answers that are not files, by key."""

    folder: Path
    asked: frozenset[str]
    missing: frozenset[str]
    notes: Mapping[str, str]

    def files(self) -> list[Path]:
        """Return the files of the answers, sorted."""
        return sorted(path for path in self.folder.iterdir() if path.name != _RECEIPT)


@dataclass(slots=True)
class Answers:
    """The answers of a service to some ids, not yet in the cache.

    ``missing`` are the ids that have no file; ``damage`` describes unusable answers, by id. ``failed`` are
    the ids that the service did not answer, with the reason: they are not cached, so the next run asks again.
    """

    asked: list[str]
    missing: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    damage: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class PaperCache:
    """The cached answers of one service."""

    def __init__(self, root: Path, service: str) -> None:
        self._folder = root / service
        receipts = sorted(self._folder.glob(f"[0-9a-f][0-9a-f]/*/{_RECEIPT}"))
        self._batches = [_read(receipt) for receipt in receipts]
        self._asked = {name for batch in self._batches for name in batch.asked}

    def unasked(self, names: Iterable[str]) -> list[str]:
        """Return the ids that have not been asked for, sorted by length, then by character."""
        return sorted(set(names) - self._asked, key=lambda name: (len(name), name))

    def asked(self) -> frozenset[str]:
        """Return all ids that have been asked for."""
        return frozenset(self._asked)

    def batches(self, names: Iterable[str]) -> list[Batch]:
        """Return the batches that hold an answer to any of the ids, sorted by folder."""
        wanted = set(names)
        return sorted((batch for batch in self._batches if batch.asked & wanted), key=lambda batch: batch.folder)

    def put(
        self,
        asked: Iterable[str],
        missing: Iterable[str],
        files: Mapping[str, bytes],
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """Store one batch; XML and JSON are compressed, without a time stamp."""
        names = sorted(set(asked))
        digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
        target = self._folder / digest[:2] / digest[2:16]
        receipt = {"asked": names, "missing": sorted(set(missing)), "notes": dict(sorted((notes or {}).items()))}
        with whole_directory(target) as workspace:
            for name, content in files.items():
                if name.endswith(_COMPRESSED):
                    (workspace / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
                else:
                    (workspace / name).write_bytes(content)
            (workspace / _RECEIPT).write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
        self._batches.append(_read(target / _RECEIPT))
        self._asked.update(names)

    def put_answers(self, answers: Answers) -> list[str]:
        """Store the ids that were answered, and return one line for each that failed."""
        answered = set(answers.asked) - answers.failed.keys()
        self.put(answered, answers.missing, answers.files, answers.damage)
        return [f"{name}: {reason}" for name, reason in answers.failed.items()]


def ask_each(names: list[str], ask: Callable[[str], dict[str, bytes]]) -> Answers:
    """Ask for the files of each id; ``ask`` returns {} for an id that has none.

    An id that fails is recorded, and the next one is asked for. Raises RemoteError when three ids in a row
    fail because of the service: it is then taken to be down.
    """
    answers, failures_in_a_row = Answers(names), 0
    for name in names:
        try:
            with within_memory():
                files = ask(name)
        except RemoteError as error:
            answers.failed[name] = str(error)
            failures_in_a_row += 1
            if failures_in_a_row == _MAX_FAILURES:
                raise
            continue
        except CorpusError as error:  # the answer to this id is damaged
            files = {}
            answers.damage[name] = str(error)
        failures_in_a_row = 0
        answers.files.update(files)
        if not files:
            answers.missing.append(name)
    return answers


def ask_in_parallel(
    pool: ThreadPoolExecutor, ask: Callable[[list[str]], Answers], names: Sequence[str], size: int
) -> Iterator[Answers]:
    """Ask for chunks of ``size`` ids in parallel and yield the answers as they arrive; stop at the first error."""
    futures = [pool.submit(ask, chunk) for chunk in chunks(names, size)]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def chunks(names: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in lists of at most ``size``."""
    for start in range(0, len(names), size):
        yield list(names[start : start + size])


def _read(path: Path) -> Batch:
    try:
        receipt = file_json(path)
        return Batch(path.parent, frozenset(receipt["asked"]), frozenset(receipt["missing"]), dict(receipt["notes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: expected the keys asked, missing and notes, found: {error!r}; remove its folder to ask again"
        ) from error
