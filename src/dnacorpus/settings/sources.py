"""Options of where records, assemblies and papers come from."""

import re
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from dnacorpus.divisions import DIVISIONS
from dnacorpus.settings.section import DISTINCT, GROUP_PATTERN, Count, HttpUrl, Positive, Section, Text, one_of

_DIVISION_NAME = re.compile("[a-z][a-z_]*")

RESERVED = (*DIVISIONS, "complete", "other")
"""Names that RefSeq uses for folders of a release, which no custom division may have."""
LICENSES = (
    "CC0", "CC0-1.0", "CC-BY", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0",
    "CC-BY-SA", "CC-BY-SA-3.0", "CC-BY-SA-4.0",
)  # fmt: skip
"""Licences, families or single versions, under which the text of a paper may be published."""
_WAYS = {"path": {"path"}, "accessions": {"accessions"}, "taxon or assemblies": {"taxon", "assemblies", "group"}}

Texts = Text | Annotated[list[Text], Field(min_length=1)]
Values = Text | int | Annotated[list[Text | int], Field(min_length=1)]


def _division_name(name: str) -> str:
    if name in RESERVED or not _DIVISION_NAME.fullmatch(name):
        raise ValueError(
            f"expected a name of lower-case letters and _ that is none of RefSeq's divisions, found {name!r}"
        )
    return name


@with_config(ConfigDict(extra="forbid", strict=True))
class CustomDivision(TypedDict):
    """A division that the user defines, by one of: local files; accessions; taxa or columns of assembly tables."""

    name: Annotated[str, AfterValidator(_division_name), Field(json_schema_extra={"pattern": "^[a-z][a-z_]*$"})]
    path: NotRequired[Texts]
    accessions: NotRequired[Texts]
    taxon: NotRequired[Values]
    assemblies: NotRequired[Annotated[dict[str, Values], Field(min_length=1)]]
    group: NotRequired[Annotated[str, Field(pattern=GROUP_PATTERN)]]


def one_way(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a custom division as it is; raises ValueError unless it says in exactly one way what it holds."""
    keys = set(entry) - {"name"}
    if keys <= {"group"} or not any(keys <= allowed for allowed in _WAYS.values()):
        raise ValueError(f"expected one of {'; '.join(_WAYS)}, found {', '.join(sorted(keys)) or 'none'}")
    return entry


class PaperSettings(Section):
    """Section ``papers``: where cited papers come from and whose text may be published."""

    source: Text
    licenses: Annotated[tuple[Annotated[str, *one_of(LICENSES)], ...], *DISTINCT]
    max_records_per_paper: Positive
    cache: Text
    bulk_download_above: Count


class ServiceSettings(Section):
    """Section ``services``: addresses of NCBI's and EBI's services; those without a scheme are folders."""

    genomes: Text
    eutils: HttpUrl
    idconv: HttpUrl
    pmc: HttpUrl
    europepmc: HttpUrl
    pubmed: Text


class ShardSettings(Section):
    """Section ``shards``: how many parts share the published files."""

    group_bytes: Positive
