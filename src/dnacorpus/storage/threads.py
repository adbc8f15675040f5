"""A pool of threads for requests to servers that an interrupt does not wait for."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


@contextlib.contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool; the end of the block waits for its work, but an interrupt does not, as a request may hang."""
    pool = ThreadPoolExecutor(number)
    try:
        yield pool
    except BaseException as error:
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()
