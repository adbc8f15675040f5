"""The explain verb against the shards that it explains, and against the flat files by way of Biopython."""

import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from Bio import SeqIO
from support.each import each
from support.papered import PAPERS, papered_dataset
from support.rederive import field_values, paper_value
from support.restated import change_rows
from support.stages import published

from dnacorpus.cli.main import parser
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.explain import explain, for_people
from dnacorpus.schemas.index import INDEX_DIGESTS
from dnacorpus.storage import parquet as tables


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    return papered_dataset(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="module")
def rows(dataset) -> list[dict]:
    return published(dataset, "pairs").to_dicts()


def test_every_row_is_found_and_its_words_are_those_of_its_text(dataset, rows):
    for row in each(rows):
        found = explain(dataset, row["pair_id"])
        assert {key: found[key] for key in ("pair_id", "kind", "text", "file", "row", "split", "start", "end")} == {
            key: row[key] for key in ("pair_id", "kind", "text", "file", "row", "split", "start", "end")
        }
        assert found["bases"] == len(row["sequence"])
        spans = [{key: span[key] for key in row["evidence"][0]} for span in found["evidence"]]
        assert sorted(map(str, spans)) == sorted(map(str, row["evidence"]))
        assert [span["start"] for span in spans] == sorted(span["start"] for span in spans)
        for span in each(found["evidence"]):
            assert span["words"] == row["text"][span["start"] : span["end"]]


def test_the_values_are_those_that_others_read_in_the_same_fields(dataset, rows):
    records = {}
    for path in (dataset.parents[1] / "mirror").rglob("*.gbff.gz"):
        with gzip.open(path, "rt") as file:
            records |= SeqIO.to_dict(SeqIO.parse(file, "genbank"))
    compared = set()
    for row in each(rows):
        for span in each(explain(dataset, row["pair_id"])["evidence"]):
            value = span["value"] if isinstance(span["value"], list) else [span["value"]]
            if span["source"].startswith("PMID:"):
                expected = paper_value(span["field"], PAPERS[int(span["source"][5:])])
                assert value[0].endswith(expected), span
            elif span["how"] in ("verbatim", "normalised") and span["field"] != "references":
                expected = field_values(span["field"], records[row["accession"]])
                assert [one.rstrip(".") for one in value] == [one.rstrip(".") for one in expected], span
            else:
                assert None not in value, span
            if span["how"] == "verbatim":
                assert any(span["words"] in one for one in value), span
            compared.add(span["field"].split("/")[-1])
    assert {"abstract", "title", "year", "gene", "product", "definition", "references", "location"} <= compared


def test_the_beginning_of_a_name_will_do(dataset, rows):
    for row in each(rows[:10]):
        short = next(n for n in range(6, 33) if sum(r["pair_id"].startswith(row["pair_id"][:n]) for r in rows) == 1)
        assert explain(dataset, row["pair_id"][:short].upper() + " ")["pair_id"] == row["pair_id"]


@pytest.mark.parametrize("wanted", ["12345", "xyz123", "", "0" * 33, "../../x"])
def test_what_is_no_name_is_refused(dataset, wanted):
    with pytest.raises(UsageError, match="copy one from the column pair_id"):
        explain(dataset, wanted)


def test_an_unknown_name_says_where_to_look(dataset):
    with pytest.raises(
        UsageError,
        match=r"no row with this pair_id; copy one from the column pair_id.*; the row may have been dropped: copies/",
    ):
        explain(dataset, "0" * 32)


def test_a_name_that_several_rows_begin_with_is_refused(dataset, rows, tmp_path):
    copy = tmp_path / "dataset"
    shutil.copytree(dataset, copy)
    index = copy / "index" / "digests.parquet"
    table = pl.read_parquet(index)
    more = table.filter(pl.col("pair_id").is_not_null()).head(7)
    more = more.with_columns(pair_id=pl.lit("abcdef") + pl.col("pair_id").str.tail(26))
    tables.write(index, INDEX_DIGESTS, table.vstack(more).to_arrow())
    with pytest.raises(
        UsageError, match=r"7 rows begin with it: (abcdef\w{26}, ){4}abcdef\w{26} \.\.\.; give more digits"
    ):
        explain(copy, "abcdef")


def test_without_the_index_the_shards_are_searched(dataset, rows, tmp_path):
    copy = tmp_path / "dataset"
    shutil.copytree(dataset, copy)
    shutil.rmtree(copy / "index")
    for row in each(rows[::7]):
        assert explain(copy, row["pair_id"]) == explain(dataset, row["pair_id"])
    with pytest.raises(UsageError, match="no row with this pair_id"):
        explain(copy, "0" * 32)


def test_a_shard_that_was_not_pulled_is_named(dataset, rows, tmp_path):
    copy = tmp_path / "dataset"
    shutil.copytree(dataset, copy)
    for config in ("records", "features", "papers"):
        shutil.rmtree(copy / "data" / config)
    found = explain(copy, rows[0]["pair_id"])
    assert {span["value"] for span in found["evidence"] if span["field"] != "sequence"} == {None}
    assert "not in this folder" in for_people(found)
    (copy / rows[0]["file"]).unlink()
    with pytest.raises(
        UsageError, match=f"row {rows[0]['row']} of {rows[0]['file']}, which is not in .* pull that file"
    ):
        explain(copy, rows[0]["pair_id"])


@pytest.mark.parametrize("damaged", ["index/digests.parquet", "data/pairs"])
def test_a_damaged_file_of_the_dataset_is_one_error(dataset, rows, tmp_path, damaged):
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    for path in [copy / damaged] if damaged.endswith(".parquet") else (copy / damaged).rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CorpusError, match=r"\.parquet: expected a Parquet file, found: .*; remove it"):
        explain(copy, rows[0]["pair_id"])


@pytest.mark.parametrize(
    "name", ["a-0.parquet", "data/a-0.parquet", "../a-0.parquet", "data/pairs/viral/deeper/a-0.parquet"]
)
def test_an_index_that_names_no_shard_is_one_error(dataset, rows, tmp_path, name):
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    shard = min((copy / "data" / "pairs").rglob("*.parquet"))
    (copy / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(shard, copy / name)
    index = copy / "index" / "digests.parquet"
    change_rows(index, lambda entries: [entry.update(file=name, row=0) for entry in entries])
    with pytest.raises(CorpusError, match="expected a shard and a row, found"):
        explain(copy, rows[0]["pair_id"])


def test_a_null_in_the_evidence_is_one_error(dataset, rows, tmp_path):
    copy = shutil.copytree(dataset, tmp_path / "dataset")
    for shard in each(sorted((copy / "data" / "pairs").rglob("*.parquet"))):
        change_rows(shard, lambda found: [row["evidence"][0].update(source=None) for row in found])
    with pytest.raises(CorpusError, match=r"row [0-9]+: expected a value in evidence\[\].source, found none"):
        explain(copy, rows[0]["pair_id"])


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected the manifest of a dataset"):
        explain(tmp_path, "0" * 32)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(CorpusError, match="expected JSON"):
        explain(tmp_path, "0" * 32)


def test_for_people_words_and_values_stand_side_by_side(dataset, rows):
    row = next(row for row in rows if row["accession"] == "NC_000101.1" and "GenBank as" in row["text"])
    lines = for_people(explain(dataset, row["pair_id"])).splitlines()
    assert lines[0] == f"pair    {row['pair_id']}"
    assert lines[2] == "of      Arabidopsis thaliana, NC_000101.1, 1..900, forward strand, 900 bases"
    assert lines[3] == f"in      train: row {row['row']} of data/pairs/plant/train-00000-of-00001.parquet"
    assert all(len(line) <= 100 for line in each(lines))
    text = "\n".join(lines)
    assert (
        '"NC_000101.1"\n    <- passages[5] of PMID:11, verbatim, CC-BY-4.0\n     = The sequence was deposited' in text
    )
    assert '"Data availability"\n    <- passages[5]/section of PMID:11, verbatim, CC-BY-4.0\n     = Data avail' in text
    assert "    <- organism of NC_000101.1, verbatim, LicenseRef-NCBI\n     = Arabidopsis thaliana" in text
    feature = next(row for row in rows if row["strand"] == -1)
    assert "(CDS), 400..699, reverse strand, 300 bases, cds" in for_people(explain(dataset, feature["pair_id"]))


def test_long_values_are_shortened_for_people_alone(dataset, rows, tmp_path):
    row = next(row for row in rows if row["kind"] == "paper")
    found = explain(dataset, row["pair_id"])
    found["evidence"][0]["value"] = "first " + "middle " * 200 + "last"
    shown = for_people(found)
    assert "first middle" in shown
    assert "middle last" in shown
    assert shown.count("middle") < 80


def run(*arguments: object) -> None:
    options = parser().parse_args([str(argument) for argument in arguments])
    options.run(options)


def test_the_verb(dataset, rows, capsys):
    run("explain", dataset, rows[0]["pair_id"])
    assert capsys.readouterr().out == for_people(explain(dataset, rows[0]["pair_id"])) + "\n"
    run("explain", dataset, rows[0]["pair_id"], "--json")
    assert json.loads(capsys.readouterr().out) == explain(dataset, rows[0]["pair_id"])
