from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnacorpus.errors import CorpusError
from dnacorpus.sources import release

MD5 = "0123456789abcdef0123456789abcdef"
AUTOINDEX = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of /refseq/release/viral</title>
 </head>
 <body>
<h1>Index of /refseq/release/viral</h1><a href="notice.html">before the listing</a>
<pre>Name      <a href="?C=M;O=A">Last modified</a>      Size  <hr><a href="/refseq/release/">Parent Directory</a>  -
<a href="old/">old/</a>                                     2025-12-04 14:53    -
<a href="viral.2.genomic.gbff.gz">viral.2.genomic.gbff.gz</a>                  2025-12-04 14:53  1.1M
<a href="viral.1.1.genomic.fna.gz">viral.1.1.genomic.fna.gz</a>                 2025-12-04 14:59   96
<a href="a%20b&amp;c.txt">a b&amp;c.txt</a>                                2025-12-04 14:59   96
</pre>
</body></html>
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("viral.1.genomic.gbff.gz", ("viral.1", 0, "gbff")),
        ("vertebrate_mammalian.12.3.genomic.fna.gz", ("vertebrate_mammalian.12", 3, "fna")),
        ("viral.1.genomic.fna.gz", ("viral.1", 0, "fna")),
        ("viral.1.1.genomic.gbff.gz", None),  # a flat file is never split
        ("viral.1.rna.gbff.gz", None),
        ("viral.1.protein.faa.gz", None),
        ("viral.nonredundant_protein.1.protein.gpff.gz", None),
        ("viral.wgs_mstr.gbff.gz", None),
        ("viral.1.genomic.gbff", None),
        ("../viral.1.genomic.gbff.gz", None),
        ("viral.1.genomic.gbff.gz.tmp", None),
        ("viral.03.genomic.gbff.gz", None),
        ("viral.00.genomic.gbff.gz", None),
        ("viral.\u0663.genomic.gbff.gz", None),
        ("viral.1.01.genomic.fna.gz", None),
        ("viral.1.\uff11.genomic.fna.gz", None),
        ("viral.999999.genomic.gbff.gz", ("viral.999999", 0, "gbff")),
        (f"viral.{'9' * 5000}.genomic.gbff.gz", None),
    ],
)
def test_genomic_file_of_a_name(name: str, expected: tuple[str, int, str] | None) -> None:
    found = release.genomic_file(name)
    assert (found and (found.part, found.split, found.kind)) == expected


def test_files_are_ordered_by_number_not_by_text() -> None:
    names = ["viral.10.genomic.gbff.gz", "viral.2.10.genomic.fna.gz", "viral.2.genomic.gbff.gz"]
    names += ["viral.2.9.genomic.fna.gz", "plant.1.genomic.gbff.gz", "viral.2.genomic.gbff.gz"]
    found = [file.url for file in release.genomic_files(names, "viral")]
    assert found == [
        "viral/viral.2.9.genomic.fna.gz",
        "viral/viral.2.10.genomic.fna.gz",
        "viral/viral.2.genomic.gbff.gz",
        "viral/viral.10.genomic.gbff.gz",
    ]


def test_misnamed_finds_only_genomic_files() -> None:
    names = ["viral.1.1.genomic.gbff.gz", "viral.1.genomic.gbff.gz", "viral.1.rna.gbff.gz", "plant.x.genomic.gbff.gz"]
    assert release.misnamed(names, "viral") == ["viral.1.1.genomic.gbff.gz"]


def test_numbers_that_are_not_plain_are_misnamed() -> None:
    wrong = [f"viral.{number}.genomic.gbff.gz" for number in ("03", "\u0663", "9" * 5000)]
    names = ["viral.3.genomic.gbff.gz", *wrong]
    assert release.misnamed(names, "viral") == sorted(wrong)
    assert [file.part for file in release.genomic_files(names, "viral")] == ["viral.3"]
    assert release.accession_in("GCF_00000000\u0661.1_x") is None


def test_listed_names_are_usable_names() -> None:
    links = ["a.gz", "%2e%2e", "..%2fa.gz", ".hidden", "part.json", "a%5Cb.gz", "%1b[2J.gz", "a%e2%80%ae.gz"]
    page = "".join(f'<a href="{link}">x</a>' for link in links)
    assert release.listed_names(page) == ["a.gz"]


def test_listed_names_are_files_only() -> None:
    assert release.listed_names(AUTOINDEX) == ["a b&c.txt", "viral.1.1.genomic.fna.gz", "viral.2.genomic.gbff.gz"]


def test_a_listing_without_pre_is_read_whole() -> None:
    page = '<ul><li><a href="old/">old/</a></li><li><a href="viral.1.genomic.gbff.gz">x</a></li></ul>'
    assert release.listed_names(page) == ["viral.1.genomic.gbff.gz"]


def test_md5_list_is_read() -> None:
    text = (
        f"{MD5}\tviral.1.genomic.gbff.gz\r\n\n{MD5.upper()}  plant.1.genomic.gbff.gz\n{MD5}\tviral.1.genomic.gbff.gz\n"
    )
    assert release.md5_sums(text, "list") == {"viral.1.genomic.gbff.gz": MD5, "plant.1.genomic.gbff.gz": MD5}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("3735928559\tviral.1.genomic.gbff.gz", "found '3735928559"),  # the CRC of before December 2022
        (f"{MD5[:-1]}\tviral.1.genomic.gbff.gz", "expected '<md5><TAB><file name>'"),
        (MD5, "expected '<md5><TAB><file name>'"),
        ("<html><body>", "<html>"),
        (f"{MD5[::-1]}\ta.gz", f"found {MD5} and {MD5[::-1]}"),
    ],
)
def test_a_bad_line_of_the_md5_list_is_named(line: str, complaint: str) -> None:
    with pytest.raises(CorpusError, match=r"^release7\.files\.installed: line 2: ") as caught:
        release.md5_sums(f"{MD5}\ta.gz\n{line}\n", "release7.files.installed")
    assert complaint in str(caught.value)


def test_release_number() -> None:
    assert release.release_number("236\n", "RELEASE_NUMBER") == "236"
    with pytest.raises(CorpusError, match=r"^here: expected a release number such as 236, found '<html>'"):
        release.release_number("<html>\n", "here")


@given(st.lists(st.none() | st.integers(0, 50), max_size=40), st.integers(1, 100))
def test_groups_are_consecutive_and_bounded(weights: list[int | None], limit: int) -> None:
    groups = release.fill_groups(weights, limit)
    assert len(groups) == len(weights)
    numbers = [int(group) for group in groups]
    assert all(len(group) == 5 for group in groups)
    # Consecutive and without holes: numbered from 0, each the one before or the next.
    assert numbers[:1] in ([], [0])
    assert all(after - before in (0, 1) for before, after in pairwise(numbers))
    members = {group: [w for g, w in zip(numbers, weights, strict=True) if g == group] for group in numbers}
    for group, held in members.items():
        assert len(held) == 1 or (None not in held and sum(w or 0 for w in held) <= limit)
        first_of_next = members.get(group + 1, [None])[0]
        # Full: the next part would not have fitted.
        assert first_of_next is None or None in held or sum(w or 0 for w in held) + first_of_next > limit


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([("fna", 9), ("fna", 9), ("gbff", 5)], 5),
        ([("fna", 9), ("fna", 8)], 17),
        ([("fna", None), ("gbff", 5)], 5),
        ([("fna", 9), ("gbff", None)], None),
        ([("fna", 9), ("gff", 5)], 9),
        ([("gff", 5)], 5),
    ],
)
def test_part_bytes_are_those_of_its_flat_file(sizes: list[tuple[str, int | None]], expected: int | None) -> None:
    assert release.part_bytes(sizes) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GCF_000001405.40_GRCh38.p14_genomic.gbff.gz", "GCF_000001405.40"),
        ("NC_000001.11.gbff", "NC_000001.11"),
        ("NZ_CP012345.1", "NZ_CP012345.1"),
        ("U00096.3.gb", "U00096.3"),
        ("viral.1.genomic.gbff.gz", None),
        ("nuccore.00001.gbff", None),
    ],
)
def test_accession_in_a_file_name(name: str, expected: str | None) -> None:
    assert release.accession_in(name) == expected


@pytest.mark.parametrize(
    ("names", "member"),
    [
        (["viral.1.genomic.gbff.gz", "viral.1.1.genomic.fna.gz", "viral.1.12.genomic.fna.gz"], "viral.1"),
        (["viral.11.genomic.gbff.gz"], "viral.11"),
        (
            [f"GCF_000001405.40_GRCh38.p14_genomic.{kind}" for kind in ("gbff.gz", "fna.gz", "gff.gz", "fna")],
            "GCF_000001405.40_GRCh38.p14",
        ),
        (["GCF_000001405.39_GRCh38.p13_genomic.fna.gz"], "GCF_000001405.39_GRCh38.p13"),
        (["moss.v1.fna", "moss.v1.gff3.gz", "moss.v1.gtf", "moss.v1.FASTA"], "moss.v1"),
        (["mine.1.genomic.gbff"], "mine.1.genomic"),  # of nuccore: never packed, so no file of a release
        (["gz"], "gz"),
    ],
)
def test_files_of_a_unit_have_one_member(names: list[str], member: str) -> None:
    assert {release.member_of(name) for name in names} == {member}


@given(
    st.from_regex(r"GC[AF]_[0-9]{9}\.[1-9]_[A-Za-z0-9._-]{1,12}", fullmatch=True),
    st.sampled_from(["gbff", "fna", "gff"]),
    st.booleans(),
)
def test_member_of_an_assembly_file_is_its_folder(folder: str, kind: str, packed: bool) -> None:
    assert release.member_of(f"{folder}_genomic.{kind}{'.gz' * packed}") == folder


@given(st.sampled_from(["viral", "vertebrate_other"]), st.integers(1, 999), st.integers(0, 99))
def test_member_of_a_release_file_is_its_part(division: str, number: int, split: int) -> None:
    flat, bases = f"{division}.{number}.genomic.gbff.gz", f"{division}.{number}.{split}.genomic.fna.gz"
    assert release.member_of(flat) == release.member_of(bases) == f"{division}.{number}"


def test_wgs_masters_of_a_division() -> None:
    names = ["viral.wgs_mstr.gbff.gz", "plant.wgs_mstr.gbff.gz", "viral.1.genomic.gbff.gz"]
    assert release.wgs_masters(names, "viral") == ["viral.wgs_mstr.gbff.gz"]
