"""Writes the results of a build of one division as far as the index reads them, without the build: of any size."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dnacorpus.dataset.index import ShardKey
from dnacorpus.schemas.index import ROW_INDEX
from dnacorpus.schemas.pairs import DECISIONS
from dnacorpus.schemas.parts import RECORDS, REJECTS
from dnacorpus.storage.catalog import COLUMNS
from dnacorpus.storage.results import Results

SHARD = "data/pairs/viral/train-00000-of-00001.parquet"


def accession(number: int) -> str:
    """Return the accession of a made record."""
    return f"NC_{number:06d}.1"


def made_results(root: Path, records: int) -> tuple[Results, dict[ShardKey, str]]:
    """Write records with a row each, kept in train, ten to a species, and return them with the paths of the shards."""
    results, draw = Results(root), random.Random(records)
    digests = [draw.randbytes(16) for _ in range(2 * records)]
    numbers = range(records)
    names = [accession(number) for number in numbers]
    species = [f"Phagus species{number // 10}" for number in numbers]
    common = {"division": "viral", "part": "viral.1", "ordinal": list(numbers), "accession": names}
    taxon = {"species": species, "organism": species, "taxid": [10**6 + number // 10 for number in numbers]}
    fate = {"status": "kept", "reason": "", "cluster": names, "copies": 1, "split": "train", "length": 900}
    _write(results.decisions("viral"), DECISIONS, records, common | taxon | fate | {"digest": digests[:records]})
    tables = results.tables("viral", "viral.1")
    _write(tables / "records.parquet", RECORDS, records, common | {"genus": "Phagus", "topology": "linear"})
    _write(tables / "rejects.parquet", REJECTS, 0, {})
    rows = {"config": "pairs", "split": "train", "row": list(numbers), "accession": names, "digest": digests[records:]}
    pairs = [f"{number:032x}" for number in numbers]
    _write(results.shards("viral", "00000") / "index.parquet", ROW_INDEX, records, rows | {"pair_id": pairs})
    catalog = root / "catalog" / "viral.tsv"
    catalog.parent.mkdir(parents=True)
    line = {"release": "7", "division": "viral", "part": "viral.1", "group": "00000", "kind": "gbff", "bytes": "1"}
    catalog.write_text("\t".join(COLUMNS) + "\n" + "\t".join(line.get(name, "x") for name in COLUMNS) + "\n")
    return results, {
        ("viral", "00000", "pairs", "train"): SHARD,
        ("viral", "00000", "segments", "train"): SHARD.replace("pairs", "segments"),
    }


def _write(path: Path, schema: pa.Schema, rows: int, values: dict[str, Any]) -> None:
    columns = [values.get(name) for name in schema.names]
    arrays = [
        pa.array(value if isinstance(value, list) else [value] * rows, field.type)
        for value, field in zip(columns, schema, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
