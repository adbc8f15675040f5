"""Write workflow/schemas/config.schema.yaml from the models of the options and config.yaml's comments: ``make docs``.

Editors read it for completion and hints. The build itself is checked by the models (`dnacorpus.config.checks`).
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from dnacorpus.settings.root import Settings

CONFIG = Path(__file__).resolve().parents[1] / "config" / "config.yaml"
HEAD = "# Made by `make docs` from src/dnacorpus/settings/ and the comments of config/config.yaml.\n"


def comments(text: str) -> dict[str, str]:
    """Return dotted key -> the comment above it."""
    found: dict[str, str] = {}
    path: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if comment := re.match(r" *# ?(.*)", line):
            lines.append(comment[1])
        elif key := re.match(r"( *)(\w+):", line):
            path[len(key[1]) // 2 :] = [key[2]]
            found[".".join(path)] = "\n".join(lines)
            lines = []
        else:
            lines = []
    return found


def schema(text: str) -> dict[str, Any]:
    """Return the JSON schema of a complete config, with sections inlined, described by the comments of ``text``."""
    made = Settings.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "The config of a build. config/config.yaml has the defaults.",
        **_inlined("", made, made.pop("$defs"), comments(text)),
    }


def _inlined(key: str, part: Any, models: dict[str, Any], described: dict[str, str]) -> Any:
    """Return a part of the schema with its models inlined and, for each property, the comment of its key."""
    if isinstance(part, list):
        return [_inlined(key, item, models, described) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        part = models[part["$ref"].rpartition("/")[2]]
    shown = {
        name: _inlined(key, value, models, described)
        for name, value in part.items()
        if name not in ("title", "description", "properties")
    }
    for name, value in part.get("properties", {}).items():
        inner = f"{key}.{name}".lstrip(".")
        comment = {"description": described[inner]} if described.get(inner) else {}
        shown.setdefault("properties", {})[name] = comment | _inlined(inner, value, models, described)
    return shown


def render() -> str:
    """Return the schema as YAML; the line breaks of the comments are kept."""

    class Dumper(yaml.SafeDumper):
        pass

    def literal(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Dumper.add_representer(str, literal)
    shown = yaml.dump(schema(CONFIG.read_text(encoding="utf-8")), Dumper=Dumper, sort_keys=False, width=120)
    return HEAD + shown


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
