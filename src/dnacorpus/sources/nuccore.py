"""GenBank records by accession from E-utilities, as one flat file.

Efetch reports an unknown accession by a line of text or status 400, for the whole request or among the records. So
each accession that a request does not return is requested a second time, alone.
"""

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

from dnacorpus import limits
from dnacorpus.formats.genbank.reader import FlatFile, RawRecord
from dnacorpus.formats.sniff import ForeignFormatError
from dnacorpus.sources.eutils import Eutils, key_for, policy, unknown_ids
from dnacorpus.sources.http import Client, Policy, Response, plain_pieces
from dnacorpus.storage.atomic import whole_file
from dnacorpus.storage.retry import RetryableError

BATCH = 20
"""The largest number of accessions in one request: a broken response of several chromosomes costs much."""

_CHUNK = 1 << 20
_VERSION = re.compile(rb"^VERSION[ \t]+(\S+)", re.M)
_ACCESSION = re.compile(rb"^ACCESSION[ \t]+(.*(?:\n {12}.*)*)", re.M)


@dataclass(frozen=True, slots=True)
class _Record:
    """The bytes of a record in the spool, half-open, and the accessions by which it may be requested."""

    start: int
    end: int
    version: str
    names: frozenset[str]


@contextlib.contextmanager
def nuccore_at(base: str, key: str | None, patience: Policy) -> Iterator[Callable[[Sequence[str], Path], list[str]]]:
    """Yield `retrieve` for E-utilities at an address.

    The key is sent only where `key_for` allows it. The pace is half the allowed rate, because two jobs of a build may
    run at a time (the resource `downloads`).
    """
    key = key_for(base, key)
    allowed = policy("", key, patience)
    with Client(replace(allowed, per_second=allowed.per_second / 2)) as client:
        yield partial(retrieve, Eutils(client, base, key, patience.contact))


def retrieve(eutils: Eutils, accessions: Sequence[str], target: Path) -> list[str]:
    """Write the records of these accessions to a GenBank flat file, and return the accessions that do not exist.

    Each record is written once, in the order of ``accessions``. An accession without a version means the current
    version. Without any record the file is empty. ``target`` is written whole or not at all.
    Raises RemoteError when the last attempt brings no readable response.
    """
    wanted = list(dict.fromkeys(accessions))
    absent: list[str] = []
    written: set[str] = set()
    with whole_file(target) as path, path.open("wb") as out, tempfile.TemporaryFile(dir=path.parent) as file:
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            file.truncate(0)
            records = _Spool(eutils, file).records(batch)
            absent += [accession for accession in batch if accession not in records]
            for record in records.values():
                if record.version not in written:
                    _copy(file, record, out)
                    written.add(record.version)
    return absent


class _Spool:
    """The responses to one batch, one after the other in a file, because records may be too long for memory."""

    def __init__(self, eutils: Eutils, file: IO[bytes]) -> None:
        self._eutils, self._file = eutils, file

    def records(self, batch: Sequence[str]) -> dict[str, _Record]:
        """Return accession -> record in the order of ``batch``, without those that do not exist."""
        records = self._request(batch)
        for accession in batch:
            if accession not in records:
                records |= self._request([accession])
        return {accession: records[accession] for accession in batch if accession in records}

    def _request(self, accessions: Sequence[str]) -> dict[str, _Record]:
        start = self._file.seek(0, 2)

        def receive(response: Response) -> list[_Record]:
            self._file.seek(start)
            self._file.truncate()
            for chunk in plain_pieces(response, limits.UNSTATED_DOWNLOAD):
                self._file.write(chunk)
            self._file.seek(start)
            return self._read(start, alone=len(accessions) == 1)

        answer = self._eutils.nuccore(accessions, receive) or []
        return {name: record for name in accessions for record in answer if name.upper() in record.names}

    def _read(self, start: int, alone: bool) -> list[_Record]:
        """Return the records of a response; [] if text among them reports an unknown accession.

        Raises RetryableError for a response that breaks off or has another format.
        """
        records: list[_Record] = []
        strays: list[bytes] = []
        try:
            for raw in FlatFile(self._file, "the response"):
                if raw.flaw == "no_locus":
                    strays.append(raw.data)
                elif raw.flaw:
                    raise RetryableError(f"a record without its end, after {len(records)} complete records")
                else:
                    records.append(_record(raw, start))
        except ForeignFormatError as error:
            self._file.seek(start)
            answer = self._file.read(_CHUNK)
            if unknown_ids(answer):
                return []
            is_error = answer.lstrip().startswith((b"{", b"<"))
            found = f"expected records, found: {self._eutils.error_message(answer)}" if is_error else str(error)
            raise RetryableError(found) from error
        for stray in strays:
            # Any text among several accessions leads to requests of one accession; there it must be readable.
            is_error = stray.lstrip().startswith((b"{", b"<")) and not unknown_ids(stray)
            if is_error or (alone and not unknown_ids(stray)):
                raise RetryableError(f"expected records, found: {self._eutils.error_message(stray)}")
        return [] if strays else records


def _record(raw: RawRecord, start: int) -> _Record:
    header = raw.data[: max(0, raw.data.find(b"\nFEATURES")) or None]
    named = _ACCESSION.search(header)
    names = named[1].decode("latin-1").upper().split() if named else []
    versioned = _VERSION.search(header)
    version = versioned[1].decode("latin-1").upper() if versioned else ""
    known = frozenset([*names, version, version.partition(".")[0]]) - {""}
    return _Record(start + raw.start, start + raw.end, version or " ".join(names), known)


def _copy(spool: IO[bytes], record: _Record, out: IO[bytes]) -> None:
    spool.seek(record.start)
    left = record.end - record.start
    while left and (chunk := spool.read(min(_CHUNK, left))):
        out.write(chunk)
        left -= len(chunk)
