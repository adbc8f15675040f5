"""One run at a time in an output folder, by a lock that the operating system drops when its process ends, however.

The lock is ``flock`` of a small file in the folder, which names the process that holds it. On a network file system it
holds between machines if the server and the mount have locks (NFS from version 4, Lustre with ``flock``). Where they
have none, a run goes on without a lock and says so.
"""

import contextlib
import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from dnacorpus.printable import is_printable

logger = logging.getLogger(__name__)

LOCK = ".dnacorpus.lock"
"""The file of the lock, in the folder that a run writes; removed at its end, but not when it is killed."""
_WAIT = 0.5
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def take(folder: Path) -> tuple[int | None, str]:
    """Try to take the lock of a folder; return its file descriptor, or None and who holds it.

    The descriptor is -1 on a disk without locks. The lock lasts until the descriptor is closed or this process ends:
    child processes started with `subprocess` do not keep it. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 300, 0).decode(errors="replace").strip()
            os.close(file)
            return None, holder if holder and is_printable(holder) else "another process"
        except OSError as error:
            os.close(file)
            if error.errno not in _NO_LOCKS:
                raise
            logger.warning("%s: this disk has no locks; do not start a second run that writes this folder", folder)
            return -1, ""
        if _is(file, path):
            try:
                os.ftruncate(file, 0)
                os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
            except OSError as error:
                release(folder, file)
                raise OSError(error.errno, error.strerror, str(path)) from None
            return file, ""
        # Its holder has removed the file in the meantime.
        os.close(file)


def release(folder: Path, file: int) -> None:
    """Give the lock back and remove its file."""
    if file < 0:
        return
    with contextlib.suppress(OSError):
        (folder / LOCK).unlink()
    os.close(file)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Context manager: hold the lock of a folder, after waiting for the process that holds it, which is logged."""
    file, holder = take(folder)
    if file is None:
        logger.warning("%s: %s writes this folder; waiting for it to end", folder, holder)
    while file is None:
        time.sleep(_WAIT)
        file, _ = take(folder)
    try:
        yield
    finally:
        release(folder, file)


def _is(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False
