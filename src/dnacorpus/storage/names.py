"""The one check of file names and paths that others chose: in a catalog, a listing, a list of checksums or a manifest.

Only the standard library is imported: Snakemake reads catalogs while it parses the workflow.
"""

from dnacorpus.printable import escaped, is_printable

WRITTEN_BY_STAGES = frozenset({"part.json"})
"""Names, in lower case, that the fetch stage writes beside the files of a part; those of Snakemake begin with a dot."""
MAX_NAME_BYTES = 200
"""A name on disk has at most 255 bytes; the rest is for the suffixes of temporary files."""
MAX_PATH_BYTES = 1024
"""A path of a manifest or a server, which has few folders; a disk takes 4,096 bytes with the folder above it."""
_MAX_SHOWN = 80


def name_flaw(name: str) -> str:
    """Return what is wrong with a name of a file in a folder that this program fills, or "" for a usable name.

    A usable name is one path component that does not begin with a dot, has only characters that can be printed (see
    `dnacorpus.printable`), has at most `MAX_NAME_BYTES` bytes, and is none of `WRITTEN_BY_STAGES`.
    """
    flaws = {
        "no name": not name,
        "characters that cannot be printed": not is_printable(name),
        "a folder in the name": "/" in name or "\\" in name,
        "a dot at the start": name.startswith("."),
        "a name that the fetch stage writes itself": name.lower() in WRITTEN_BY_STAGES,
        f"more than {MAX_NAME_BYTES} bytes": len(name.encode(errors="replace")) > MAX_NAME_BYTES,
    }
    return next((flaw for flaw, found in flaws.items() if found), "")


def path_flaw(path: str) -> str:
    """Return what is wrong with a relative path, or "".

    A usable path is usable names separated by slashes, of at most `MAX_PATH_BYTES` bytes together.
    """
    if len(path.encode(errors="replace")) > MAX_PATH_BYTES:
        return f"more than {MAX_PATH_BYTES} bytes"
    return next((flaw for flaw in map(name_flaw, path.split("/")) if flaw), "")


def is_shard_path(path: str) -> bool:
    """Return whether a relative path can be that of a shard: usable names, as data/CONFIG/DIVISION/FILE."""
    return not path_flaw(path) and path.count("/") == 3


def workflow_flaw(path: str) -> str:
    """Return what keeps Snakemake from using the path of a local file as an input, or "".

    Snakemake takes ``{x}`` in an input for a wildcard and ``<x>`` for a variable of paths.
    """
    if not is_printable(path):
        return "characters that cannot be printed"
    return " ".join(sorted(set("<>{}") & set(path)))


def shown(name: str) -> str:
    """Return a name for a message: shortened, with characters that cannot be printed as escapes."""
    return escaped(name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}...")
