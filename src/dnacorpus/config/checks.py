"""From the values that Snakemake has read to the checked config.

Snakemake imports this module at parse time, once for every job of a cluster run: light imports only.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dnacorpus.errors import UsageError
from dnacorpus.settings.root import Settings

_NOT_PUBLIC = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@|[^#]*\?)")
_EXPECTED = {
    "extra_forbidden": "no key of this name (config/config.yaml lists them all)",
    "missing": "a value (config/config.yaml has the default)",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_short": "text that is not empty",
    "too_short": "a value at least",
    "string_pattern_mismatch": "text that matches {pattern}",
    "model_type": "a section with keys",
}
"""What an option must be, by pydantic's type of the error; for all other types its own message is plain enough."""


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
    """Raise UsageError if the mirror is no release, or if the pinned catalogs are those that this build writes."""
    mirror = settings.mirror
    if settings.divisions and "://" not in mirror and not (Path(mirror) / "RELEASE_NUMBER").is_file():
        raise UsageError(
            f"config: mirror {mirror!r}: expected a URL or a folder with RELEASE_NUMBER and the divisions;"
            " give another with --config mirror=..."
        )
    own = Path("results") / settings.name / "catalog"
    if settings.catalog and Path(settings.catalog).resolve() == own.resolve():
        raise UsageError(
            f"config: catalog {settings.catalog}: expected the catalogs of another build, found those of this build,"
            " which would be overwritten; copy the folder elsewhere, or build under another `name`"
        )


def _messages(error: ValidationError, values: Mapping[str, Any]) -> list[str]:
    """Return one message for each wrong key, in the order of the models."""
    by_key: dict[str, list[dict[str, Any]]] = {}
    for problem in error.errors(include_url=False):
        key = _key(problem["loc"], values, missing=problem["type"] == "missing")
        by_key.setdefault(key, []).append(dict(problem))
    return [f"{key}{': ' if key else ''}{_message(problems)}" for key, problems in by_key.items()]


def _key(location: Sequence[str | int], values: Any, *, missing: bool) -> str:
    """Return the dotted key of a problem, without the names that pydantic gives to the branches of a union."""
    steps = []
    for step in location:
        if isinstance(values, Mapping) and (step in values or missing):
            values = values.get(step)
        elif isinstance(values, list | tuple) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            break
        steps.append(str(step))
    return ".".join(steps)


def _message(problems: Sequence[Mapping[str, Any]]) -> str:
    """Return what was expected of one key, an alternative for each problem, and what was found."""
    first = problems[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    expected = [
        _EXPECTED.get(problem["type"], problem["msg"].removeprefix("Input should be ")).format(**problem.get("ctx", {}))
        for problem in problems
    ]
    found = "none" if first["type"] == "missing" else repr(first["input"])
    return f"expected {' or '.join(dict.fromkeys(expected))}, found {found}"
