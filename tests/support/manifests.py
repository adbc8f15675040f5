"""Makes manifests for datasets that no build has written."""

import json
from typing import Any

from dnacorpus.schemas.types import FORMAT_VERSION


def manifest_json(files: list[dict[str, Any]] | None = None, **keys: Any) -> str:
    """Return a manifest of some files as JSON; ``keys`` replace its other keys."""
    values = {"config": {"divisions": []}, "format": FORMAT_VERSION, "inputs": [], "ledger": [], "versions": {}}
    return json.dumps(values | {"files": files or []} | keys, sort_keys=True)
