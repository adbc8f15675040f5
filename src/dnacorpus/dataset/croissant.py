"""The Croissant description of a dataset: its files and columns in machine-readable form.

Format: MLCommons Croissant 1.0, http://mlcommons.org/croissant/1.0. Paths are relative to the folder.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from dnacorpus.bounded import whole_number
from dnacorpus.dataset.source_names import sources_in_words

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
PARQUET = "application/x-parquet"


def croissant(releases: Iterable[str], configs: Mapping[str, pa.Schema]) -> dict[str, Any]:
    """Return the JSON-LD of a dataset from ``releases``: a file set and a record set for each of its ``configs``."""
    releases = list(releases)
    number = max((whole_number(release) or 0 for release in releases), default=0)
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "dnacorpus",
        "description": f"DNA sequences paired with text that describes them, from {sources_in_words(releases)}.",
        "version": f"{number}.0.0",
        "license": "https://www.ncbi.nlm.nih.gov/home/about/policies/",
        "distribution": [_files(config) for config in configs],
        "recordSet": [_records(config, schema) for config, schema in configs.items()],
    }


def _files(config: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "encodingFormat": PARQUET,
        "includes": f"data/{config}/*/*.parquet",
    }


def _records(config: str, schema: pa.Schema) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "field": [_field(config, field) for field in schema],
    }


def _field(config: str, field: pa.Field) -> dict[str, Any]:
    item = field.type.value_type if pa.types.is_list(field.type) else field.type
    described: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{config}/{field.name}",
        "name": f"{config}/{field.name}",
        "description": field.metadata[b"description"].decode(),
    }
    source = {"fileSet": {"@id": f"{config}-files"}, "extract": {"column": field.name}}
    if pa.types.is_list(field.type):
        described["repeated"] = True
    if pa.types.is_struct(item):
        described["subField"] = [
            {
                "@type": "cr:Field",
                "@id": f"{config}/{field.name}/{inner.name}",
                "name": f"{config}/{field.name}/{inner.name}",
                "dataType": _type(inner.type),
                "source": source | {"transform": {"jsonPath": inner.name}},
            }
            for inner in item
        ]
    else:
        described["dataType"] = _type(item)
        described["source"] = source
    return described


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:Date" if pa.types.is_date(kind) else "sc:Text"
