"""The one check of file names that others chose: in a catalog, a listing, a list of checksums or a manifest.

Only the standard library is imported: Snakemake reads catalogs while it parses the workflow.
"""

WRITTEN_BY_STAGES = frozenset({"part.json"})
"""Names, in lower case, that the fetch stage writes beside the files of a part; those of Snakemake begin with a dot."""
MAX_NAME_BYTES = 200
"""A name on disk has at most 255 bytes; the rest is for the suffixes of temporary files."""
_MAX_SHOWN = 80


def name_flaw(name: str) -> str:
    """Return what is wrong with a name of a file in a folder that this program fills, or "" for a usable name.

    A usable name is one path component that does not begin with a dot, has printable characters only (no control,
    bidirectional or surrogate ones), has at most `MAX_NAME_BYTES` bytes, and is none of `WRITTEN_BY_STAGES`.
    """
    flaws = {
        "no name": not name,
        "characters that cannot be printed": not name.isprintable(),
        "a folder in the name": "/" in name or "\\" in name,
        "a dot at the start": name.startswith("."),
        "a name that the fetch stage writes itself": name.lower() in WRITTEN_BY_STAGES,
        f"more than {MAX_NAME_BYTES} bytes": len(name.encode(errors="replace")) > MAX_NAME_BYTES,
    }
    return next((flaw for flaw, found in flaws.items() if found), "")


def path_flaw(path: str) -> str:
    """Return what is wrong with a relative path of usable names separated by slashes, or ""."""
    return next((flaw for flaw in map(name_flaw, path.split("/")) if flaw), "")


def workflow_flaw(path: str) -> str:
    """Return what keeps Snakemake from using the path of a local file as an input, or "".

    Snakemake takes ``{x}`` in an input for a wildcard and ``<x>`` for a variable of paths.
    """
    if not path.isprintable():
        return "characters that cannot be printed"
    return " ".join(sorted(set("<>{}") & set(path)))


def shown(name: str) -> str:
    """Return a name for a message: shortened, with characters that cannot be printed as escapes."""
    cut = name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}..."
    return cut if cut.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
