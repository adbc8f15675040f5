"""Damaged files for fuzz tests: the corpus of a format, ways to damage it, and the bounds of one reading.

The corpus is the small files that a test writes itself and, if the real mirror is present, real files of the format.
"""

import contextlib
import json
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from support.mutations import DAMAGES, Mutation, cross, end_lines, lengthen, renumber, tabulate, unquote

from dnacorpus.errors import CorpusError

CPU_SECONDS = 2.0
"""Most CPU time that reading one damaged file may take."""
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

TEXT: dict[str, Mutation] = DAMAGES | {
    function.__name__: function for function in (renumber, unquote, lengthen, tabulate, end_lines, cross)
}
"""Damage to any text file."""


class HangError(BaseException):
    """Raised when the CPU time is used up; no except clause of a reader catches it."""


def examples(usual: int) -> settings:
    """Return the settings of a fuzz test: ``usual`` examples; nightly 100 times as many, at most 10,000."""
    # One fuzz function takes no function-scoped fixture but folders, which it overwrites in each example.
    return settings(
        max_examples=min(10_000, 100 * usual) if NIGHTLY else usual,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def damaged(corpus: Sequence[bytes], mutations: Mapping[str, Mutation] = TEXT) -> st.SearchStrategy[bytes]:
    """Return files of ``corpus`` with one to four mutations."""
    steps = st.tuples(st.sampled_from(sorted(mutations)), st.integers(0, 2**32 - 1))

    def apply(data: bytes, chosen: list[tuple[str, int]]) -> bytes:
        for name, seed in chosen:
            data = mutations[name](Random(seed), data) or b"x"
        return data

    return st.builds(apply, st.sampled_from(corpus), st.lists(steps, min_size=1, max_size=4))


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Bound one reading: it ends within `CPU_SECONDS`, whole or with a CorpusError that has a message."""

    def stop(*_: object) -> None:
        raise HangError(f"more than {CPU_SECONDS} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    except CorpusError as error:
        if not str(error).strip():
            raise AssertionError("expected an error with a message") from error
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def real(folder: str, *patterns: str, largest: int = 60_000, most: int = 12) -> tuple[bytes, ...]:
    """Return the smallest real files below ``folder`` of the data beside the mirror, or () without a mirror."""
    mirror = os.environ.get("DNACORPUS_MIRROR", Path(__file__).parents[3] / "shared" / "data" / "release")
    root = Path(mirror).resolve().parent / folder
    paths = {path for pattern in patterns for path in root.rglob(pattern) if path.is_file()}
    sizes = sorted((path.stat().st_size, path) for path in paths)
    return tuple(path.read_bytes() for size, path in sizes if 0 < size <= largest)[:most]


def retag(random: Random, data: bytes) -> bytes:
    """Remove, repeat, rename, nest or empty an element of XML."""
    tags = list(re.finditer(rb"<(/?)([A-Za-z][\w:-]*)([^<>]*)>", data))
    if not tags:
        return data
    tag = random.choice(tags)
    replacement = random.choice((
        b"",
        tag[0] * 2,
        b"<%s%s/>" % (tag[2], tag[3]),
        b"<%sx%s%s>" % (tag[1], random.choice(tags)[2], tag[3]),
        tag[0] * random.choice((100, 3000)),
        b"<a>" * random.choice((100, 5000)) + tag[0],
        b"<?xml version='1.0'?>" + tag[0],
        b"<!DOCTYPE x [<!ENTITY e '%s'>]>" % (b"y" * 100) + tag[0],
    ))  # fmt: skip
    return data[: tag.start()] + replacement + data[tag.end() :]


def entity(random: Random, data: bytes) -> bytes:
    """Put an entity or a character reference into XML."""
    at = random.randrange(len(data) + 1)
    entities = b"&eacute; &nothing; &#0; &#xD800; &#x110000; &amp;#946; &lt;b&gt; & ]]>".split(b" ")
    return data[:at] + random.choice(entities) + data[at:]


def text_node(random: Random, data: bytes) -> bytes:
    """Replace the text between two tags."""
    texts = list(re.finditer(rb">([^<>]+)<", data))
    if not texts:
        return data
    chosen = random.choice(texts)
    odd = "\u0663\u202e\u00ad".encode()
    value = random.choice((b"", b" ", b"0", b"-1", b"9" * 30, b"9" * 5000, b"2020-13-45", odd))
    return data[: chosen.start(1)] + value + data[chosen.end(1) :]


XML: dict[str, Mutation] = TEXT | {function.__name__: function for function in (retag, entity, text_node)}

_HOSTILE: tuple[Callable[[], Any], ...] = (
    lambda: None, lambda: True, lambda: 0, lambda: -1, lambda: 2**63, lambda: 10**30, lambda: 1e400, lambda: 0.5,
    lambda: "", lambda: "\x1b[2J\u202e", lambda: "../../x", lambda: "x" * 5000, list, dict, lambda: [[]],
    lambda: {"x": None}, lambda: ["x"], lambda: "\ud800", lambda: "1" * 5000,
)  # fmt: skip


def _replaced(random: Random, value: Any) -> Any:
    """Return ``value`` with a value somewhere in it replaced, removed or repeated."""
    if not isinstance(value, list | dict) or not value or random.random() < 0.1:
        return random.choice(_HOSTILE)()
    if isinstance(value, list):
        copied, at = list(value), random.randrange(len(value))
        if random.random() < 0.1:
            copied.append(copied[at])
        else:
            copied[at] = _replaced(random, copied[at])
        return copied
    key = random.choice(sorted(value, key=str))
    changed = {other: inner for other, inner in value.items() if other != key}
    chance = random.random()
    if chance < 0.15:
        return changed
    if chance < 0.25:
        return changed | {f"{key}x": value[key]}
    return value | {key: _replaced(random, value[key])}


def json_value(random: Random, data: bytes) -> bytes:
    """Replace a value in JSON; other bytes are returned as they are."""
    try:
        return json.dumps(_replaced(random, json.loads(data))).encode()
    except (ValueError, RecursionError):
        return data


def json_depth(random: Random, data: bytes) -> bytes:
    """Nest JSON in itself, or open brackets without end."""
    depth = random.choice((50, 2000, 100_000))
    return random.choice((b"[" * depth + data + b"]" * depth, b'{"a":' * depth + data, b"[" * depth))


def yaml_value(random: Random, data: bytes) -> bytes:
    """Replace a value in YAML; other bytes are returned as they are."""
    try:
        return yaml.safe_dump(_replaced(random, yaml.safe_load(data))).encode("utf-8", "surrogatepass")
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError):
        return data


JSON: dict[str, Mutation] = TEXT | {function.__name__: function for function in (json_value, json_depth)}
YAML: dict[str, Mutation] = TEXT | {"yaml_value": yaml_value}


def column(random: Random, data: bytes) -> bytes:
    """Empty, repeat, remove or replace a column of a line of a tab-separated table."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    cells = lines[at].split(b"\t")
    cell = random.randrange(len(cells))
    values = (b"", b"\t", b"-1", b"0", b"9" * 25, b"9" * 5000, b"../x", b"a b", b"\x1b[2J", b".", b"?", b"NaN", b'"')
    cells[cell : cell + 1] = random.choice(([], [cells[cell]] * 2, [random.choice(values)]))
    lines[at] = b"\t".join(cells)
    return b"\n".join(lines)


TABLE: dict[str, Mutation] = TEXT | {"column": column}
