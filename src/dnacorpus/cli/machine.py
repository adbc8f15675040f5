"""Settings of libraries for a machine that limits the address space of a process (``ulimit -v``)."""

import os
import resource

SMALL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
"""Variables that libraries read on import: Arrow's own allocator reserves 1 GiB, each thread a stack and a heap."""
_ENOUGH = 8 << 30


def fit() -> None:
    """Set `SMALL`, but for what the user has set, if the address space has a limit under 8 GiB."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _ENOUGH:
        for name, value in SMALL.items():
            os.environ.setdefault(name, value)
