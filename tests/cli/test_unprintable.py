"""Text from outside that tries to steer a terminal, a page or a spreadsheet: what is printed and published of it."""

import ast
import contextlib
import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.each import each
from support.flatfile import record
from support.repository import REPOSITORY
from support.smalldataset import dataset_of
from support.smallrelease import VIRUSES, bases, pack

from dnacorpus.cli.main import main, parser
from dnacorpus.cli.output import LogFormatter, print_lines
from dnacorpus.formats import record as record_module
from dnacorpus.printable import escaped_lines, unprintable

STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x00\x7f"
TURNING = "\u202e\u2066\u200f\ufeff\U000e0041"
MARKUP = "<script>alert(5)</script> *_[x](http://evil.example) | `b`"
SPECIES = f"\x1b[31mEvilus{TURNING} {MARKUP} {STEERING}"
"""A virus keeps its whole name as species, so that the name gets into the card."""


PRINTING = ("print", "sys.stdout.write", "sys.stderr.write")


def evil_record(number: int) -> str:
    """Return a record whose text holds, in every field, characters that steer a terminal, or markup."""
    features = [
        ("source", "1..900", [("organism", "PLANTED"), ("mol_type", "genomic DNA"), ("note", "note PLANTED")]),
        ("gene", "10..309", [("gene", f"ab{number}c\u202e"), ("locus_tag", f"TST_{number}")]),
        ("CDS", "10..309", [("gene", f"ab{number}c\u202e"), ("product", f"\x07kinase PLANTED {number} \u202e"),
                            ("note", "=cmd|' /C calc'!A0"), ("protein_id", "@SUM(1)")]),
        ("tRNA", "400..470", [("product", f"=HYPERLINK(1) tRNA-Ala{number}"), ("gene", "-35 region")]),
    ]  # fmt: skip
    text = record(
        f"NC_00000{number}.1", bases(f"evil{number}", 900), features, organism="PLANTED", lineage=VIRUSES,
        definition="Virus PLANTED, complete.", comment="PLANTED one\nPLANTED two", keywords=("RefSeq", "PLANTED"),
        references=[{"title": "On PLANTED", "authors": "PLANTED,A.", "journal": "PLANTED", "pubmed": "11"}],
    )  # fmt: skip
    return text.replace("PLANTED", SPECIES)


def files() -> dict[str, bytes]:
    """Return a release of six such records."""
    return pack({"viral.1.genomic.gbff.gz": "".join(map(evil_record, range(1, 7)))})


def papers(folder: Path) -> tuple[Path, Counter[str]]:
    """Write a folder of one paper, and return it with the number of unprintable characters by kind."""
    folder.mkdir()
    body = SPECIES.replace("<", "&lt;")
    paper = {
        "id": "11", "source": "MED", "pmid": "11", "title": f"On {body}", "abstractText": f"Abstract {body}",
        "authorString": f"{TURNING}A B.", "journalTitle": f"J {TURNING}", "pubYear": "2001", "license": "cc by",
    }  # fmt: skip
    (folder / "core.json").write_text(json.dumps({"resultList": {"result": [paper]}}), encoding="utf-8")
    planted = "".join(value for key, value in paper.items() if key not in ("id", "source"))
    return folder, unprintable(planted)


def found_in(folder: Path) -> Iterator[str]:
    """Yield the file and the characters of each string, in any file of a folder, that cannot be printed."""
    for path in each(sorted(path for path in folder.rglob("*") if path.is_file())):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            for name in table.column_names:
                for text in strings(table[name]):
                    if unprintable(text):
                        yield f"{path.relative_to(folder)}: {name}: {text!r}"
        else:
            text = path.read_bytes().decode("utf-8")
            if text != escaped_lines(text):
                yield f"{path.relative_to(folder)}: {dict(unprintable(text))}"


def strings(column: pa.ChunkedArray | pa.Array) -> Iterator[str]:
    """Yield every string in a column, however deep."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        yield from (text for text in column.unique().to_pylist() if text)
    elif pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        yield from strings(column.flatten())
    elif pa.types.is_struct(column.type):
        for child in column.flatten():
            yield from strings(child)


def printed(*arguments: object) -> str:
    """Return what a command prints on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
        main([str(argument) for argument in arguments])
    return out.getvalue() + err.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[str]]:
    """Return the dataset of the release, and the number of unprintable characters of its papers."""
    root = tmp_path_factory.mktemp("evil")
    source, planted = papers(root / "papers")
    return dataset_of(files(), root, ("viral",), source), planted


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset with the text as it is in the records, as others might publish one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_module, "cleaned", str)
        patch.setattr(record_module, "unprintable", lambda _: Counter())
        return dataset_of(files(), tmp_path_factory.mktemp("hostile"), ("viral",))


def commands(dataset: Path) -> Iterator[tuple[object, ...]]:
    """Yield what prints records: every format of every command that reads a dataset."""
    shard = next(iter(sorted((dataset / "data" / "pairs").rglob("*.parquet"))))
    rows = pq.read_table(shard, columns=["pair_id", "species"]).to_pylist()
    for form in ("table", "tsv", "fasta", "bed", "json"):
        yield "find", dataset, "--product", "a", "--format", form
        yield "find", dataset, "--kind", "CDS,tRNA", "--format", form
    for row in rows[:5]:
        yield "explain", dataset, row["pair_id"]
        yield "explain", dataset, row["pair_id"], "--json"
    for query in ("NC_000001.1", rows[0]["species"] or "x", "Evil", "NC_999999.1", SPECIES, "ACGT" * 10):
        yield "where", dataset, query
        yield "where", dataset, query, "--json"
    yield "verify", dataset
    yield "verify", dataset, "--json"
    yield "explain", dataset, SPECIES
    yield "find", dataset, "--region", SPECIES
    yield "verify", f"{dataset}{SPECIES}".replace("\x00", "")
    yield (SPECIES,)
    yield "find", "--format", SPECIES
    yield "verify", dataset, f"more{SPECIES}"


def test_nothing_that_is_published_has_a_character_that_cannot_be_printed(built, tmp_path):
    dataset, _ = built
    assert printed("report", dataset, "--out", tmp_path / "report")
    printed("documents", dataset, "--out", tmp_path / "documents")
    printed("check", "--build", dataset.parent, "--out", tmp_path / "summary" / "summary.txt")
    assert list(found_in(dataset)) == []
    assert list(found_in(tmp_path)) == []


def test_the_ledger_counts_what_was_replaced_in_records_and_papers(built):
    dataset, of_papers = built
    of_records = sum((unprintable(evil_record(number)) for number in range(1, 7)), Counter[str]())
    rows = [row for row in pq.read_table(dataset / "ledger.parquet").to_pylist() if row["unit"] == "character"]
    counted = {(row["part"], row["reason"]): row["count"] for row in rows if row["status"] == "excluded"}
    assert counted == {
        **{("viral.1", kind): count for kind, count in of_records.items()},
        **{("papers", kind): count for kind, count in of_papers.items()},
    }
    assert printed("verify", dataset).endswith(": ok\n")


@pytest.mark.parametrize("which", ["built", "hostile"])
def test_no_command_prints_a_character_that_cannot_be_printed(which, built, hostile):
    dataset = built[0] if which == "built" else hostile
    shown = {arguments: printed(*arguments) for arguments in each(list(commands(dataset)))}
    assert {arguments: text for arguments, text in shown.items() if text != escaped_lines(text)} == {}
    assert any("kinase" in text for text in shown.values())
    if which == "hostile":
        assert any("\\x1b[2J" in text for text in shown.values())
        assert any("\\u202e" in text for text in shown.values())


def test_the_page_and_the_card_of_a_hostile_dataset_are_printable_and_have_no_markup_of_its_names(hostile, tmp_path):
    printed("report", hostile, "--out", tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page == escaped_lines(page)
    assert "<script>alert" not in page
    card = (hostile / "README.md").read_text(encoding="utf-8")
    assert card == escaped_lines(card)
    (line,) = {line.partition("are of ")[2] for line in card.splitlines() if "Evilus" in line}
    assert r"\<script\>alert(5)\</script\> \*\_\[x\](http\://evil.example) \| \`b\`" in line


def test_json_gives_the_values_back(hostile):
    lines = printed("find", hostile, "--kind", "CDS", "--json", "-q").splitlines()
    products = {json.loads(line)["product"] for line in each(lines)}
    assert f"\x07kinase {SPECIES} 1 \u202e" in products


def test_a_cell_of_tsv_is_no_formula(built):
    lines = printed("find", built[0], "--kind", "CDS,tRNA", "--format", "tsv", "-q").splitlines()
    head, *rows = [line.split("\t") for line in lines]
    cells = [dict(zip(head, row, strict=True)) for row in each(rows)]
    assert {row["note"] for row in cells} == {"'=cmd|' /C calc'!A0", ""}
    assert {row["protein_id"] for row in cells} == {"'@SUM(1)", ""}
    assert "-35 region" in {row["gene"] for row in cells}
    assert {row["strand"] for row in cells} == {"+"}
    assert not [cell for row in cells for cell in row.values() if cell.startswith(("=", "@"))]


def test_a_line_with_tabs_is_printed_with_escapes_for_all_else(capsys):
    print_lines([f"one\ttwo{STEERING}\nthree{TURNING}"])
    shown = capsys.readouterr().out
    assert shown.startswith("one\ttwo\\x1b]0;owned")
    assert shown.count("\n") == 2
    assert shown == escaped_lines(shown)


def test_a_log_message_is_one_printable_line():
    message = logging.LogRecord("x", logging.INFO, "x", 1, "left out: %s", (f"a\nfake line {STEERING}",), None)
    line = LogFormatter("%(message)s").format(message)
    assert "\n" not in line
    assert not unprintable(line)


def calls(path: Path) -> Iterator[str]:
    """Yield the calls of a module that print other than a constant."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in PRINTING:
            continue
        if not all(isinstance(argument, ast.Constant) for argument in node.args):
            yield ast.unparse(node)


def test_only_one_module_prints():
    source = REPOSITORY / "src" / "dnacorpus"
    found = {path.relative_to(source).as_posix() for path in each(source.rglob("*.py")) if any(calls(path))}
    assert found == {"cli/output.py"}


def test_all_text_of_a_parser_goes_through_one_class():
    assert type(parser()).__name__ == "EscapingParser"
    subparsers = [action for action in parser()._actions if hasattr(action, "choices") and action.choices]
    assert {type(verb).__name__ for action in each(subparsers) for verb in each(action.choices.values())} == {
        "EscapingParser"
    }
