"""What no schema can say of a config, checked while Snakemake parses: light imports only."""

import re
from pathlib import Path
from typing import Any

from dnacorpus.errors import UsageError

_NOT_PUBLIC = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@|[^#]*\?)")


def refuse_secrets(values: dict[str, Any], where: str = "config") -> None:
    """Raise UsageError, which names the key and not the value, where a URL has a user, password or query.

    The config is written beside the results.
    """
    for key, value in values.items():
        if isinstance(value, dict):
            refuse_secrets(value, f"{where}: {key}")
        elif isinstance(value, str) and _NOT_PUBLIC.match(value):
            raise UsageError(
                f"{where}: {key}: expected a URL without user, password and query: the config is kept with the results;"
                " put user and password into ~/.netrc"
            )


def refuse_contradictions(values: dict[str, Any]) -> None:
    """Raise UsageError where values that are right each for itself do not go together."""
    names = [*values["divisions"], *(entry["name"] for entry in values["custom_divisions"])]
    if not names or len(set(names)) < len(names):
        raise UsageError(
            f"config: expected divisions or custom_divisions of different names, found {', '.join(names) or 'none'}"
        )
    if values["splits"]["validation"] + values["splits"]["test"] > 0.9:
        raise UsageError("config: splits.validation and splits.test together leave less than 0.1 for train")
    if "window" in values["pairs"]["kinds"] and values["windows"]["bases"] > values["pairs"]["max_bases"]:
        raise UsageError(
            f"config: windows.bases {values['windows']['bases']}: expected at most pairs.max_bases,"
            f" {values['pairs']['max_bases']}; lower the one or raise the other"
        )
    longest = values["pairs"]["max_bases"] - 2 * values["pairs"]["flank"]
    if longest < values["pairs"]["min_bases"]:
        raise UsageError(
            f"config: pairs.flank {values['pairs']['flank']}: expected flanks that leave a feature pairs.min_bases,"
            f" {values['pairs']['min_bases']}, of pairs.max_bases, found {longest}; lower pairs.flank or raise"
            " pairs.max_bases"
        )
    if values["questions"]["least"] > values["questions"]["most"]:
        raise UsageError("config: questions.least: expected at most questions.most; lower the one or raise the other")
    mirror = values["mirror"]
    if values["divisions"] and "://" not in mirror and not (Path(mirror) / "RELEASE_NUMBER").is_file():
        raise UsageError(
            f"config: mirror {mirror!r}: expected a URL or a folder with RELEASE_NUMBER and the divisions;"
            " give another with --config mirror=..."
        )
    own = Path("results") / values["name"] / "catalog"
    if values["catalog"] and Path(values["catalog"]).resolve() == own.resolve():
        raise UsageError(
            f"config: catalog {values['catalog']}: expected the catalogs of another build, found this build's own,"
            " which it would replace; copy the folder elsewhere, or build under another `name`"
        )
