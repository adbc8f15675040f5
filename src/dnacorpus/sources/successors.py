"""What took the place of an accession that is gone, looked up in NCBI's lists when it is asked for."""

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from dnacorpus.errors import CorpusError
from dnacorpus.formats.gunzip import READ_ERRORS, Gunzip, describe_error
from dnacorpus.sources.assemblies import ACCESSION, number_of
from dnacorpus.sources.assembly_tree import GenomeTree
from dnacorpus.sources.http import POLICY, Policy
from dnacorpus.sources.mirror import Mirror, opened
from dnacorpus.sources.release import removed_list_name
from dnacorpus.sources.removed import Removal, removed_assembly, removed_records
from dnacorpus.sources.resumable import Partials

logger = logging.getLogger(__name__)
_PIECE = 1 << 20


class Successors:
    """Asks the release at ``mirror`` about records and the tree of assemblies at ``genomes`` about assemblies."""

    def __init__(self, mirror: str, genomes: str, policy: Policy = POLICY) -> None:
        self._mirror, self._genomes, self._policy = mirror, genomes, policy
        self._scratch = TemporaryDirectory()  # the lists of one job are fetched once

    def __call__(self, accession: str) -> str | None:
        """Return the accession that replaced another, or None where the lists name none or cannot be had."""
        look_up = self._assembly if ACCESSION.fullmatch(accession) else self._record
        try:
            removal = look_up(accession, Path(self._scratch.name))
        except CorpusError as error:  # a tombstone stands without it
            logger.warning("%s: what replaced it cannot be looked up: %s", accession, error)
            return None
        return removal.successor if removal else None

    def _assembly(self, accession: str, scratch: Path) -> Removal | None:
        with opened(self._genomes, self._policy) as source:
            tree = GenomeTree(self._genomes, source, Partials(scratch / "tables"))
            prefix, numbers = accession[:3], {number_of(accession)}
            return removed_assembly(accession, tree.historical(prefix, numbers), tree.current(prefix, numbers))

    def _record(self, accession: str, scratch: Path) -> Removal | None:
        with opened(self._mirror, self._policy) as source:
            place = removed_list_name(source.release())
            local = Partials(scratch / "lists").file("removed-records.gz", source.where(place))
            if not source.retrieve(place, local, lambda _: None):
                raise CorpusError(f"{source.where(place)}: expected the list of removed records, found none")
            return removed_records(_lines(local.path, source, place), {accession}).get(accession)


def _lines(path: Path, source: Mirror, place: str) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        inflated = Gunzip(file)
        try:
            while chunk := inflated.read(_PIECE):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
        except READ_ERRORS as error:
            raise CorpusError(
                f"{source.where(place)}: expected a whole gzip file, found {describe_error(error)}; fetch it again"
            ) from error
    yield rest
