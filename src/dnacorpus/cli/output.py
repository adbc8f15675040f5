"""What the commands print: lines and JSON on stdout, errors and log messages on stderr.

What they quote is from outside: names in records, datasets that others made, answers of servers. So characters that
cannot be printed are shown as escapes here, and nothing that is quoted can steer the terminal. What
does not pass here: errors of argparse, which `options.EscapingParser` escapes; progress bars on a terminal, whose names
`storage.progress` escapes, or which are fixed; the fixed texts of ``__main__`` and of the help; tracebacks of defects.
"""

import codecs
import io
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any

from dnacorpus.printable import escaped_lines, json_text, one_line


def show_what_the_terminal_can() -> None:
    """Write characters that stdout or stderr cannot encode as escapes, in text and in JSON, from now on."""
    codecs.register_error("escape", _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Return characters as ``\uXXXX``, astral ones as two: unlike Python's ``\xXX`` that is JSON, too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


def print_lines(lines: Iterable[str]) -> None:
    """Print lines until the reader of the pipe, such as head or less, closes it; a line may have line ends in it.

    Characters that cannot be printed are shown as escapes: a dataset that others made may try to steer the terminal.
    """
    try:
        for line in lines:
            sys.stdout.write(f"{escaped_lines(line)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()


def drop_stdout() -> None:
    """Send all further output nowhere, because the reader of the pipe has closed it.

    Otherwise Python complains when it flushes stdout at the end.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def print_line(line: str) -> None:
    """Print one line, as `print_lines` does."""
    print_lines([line])


def print_json(value: Any) -> None:
    """Print one value as JSON."""
    print_line(json_text(value, indent=1, sort_keys=True, default=str))


def print_error(line: str) -> None:
    """Print one line on stderr; it stays one line whatever it quotes."""
    sys.stderr.write(f"{one_line(line)}\n")


class LogFormatter(logging.Formatter):
    """Formats each message as one line of printable characters; a traceback below it keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name in `logging`
        """Return the message as one line."""
        return one_line(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return the message, and the traceback if there is one."""
        return escaped_lines(super().format(record))
