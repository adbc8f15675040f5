"""Asking a service about many papers, some of which it answers badly: what one failure costs."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.paper_cache import PaperCache

_DOWN = 3  # articles in a row for which a service fails to the last: it is the service, not the article


@dataclass(slots=True)
class Answers:
    """What a service said of some ids: those without any file, the files, and what is wrong with whose answer.

    ``failed`` are the ids for which it did not answer, and why: they are asked again by the next run.
    """

    asked: list[str]
    missing: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    damage: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def keep(self, held: PaperCache) -> list[str]:
        """Put the answers into the cache, and return what did not come, a line each."""
        held.put(set(self.asked) - self.failed.keys(), self.missing, self.files, self.damage)
        return [f"{name}: {failure}" for name, failure in self.failed.items()]


def answers(names: list[str], ask: Callable[[str], dict[str, bytes]]) -> Answers:
    """Ask for the files of each id, none where there are none.

    Raises RemoteError when the service fails for several ids in a row: then it is down.
    """
    found, in_a_row = Answers(names), 0
    for name in names:
        try:
            files = ask(name)
        except RemoteError as error:  # one article can be broken where it is kept
            found.failed[name] = str(error)
            in_a_row += 1
            if in_a_row == _DOWN:
                raise
            continue
        except CorpusError as error:  # what one paper is worth
            files, found.damage[name] = {}, str(error)
        in_a_row = 0
        found.files.update(files)
        found.missing += [] if files else [name]
    return found


def as_answered(
    pool: ThreadPoolExecutor, ask: Callable[[list[str]], Answers], names: Sequence[str], count: int
) -> Iterator[Answers]:
    """Ask for ``count`` ids at a time, side by side, and yield answers as they come; when one fails, ask no more."""
    futures = [pool.submit(ask, chunk) for chunk in chunks(names, count)]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def chunks(names: Sequence[str], count: int) -> Iterator[list[str]]:
    """Yield the ids ``count`` at a time."""
    for start in range(0, len(names), count):
        yield list(names[start : start + count])
