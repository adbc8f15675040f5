"""Reading gzip streams so that a damaged file still gives all the bytes before the damage."""

from collections.abc import Iterator
from typing import IO, Any, Protocol

from isal import isal_zlib

from dnacorpus.formats.sniff import GZIP_MAGIC, format_of

CHUNK = 1 << 20
"""Bytes that readers ask for at a time."""

_inflate_error: Any = isal_zlib.error  # isal's stubs declare it an instance
READ_ERRORS: tuple[type[Exception], ...] = (EOFError, OSError, _inflate_error)
"""What `Gunzip.read` raises when the stream is cut, fails its CRC, or is not gzip."""


class Source(Protocol):
    """A stream of bytes that is read once, from start to end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; b"" at the end."""


class Gunzip:
    """A gzip stream (RFC 1952, one or more members), uncompressed.

    Returns everything that can be inflated before ``read`` raises one of `READ_ERRORS`.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        self._pieces = _inflated(handle)

    def read(self, _size: int, /) -> bytes:
        """Return the next bytes, more or fewer than asked for; b"" at the end."""
        return next(self._pieces, b"")


def describe_error(error: Exception) -> str:
    """Return an exception as one line: its class and its message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _inflated(handle: IO[bytes]) -> Iterator[bytes]:
    inflate: Any = None
    held = b""
    first = True
    while data := handle.read(CHUNK >> 2) or held:
        if first and not GZIP_MAGIC.startswith(data.lstrip(b"\0")[:2]):
            raise OSError(f"expected gzip, found {format_of(data.splitlines()) or repr(data[:20])}")
        first = False
        # The checksum at the end is passed on by itself, so that bases are returned even if it fails.
        data, held = (data, b"") if data is held else ((held + data)[:-8], (held + data)[-8:])
        while inflate or (data := data.lstrip(b"\0")):
            inflate = inflate or isal_zlib.decompressobj(wbits=31)
            piece = inflate.decompress(data)
            if piece:
                yield piece
            if not inflate.eof:
                break
            inflate, data = None, inflate.unused_data
    if inflate:
        raise EOFError("the file ends inside its gzip stream")
