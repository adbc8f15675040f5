"""Reading gzip streams so that a damaged file still gives all the bytes before the damage."""

from collections.abc import Iterator
from typing import IO, Any, Protocol

from isal import isal_zlib

from dnacorpus import limits
from dnacorpus.formats.sniff import GZIP_MAGIC, format_of

CHUNK = 1 << 20
"""Bytes that readers ask for at a time."""

_MEMBER = GZIP_MAGIC + b"\x08"  # the only compression method there is
_inflate_error: Any = isal_zlib.error  # isal's stubs declare it an instance
READ_ERRORS: tuple[type[Exception], ...] = (EOFError, OSError, _inflate_error)
"""What `Gunzip.read` raises when the stream is cut, fails its CRC, or is not gzip."""


class Source(Protocol):
    """A stream of bytes that is read once, from start to end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; b"" at the end."""


class Gunzip:
    """A gzip stream (RFC 1952, one or more members), uncompressed.

    Returns everything that can be inflated before ``read`` raises one of `READ_ERRORS`, which it does as well for a
    stream that inflates to more than `limits.INFLATED_BYTES` and `limits.INFLATED_RATIO` times its bytes. As for gzip
    itself, zeros and other bytes after the last member are no error; ``ignored`` is then their number, zeros left out.
    They are one if another member begins in them: what is damaged is then a member, not the end.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        self.ignored = self._size = 0
        self._handle = handle
        self._pieces = self._inflated()

    def read(self, _size: int, /) -> bytes:
        """Return the next bytes, more or fewer than asked for; b"" at the end."""
        piece = next(self._pieces, b"")
        self._size += len(piece)
        if self._size > limits.INFLATED_BYTES and self._size > limits.INFLATED_RATIO * self._handle.tell():
            raise OSError(f"{limits.INFLATED_BYTES.exceeded()}, and {limits.INFLATED_RATIO.found_more()}")
        return piece

    def _inflated(self) -> Iterator[bytes]:
        inflate: Any = None
        members, held = 0, b""
        while data := self._handle.read(CHUNK >> 2) or held:
            # The checksum at the end is passed on by itself, so that bases are returned even if it fails.
            data, held = (data, b"") if data is held else ((held + data)[:-8], (held + data)[-8:])
            while inflate or (data := data.lstrip(b"\0")):
                if inflate is None:
                    if len(data) < len(GZIP_MAGIC):
                        data, held = data + held + self._handle.read(len(GZIP_MAGIC)), b""
                    if not GZIP_MAGIC.startswith(data[: len(GZIP_MAGIC)]):
                        self._leave_out(data + held, members)
                        return
                    inflate, members = isal_zlib.decompressobj(wbits=31), members + 1
                piece = inflate.decompress(data)
                if piece:
                    yield piece
                if not inflate.eof:
                    break
                inflate, data = None, inflate.unused_data
        if inflate or not members:
            raise EOFError(f"the file ends {'inside its gzip stream' if inflate else 'before any gzip data'}")

    def _leave_out(self, data: bytes, members: int) -> None:
        """Count the bytes after the last member, which begin with ``data``; raise OSError if they are no such bytes."""
        if not members:
            raise OSError(f"expected gzip, found {format_of(data.splitlines()) or repr(data[:20])}")
        last = b""
        while data:
            self.ignored += len(data)
            if _MEMBER in last + data:
                raise OSError("expected the next gzip member, found other bytes before it")
            last, data = data[1 - len(_MEMBER) :], self._handle.read(CHUNK)


def describe_error(error: Exception) -> str:
    """Return an exception as one line: its class and its message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
