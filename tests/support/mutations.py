"""Ways in which a record gets damaged: each takes a source of chance and the bytes, and returns other bytes."""

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]
RUBBISH = (
    b"\0",
    b"\0" * 40,
    b"\xff\xfe",
    b"\xc3",
    b'"',
    b"(",
    b")",
    b"/",
    b"//",
    b"\n",
    b"\r\n",
    b"\t",
    b">",
    b"LOCUS",
    b"9" * 30,
)


def flip(random: Random, data: bytes) -> bytes:
    """Change some bits of one to three bytes."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3)):
        changed[random.randrange(len(changed))] ^= random.randint(1, 255)
    return bytes(changed)


def delete(random: Random, data: bytes) -> bytes:
    """Leave out a run of bytes, most often a short one."""
    size = random.choice((1, 1, 2, 10, 100, len(data) // 2))
    at = random.randrange(len(data))
    return data[:at] + data[at + size :]


def insert(random: Random, data: bytes) -> bytes:
    """Put rubbish somewhere."""
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice((*RUBBISH, random.randbytes(random.randint(1, 20)))) + data[at:]


def truncate(random: Random, data: bytes) -> bytes:
    """Leave out the end, from anywhere on."""
    return data[: random.choice((random.randrange(len(data)), len(data) - random.randint(1, min(9, len(data)))))]


def behead(random: Random, data: bytes) -> bytes:
    """Leave out the beginning."""
    return data[random.choice((1, 5, random.randrange(len(data)))) :]


def swap_lines(random: Random, data: bytes) -> bytes:
    """Exchange two lines."""
    lines = data.splitlines(keepends=True)
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def drop_lines(random: Random, data: bytes) -> bytes:
    """Leave out a line or some."""
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    del lines[at : at + random.choice((1, 1, 2, 5))]
    return b"".join(lines)


def repeat_lines(random: Random, data: bytes) -> bytes:
    """Write a line, or a few, twice."""
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    end = at + random.choice((1, 1, 3))
    return b"".join([*lines[:end], *lines[at:]])


def blank_block(random: Random, data: bytes) -> bytes:
    """Overwrite a block with zero bytes, as a disk does."""
    at, size = random.randrange(len(data)), random.choice((8, 64, 512))
    return data[:at] + b"\0" * len(data[at : at + size]) + data[at + size :]


DAMAGES: dict[str, Mutation] = {
    function.__name__: function
    for function in (flip, delete, insert, truncate, behead, swap_lines, drop_lines, repeat_lines, blank_block)
}
"""What happens to bytes on disks and networks, whatever they mean."""


def renumber(random: Random, data: bytes) -> bytes:
    """Change a number."""
    numbers = list(re.finditer(rb"\d+", data))
    if not numbers:
        return data
    match = random.choice(numbers)
    value = int(match[0][:18])
    number = random.choice((0, 1, value + 1, max(value - 1, 0), value * 10, 2**31, 2**63 - 1, 2**63, 10**25, 10**5000))
    return data[: match.start()] + _digits(number) + data[match.end() :]


def renumber_location(random: Random, data: bytes) -> bytes:
    """Put another location in the place of one."""
    return _in_location(random, data, random.choice(LOCATIONS))


def nest_location(random: Random, data: bytes) -> bytes:
    """Put a location inside itself, up to a thousand times."""
    depth = random.choice((2, 30, 63, 64, 65, 66, 1000))
    word = random.choice((b"complement(", b"join(", b"order(", b"one-of(", b"join(1..2,", b"("))
    place = word * depth + b"1..5" + b")" * (depth - random.choice((0, 0, 1)))
    return _in_location(random, data, random.choice((place, b"\n                     ".join(_pieces(place)))))


def join_long(random: Random, data: bytes) -> bytes:
    """Join thousands of spans."""
    spans = b",".join(b"%d..%d" % (n, n + random.randint(0, 1)) for n in range(1, random.choice((100, 5000))))
    return _in_location(random, data, b"join(" + spans + random.choice((b")", b"", b",)", b"))")))


def unquote(random: Random, data: bytes) -> bytes:
    """Take a quote or a bracket away, or double it."""
    marks = list(re.finditer(rb'["()]', data))
    if not marks:
        return data
    match = random.choice(marks)
    return data[: match.start()] + match[0] * random.choice((0, 2, 3)) + data[match.end() :]


def lengthen(random: Random, data: bytes) -> bytes:
    """Make a line, or the blanks in it, very long."""
    at = random.randrange(len(data))
    filler = random.choice(
        (b" ", b"a", b"(", b'"', b"=", b"/", b"#", b"::", b"- ", b"\t", b"1", b"1.", b"..", b",", b"A;")
    )
    return data[:at] + filler * random.choice((100, 3000, 20_000)) + data[at:]


def reindent(random: Random, data: bytes) -> bytes:
    """Indent a line otherwise."""
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    lines[at] = b" " * random.choice((0, 1, 4, 5, 6, 11, 12, 20, 21, 22, 40)) + lines[at].lstrip(b" ")
    return b"".join(lines)


def tabulate(random: Random, data: bytes) -> bytes:
    """Write tabs for the blanks of a line, or of all lines."""
    lines = data.splitlines(keepends=True)
    chosen = range(len(lines)) if random.random() < 0.1 else [random.randrange(len(lines))]
    for at in chosen:
        lines[at] = re.sub(rb" {2,}", b"\t", lines[at])
    return b"".join(lines)


def end_lines(random: Random, data: bytes) -> bytes:
    """End all lines, or one, as other systems do."""
    ends = random.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\x0b", b"\x1c\n", "\u2028".encode()))
    if random.random() < 0.5:
        return data.replace(b"\n", ends)
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at] + ends, *lines[at + 1 :]])


def cross(random: Random, data: bytes) -> bytes:
    """Copy a piece of the record to another place in it."""
    start, at = random.randrange(len(data)), random.randrange(len(data))
    return data[:at] + data[start : start + random.choice((5, 50, 500))] + data[at:]


STRUCTURE: dict[str, Mutation] = {
    function.__name__: function
    for function in (
        renumber, renumber_location, nest_location, join_long, unquote, lengthen, reindent, tabulate, end_lines, cross,
    )
}  # fmt: skip
"""What goes wrong in programs that write flat files."""

LOCATIONS = (
    b"", b"0", b"0..0", b"5..1", b"1..99999999999999999999", b"-5..3", b"<1..>9", b"<>1..2", b"1^2", b"9^1", b"1.5..9",
    b"(1.5)..9", b"one-of(1,3)..9", b"one-of(1..2,3..4)", b"order(1..2,5..6)", b"X12345.1:1..9",
    b"join(X1.1:1..2,4..5)",
    b"bond(1,3)", b"replace(1..2,\"acgt\")", b"complement(join(1..2,4..5))", b"join(complement(4..5),1..2)", b"join()",
    b"join(1..2", b"1..2)", b"complement(1..2))", b"gap(10)", b"1...3", b"..3", b"3..", b"1..2,4..5", b"join(1..2,)",
    b"?..4", b"join(1..2,\n                     4..5)", b"\xc2\xb2..9", b"\xd9\xa1..9",
)  # fmt: skip


def _digits(number: int) -> bytes:
    # Python itself refuses to write numbers of more than 4,300 digits.
    return b"1" + b"0" * 5000 if number > 10**4000 else str(number).encode()


def _pieces(text: bytes) -> list[bytes]:
    return [text[at : at + 58] for at in range(0, len(text), 58)]


def _in_location(random: Random, data: bytes, location: bytes) -> bytes:
    keys = list(re.finditer(rb"^ {5}\S+ +(\S.*)$", data, re.M))
    if not keys:
        return data
    match = random.choice(keys)
    return data[: match.start(1)] + location + data[match.end(1) :]
