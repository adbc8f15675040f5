"""Reading PubMed's yearly and daily files into the cache, which is faster than asking for many papers by id.

Each list of PMIDs has a folder ``pubmed-bulk/<16 hex>/`` in the cache, named by the digest of the list. It holds a
batch per PubMed file, as `papers.cache` writes them, and ``bulk.json``: {"finished": false or true}. A reading that
is not finished is not used: later files revise or delete what earlier files state, so that half a reading
could bring a retracted paper back.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dnacorpus.bounded import file_json
from dnacorpus.errors import CorpusError
from dnacorpus.papers.cache import Batch, PaperCache
from dnacorpus.papers.services.pubmed_baseline import read_matching
from dnacorpus.sources.http import Policy
from dnacorpus.sources.mirror import opened
from dnacorpus.storage.atomic import write_text

logger = logging.getLogger(__name__)

_FOLDER = "pubmed-bulk"
_STATE = "bulk.json"


@dataclass(frozen=True, slots=True)
class BulkFile:
    """What one file of PubMed states of the PMIDs of a reading: ``described`` has entries, ``deleted`` are withdrawn.

    ``path`` is that of the file below PubMed's address.
    """

    path: str
    batch: Batch
    described: frozenset[int]
    deleted: frozenset[int]


class BulkReading:
    """The reading of PubMed's files for one list of PMIDs; it may not have started yet."""

    def __init__(self, cache: Path, pmids: Sequence[int]) -> None:
        self._pmids = pmids
        self._folder = cache / _FOLDER / hashlib.sha256(" ".join(map(str, pmids)).encode()).hexdigest()[:16]

    @property
    def interrupted(self) -> bool:
        """Whether the reading was started and did not finish."""
        state = self._folder / _STATE
        return state.is_file() and not _is_finished(state)

    def read(self, address: str, policy: Policy) -> list[str]:
        """Read the files that have not been read yet, and return one line for each damaged file.

        A damaged file is skipped, and read again by the next reading. Raises RemoteError when the network fails;
        the reading then stays unfinished.
        """
        cache = PaperCache(self._folder.parent, self._folder.name)
        damaged = []
        self._write_state(finished=False)
        with opened(address, policy) as source, TemporaryDirectory() as scratch:
            for file in read_matching(source, set(self._pmids), Path(scratch), skip=cache.asked()):
                if file.damage:
                    damaged.append(f"{file.path}: {file.damage}")
                    continue
                logger.info("%s: read", file.path)
                notes = {"pmids": _line(file.pmids), "deleted": _line(file.deleted)}
                name = file.path.rpartition("/")[2].removesuffix(".gz")
                cache.put([file.path], [], {name: file.document}, notes)
        self._write_state(finished=True)
        return damaged

    def _write_state(self, finished: bool) -> None:
        write_text(self._folder / _STATE, json.dumps({"finished": finished}) + "\n")


def finished_files(cache: Path) -> list[BulkFile]:
    """Return the files of all finished readings, in the order in which PubMed published them."""
    files = []
    for state in sorted((cache / _FOLDER).glob(f"*/{_STATE}")):
        if _is_finished(state):
            reading = PaperCache(state.parent.parent, state.parent.name)
            files += [_file_of(batch) for batch in reading.batches(reading.asked())]
    return sorted(files, key=lambda file: (file.path, file.batch.folder))


def withdrawn_pmids(files: Sequence[BulkFile]) -> frozenset[int]:
    """Return the PMIDs that are deleted and that no later file describes again."""
    withdrawn: frozenset[int] = frozenset()
    for file in files:
        withdrawn = (withdrawn - file.described) | file.deleted
    return withdrawn


def _is_finished(state: Path) -> bool:
    try:
        finished = file_json(state)["finished"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{state}: expected the key finished, found: {error!r}; remove its folder to read PubMed's files again"
        ) from error
    return finished is True


def _file_of(batch: Batch) -> BulkFile:
    (path,) = batch.asked
    return BulkFile(path, batch, _numbers(batch.notes["pmids"]), _numbers(batch.notes["deleted"]))


def _line(pmids: Sequence[int]) -> str:
    return " ".join(map(str, pmids))


def _numbers(line: str) -> frozenset[int]:
    return frozenset(map(int, line.split()))
