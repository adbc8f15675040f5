"""The where verb against the tables that the dataset was made from: every fate, every kind of question."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import madeindex
from support.each import each
from support.madeindex import accession, made_results
from support.manifests import manifest_json
from support.queries import ask
from support.restated import change_rows
from support.smallrelease import bases, complement, pack, plain, small_release
from support.stages import DIVISIONS, build, decisions, published

from dnacorpus.cli.explore import KINDS, MIN_SEQUENCE
from dnacorpus.dataset import index
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.explore.where import query as where_query
from dnacorpus.explore.where.files import Folder, open_files
from dnacorpus.explore.where.query import kind_of, queries
from dnacorpus.explore.where.text import for_people
from dnacorpus.sequence.bases import canonical_digest

ABOUT = {"divisions": DIVISIONS, "releases": ["7"], "unreadable": [], "gone": []}


class Counting(Folder):
    """A dataset folder that remembers what was read of it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.log: list[tuple[str, int]] = []

    def read(self, path: str, start: int, end: int) -> bytes:
        content = super().read(path, start, end)
        self.log.append((path, len(content)))
        return content


def lines(dataset: Path, *texts: object, kind: str = "") -> list[str]:
    return [line for answer in ask(dataset, *texts, kind=kind) for line in for_people(answer)]


@pytest.fixture(scope="module")
def dataset(built) -> Path:
    return built / "dataset"


@pytest.fixture
def copy(dataset, tmp_path) -> Path:
    shutil.copytree(dataset, tmp_path / "dataset")
    return tmp_path / "dataset"


def test_every_record_has_its_status_and_its_rows(built, dataset):
    pairs = published(dataset, "pairs")
    records = decisions(built)
    for name in each(records["accession"].unique()):
        (answer,) = ask(dataset, name)
        fates = records.filter(accession=name).sort("division", "status").to_dicts()
        assert answer["found"] == len(answer["records"]) == len(fates)
        for told, fate in each(
            zip(sorted(answer["records"], key=lambda row: (row["division"], row["status"])), fates, strict=True)
        ):
            same = ("division", "status", "reason", "duplicate_of", "cluster", "copies", "organism", "length")
            assert {key: told[key] for key in same} == {key: fate[key] for key in same}
            rows = (
                pairs.filter(accession=name, division=fate["division"]) if fate["status"] == "kept" else pairs.head(0)
            )
            assert told["rows"] == len(rows)
            if len(rows):
                places = list(range(told["row"], told["row"] + told["rows"]))
                assert (places, [told["file"]]) == (rows["row"].to_list(), rows["file"].unique().to_list())
                assert told["split"] == fate["split"]
        assert answer["status"] == ("kept" if "kept" in {fate["status"] for fate in fates} else "not_kept")


def test_a_duplicate_leads_to_the_copy_that_is_kept(dataset):
    (answer,) = ask(dataset, "AB000012.1")
    (record,) = answer["records"]
    assert (answer["status"], record["status"], record["file"]) == ("not_kept", "duplicate", None)
    (kept,) = ask(dataset, "NC_000011.1")[0]["records"]
    copy = record["kept_copy"]
    assert copy == {key: kept[key] for key in copy}
    assert lines(dataset, "AB000012.1") == [
        "AB000012.1: viral: duplicate of NC_000011.1 (exact), which is in viral, validation: rows 0 to 2 (0-based) of"
        " data/pairs/viral/validation-00000-of-00001.parquet; cluster AB000012.1, copies 2"
    ]


def test_one_accession_in_two_divisions_has_two_answers(dataset):
    (answer,) = ask(dataset, "NC_000002.1")
    assert [(row["division"], row["status"]) for row in answer["records"]] == [
        ("plant", "duplicate"), ("plastid", "kept"),
    ]  # fmt: skip
    assert answer["records"][0]["kept_copy"]["division"] == "plastid"


def test_the_reason_stands_in_words(dataset):
    assert lines(dataset, "NC_000009.1") == [
        "NC_000009.1: protozoa: excluded, length_mismatch (the number of bases is not the length stated in the record)"
    ]
    assert lines(dataset, "NC_000010.1") == ["NC_000010.1: protozoa: rejected, bad_locus (a malformed LOCUS line)"]


def test_without_a_version_every_version_is_found(dataset):
    assert ask(dataset, "NC_000001")[0]["records"] == ask(dataset, "NC_000001.1")[0]["records"]
    assert ask(dataset, "nc_000001.1")[0]["records"] == ask(dataset, "NC_000001.1")[0]["records"]


@pytest.mark.parametrize("asked", ["NC_00000", "NC_0000011", "NC_000001.11", "NC_000001.", "NC_999999.1"])
def test_an_accession_is_not_found_by_a_part_of_it(dataset, asked):
    (answer,) = ask(dataset, asked, kind="accession")
    assert (answer["status"], answer["found"], answer["records"]) == ("absent", 0, [])
    assert answer["absent"] == ABOUT
    told = lines(dataset, asked, kind="accession")
    assert told[0] == f"{asked}: not in this release of: plant, plastid, protozoa, viral (RefSeq release 7)"
    others = [f"{asked}: other versions: NC_000001.1"] if asked == "NC_000001.11" else []
    assert told[1:] == others


@pytest.mark.parametrize("asked", ["Arabidopsis thaliana", "arabidopsis  THALIANA", "1020", "01020", "arabidopsis"])
def test_a_taxon_is_counted_by_division_split_and_status(built, dataset, asked):
    (answer,) = ask(dataset, asked)
    ours = decisions(built).filter(species="Arabidopsis thaliana")
    groups = {(row["division"], row["split"], row["status"], row["reason"]): (row["records"], row["bases"])
              for row in answer["taxon"]["counts"]}  # fmt: skip
    split = pl.when(pl.col("status") == "kept").then("split").alias("split")
    counted = ours.group_by("division", split, "status", "reason").agg(pl.len(), pl.col("length").sum())
    assert groups == {row[:4]: row[4:] for row in counted.iter_rows()}
    assert answer["found"] == len(ours)
    assert answer["taxon"]["in_train"]
    assert answer["taxon"]["species_splits"] == {"Arabidopsis thaliana": ["train"]}


def test_a_species_outside_train_is_marked(dataset):
    assert lines(dataset, "Oryza sativa", "giardia") == [
        "Oryza sativa: not in train; 1 species (Oryza sativa: test)",
        "Oryza sativa: plant, test: 1 record, 900 bases",
        "giardia (Giardia): not in train; 1 species (Giardia duodenalis: none kept)",
        "giardia: protozoa, excluded (length_mismatch): 1 record, 900 bases",
    ]
    assert [answer["status"] for answer in ask(dataset, "Oryza sativa", "giardia")] == ["kept", "not_kept"]


def test_a_genus_is_read_from_its_own_rows_alone(large):
    files = Counting(large)
    (answer,) = ask(files, "Phagus")
    taxon = answer["taxon"]
    assert (taxon["species"], answer["found"]) == (20_000, 200_000)
    assert set(map(tuple, taxon["species_splits"].values())) == {("train",)}
    assert len(taxon["species_splits"]) == 20
    assert taxon["counts"] == [
        {
            "division": "viral",
            "split": "train",
            "status": "kept",
            "reason": "",
            "records": 200_000,
            "bases": 180_000_000,
        }
    ]
    assert len(files.log) <= 8


def test_a_strain_without_a_kept_record_has_the_splits_of_its_species(dataset, copy):
    path = copy / "index" / "taxa.parquet"
    strain = pl.read_parquet(path).filter(rank="organism", status="duplicate", division="plant")
    strain = strain.with_columns(name=pl.lit("strain x"), organism=pl.lit("Strain X"))
    altered(path, more=strain)
    (answer,) = ask(copy, "Strain X")
    assert (answer["status"], [row["status"] for row in answer["taxon"]["counts"]]) == ("not_kept", ["duplicate"])
    assert answer["taxon"]["species_splits"] == {"Arabidopsis thaliana": ["train"]}
    assert answer["taxon"]["in_train"]


def test_a_name_that_looks_like_a_sequence_is_said_to_be_looked_up_as_a_name(dataset):
    short = "looked up as a name; a sequence query needs at least 20 letters (or --as sequence)"
    assert lines(dataset, "ACGT")[1:] == [f"ACGT: {short}"]
    cut = "looked up as a name; a sequence query needs the whole sequence, without ..."
    assert lines(dataset, "ACGTTGCA...")[1:] == [f"ACGTTGCA...: {cut}"]
    assert len(lines(dataset, "Nemo")) == 1


def test_an_absent_sequence_says_that_dropped_rows_are_not_searched(dataset):
    (line,) = lines(dataset, "ACGT" * 10)
    assert "nor are rows that were dropped (copies, leaks)" in line


def test_an_unknown_name_is_absent_and_names_like_it_are_shown(dataset):
    assert lines(dataset, "Arabid") == [
        "Arabid: not in this release of: plant, plastid, protozoa, viral (RefSeq release 7)",
        "Arabid: names that begin with it: Arabidopsis, Arabidopsis thaliana",
    ]
    (answer,) = ask(dataset, "Nemo nescit")
    assert (answer["status"], answer["notes"], answer["taxon"]) == ("absent", [], None)


def test_what_could_not_be_read_is_named_with_what_is_not_there(tmp_path):
    files = pack({f"viral.{n}.genomic.gbff.gz": plain(f"NC_00000{n}.1", f"Phage {n}", ("Viruses",)) for n in (1, 2)})
    files["viral.2.genomic.gbff.gz"] = files["viral.2.genomic.gbff.gz"][:-200]
    found = build(tmp_path / "results", small_release(tmp_path / "mirror", files), ["viral"])
    (answer,) = ask(found, "NC_123456.1")
    (lost,) = answer["absent"]["unreadable"]
    assert lost.startswith("viral.2.genomic.gbff.gz: ")
    assert lines(found, "NC_123456.1")[0].endswith("; not read because damaged: viral.2.genomic.gbff.gz")


def rows_of(answer: dict) -> set[tuple[str, int]]:
    return {(row["file"], row["row"]) for row in answer["rows"]}


def test_every_row_is_found_by_its_bases_and_by_the_other_strand(dataset):
    pairs = published(dataset, "pairs").to_dicts()
    for row in each(pairs):
        digest = canonical_digest(row["sequence"].encode(), circular=False)
        same = {
            (other["file"], other["row"])
            for other in pairs
            if canonical_digest(other["sequence"].encode(), circular=False) == digest
        }
        for sequence, match in (
            (row["sequence"].lower(), "same strand"),
            (complement(row["sequence"]), "other strand"),
        ):
            (answer,) = ask(dataset, sequence)
            assert rows_of(answer) == same
            (told,) = (found for found in answer["rows"] if (found["file"], found["row"]) == (row["file"], row["row"]))
            assert told["match"] == match
            for key in ("division", "split", "accession", "pair_id", "kind", "cluster", "copies"):
                assert told[key] == row[key]
            assert (answer["status"], answer["bases"], told["config"]) == ("kept", len(sequence), "pairs")


def test_a_circular_record_is_found_from_any_origin_on_either_strand(dataset):
    circle = bases("chloroplast", 900)
    for start in (0, 1, 321, 899):
        for turned in (circle[start:] + circle[:start], complement(circle[start:] + circle[:start])):
            (answer,) = ask(dataset, turned)
            found = {(row["division"], row["accession"], row["status"]): row["match"] for row in answer["records"]}
            assert found.keys() == {("plant", "NC_000002.1", "duplicate"), ("plastid", "NC_000002.1", "kept")}
            expected = {circle: "same strand", complement(circle): "other strand"}.get(turned, "other origin")
            assert found["plastid", "NC_000002.1", "kept"] == expected
            assert bool(answer["rows"]) == (expected != "other origin")


def test_a_linear_record_is_found_from_its_own_origin_alone(dataset):
    linear = bases("linear", 900)
    assert [row["accession"] for row in ask(dataset, linear)[0]["records"]] == ["NC_000003.1"]
    assert [row["accession"] for row in ask(dataset, linear[400:] + linear[:400])[0]["records"]] == ["NC_000004.1"]
    assert ask(dataset, linear[100:] + linear[:100])[0]["status"] == "absent"


def test_a_sequence_of_an_excluded_record_has_its_reason(dataset):
    found = {}
    for name in ("one", "another"):
        (answer,) = ask(dataset, bases(name, 900))
        (record,) = answer["records"]
        found[record["status"]] = record["accession"], record["reason"]
        assert bool(answer["rows"]) == (answer["status"] == "kept") == (record["match"] is not None)
    assert found == {"kept": ("NC_000008.1", ""), "excluded": ("NC_000008.1", "accession_conflict")}


def test_of_many_matches_the_first_are_listed_and_all_are_counted(dataset, monkeypatch):
    (whole,) = ask(dataset, bases("chloroplast", 900)[321:] + bases("chloroplast", 900)[:321])
    assert len(whole["records"]) == whole["found"] == 2
    monkeypatch.setattr("dnacorpus.explore.where.text.MAX_LINES", 1)
    assert for_people(whole)[1].endswith(": 1 more, shown by --json")
    monkeypatch.setattr("dnacorpus.explore.where.answer.MAX_LISTED", 1)
    (some,) = ask(dataset, bases("chloroplast", 900)[321:] + bases("chloroplast", 900)[:321])
    assert (some["found"], some["records"]) == (2, whole["records"][:1])
    assert some["notes"] == ["only the first 1 records and rows are compared and listed"]


def test_a_part_or_a_changed_base_is_not_exactly_it(dataset):
    whole = bases("first", 900)
    for sequence in (whole[1:], whole + "A", whole[:-1] + complement(whole[-1]), whole[:500] + "N" + whole[501:]):
        (answer,) = ask(dataset, sequence)
        assert (answer["status"], answer["found"], answer["absent"]) == ("absent", 0, ABOUT)
    assert "longer sequences that contain it are not searched for" in lines(dataset, whole[1:])[0]


def test_each_record_of_a_fasta_file_is_a_question(dataset, tmp_path):
    whole = bases("first", 900)
    text = (
        f">one first\n{whole[:300]}\r\n{whole[300:]}\n>two\n{complement(whole[9:309]).lower()}\n>three\nACGT-A\n>four\n"
    )
    (tmp_path / "some.fa").write_text(text)
    (tmp_path / "some.fa.gz").write_bytes(gzip.compress(text.encode()))
    answers = ask(dataset, tmp_path / "some.fa")
    assert [(answer["query"], answer["status"]) for answer in answers] == [
        ("one", "kept"), ("two", "kept"), ("three", "unusable"), ("four", "unusable"),
    ]  # fmt: skip
    assert {row["accession"] for row in answers[0]["records"]} == {"NC_000001.1"}
    assert answers[2]["notes"] == ["expected nucleotide codes, found '-'"]
    assert ask(dataset, tmp_path / "some.fa.gz") == answers
    assert lines(dataset, tmp_path / "some.fa")[-1] == "four: cannot be looked up: expected bases, found none"


def test_a_file_that_is_no_fasta_is_refused(dataset, tmp_path):
    (tmp_path / "text.fa").write_text("hello\n")
    with pytest.raises(CorpusError, match=r"text\.fa: expected FASTA, found no record"):
        ask(dataset, tmp_path / "text.fa")
    (tmp_path / "cut.fa.gz").write_bytes(gzip.compress(b">a\n" + b"ACGT" * 99)[:-9])
    with pytest.raises(CorpusError, match=r"cut\.fa\.gz: expected a whole FASTA file, found: EOFError"):
        ask(dataset, tmp_path / "cut.fa.gz")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NC_012920.1", "accession"), ("nc_012920", "accession"), ("AB000012", "accession"),
        ("GCF_000001405.40", "accession"), ("taxon 9606", "name"),
        ("9606", "taxid"), ("Homo sapiens", "name"), ("Canna", "name"), ("Zika virus", "name"), ("gattaca", "name"),
        ("acgu" * 5, "sequence"), ("ACGTN ACGTN ACGTN ACGTN", "sequence"), ("RYSWKMBDHVN" * 2, "sequence"),
        ("A" * 5000, "sequence"), ("Candidatus Dharma kat", "name"),
    ],
)  # fmt: skip
def test_a_question_is_what_its_form_says(text, kind):
    assert kind_of(text) == kind


@given(st.text(st.sampled_from("ACGTNacgu N_.0159/\0\udc80\u00e9")))
def test_any_text_is_some_question_or_refused(text):
    try:
        kind = kind_of(text)
    except UsageError:
        return
    (query,) = queries(text, kind)
    assert query.kind == kind
    assert query.flaw == ""
    assert query.text.encode()
    assert (kind == "sequence") == (len(query.sequence) >= MIN_SEQUENCE)


@pytest.mark.parametrize(("text", "said"), [("", "found nothing"), ("x/y.fa", "FASTA file"), ("./there", "FASTA file")])
def test_a_question_that_is_none_is_refused(text, said):
    with pytest.raises(UsageError, match=said):
        kind_of(text)


def test_what_the_asker_says_counts(dataset):
    assert ask(dataset, "NC_000001.1", kind="name")[0]["found"] == 1
    assert ask(dataset, "ACGT", kind="sequence")[0]["kind"] == "sequence"
    assert ask(dataset, "1020", kind="accession")[0]["status"] == "absent"


def altered(path: Path, more: pl.DataFrame | None = None, **columns: object) -> None:
    schema = pq.read_schema(path)
    frame = pl.read_parquet(path, hive_partitioning=False).with_columns(**columns)
    frame = frame if more is None else frame.vstack(more).sort("name", nulls_last=True)
    path.unlink()  # it may be a link
    pq.write_table(frame.select(schema.names).to_arrow().cast(schema), path)


def test_equal_digests_of_other_bases_are_no_answer(copy):
    other = bases("somebody else", 900)
    digest = canonical_digest(other.encode(), circular=False)
    altered(copy / "index" / "digests.parquet", digest=pl.lit(digest))
    (answer,) = ask(copy, other)
    assert {row["status"] for row in answer["records"]} <= {"duplicate", "excluded"}  # whose bases nobody has
    assert answer["rows"] == []
    (note,) = answer["notes"]
    assert note.endswith("left out: the same digest, but other bases")


def test_a_shard_of_another_build_is_noticed(copy):
    path = "data/pairs/plant/train-00000-of-00002.parquet"
    altered(copy / path, pair_id=pl.col("pair_id").reverse())
    with pytest.raises(CorpusError, match=rf"{path}: row 0: expected pair \w+, as in index/, found \w+; build"):
        ask(copy, bases("first", 900))


@pytest.mark.parametrize(
    ("path", "column", "said"),
    [
        ("index/digests.parquet", "file", "index/digests.parquet: expected file of a pair in every row"),
        ("index/digests.parquet", "row", "index/digests.parquet: expected row of a pair in every row"),
        ("data/pairs", "sequence", "expected a value in sequence, found none"),
        ("data/segments", "sequence", "expected a value in sequence, found none"),
        ("data/segments", "start", "expected a value in start, found none"),
    ],
)
def test_a_null_where_none_may_be_is_named(copy, path, column, said):
    for table in each([copy / path] if path.endswith(".parquet") else sorted((copy / path).rglob("*.parquet"))):
        change_rows(table, lambda rows: [row.update({column: None}) for row in rows])
    with pytest.raises(CorpusError, match=re.escape(said)):
        ask(copy, bases("first", 900))


def test_a_row_with_other_letters_is_no_match(copy):
    found = ask(copy, bases("first", 900))[0]["found"]
    for table in each(sorted((copy / "data").rglob("*.parquet"))):
        if "sequence" in pq.read_schema(table).names:
            change_rows(table, lambda rows: [row.update(sequence="ä" * 450) for row in rows])
    (answer,) = ask(copy, bases("first", 900))
    assert found > 0
    assert (answer["status"], answer["rows"], answer["records"]) == ("absent", [], [])


def test_without_the_shards_the_index_still_answers(dataset, copy):
    shutil.rmtree(copy / "data")
    for text in ("NC_000001.1", "Oryza sativa", "NC_000099.1"):
        assert ask(copy, text) == ask(dataset, text)
    (answer,), (whole,) = ask(copy, bases("first", 900)), ask(dataset, bases("first", 900))
    assert rows_of(answer) == rows_of(whole)
    assert {row["match"] for row in answer["rows"] + answer["records"]} == {None}
    assert any(line.endswith("bases not compared") for line in for_people(answer))


def test_a_dataset_that_was_pulled_without_the_index_says_whom_to_ask(copy):
    (copy / "index" / "accessions.parquet").unlink()
    with pytest.raises(UsageError, match=r"index/accessions\.parquet: expected this file, found none; build or pull"):
        ask(copy, "NC_000001.1")
    (copy / "pull.json").write_text(json.dumps({"repo": "tester/corpus", "commit": "0" * 40, "files": []}))
    with pytest.raises(UsageError, match="was pulled in part: query tester/corpus instead, or pull the rest"):
        ask(copy, "NC_000001.1")


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "footer", "length", "column", "pages"])
def test_a_damaged_index_is_named(copy, damage):
    path = copy / "index" / "accessions.parquet"
    content = path.read_bytes()
    path.unlink()
    middle = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    path.write_bytes({
        "empty": b"",
        "cut": content[:-5],
        "text": b"nothing of the kind\n" * 20,
        "footer": content[: middle + 9] + b"\xff" * 40 + content[middle + 49 :],
        "length": content[:-8] + b"\xff\xff\xff\x7fPAR1",
        "column": content,
        "pages": b"PAR1" + b"\x00" * (middle - 4) + content[middle:],
    }[damage])  # fmt: skip
    if damage == "column":
        pq.write_table(pl.read_parquet(path).drop("copies").to_arrow(), path)
    with pytest.raises(CorpusError, match=r"index/accessions\.parquet: expected .*, found.*; (build|use)") as error:
        ask(copy, "NC_000001.1")
    assert error.value.exit_code == 1
    assert "\n" not in str(error.value)


def test_what_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected the manifest of a dataset, found no such file"):
        Folder(tmp_path)
    for name in ("nowhere", "a/b/c", "./a", "/a"):
        with pytest.raises(UsageError, match="expected a dataset folder or ORG/NAME"):
            open_files(name)
    with pytest.raises(UsageError, match="--revision v1: expected a dataset on the Hub"):
        open_files(str(tmp_path), "v1")


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Iterator[Path]:
    """The index of 200,000 records and as many rows, without the shards."""
    folder = tmp_path_factory.mktemp("large")
    results, paths = made_results(folder / "results", 200_000)
    index.write(results, ["viral"], paths, folder / "dataset")
    (folder / "dataset" / "manifest.json").write_text(manifest_json())
    yield folder / "dataset"
    shutil.rmtree(folder)


def test_one_question_reads_a_footer_and_a_row_group(large):
    sequence = "ACGT" * 30
    asked = {
        accession(123_456): ("accessions", 1), accession(123_456).split(".")[0]: ("accessions", 1),
        "Phagus species777": ("taxa", 1), "1000777": ("taxa", 1), sequence: ("digests", 2),
    }  # fmt: skip
    for text, (name, groups) in each(asked.items()):
        files = Counting(large)
        (answer,) = ask(files, text)
        assert (answer["status"] == "kept") == (text != sequence)
        path = f"index/{name}.parquet"
        ours = [size for place, size in files.log if place == path]
        assert {place for place, _ in files.log} <= {path, "manifest.json"}
        # The end of the file, the rest of the footer if that is long, and the groups.
        assert len(ours) <= 2 + groups
        assert sum(ours) < 250_000
        assert 4 * sum(ours) < (large / path).stat().st_size


def test_names_like_a_letter_are_not_all_read(large):
    files = Counting(large)
    (answer,) = ask(files, "p")
    assert answer["notes"] == ["names that begin with it: Phagus"]
    assert sum(size for _, size in files.log) < 250_000


def test_what_was_read_is_not_read_again(large):
    files = Counting(large)
    ask(files, *[accession(number) for number in range(1000, 1100)])
    assert len(files.log) <= 4


def test_the_verb(dataset, run):
    _, out, _ = run("where", dataset, "NC_000001.1", "Nemo nescit", "Oryza sativa")
    assert out.splitlines() == lines(dataset, "NC_000001.1", "Nemo nescit", "Oryza sativa")
    _, out, _ = run("where", dataset, "NC_000001.1", bases("first", 900), "1020", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert answers == ask(dataset, "NC_000001.1", bases("first", 900), "1020")
    assert len({tuple(answer) for answer in answers}) == 1
    _, out, _ = run("where", dataset, "NC_000001.1", "--as", "name", "--json")
    assert json.loads(out)["kind"] == "accession"


def test_a_reader_that_has_enough_ends_it_quietly(dataset):
    call = [sys.executable, "-m", "dnacorpus", "where", str(dataset), *["NC_000001.1"] * 2000]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("NC_000001.1: plant, train")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_pandas_is_not_imported(dataset):
    """It takes longer than all the rest; Arrow imports it to convert single values."""
    code = (
        "import sys; from pathlib import Path; from dnacorpus.explore.where.answer import where;"
        "from dnacorpus.explore.where.files import Folder; from dnacorpus.explore.where.query import kind_of, queries;"
        "asked = [q for text in sys.argv[2:] for q in queries(text, kind_of(text))];"
        "print(len(list(where(Folder(Path(sys.argv[1])), asked))), 'pandas' in sys.modules, 'polars' in sys.modules)"
    )
    call = [sys.executable, "-c", code, dataset, "NC_000001.1", "1020", "Oryza", "Nemo nescit", bases("first", 900)]
    assert subprocess.run(call, capture_output=True, text=True, check=True).stdout == "5 False False\n"


def test_what_help_says_is_what_the_questions_know():
    assert (KINDS, MIN_SEQUENCE) == (where_query.KINDS, where_query.MIN_SEQUENCE)


def test_records_of_ones_own_files_are_found_by_either_name_and_stretches_by_their_record(tmp_path, monkeypatch):
    names = ["g_1:contig_1", "g_1:contig_2", "g_2:contig_1", "g_2:contig_1:2", "NC_000001.1:5-9", "NC_000001.1:c20-11"]
    monkeypatch.setattr(madeindex, "accession", names.__getitem__)
    results, paths = made_results(tmp_path / "results", len(names))
    index.write(results, ["viral"], paths, tmp_path)
    (tmp_path / "manifest.json").write_text(manifest_json())
    stretches = names[4:]
    expected = {
        "contig_1": ["g_1:contig_1", "g_2:contig_1", "g_2:contig_1:2"], "contig_1:2": ["g_2:contig_1:2"],
        "g_1": names[:2], "g_2:contig_1": names[2:4], "contig_3": [], "g_": [], "NC_000001.1": stretches,
        "NC_000001": stretches, "NC_000001.1:5-9": stretches[:1], "NC_00000": [], "NC_000001.2": [],
    }  # fmt: skip
    for query, found in each(expected.items()):
        (answer,) = ask(tmp_path, query, kind="accession")
        assert [row["accession"] for row in answer["records"] or []] == found, query
        assert answer["status"] == ("kept" if found else "absent")


def test_a_dataset_without_such_records_has_no_index_of_names(dataset):
    assert not (dataset / "index" / "names.parquet").exists()
