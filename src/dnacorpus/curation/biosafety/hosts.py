"""What a stated host, or the name of a virus, says of whom it infects: bacteria and archaea, or eukaryotes."""

import re
import tomllib
from functools import cache
from importlib.resources import files

PROKARYOTE, EUKARYOTE = "prokaryote", "eukaryote"

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_NOT_OF_BACTERIA = ("virophage", "virophages", "macrophage", "macrophages")


def says(text: str) -> str | None:
    """Return `PROKARYOTE` or `EUKARYOTE`, or None where a text names neither.

    A text that names both is taken for `EUKARYOTE`. Words are those of ``hosts.toml``; a phage is of prokaryotes.
    """
    words = set(_WORD.findall(text.lower()))
    words |= {part for word in words for part in word.split("-")}
    if any(_is(word, EUKARYOTE) for word in words):
        return EUKARYOTE
    return PROKARYOTE if any(_is(word, PROKARYOTE) for word in words) else None


def _is(word: str, kind: str) -> bool:
    if word.endswith(("phage", "phages")):
        return (kind == EUKARYOTE) == (word in _NOT_OF_BACTERIA)
    listed, endings = _words()[kind]
    return word in listed or word.endswith(endings)


@cache
def _words() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    table = tomllib.loads(files("dnacorpus.curation.biosafety").joinpath("hosts.toml").read_text(encoding="utf-8"))
    sections = {PROKARYOTE: table["prokaryotes"], EUKARYOTE: table["eukaryotes"]}
    return {kind: (frozenset(rows["words"].split()), tuple(rows["endings"])) for kind, rows in sections.items()}
