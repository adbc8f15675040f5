"""From the values that Snakemake has read to the checked config.

Snakemake imports this module at parse time, once for every job of a cluster run: light imports only.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dnacorpus.errors import UsageError
from dnacorpus.settings.root import Settings
from dnacorpus.settings.section import PATTERNS
from dnacorpus.settings.sources import CustomDivision
from dnacorpus.storage.results import Results

_NOT_PUBLIC = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@|[^#]*\?)")
_INDEX = re.compile(r"\[\d+\]")
_EXPECTED = {
    "missing": "a value (every option needs one)",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "text that is not empty",
    "too_short": "at least one value",
    "string_pattern_mismatch": "{pattern}",
    "model_type": "a section with keys",
}
"""What an option must be, by pydantic's type of the error; for all other types its own message is plain enough."""
_PATHS = {
    "catalog": ((), "give the folder of the catalogs of an earlier build, or leave it empty"),
    "taxonomy": (("auto", "none"), "give a path, a URL, auto or none"),
    "papers.source": (("auto", "ncbi", "none"), "give a folder, auto, ncbi or none"),
}
"""Options that are paths: the words that they may be instead, and what to give for a path that does not exist."""


def checked(values: Mapping[str, Any], where: str = "config") -> Settings:
    """Return the config that ``values`` make; raises UsageError naming every key that is wrong, and ``where`` it is.

    Secrets are searched first, since the other messages show values.
    """
    refuse_secrets(values, where)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"{where}: {'; '.join(_messages(error, values))}") from None


def refuse_secrets(values: Any, where: str = "config") -> None:
    """Raise UsageError, which names the key but not the value, if a URL has a user, password or query.

    The config is written beside the results.
    """
    if isinstance(values, Mapping):
        for key, value in values.items():
            refuse_secrets(value, f"{where}: {key}")
    elif isinstance(values, list | tuple):
        for value in values:
            refuse_secrets(value, where)
    elif isinstance(values, str) and _NOT_PUBLIC.match(values):
        raise UsageError(
            f"{where}: expected a URL without user, password and query, because the config is kept with the results;"
            " put user and password into ~/.netrc"
        )


def refuse_paths(settings: Settings) -> None:
    """Raise UsageError for a path of the config that does not exist, or catalogs that this build would overwrite.

    The mirror must be a release.
    """
    mirror = settings.mirror
    if settings.divisions and "://" not in mirror and not (Path(mirror) / "RELEASE_NUMBER").is_file():
        raise UsageError(
            f"config: mirror {mirror!r}: expected a URL or a folder with RELEASE_NUMBER and the divisions;"
            " give another with --config mirror=..."
        )
    own = Results(Path("results") / settings.name).catalogs()
    if settings.catalog and Path(settings.catalog).resolve() == own.resolve():
        raise UsageError(
            f"config: catalog {settings.catalog}: expected the catalogs of another build, found those of this build,"
            " which would be overwritten; copy the folder elsewhere, or build under another `name`"
        )

    paths = {"catalog": settings.catalog, "taxonomy": settings.taxonomy, "papers.source": settings.papers.source}
    for option, path in paths.items():
        words, advice = _PATHS[option]
        if path and path not in words and "://" not in path and not Path(path).exists():
            raise UsageError(f"config: {option} {path!r}: no such file or folder; {advice}")


def _messages(error: ValidationError, values: Mapping[str, Any]) -> list[str]:
    """Return one message for each wrong key, in the order of the models."""
    by_key: dict[str, list[dict[str, Any]]] = {}
    for problem in error.errors(include_url=False):
        if problem["type"] == "too_short" and problem["input"]:
            continue  # a list is also too short without its wrong values, which have messages
        key = _key(problem["loc"], values, missing=problem["type"] == "missing")
        by_key.setdefault(key, []).append(dict(problem))
    return [_message(key, problems) for key, problems in by_key.items()]


def _key(location: Sequence[str | int], values: Any, *, missing: bool) -> str:
    """Return the dotted key of a problem, without the names that pydantic gives to the branches of a union."""
    key = ""
    for step in location:
        if isinstance(values, Mapping) and (step in values or missing):
            values = values.get(step)
            key += f".{step}" if key else str(step)
        elif isinstance(values, list | tuple) and isinstance(step, int) and step < len(values):
            values = values[step]
            key += f"[{step}]"
        else:
            break
    return key


def _message(key: str, problems: Sequence[Mapping[str, Any]]) -> str:
    """Return what was expected of one key, an alternative for each problem, and what was found."""
    first = problems[0]
    if first["type"] == "extra_forbidden":
        return _unknown(key)
    if first["type"] == "value_error":
        reason = str(first["ctx"]["error"])
        # A rule about several options of a section names them itself.
        return f"{key}: {reason}" if key and not reason.startswith((f"{key}.", f"{key}:")) else reason
    expected = [_expected(problem) for problem in problems]
    found = "none" if first["type"] == "missing" else repr(first["input"])
    return f"{key}: expected {' or '.join(dict.fromkeys(expected))}, found {found}"


def _expected(problem: Mapping[str, Any]) -> str:
    context = dict(problem.get("ctx", {}))
    if problem["type"] == "string_pattern_mismatch":
        context["pattern"] = PATTERNS[context["pattern"]]
    words: str = _EXPECTED.get(problem["type"], problem["msg"].removeprefix("Input should be "))
    return words.format(**context)


def _unknown(key: str) -> str:
    """Return the message for an option that does not exist, with the existing one that it resembles most."""
    parent, _, name = key.rpartition(".")
    section = _INDEX.sub("", parent)
    known = _options(Settings)
    here = [option.rpartition(".")[2] for option in known if option.rpartition(".")[0] == section]
    similar = difflib.get_close_matches(name, here, n=1)
    elsewhere = [option for option in known if option.rpartition(".")[2] == name]
    if similar:
        meant = f"{parent}.{similar[0]}" if parent else similar[0]
    elif elsewhere:
        meant = elsewhere[0]
    else:
        return f"unknown option {key!r}; {f'{parent} has' if parent else 'there are'} {', '.join(here)}"
    return f"unknown option {key!r}; did you mean {meant!r}?"


def _options(section: type[BaseModel], prefix: str = "") -> list[str]:
    """Return the dotted keys of a section, of the sections in it, and of a custom division."""
    keys = []
    for name, field in section.model_fields.items():
        key = prefix + (field.alias or name)
        keys.append(key)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys += _options(field.annotation, f"{key}.")
        elif name == "custom_divisions":
            keys += [f"{key}.{own}" for own in CustomDivision.__annotations__]
    return keys
