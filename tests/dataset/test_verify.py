"""Verify: a sound dataset passes, and each kind of damage is found and named."""

import hashlib
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.manifests import manifest_json
from support.restated import change_rows, restate

from dnacorpus.dataset.verify import verify
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.pairs import PAIRS

TRAIN = "data/pairs/plant/train-00000-of-00002.parquet"
LEFTOVERS = [".dnacorpus.lock", ".pull.tmp-node-7-3815/data/half.parquet", ".pull.json.tmp-node-3815"]
"""What a killed pull can leave in a dataset folder."""
NO_LEFTOVERS = [".dnacorpus.lock.mine", "data/.dnacorpus.lock", ".pull.mine", ".pull.tmp-node-x", ".pull.tmp--1"]


@pytest.fixture
def dataset(built, tmp_path):
    """A copy of the built dataset that a test may change."""
    return shutil.copytree(built / "dataset", tmp_path / "dataset")


def manifest(dataset) -> dict:
    return json.loads((dataset / "manifest.json").read_text())


def entry(found: dict, path: str) -> dict:
    return next(file for file in found["files"] if file["path"] == path)


def resign(dataset, path: str, **changes: object) -> None:
    """Write what the manifest says of a file anew, as a builder with a bug would have."""
    found, content = manifest(dataset), (dataset / path).read_bytes()
    entry(found, path).update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), **changes)
    (dataset / "manifest.json").write_text(json.dumps(found))


def rewrite(dataset, change, path: str = TRAIN, schema: pa.Schema = PAIRS) -> None:
    """Change the rows of a shard and what the manifest says of it."""
    rows = pq.ParquetFile(dataset / path).read().to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), dataset / path)
    resign(dataset, path, rows=len(rows), bases=sum(len(row.get("sequence") or "") for row in rows))


def problem(dataset) -> str:
    with pytest.raises(CorpusError) as caught:
        verify(dataset)
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_sound_dataset_passes_and_is_counted(dataset):
    found = manifest(dataset)
    shards = [file for file in found["files"] if "config" in file]
    assert verify(dataset) == {
        "files": sum(path.is_file() for path in dataset.rglob("*")),
        "absent": 0,
        "rows": sum(file["rows"] for file in shards),
        "bases": sum(file["bases"] for file in shards if file["config"] == "pairs"),
    }


def test_rewriting_alone_is_no_damage(dataset):
    rewrite(dataset, lambda rows: None)
    assert verify(dataset)["rows"] > 0


@pytest.mark.parametrize("path", [TRAIN, "ledger.parquet", "index/taxa.parquet", "README.md"])
def test_a_missing_file(dataset, path):
    (dataset / path).unlink()
    assert f"{path}: missing" in problem(dataset)


@pytest.mark.parametrize("path", LEFTOVERS)
def test_what_a_killed_pull_leaves_is_no_file_of_the_dataset(dataset, path):
    (dataset / path).parent.mkdir(parents=True, exist_ok=True)
    (dataset / path).write_bytes(b"x")
    assert verify(dataset)["rows"] > 0


@pytest.mark.parametrize(
    "path", ["data/pairs/plant/train-00002-of-00003.parquet", "notes.txt", ".hidden", *NO_LEFTOVERS]
)
def test_a_file_that_the_manifest_does_not_know(dataset, path):
    (dataset / path).write_bytes(b"x")
    assert f"{path}: not in the manifest" in problem(dataset)


@pytest.mark.parametrize("path", [".gitattributes", ".cache/huggingface/download/x.metadata"])
def test_what_the_hub_puts_beside_is_no_damage(dataset, path):
    (dataset / path).parent.mkdir(parents=True, exist_ok=True)
    (dataset / path).write_text("x")
    assert verify(dataset)["files"] > 0


@pytest.mark.parametrize("path", [TRAIN, "README.md", "index/digests.parquet"])
def test_a_changed_byte(dataset, path):
    content = bytearray((dataset / path).read_bytes())
    content[len(content) // 2] ^= 1
    (dataset / path).write_bytes(content)
    message = problem(dataset)
    assert f"{path}: expected sha256" in message
    assert hashlib.sha256(content).hexdigest() in message


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("bytes", TRAIN), ("rows", TRAIN), ("bases", TRAIN), ("rows", "index/accessions.parquet"),
        ("rows", "ledger.parquet"), ("rows", TRAIN.replace("pairs", "features")),
        ("bases", TRAIN.replace("pairs", "records")), ("bases", TRAIN.replace("pairs", "segments")),
    ],
)  # fmt: skip
def test_a_wrong_number_in_the_manifest(dataset, key, path):
    found = manifest(dataset)
    right = entry(found, path)[key]
    entry(found, path)[key] = right + 1
    (dataset / "manifest.json").write_text(json.dumps(found))
    message = problem(dataset)
    assert f"{path}: expected {right + 1} {key}" in message
    assert f"found {right}" in message


def test_another_schema(dataset):
    table = pq.ParquetFile(dataset / TRAIN).read()
    place = table.schema.get_field_index("start")
    pq.write_table(table.set_column(place, "start", table["start"].cast(pa.int32())), dataset / TRAIN)
    resign(dataset, TRAIN)
    assert f"{TRAIN}: schema is not that of pairs" in problem(dataset)


def test_another_schema_of_the_ledger(dataset):
    pq.write_table(pq.ParquetFile(dataset / "ledger.parquet").read().drop_columns("bases"), dataset / "ledger.parquet")
    resign(dataset, "ledger.parquet")
    assert "ledger.parquet: schema is not that of ledger.parquet" in problem(dataset)


def test_a_shard_that_is_not_parquet(dataset):
    (dataset / TRAIN).write_bytes(b"no parquet")
    resign(dataset, TRAIN)
    assert f"{TRAIN}: expected Parquet" in problem(dataset)


def test_an_empty_shard(dataset):
    rewrite(dataset, list.clear)
    assert f"{TRAIN}: expected at least 1 row, found 0" in problem(dataset)


def test_a_pair_id_that_occurs_twice(dataset):
    rewrite(dataset, lambda rows: rows.append(rows[0]))
    assert "occurs twice" in problem(dataset)


def test_a_pair_id_in_two_shards(dataset):
    (row,) = pq.ParquetFile(dataset / TRAIN).read().slice(0, 1).to_pylist()
    rewrite(dataset, lambda rows: rows.append(row), TRAIN.replace("00000-of", "00001-of"))
    assert f"{row['pair_id']}: occurs twice" in problem(dataset)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"pair_id": "x" * 32}, "pair_id: expected 32 hexadecimal digits"),
        ({"text": ""}, "no text"),
        ({"sequence": None}, "no sequence"),
        ({"sequence": "a"}, "without U, found b'a'"),
        ({"sequence": "U"}, "without U, found b'U'"),
        ({"sequence": "-"}, "without U, found b'-'"),
        ({"sequence": "ACGT" * 7}, "coordinates do not cover"),
        ({"start": -1}, "expected start < end"),
        ({"start": 9, "end": 9}, "expected start < end"),
        ({"mask": [{"start": 0, "end": 100_000}]}, "mask 0..100000 is outside"),
        ({"mask": [{"start": 5, "end": 5}]}, "mask 5..5 is outside"),
        ({"evidence": []}, "no evidence"),
        ({"evidence": None}, "expected a value in evidence, found none"),
        ({"evidence": {"end": 100_000}}, "100000 is outside the text"),
        ({"evidence": {"start": -1}}, "evidence -1.."),
        ({"evidence": {"source": ""}}, "lacks source, field, license, or how"),
        ({"evidence": {"license": None}}, "expected a value in evidence[].license, found none"),
        ({"evidence": {"how": "guessed"}}, "lacks source, field, license, or how"),
        ({"start": None}, "no start"),
        ({"evidence": {"how": None}}, "expected a value in evidence[].how, found none"),
        ({"evidence": {"start": None}}, "expected a value in evidence[].start, found none"),
        ({"evidence": [None]}, "expected a value in evidence[], found none"),
        ({"mask": [None]}, "expected a value in mask[], found none"),
        ({"parts": [{}]}, "expected a value in parts[].start, found none"),
        ({"accession": None}, "expected a value in accession, found none"),
        ({"licenses": ["CC0-1.0"]}, "licenses differ from those of the evidence"),
    ],
)
def test_a_row_that_does_not_hold(dataset, change, named):
    def spoil(rows: list[dict]) -> None:
        row = rows[2]
        for key, value in change.items():
            if key == "evidence" and isinstance(value, dict):
                row["evidence"][0].update(value)
            elif key == "sequence" and value and len(value) == 1:
                row["sequence"] = row["sequence"][:4] + value + row["sequence"][5:]
            else:
                row[key] = value

    rewrite(dataset, spoil)
    message = problem(dataset)
    assert named in message
    assert TRAIN in message


@pytest.mark.parametrize(
    ("path", "column", "place"),
    [
        (TRAIN.replace("pairs", "features"), "qualifiers", "qualifiers"),
        (TRAIN.replace("pairs", "segments"), "start", "start"),
        ("index/accessions.parquet", "division", "division"),
    ],
)
def test_a_null_in_another_table(dataset, path, column, place):
    change_rows(dataset / path, lambda rows: rows[0].update({column: None}))
    restate(dataset, dataset / path)
    assert f"{path}: row 0: expected a value in {place}, found none" in problem(dataset)


@pytest.mark.parametrize("path", [TRAIN, TRAIN.replace("pairs", "records"), "ledger.parquet", "index/taxa.parquet"])
def test_a_damaged_page_that_the_manifest_states(dataset, path):
    chunk = pq.read_metadata(dataset / path).row_group(0).column(0)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content = bytearray((dataset / path).read_bytes())
    content[start + chunk.total_compressed_size // 2 : start + chunk.total_compressed_size] = b"\xff" * (
        chunk.total_compressed_size - chunk.total_compressed_size // 2
    )
    (dataset / path).write_bytes(content)
    restate(dataset, dataset / path)
    assert f"{path}: expected a Parquet file, found: " in problem(dataset)


def test_evidence_is_counted_in_code_points(dataset):
    def lengthen(rows: list[dict]) -> None:
        rows[2]["text"] += " é𝄞"
        rows[2]["evidence"].append(rows[2]["evidence"][0] | {"end": len(rows[2]["text"])})

    rewrite(dataset, lengthen)
    assert verify(dataset)["rows"] > 0


def test_a_species_in_two_splits(dataset):
    test = "data/pairs/plant/test-00000-of-00001.parquet"

    def move(rows: list[dict]) -> None:
        rows[0]["species"] = "Arabidopsis thaliana"

    rewrite(dataset, move, test)
    assert "species 'Arabidopsis thaliana' is in test and train" in problem(dataset)


@pytest.mark.parametrize("column", ["count", "bases"])
def test_a_ledger_that_does_not_balance(dataset, column):
    table = pq.ParquetFile(dataset / "ledger.parquet").read()
    rows = table.to_pylist()
    row = next(row for row in rows if row["unit"] == "record" and row["status"] == "kept")
    row[column] -= 1
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), dataset / "ledger.parquet")
    resign(dataset, "ledger.parquet")
    assert f"ledger.parquet: {row['part']}: record {column} in - out = 1" in problem(dataset)


def test_a_row_that_the_ledger_does_not_know(dataset):
    rewrite(dataset, lambda rows: rows.pop())
    assert "ledger.parquet: 25 kept rows, but 24 rows in pairs" in problem(dataset)


def test_much_damage_is_counted_not_listed(dataset):
    for number in range(30):
        (dataset / f"stray{number}").write_bytes(b"x")
    assert "and 10 more" in problem(dataset)


def test_no_manifest_is_a_usage_error(dataset, tmp_path):
    (dataset / "manifest.json").unlink()
    for folder in (dataset, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match="expected the manifest of a dataset, found no such file"):
            verify(folder)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "expected JSON"),
        ("[]", r"expected a JSON object, found \[\]"),
        ('{"files": []}', "expected format 2, found null"),
        ('{"format": 1, "files": []}', "expected format 2, found 1"),
        ('{"format": 2}', "expected the keys"),
        (manifest_json(["x"]), r"files\[0\]: expected an object with path"),
        (manifest_json([{"path": "x"}]), r"files\[0\]: expected an object with path"),
        (manifest_json([{"path": "x", "bytes": 1, "sha256": "00" * 32, "config": "new"}]), r"files\[0\]: expected"),
        (manifest_json(), r"ledger\.parquet: not in the manifest"),
    ],
)
def test_a_manifest_of_another_form(dataset, content, named):
    (dataset / "manifest.json").write_text(content)
    with pytest.raises(CorpusError, match=named):
        verify(dataset)


def test_a_manifest_without_the_ledger(dataset):
    found = manifest(dataset)
    found["files"] = [file for file in found["files"] if file["path"] != "ledger.parquet"]
    (dataset / "manifest.json").write_text(json.dumps(found))
    (dataset / "ledger.parquet").unlink()
    assert "ledger.parquet: not in the manifest" in problem(dataset)


def test_a_dataset_that_was_pulled_in_part_may_lack_what_was_not_asked_for(dataset):
    files = [file["path"] for file in manifest(dataset)["files"]]
    gone = [path for path in files if path.startswith("data/segments/")]
    for path in gone:
        (dataset / path).unlink()
    assert "missing" in problem(dataset)
    (dataset / "pull.json").write_text(pulled([path for path in files if path not in gone]))
    (dataset / "README.md").write_text("changed")
    assert "README.md" in problem(dataset)


def test_a_partial_pull_is_counted(dataset):
    files = [file["path"] for file in manifest(dataset)["files"]]
    kept = [path for path in files if not path.startswith(("data/segments/", "index/"))]
    for path in set(files) - set(kept):
        (dataset / path).unlink()
    (dataset / "pull.json").write_text(pulled(kept))
    assert verify(dataset)["absent"] == len(files) - len(kept) > 0


def pulled(files: list[str]) -> str:
    return json.dumps({"repo": "my-lab/corpus", "commit": "0" * 40, "files": files})


@pytest.mark.parametrize("content", ["[]", "{", pulled(["no/such/file"])])
def test_a_damaged_pull_json_is_named(dataset, content):
    (dataset / "pull.json").write_text(content)
    assert "pull.json" in problem(dataset)


@pytest.mark.parametrize("name", ["README.md", "data", "data/pairs", "index/taxa.parquet"])
def test_a_symbolic_link_is_named_even_if_its_bytes_are_right(dataset, tmp_path, name):
    moved = tmp_path / "elsewhere"
    shutil.move(dataset / name, moved)
    (dataset / name).symlink_to(moved)
    assert f"{name}: expected a file or folder, found a symbolic link" in problem(dataset)
