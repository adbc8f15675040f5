import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.genomes import Assembly, summary

from dnacorpus.sources.assembly_summary import read_summary
from dnacorpus.sources.successors import Removal, removed_assembly, removed_records


def line(accession: str, status: str, *, gi: bool = False) -> bytes:
    middle = ["12345"] if gi else []
    return (
        "\t".join(["9606", "Homo sapiens", accession, *middle, "complete|x", "REVIEWED", "152", status]).encode()
        + b"\n"
    )


SECONDARY = "the accession in column 3, NZ_AAAA01000005, is secondary to NZ_CP000006.1."
LINES = [
    line("NC_000001.10", "replaced by NC_000002.11"),
    line("NM_000003.1", "permanently suppressed"),
    line("NC_000004.1", "temporarily  suppressed", gi=True),
    line("NZ_AAAA01000005.1", SECONDARY),
    line("NC_000007.1", ""),
    line("NC_000007.2", "replaced by U12345"),
    b"rubbish\n",
    b"\xff\xfe\t\t\n",
]


@pytest.mark.parametrize(
    ("accession", "status", "successor"),
    [
        ("NC_000001.10", "replaced by NC_000002.11", "NC_000002.11"),
        ("NC_000001", "replaced by NC_000002.11", "NC_000002.11"),
        ("NC_000001.9", "replaced by NC_000002.11", "NC_000002.11"),
        ("NM_000003.1", "permanently suppressed", None),
        ("NC_000004.1", "temporarily suppressed", None),
        ("NZ_AAAA01000005.1", SECONDARY, "NZ_CP000006.1"),
        ("NC_000007.1", "removed", None),
        ("NC_000007.2", "replaced by U12345", "U12345"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [1, -1])
def test_removed_records(accession: str, status: str, successor: str | None, order: int) -> None:
    found = removed_records(LINES[::order], [accession, "NC_999999.1"])
    assert found == {accession: Removal(accession, status, successor)}


def test_a_gzipped_list_is_read_as_a_stream(tmp_path: Path) -> None:
    packed = tmp_path / "release7.removed-records.gz"
    packed.write_bytes(gzip.compress(b"".join(LINES)))
    with gzip.open(packed) as lines:
        found = removed_records(lines, ["NC_000001.10", "NM_000003.1"])
    assert {name: removal.detail for name, removal in found.items()} == {
        "NC_000001.10": "replaced by NC_000002.11",
        "NM_000003.1": "permanently suppressed",
    }


@given(st.lists(st.binary(max_size=80)), st.text(max_size=40))
def test_invalid_lines_are_skipped(rubbish: list[bytes], status: str) -> None:
    status = " ".join(status.split())
    lines = [*rubbish, "\t".join(["1", "a", "NC_000009.1", "b", "c", "1", status]).encode("utf-8", "replace")]
    assert removed_records(lines, ["NC_000009.1"])["NC_000009.1"].successor != "NC_000009.1"


def table(*assemblies: Assembly) -> pl.DataFrame:
    return read_summary(summary(assemblies).splitlines(keepends=True), "x")


def past(accession: str, status: str) -> Assembly:
    return Assembly(accession, values={"version_status": status})


HISTORICAL = table(
    past("GCF_000000001.9", "replaced"), past("GCF_000000001.10", "replaced"), past("GCF_000000002.1", "suppressed"),
    past("GCF_000000003.1", "replaced"),
)  # fmt: skip
CURRENT = table(
    Assembly("GCF_000000001.11"), Assembly("GCF_000000004.2"), past("GCF_000000003.2", "suppressed"),
    Assembly("GCF_000000022.1"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("accession", "status", "successor", "detail"),
    [
        ("GCF_000000001.9", "replaced", "GCF_000000001.11", "replaced by GCF_000000001.11"),
        ("GCF_000000001.1", "replaced", "GCF_000000001.11", "replaced by GCF_000000001.11"),
        ("GCF_000000004.1", "replaced", "GCF_000000004.2", "replaced by GCF_000000004.2"),
        ("GCF_000000002.1", "suppressed", None, "suppressed"),
        ("GCF_000000002", "suppressed", None, "suppressed"),
        ("GCF_000000003.1", "replaced", None, "replaced"),
    ],
)
def test_removed_assembly(accession: str, status: str, successor: str | None, detail: str) -> None:
    removal = removed_assembly(accession, HISTORICAL, CURRENT)
    assert removal == Removal(accession, status, successor)
    assert removal.detail == detail


@pytest.mark.parametrize("accession", ["GCF_000000099.1", "GCF_000000004.3", "GCF_00000000"])
def test_an_unknown_assembly_has_no_removal(accession: str) -> None:
    assert removed_assembly(accession, HISTORICAL, CURRENT) is None
