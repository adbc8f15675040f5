"""The report: its numbers are the dataset's, it loads nothing, and no string of the data becomes markup."""

import base64
import json
import math
import re
import shutil
import statistics
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.each import each
from support.lowered import lower
from support.manifests import manifest_json

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.limits import LimitError
from dnacorpus.schemas.curation import AUDIT
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import LEDGER, RECORDS
from dnacorpus.schemas.reasons import REASONS, in_words
from dnacorpus.stages import report
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables
from dnacorpus.storage.ledger import entry

HOSTILE = "<script>alert('x')</script>\"><img src=http://evil.example/x onerror=alert(1)> &amp; {{ 7*7 }}"
VOID = {"meta", "img", "br", "hr", "link", "input"}
METRICS = {
    "preset": "tiny",
    "device": "cpu",
    "tokens_per_second": 48211.4,
    "bits_per_base": {
        "overall": {"model": 1.9, "markov": 1.93, "markov_order": 3, "uniform": 2.0},
        "viral": {"model": 1.8765, "markov": 1.9, "markov_order": 4, "uniform": 2.0},
    },
    "text_gain": {"value": 0.0213, "low": 0.0121, "high": 0.0305},
    "text_gain_shuffled": {"value": -0.0042, "low": -0.0095, "high": 0.0012},
    "rows": 4211,
    "bases": 512344,
    "seconds": 19.8,
}
CURVE = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><path d="M0 0"/></svg>'


def pair(number: int, sequence: str, **values: Any) -> dict[str, Any]:
    text = values.get("text", f"Text {number}.")
    span = {"start": 0, "end": 4, "source": "NC_1.1", "field": "definition", "how": "verbatim", "license": "CC0-1.0"}
    start = values.get("start", 100)
    return dict.fromkeys(PAIRS.names) | {
        "pair_id": f"{number:032x}", "kind": "gene", "division": "viral", "organism": "Some virus",
        "species": "Some virus", "accession": "NC_1.1", "start": start, "end": start + len(sequence), "strand": 1,
        "parts": [], "sequence": sequence, "text": text, "evidence": [span], "copies": 1, "informative": True,
    } | values  # fmt: skip


def record(accession: str, length: int, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(RECORDS.names) | {
        "accession": accession, "division": "viral", "species": "Some virus", "length": length, "gc": 0.41,
    } | values  # fmt: skip


PARTS = [{"start": 90, "end": 100, "strand": 1}, {"start": 0, "end": 5, "strand": 1}]
PAIRS_BY_SPLIT = {
    "train": [
        pair(3, "ACGT" * 5),
        pair(1, "ACGTACGT", kind="record", text="Whole thing."),
        pair(7, "A" * 15, start=0, end=100, parts=PARTS, copies=4),
        pair(9, "G" * 1000, division="plant", species="Zea mays"),
        pair(4, "C" * 63, division="plant", species="Zea mays", copies=2),
    ],
    "validation": [pair(2, "T" * 999, species="Another virus")],
}
RECORDS_BY_SPLIT = {
    "train": [
        record("NC_1.1", 100, gc=0.5),
        record("NC_2.1", 5000, gc=0.333, division="plant", species="Zea mays"),
        record("NC_3.1", 70, gc=None, species=None),
        record("NC_4.1", 12, gc=0.5, division="plant"),
    ],
    "validation": [record("NC_5.1", 999, gc=0.25, species="Another virus")],
}
LEDGER_ROWS = [
    entry("viral", "viral.1", "file", "in", count=2),
    entry("viral", "viral.1", "file", "kept", count=2),
    entry("viral", "viral.1", "record", "in", count=5, bases=1200),
    entry("viral", "viral.1", "record", "kept", count=3, bases=1169),
    entry("viral", "viral.1", "record", "duplicate", "exact", count=2, bases=31),
    entry("viral", "viral.1", "row", "in", count=7, bases=100),
    entry("viral", "viral.1", "row", "kept", count=4, bases=80),
    entry("viral", "viral.1", "row", "duplicate", "exact", count=1, bases=10),
    entry("viral", "viral.1", "row", "excluded", "leak", count=2, bases=10),
]


def make_dataset(
    folder: Path,
    pairs: dict[str, list[dict[str, Any]]] | None = None,
    records: dict[str, list[dict[str, Any]]] | None = None,
    entries: list[dict[str, Any]] | None = None,
    *,
    release: str = "999",
    divisions: tuple[str, ...] = ("viral", "plant"),
) -> Path:
    """Write a dataset folder: what the report reads of one."""
    files = []
    configs = {
        "pairs": PAIRS_BY_SPLIT if pairs is None else pairs,
        "records": RECORDS_BY_SPLIT if records is None else records,
    }
    for config, schema in (("pairs", PAIRS), ("records", RECORDS)):
        for split, rows in configs[config].items():
            for place, division in enumerate(sorted({row["division"] for row in rows})):
                mine = [row for row in rows if row["division"] == division]
                path = folder / "data" / config / str(place) / f"{split}-00000-of-00001.parquet"
                tables.write(path, schema, mine)
                described = {"config": config, "division": division, "split": split, "rows": len(mine)}
                described |= {"bases": 0, "sha256": "00" * 32}
                files.append({"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size} | described)
    tables.write(folder / "ledger.parquet", LEDGER, ledger.merge(LEDGER_ROWS if entries is None else entries))
    manifest = manifest_json(
        [*files, {"path": "ledger.parquet", "bytes": 1, "sha256": "00" * 32}],
        inputs=[{"release": release, "file": "viral.1.genomic.gbff.gz"}],
        config={"divisions": list(divisions), "splits": {"unit": "species"}},
        versions={"dnacorpus": "0.1.0"},
    )
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    return folder


def make_validation(folder: Path, curve: str = CURVE, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(METRICS | changes), encoding="utf-8")
    if curve:
        (folder / "curve.svg").write_text(curve, encoding="utf-8")
    return folder


class Page(HTMLParser):
    """A page read by a parser that knows nothing of the report: its elements, rows and texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.elements, self.open = html, [], []
        self.rows: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self._row: list[str] | None = None
        self.feed(html)
        self.close()
        assert self.open == [], "elements left open"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        assert len(values) == len(attributes), f"an attribute twice: {attributes}"
        self.elements.append((tag, values))
        if tag not in VOID:
            self.open.append((tag, values.get("class") or ""))
        if tag == "tr":
            key = next((value for name, value in values.items() if name.startswith("data-")), None)
            self._row = self.rows.setdefault(key, []) if key else None
        elif tag in {"td", "th"} and self._row is not None:
            self._row.append("")
        if (values.get("class") or "") in {"text", "bases"}:
            self.texts.setdefault(values["class"], []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        name, _ = self.open.pop()
        assert name == tag, f"</{tag}> closes <{name}>"

    def handle_data(self, data: str) -> None:
        classes = {style for _, style in self.open}
        if self._row is not None and {"td", "th"} & {name for name, _ in self.open}:
            self._row[-1] += data
        for style in classes & {"text", "bases"}:
            self.texts[style][-1] += data

    @property
    def text(self) -> str:
        body = self.html.partition("<body>")[2]
        return " ".join(re.sub(r"<[^>]*>", " ", body).split())


@pytest.fixture
def make(tmp_path):
    def make(dataset: Path | None = None, validated: Path | None = None) -> Page:
        out = tmp_path / "report"
        report.run(dataset or make_dataset(tmp_path / "dataset"), validated, out)
        assert [path.name for path in out.iterdir()] == ["index.html"]
        return Page((out / "index.html").read_text(encoding="utf-8"))

    return make


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells[1:]]


def everything(by_split: dict[str, list[dict[str, Any]]], **where: str) -> list[dict[str, Any]]:
    rows = [row | {"split": split} for split, rows in by_split.items() for row in rows]
    return [row for row in rows if all(row[key] == value for key, value in where.items())]


@pytest.mark.parametrize("division", ["viral", "plant"])
def test_a_division_has_the_numbers_of_its_shards(make, tmp_path, division):
    dataset = make_dataset(tmp_path / "dataset")
    rows, records = everything(PAIRS_BY_SPLIT, division=division), everything(RECORDS_BY_SPLIT, division=division)
    kinds = Counter(row["kind"] for row in rows)
    manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    assert numbers(make(dataset).rows[division]) == [
        len(records),
        sum(row["length"] for row in records),
        kinds["record"],
        kinds["gene"],
        len(rows),
        len({row["species"] for row in records} - {None}),
        sum(file["bytes"] for file in manifest["files"] if file.get("division") == division),
    ]


def test_a_species_of_two_divisions_counts_once_in_all(make):
    html = make().html
    foot = html[html.index("<tfoot>") : html.index("</tfoot>")]
    cells = re.findall(r">([\d,]+)</td>", foot)
    species = {row["species"] for row in everything(RECORDS_BY_SPLIT)} - {None}
    assert cells[-2] == str(len(species)) == "3"


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_has_the_numbers_of_its_shards(make, split):
    rows, records = everything(PAIRS_BY_SPLIT, split=split), everything(RECORDS_BY_SPLIT, split=split)
    name, species, held, count, share, bases = make().rows[split]
    assert name == split
    assert (int(species), int(held)) == (len({row["species"] for row in records} - {None}), len(records))
    assert int(count) == len(rows)
    assert int(bases.replace(",", "")) == sum(len(row["sequence"]) for row in rows)
    assert share == f"{100 * len(rows) / len(everything(PAIRS_BY_SPLIT)):.1f} %"


def test_the_ledger_section_has_the_counts_of_the_ledger(make):
    page = make()
    for unit in ("file", "record", "row"):
        mine = [row for row in LEDGER_ROWS if row["unit"] == unit]
        counts = [
            sum(row["count"] for row in mine if row["status"] == status)
            for status in ("in", "kept", "duplicate", "excluded", "rejected")
        ]
        assert numbers(page.rows[unit][:6]) == counts
    assert page.rows["row/excluded/leak"][-2:] == ["2", "10"]
    assert REASONS["leak"] in page.rows["row/excluded/leak"][1]
    assert {key for key in page.rows if "/" in key} == {
        "record/duplicate/exact",
        "row/duplicate/exact",
        "row/excluded/leak",
    }


def test_the_plural_of_species_is_species(make, tmp_path):
    entries = [
        entry("viral", "viral.1", "species", "in", count=3),
        entry("viral", "viral.1", "species", "kept", "taxonomy", count=2),
        entry("viral", "viral.1", "species", "kept", "name", count=1),
    ]
    page = make(make_dataset(tmp_path / "dataset", entries=LEDGER_ROWS + entries))
    assert page.rows["species"][0] == "species of records"
    assert numbers(page.rows["species"][:6]) == [3, 3, 0, 0, 0]
    assert REASONS["taxonomy"] in page.rows["species/kept/taxonomy"][1]
    assert "speciess" not in page.html


def test_copies_and_leaks_are_counted_by_division(make):
    html = make().html
    section = html[html.index('<section id="duplicates">') : html.index('<section id="lengths">')]
    lines = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', section)
    assert {name: [int(cell) for cell in re.findall(r">(\d+)</td>", cells)] for name, cells in lines} == {
        "Viruses": [2, 1, 2, 1, 4],
        "Plants": [0, 0, 0, 1, 2],
        "All": [2, 1, 2, 2, 4],
    }


def test_lengths_and_medians_are_in_the_captions(make):
    text = make().text
    rows = [len(row["sequence"]) for row in everything(PAIRS_BY_SPLIT)]
    records = [row["length"] for row in everything(RECORDS_BY_SPLIT)]
    for values in (rows, records):
        sentence = f"From {min(values)} to {max(values):,} bases, median {statistics.median_low(values)}."
        assert sentence in text


def test_samples_are_those_with_the_smallest_id_of_their_division_and_kind_with_all_their_text(make):
    page = make()
    assert page.texts["text"] == ["Whole thing.", "Text 2.", "Text 4."]
    assert page.texts["bases"][1].split() == [*["T" * 10] * 6, "…", "(999", "bases)"]
    titles = [values["title"] for tag, values in page.elements if tag == "mark" and "title" in values]
    assert titles == ["verbatim · NC_1.1 · definition · CC0-1.0"] * 3


def test_a_long_text_is_cut_and_says_so(make, tmp_path):
    text = "word " * 1000
    dataset = make_dataset(tmp_path / "dataset", {"train": [pair(1, "ACGT", text=text)]})
    (words,) = make(dataset).texts["text"]
    shown, hidden = re.fullmatch(r"(.*?) … and ([\d,]+) characters more", words).groups()
    assert text.startswith(shown)
    assert len(shown) + int(hidden.replace(",", "")) == len(text)


def test_the_page_loads_nothing(make, tmp_path):
    page = make(validated=make_validation(tmp_path / "validate"))
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, values in each(page.elements):
        for name, value in values.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href", "srcset", "data", "poster", "background"}:
                assert re.match(r"#\w|data:image/svg\+xml;base64,", value), (tag, value)
    style = page.html[page.html.index("<style>") : page.html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    links = [values["href"] for tag, values in page.elements if tag == "a"]
    ids = [values["id"] for _, values in page.elements if "id" in values]
    assert {f"#{name}" for name in ids} == set(links)
    assert len(ids) == len(set(ids))


def test_the_curve_stands_in_the_page_as_an_image(make, tmp_path):
    page = make(validated=make_validation(tmp_path / "validate"))
    (source,) = [values["src"] for tag, values in page.elements if tag == "img"]
    assert base64.b64decode(source.partition(",")[2]).decode() == CURVE


def test_every_style_that_is_used_is_defined(make, tmp_path):
    page = make(validated=make_validation(tmp_path / "validate"))
    style = page.html[: page.html.index("</style>")]
    used = {name for _, values in page.elements for name in (values.get("class") or "").split()}
    assert {name for name in each(used) if name.startswith(("fill-", "line-")) and f".{name} " not in style} == set()
    variables = set(re.findall(r"var\((--[a-z-]+)\)", style))
    assert {name for name in each(variables) if style.count(f"{name}:") != 2} == set()


def test_strings_of_the_data_never_become_markup(make, tmp_path):
    evidence = [{"start": 2, "end": 9, **dict.fromkeys(("source", "field", "how", "license"), HOSTILE)}]
    hostile = dict.fromkeys(("organism", "species", "accession", "feature_kind", "kind"), HOSTILE)
    # A shard's division is a name of a folder.
    hostile["division"] = folder = HOSTILE.replace("/", "")
    rows = [pair(1, "ACGT", text=HOSTILE, evidence=evidence, **hostile)]
    entries = [
        entry(HOSTILE, HOSTILE, "file", "in", count=1),
        entry(HOSTILE, HOSTILE, "file", "rejected", HOSTILE, count=1, detail=HOSTILE),
    ]
    dataset = make_dataset(
        tmp_path / "dataset",
        {"train": rows},
        {"train": [record(HOSTILE, 4, division=folder, species=HOSTILE)]},
        entries,
        release=HOSTILE,
        divisions=(HOSTILE, folder),
    )
    bits = {HOSTILE: METRICS["bits_per_base"]["viral"]}
    page = make(dataset, make_validation(tmp_path / "validate", curve="", device=HOSTILE, bits_per_base=bits))
    assert page.texts["text"] == [HOSTILE]
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert not [name for _, values in page.elements for name in values if name.startswith("on")]
    assert any(HOSTILE in (values.get("title") or "") for tag, values in page.elements if tag == "mark")
    assert "evil.example/x onerror" in page.html
    assert "49" not in page.texts["text"][0]


def test_same_dataset_same_bytes_wherever_and_in_whatever_order(tmp_path):
    turned = {split: rows[::-1] for split, rows in PAIRS_BY_SPLIT.items()}
    validated = make_validation(tmp_path / "validate")
    pages = []
    for name, pairs in (("a", PAIRS_BY_SPLIT), ("b/c", PAIRS_BY_SPLIT), ("d", turned)):
        report.run(make_dataset(tmp_path / name, pairs), validated, tmp_path / name / "report")
        report.run(tmp_path / name, validated, tmp_path / name / "report")
        pages.append((tmp_path / name / "report" / "index.html").read_bytes())
    assert pages[0] == pages[1]
    assert str(tmp_path).encode() not in pages[0]
    digest = re.compile(rb"[0-9a-f]{64}|[\d,]+(?= bytes)|>[\d,.]+( kB)?<")
    assert digest.sub(b"", pages[0]) == digest.sub(b"", pages[2])


@pytest.mark.parametrize(("release", "shown"), [("0", True), ("999", False), ("10", False)])
def test_a_simulated_release_says_so(make, tmp_path, release, shown):
    page = make(make_dataset(tmp_path / "dataset", release=release))
    assert ("SIMULATED" in page.text) is shown
    assert (f"RefSeq release {release}" in page.html) is not shown
    assert page.html.count("a simulated release") == (3 if shown else 0)


def test_a_dataset_without_any_record(make, tmp_path):
    entries = [
        entry("viral", "viral.1", "file", "in", count=1),
        entry("viral", "viral.1", "file", "kept", count=1),
        entry("viral", "viral.1", "record", "in", count=2, bases=9),
        entry("viral", "viral.1", "record", "excluded", "master", count=2, bases=9),
    ]
    page = make(make_dataset(tmp_path / "dataset", {}, {}, entries), make_validation(tmp_path / "validate"))
    assert "They gave no pair of a sequence and a text." in page.text
    assert set(numbers(page.rows["viral"])) == {0}
    assert numbers(page.rows["record"][:6]) == [2, 0, 0, 2, 0]
    assert "text" not in page.texts


def test_a_division_without_pairs_and_one_that_is_empty(make, tmp_path):
    records = {"train": [record("NC_1.1", 100), record("NC_2.1", 50, division="plant")]}
    dataset = make_dataset(
        tmp_path / "dataset",
        {"train": [pair(1, "ACGT")]},
        records,
        divisions=("viral", "plant", "fungi", "phages of soil"),
    )
    page = make(dataset)
    assert numbers(page.rows["plant"])[:4] == [1, 50, 0, 0]
    assert set(numbers(page.rows["fungi"])) == {0}
    assert page.rows["phages of soil"][0] == "phages of soil"
    assert page.rows["test"][1:5] == ["0", "0", "0", "0.0 %"]


def test_damaged_files_are_named(make, tmp_path):
    detail = "plant.1.1.genomic.fna.gz: ends early"
    damaged = [
        entry("plant", "plant.1", "file", "in", count=1),
        entry("plant", "plant.1", "file", "rejected", "unreadable", count=1, detail=detail),
    ]
    page = make(make_dataset(tmp_path / "dataset", entries=LEDGER_ROWS + damaged))
    assert "1 release file is damaged." in page.text
    assert detail in page.text
    assert "damaged." not in make(make_dataset(tmp_path / "whole")).text


def test_without_validation_it_says_so(make):
    page = make()
    assert "No model was trained on this dataset" in page.text
    assert "Markov" not in page.text


def test_a_validation_that_was_off_shows_only_how_to_run_it(make, tmp_path):
    unmeasured = dict.fromkeys(("device", "tokens_per_second", "bits_per_base", "text_gain", "text_gain_shuffled"))
    page = make(validated=make_validation(tmp_path / "validate", preset="off", rows=0, bases=0, **unmeasured))
    section = page.text[page.text.index("Validation was not run") : page.text.index("Loading the dataset")]
    assert section.strip() == (
        "Validation was not run ( validate.preset: off ). To run it: dnacorpus validate DATASET --out DIR , then"
        " dnacorpus report DATASET --validated DIR --out DIR ."
    )
    assert "<img" not in page.html


def test_the_page_has_the_numbers_of_the_validation(make, tmp_path):
    page = make(validated=make_validation(tmp_path / "validate"))
    assert "takes fewer bits to predict after its own text, by 0.0213 bits per base (0.0121 to 0.0305)" in page.text
    assert "With the text of another row the difference is −0.0042 (−0.0095 to 0.0012)" in page.text
    for number in ("4,211", "512,344", "19.8 s", "48,211 tokens", "1.8765", "Device: cpu"):
        assert number in page.text


def test_a_gain_that_may_be_none_is_not_called_one(make, tmp_path):
    gain = {"value": 0.001, "low": -0.002, "high": 0.004}
    page = make(validated=make_validation(tmp_path / "validate", text_gain=gain))
    assert "A held-out sequence does not take measurably fewer bits to predict after its own text: 0.0010" in page.text


@pytest.mark.parametrize(
    "nothing",
    [None, {"value": None, "low": None, "high": None}, {"value": math.nan, "low": math.nan, "high": math.nan}],
)
def test_what_could_not_be_measured_is_not_shown(make, tmp_path, nothing):
    bits = {"overall": {"model": None, "markov": None, "markov_order": None, "uniform": 2.0}, "viral": None}
    unmeasured = dict.fromkeys(("device", "tokens_per_second", "rows", "bases", "seconds"))
    changes = unmeasured | {"text_gain": nothing, "text_gain_shuffled": nothing, "bits_per_base": bits}
    page = make(validated=make_validation(tmp_path / "validate", curve="", **changes))
    assert "could not be measured" in page.text
    assert not re.search(r"\b(None|nan)\b", page.text)
    page = make(validated=make_validation(tmp_path / "validate", bits_per_base=None, text_gain=nothing))
    assert "could not be measured" in page.text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("device", 5),
        ("rows", "many"),
        ("seconds", 1 << 64),
        ("bits_per_base", [1]),
        ("bits_per_base", {"overall": 5}),
        ("bits_per_base", {"overall": {"model": [], "markov": None, "markov_order": None, "uniform": 2.0}}),
        ("bits_per_base", {"overall": {"model": 1.9}}),
        ("text_gain", 0.02),
        ("text_gain", {"value": "0.02", "low": None, "high": None}),
        ("text_gain_shuffled", {"value": 0.02}),
    ],
)
def test_metrics_of_other_types_are_named(make, tmp_path, key, value):
    validated = make_validation(tmp_path / "validate", **{key: value})
    with pytest.raises(CorpusError, match=rf"metrics\.json: expected the values .*, found others of {key}; run"):
        make(validated=validated)


def test_metrics_and_a_curve_have_limits(make, tmp_path, monkeypatch):
    validated = make_validation(tmp_path / "validate", curve=CURVE.ljust(5000))
    with monkeypatch.context() as patch:
        lower(patch, "TEXT_FILE", 4999)
        with pytest.raises(LimitError, match=r"curve\.svg: expected at most 4,999 bytes"):
            make(validated=validated)
    (validated / "metrics.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"metrics\.json: expected the metrics of a validation, found JsonError: "):
        make(validated=validated)


def test_inputs_that_are_none_are_named(tmp_path):
    dataset = make_dataset(tmp_path / "dataset")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"empty/metrics\.json: expected the metrics"):
        report.run(dataset, tmp_path / "empty", tmp_path / "out")
    (tmp_path / "empty" / "metrics.json").write_text('{"device": "cpu"}', encoding="utf-8")
    with pytest.raises(CorpusError, match="found no preset, tokens_per_second"):
        report.run(dataset, tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match=r"empty/manifest\.json: expected the manifest"):
        report.run(tmp_path / "empty", None, tmp_path / "out")
    (tmp_path / "empty" / "manifest.json").write_text('{"format": 2}', encoding="utf-8")
    with pytest.raises(CorpusError, match="found no config, files, inputs, ledger, versions"):
        report.run(tmp_path / "empty", None, tmp_path / "out")
    shard = next((dataset / "data" / "pairs").rglob("*.parquet"))
    shard.write_bytes(b"PAR1 not really")
    with pytest.raises(CorpusError, match=f"{shard.relative_to(dataset)}: expected a Parquet file, found: "):
        report.run(dataset, None, tmp_path / "out")
    shard.unlink()
    with pytest.raises(CorpusError, match=f"1 missing, first {shard.relative_to(dataset)}"):
        report.run(dataset, None, tmp_path / "out")
    assert not (tmp_path / "out" / "index.html").exists()


def test_features_have_the_reason_of_their_record():
    assert in_words("record_exact") == f"its record: {REASONS['exact']}"
    assert in_words("record_something_new") == "its record is not kept"
    assert in_words("something_new") == ""


@pytest.mark.parametrize(("column", "value"), [("share", float("inf")), ("share", float("nan")), ("split", "other")])
def test_an_audit_of_other_values_is_named(built, tmp_path, column, value):
    dataset = Path(shutil.copytree(built / "dataset", tmp_path / "dataset"))
    rows = tables.read(dataset / "audit.parquet", AUDIT).to_pylist()
    tables.write(
        dataset / "audit.parquet", AUDIT, pa.Table.from_pylist([{**row, column: value} for row in rows], AUDIT)
    )
    with pytest.raises(CorpusError, match=r"audit\.parquet: expected splits and shares from 0 to 1"):
        report.run(dataset, None, tmp_path / "out")
