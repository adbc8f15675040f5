import subprocess
import sys
from pathlib import Path

import pytest

from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.parts import CATALOG
from dnacorpus.storage import catalog

MD5 = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("viral/viral.1.genomic.gbff.gz", "mirror"),
        ("HTTPS://host/a.gz", "http"),
        ("/data/a.gbff", "local"),
        ("nuccore:NC_000001.1,NC_000002.1", "nuccore"),
        ("ftp://host/a.gz", ""),
    ],
)
def test_origin_of_a_url(url: str, expected: str) -> None:
    assert catalog.origin({"url": url}) == expected


def test_read_notes_skips_the_header(tmp_path: Path) -> None:
    path = tmp_path / "mine.gone.tsv"
    assert catalog.read_notes(path) == []
    path.write_text("accession\tdetail\nA.1\treplaced by B.1; so it is\nC.1\t\n")
    assert catalog.read_notes(path) == [("A.1", "replaced by B.1; so it is"), ("C.1", "")]


HEADER = "\t".join(catalog.COLUMNS)
ROW = "7\tviral\tviral.1\t00000\tgbff\tviral.1.genomic.gbff.gz\tviral/viral.1.genomic.gbff.gz\t12\t" + MD5


def test_columns_equal_the_schema() -> None:
    assert list(catalog.COLUMNS) == CATALOG.names


def test_catalog_rows_are_grouped(tmp_path: Path) -> None:
    path = tmp_path / "viral.tsv"
    second = ROW.replace("viral.1", "viral.2")
    path.write_text(f"{HEADER}\n{ROW.replace('gbff', 'fna')}\n{ROW}\n{second.replace('12', '')}\n")
    rows = catalog.read_parts(path)
    assert [row["bytes"] for row in rows] == ["12", "12", ""]
    assert {part: len(files) for part, files in catalog.parts_of(rows).items()} == {"viral.1": 2, "viral.2": 1}
    assert catalog.groups_of(rows) == {"00000": ["viral.1", "viral.2"]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: expected the columns release division .* found 'an empty file'"),
        ("a\tb\n", "line 1: expected the columns"),
        (f"{HEADER}\n", "line 2: expected at least one file, found 'the end'"),
        (f"{HEADER}\n{ROW}\n{ROW}\t1\n", "line 3: expected 9 columns, found '10'"),
        (f"{HEADER}\n{ROW}\n\n", "line 3: expected 9 columns, found '1'"),
        (f"{HEADER}\n{ROW.replace('00000', '')}\n", "line 2: expected a value in group"),
        (f"{HEADER}\n{ROW.replace('12', '1.2')}\n", "line 2: expected a number in bytes, found '1.2'"),
        (f"{HEADER}\n{ROW}\n".replace("\tgbff\t", "\tgpff\t"), "line 2: expected kind fna, gbff or gff, found 'gpff'"),
        (f"{HEADER}\n{ROW.replace('7', 'local')}\n", "line 2: expected a release number for a file of the mirror"),
        (f"{HEADER}\n{ROW.replace('viral/viral', 'ftp://u:secret@h/viral')}\n", "nuccore:, found 'ftp'"),
        (
            f"{HEADER}\n{ROW.replace('viral.1.genomic', 'up/viral.1', 1)}\n",
            "expected a plain file name without folders",
        ),
    ],
)
def test_a_damaged_catalog_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "viral.tsv"
    path.write_text(text)
    with pytest.raises(CorpusError, match=complaint) as caught:
        catalog.read_parts(path)
    assert str(caught.value).startswith(f"{path}: line")


def changed(**values: str) -> str:
    return "\t".join((dict(zip(catalog.COLUMNS, ROW.split("\t"), strict=True)) | values).values())


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"file": "part.json"}, "a name that the fetch stage writes itself: part.json"),
        ({"file": "Part.JSON"}, "a name that the fetch stage writes itself"),
        ({"file": ".."}, "a dot at the start"),
        ({"file": "."}, "a dot at the start"),
        ({"file": ".snakemake_timestamp"}, "a dot at the start"),
        ({"file": "a\\b.gz"}, "a folder in the name"),
        ({"file": "x" * 201}, "more than 200 bytes"),
        ({"file": "\x1b]0;title\x07.gz"}, "expected printable characters"),
        ({"file": "a\u202egz.gbff"}, "expected printable characters"),
        ({"url": "../victim"}, "expected a path inside the mirror, found '../victim'"),
        ({"url": "viral/../../victim"}, "expected a path inside the mirror"),
        ({"url": "viral/%2e%2E/victim"}, "expected a path inside the mirror"),
        ({"url": "viral/\x9b"}, "expected printable characters"),
        ({"division": ".."}, "expected a division"),
        ({"division": "../../home"}, "expected a division"),
        ({"part": "../viral.1"}, "expected a part such as viral.1"),
        ({"part": "viral.01"}, "expected a part such as viral.1"),
        ({"part": "viral.\u0663"}, "expected a part such as viral.1"),
        ({"part": "viral." + "9" * 5000}, "expected a part such as viral.1"),
        ({"group": "../0"}, "expected a group of digits"),
        ({"bytes": "9" * 5000}, "expected a number in bytes"),
        ({"bytes": "\u0663"}, "expected a number in bytes"),
        ({"release": "9" * 5000}, "expected a release number"),
    ],
)
def test_a_catalog_of_somebody_else_names_no_file_outside(
    tmp_path: Path, values: dict[str, str], complaint: str
) -> None:
    path = tmp_path / "viral.tsv"
    path.write_text(f"{HEADER}\n{ROW}\n{changed(**values)}\n")
    with pytest.raises(CorpusError) as caught:
        catalog.read_parts(path)
    message = str(caught.value)
    assert complaint in message
    assert message.isprintable()
    assert len(message) < 500


def test_a_missing_catalog_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"absent\.tsv.*run `dnacorpus catalog`"):
        catalog.read_parts(tmp_path / "absent.tsv")


def test_catalog_imports_no_heavy_library() -> None:
    heavy = ("pyarrow", "requests", "polars")
    code = f"import sys, dnacorpus.storage.catalog; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def row(part: str = "viral.1", **changes: str) -> dict[str, str]:
    values = {"release": "7", "division": "viral", "part": part, "group": "00000", "kind": "gbff", "bytes": "9"}
    return (
        values | {"file": f"{part}.genomic.gbff.gz", "url": f"viral/{part}.genomic.gbff.gz", "md5": "0" * 32} | changes
    )


def test_catalogs_of_two_releases_are_refused():
    own = [row(release="local"), row(release="assemblies")]
    catalog.refuse_mixture({"viral": [row()], "plastid": [row()], "mine": own})
    with pytest.raises(UsageError, match="release 7: mine, viral; release 8: plastid; the mirror has a newer release"):
        catalog.refuse_mixture({"viral": [row()], "plastid": [row(release="8")], "mine": [*own, row()]})


def test_the_local_inputs_of_a_custom_division(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    files = [tmp_path / "a" / "b" / "x.gbff", tmp_path / "a" / "y.fna", tmp_path / "list.txt"]
    for file in files:
        file.touch()
    assert catalog.local_inputs({"path": str(tmp_path / "a")}) == [str(file) for file in files[:2]]
    assert catalog.local_inputs({"path": [str(files[1]), str(tmp_path / "none")]}) == [str(files[1])]
    assert catalog.local_inputs({"accessions": str(files[2])}) == [str(files[2])]
    assert (
        catalog.local_inputs({"accessions": ["NC_012920.1"]})
        == catalog.local_inputs({"taxon": "Homo"})
        == catalog.local_inputs({})
        == []
    )


@pytest.mark.parametrize("name", ["<b>.gb", "a{x}.gb", "{.gb", "a>b.gb"])
def test_a_local_file_that_snakemake_would_read_as_a_pattern_is_to_be_renamed(tmp_path, name):
    (tmp_path / name).touch()
    (tmp_path / "it's $(a) & b;.gb").touch()
    with pytest.raises(UsageError, match=r"expected a path that Snakemake takes as it is, found [<>{}].*; rename it"):
        catalog.local_inputs({"path": str(tmp_path)})
    (tmp_path / name).unlink()
    assert len(catalog.local_inputs({"path": str(tmp_path)})) == 1
