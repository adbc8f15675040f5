"""The papers stage, from a release to a dataset: a brute-force account of every citation is the oracle."""

import gzip
import itertools
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml
from support.each import each
from support.flatfile import record
from support.settings import pair_settings
from support.smallrelease import bases, pack, small_release
from support.stages import CONFIG, audit_shards, collapse_copies, decide_by_hand, make_pairs

from dnacorpus.cli.main import main
from dnacorpus.config.build import Build
from dnacorpus.config.resolved import Config
from dnacorpus.curation.citations import citations
from dnacorpus.dataset.verify import verify
from dnacorpus.papers.files import Gathered, in_directory, read_files
from dnacorpus.papers.paper import merged
from dnacorpus.papers.spool import PaperSpool
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.stages import assemble, shard
from dnacorpus.stages.papers import PaperRules, write_papers
from dnacorpus.storage.parquet import write as write_table
from dnacorpus.storage.results import Results

OPEN = frozenset({"CC0", "CC-BY"})
BY = "http://creativecommons.org/licenses/by/4.0/"
CITED = {
    "viral.1": {1: [101, 102], 2: [102, 103], 3: [104], 4: [105]},
    "viral.2": {5: [101, 106, 199], 6: [107, 102], 7: [108], 8: []},
    "plastid.1": {9: [101, 109], 10: [106], 11: [110], 12: [102]},
}
"""Part -> number of a record -> the PMIDs that it cites."""


def flat(number: int, pmids: list[int]) -> str:
    references = [{"title": f"Paper {pmid}", "pubmed": str(pmid)} for pmid in pmids]
    source = ("source", "1..300", [("organism", f"Genus{number} species{number}")])
    return record(
        f"NC_{number:06d}.1", bases(f"record {number}", 300), [source],
        organism=f"Genus{number} species{number}", lineage=("Viruses",), references=references,
    )  # fmt: skip


def pubmed(*pmids: int, more: str = "", doi: str = "", abstract: str = "We tested.") -> str:
    entries = [
        f"""<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><Journal><Title>Tests</Title></Journal>
        <ArticleTitle>On {pmid}.</ArticleTitle><Abstract><AbstractText>{abstract}</AbstractText></Abstract></Article>
        {more}</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">{doi}</ArticleId></ArticleIdList>
        </PubmedData></PubmedArticle>"""
        for pmid in pmids
    ]
    return f"<PubmedArticleSet>{''.join(entries)}</PubmedArticleSet>"


def jats(pmid: int | None, grant: str = BY, doi: str = "", abstract: str = "<p>Open.</p>") -> str:
    ids = f'<article-id pub-id-type="pmid">{pmid}</article-id>' if pmid else ""
    return f"""<article xmlns:xlink="x"><front><journal-meta><journal-title>Tests</journal-title></journal-meta>
      <article-meta>{ids}<article-id pub-id-type="doi">{doi}</article-id>
      <title-group><article-title>Full {pmid}</article-title></title-group>
      <permissions><license xlink:href="{grant}"/></permissions>
      <abstract>{abstract}</abstract></article-meta></front>
      <body><sec><title>Results</title><p>Body of {pmid}.</p><p>More.</p></sec></body></article>"""


def europepmc(pmid: int, **more: str) -> str:
    result = {"id": str(pmid), "source": "MED", "pmid": str(pmid), "title": f"Europe {pmid}.", "abstractText": "Said."}
    return json.dumps({"resultList": {"result": [result | more]}})


FILES = {
    "pubmed/a.xml": pubmed(102, 103, 105, 500),
    "pubmed/b.xml.gz": gzip.compress(pubmed(104, doi="10.1000/Four").encode(), mtime=0),
    "pubmed/retracted.xml": pubmed(
        110, more='<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"/></CommentsCorrectionsList>'
    ),
    "jats/101.nxml": jats(101),
    "jats/102.xml": jats(102),
    "jats/104.xml": jats(None, doi="10.1000/FOUR"),
    "jats/106.xml": jats(106),
    "jats/108.xml": jats(108, abstract=""),
    "jats/110.xml": jats(110),
    "europe/105.json": europepmc(105, license="cc by"),
    "europe/109.json": europepmc(109, license="cc by-nc"),
    "jats/unknown.xml": jats(None, doi="10.1000/nobody"),
    "notes.txt": "no paper",
    "other.json": '{"some": "thing"}',
    "other.xml": "<root/>",
    "cut.xml": pubmed(107)[:-30],
    "cut.xml.gz": gzip.compress(pubmed(107).encode(), mtime=0)[:-9],
    "error.json": '{"errCode": 404, "errMsg": "no"}',
}
EXPECTED = {
    101: "CC-BY-4.0", 102: "CC-BY-4.0", 103: None, 104: "CC-BY-4.0", 105: "CC-BY", 106: "CC-BY-4.0", 108: "CC-BY-4.0",
    109: "CC-BY-NC", 110: "CC-BY-4.0",
}  # fmt: skip
"""PMID -> licence of every cited paper that the files tell of."""


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def build(root: Path, source: Path | None) -> Path:
    """Run every stage from papers on and return the dataset."""
    results, config = Results(root), Config.load(root / "config.yaml")
    write_papers(
        results,
        config.divisions,
        lambda _: in_directory(source) if source else Gathered(root),
        PaperRules(OPEN),
        results.papers(),
    )
    for division in config.divisions:
        for part in results.parts(division):
            out = results.pairs(division, part)
            make_pairs(
                results.tables(division, part), results.decisions(division), pair_settings(1000), out, results.papers()
            )
    collapse_copies(results, config.divisions, root / "copies")
    for division in config.divisions:
        for group in results.groups(division):
            shard.run(Build.open(results.root), division, group, results.shards(division, group))
    audit_shards(results, config)
    assemble.run(Build(results, config), root / "dataset")
    return root / "dataset"


@pytest.fixture(scope="module")
def decided(tmp_path_factory) -> Path:
    """A build of three parts up to dedup, its species dealt to all three splits."""
    folder = tmp_path_factory.mktemp("papers")
    texts = {
        f"{part}.genomic.gbff.gz": "".join(flat(number, pmids) for number, pmids in records.items())
        for part, records in CITED.items()
    }
    mirror, root = small_release(folder / "mirror", pack(texts)), folder / "build"
    config = CONFIG | {
        "divisions": ["plastid", "viral"], "seed": 3, "pairs": CONFIG["pairs"] | {"max_bases": 1000},
        "papers": CONFIG["papers"] | {"source": "auto", "licenses": ["CC-BY"], "max_records_per_paper": 20},
        "splits": CONFIG["splits"] | {"validation": 0.3, "test": 0.3, "always_train": []},
        "custom_divisions": [], "catalog": "",
    }  # fmt: skip
    root.mkdir()
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    for division in config["divisions"]:
        catalog = root / "catalog" / f"{division}.tsv"
        options = ["--mirror", str(mirror), "--division", division, "--group-bytes", "1", "--out", str(catalog)]
        assert main(["catalog", *options]) == 0
        for part in Results(root).parts(division):
            raw, tables = Results(root).raw(division, part), Results(root).tables(division, part)
            fetched = ["--mirror", str(mirror), "--catalog", str(catalog), "--part", part, "--out", str(raw)]
            assert main(["fetch", *fetched]) == 0
            assert main(["parse", "--raw", str(raw), "--out", str(tables)]) == 0
    divisions = config["divisions"]
    groups = [(division, group) for division in divisions for group in Results(root).groups(division)]
    decide_by_hand(lambda *options: main([str(option) for option in options]), root, groups, 2)
    return root


@pytest.fixture(scope="module")
def built(decided, tmp_path_factory) -> tuple[Path, Path]:
    """Root and dataset of a build with the files above."""
    root = tmp_path_factory.mktemp("built") / "build"
    shutil.copytree(decided, root, symlinks=True)
    return root, build(root, write(root.parent / "source", FILES))


def links(root: Path) -> list[tuple[str, int, str]]:
    """(part, PMID, split of the record) of every citation of a kept record, from what this module planted."""
    decisions = pl.concat(pl.read_parquet(path) for path in sorted((root / "decisions").glob("*.parquet")))
    splits = {row["accession"]: row["split"] for row in decisions.to_dicts() if row["status"] == "kept"}
    return [
        (part, pmid, splits[f"NC_{number:06d}.1"])
        for part, records in CITED.items()
        for number, pmids in records.items()
        for pmid in pmids
    ]


def split_of(root: Path) -> dict[int, str]:
    splits: dict[int, set[str]] = {}
    for _, pmid, split in links(root):
        splits.setdefault(pmid, set()).add(split)
    return {pmid: next(iter(found)) if len(found) == 1 else "train" for pmid, found in splits.items()}


def test_the_splits_of_this_build_are_a_test_of_the_leak_rule(decided):
    several = {pmid: {split for _, other, split in links(decided) if other == pmid} for pmid in (101, 102, 106)}
    assert {split for _, _, split in links(decided)} == {"train", "validation", "test"}
    assert any(len(splits) > 1 for splits in several.values())


def test_the_table_holds_what_is_cited_and_found(built):
    root, _ = built
    rows = pl.read_parquet(root / "papers.parquet").to_dicts()
    assert {row["pmid"]: row["license"] for row in rows} == EXPECTED
    assert [row["pmid"] for row in rows] == sorted(EXPECTED)
    assert {row["pmid"]: row["split"] for row in rows} == {pmid: split_of(root)[pmid] for pmid in EXPECTED}
    by_pmid = {row["pmid"]: row for row in rows}
    assert (by_pmid[104]["abstract"], by_pmid[104]["source"], by_pmid[104]["doi"]) == ("Open.", "jats", "10.1000/FOUR")
    assert (by_pmid[105]["abstract"], by_pmid[105]["source"]) == ("Said.", "europepmc")
    assert by_pmid[110]["retracted"]
    results = [{"section": "Results", "paragraph": n, "page": None} for n in range(2)]
    told = [by_pmid[101]["passages"], by_pmid[106]["passages"]]
    texts = [[f"Body of {pmid}.", "More."] for pmid in (101, 106)]
    assert told == [[result | {"text": text} for result, text in zip(results, pair, strict=True)] for pair in texts]
    assert {pmid for pmid, row in by_pmid.items() if row["passages"]} == {101, 102, 104, 106, 108, 110}
    assert {row["version"] for row in rows} == {1}
    assert citations(Results(root), ["viral", "plastid"]).height == len(links(root))


def test_papers_stated_for_an_assembly_count_as_cited_by_its_records(decided, tmp_path):
    root = Path(shutil.copytree(decided, tmp_path / "build", symlinks=True))
    results, divisions = Results(root), ["viral", "plastid"]
    before = set(citations(results, divisions).rows())
    path = results.tables("viral", "viral.1") / "records.parquet"
    records = pl.read_parquet(path).with_columns(
        assembly=pl.when(pl.col("ordinal") < 3).then(pl.lit("GCF_000000001.1")).otherwise("assembly")
    )
    write_table(path, RECORDS, records.to_arrow().cast(RECORDS))
    pmids = [101, 700]  # the first record cites 101 itself; to other assemblies 701 belongs
    rows = [*(("GCF_000000001.1", pmid) for pmid in pmids), ("GCF_000000001.2", 701)]
    text = "".join(f"{assembly}\t{pmid}\n" for assembly, pmid in rows)
    (root / "catalog" / "viral.pubmed.tsv").write_text(f"assembly\tpmid\n{text}")
    found = citations(results, divisions)
    assert found.columns == ["division", "part", "ordinal", "accession", "split", "pmid", "own"]
    assert found.drop("own").is_unique().all()
    kept = pl.read_parquet(results.decisions("viral")).filter(pl.col("ordinal") < 3, part="viral.1", status="kept")
    added = {
        (*row, pmid, False)
        for row in kept.select("division", "part", "ordinal", "accession", "split").iter_rows()
        for pmid in pmids
    }
    added -= {(*row, False) for *row, _ in before}
    assert set(found.rows()) == before | added
    assert len(added) == 5
    asked: list[set[int]] = []

    def find(wanted):
        asked.append(set(wanted))
        return in_directory(write(tmp_path / "source", {"a.xml": pubmed(101, 700, 701)}))

    write_papers(results, divisions, find, PaperRules(OPEN), root / "papers.parquet")
    assert asked == [{row[-2] for row in before} | {700}]
    cited, paper = pl.read_parquet(root / "papers.parquet").to_dicts()
    assert (paper["pmid"], paper["division"], paper["part"]) == (700, "viral", "viral.1")
    # Only records that cite a paper themselves have rows of it: the others do not take the place of one.
    assert (paper["records"], paper["records_with_rows"]) == (0, [])
    themselves = [row[3] for row in before if row[-2] == 101 and row[4] == cited["split"]]
    assert (cited["records"], cited["records_with_rows"]) == (len(themselves), sorted(themselves))


def test_damaged_files_are_named_and_all_files_counted(built):
    told = json.loads((built[0] / "papers.json").read_text())
    assert told["files"] == {"pubmed": 3, "jats": 7, "europepmc": 2, "unreadable": 3} | {
        "other": 1,
        "other json": 1,
        "other xml": 1,
    }
    assert sum(told["files"].values()) == len(FILES)
    assert [line.split(": ")[0] for line in told["unreadable"]] == ["cut.xml", "cut.xml.gz", "error.json"]
    assert (told["cited"], told["found"], told["retracted"], told["withdrawn"]) == (11, 9, 1, 0)


def fate(pmid: int, split: str, splits: dict[int, str]) -> str:
    if pmid not in EXPECTED:
        return "no_paper"
    if pmid == 110:
        return "retracted"
    if EXPECTED[pmid] not in ("CC-BY-4.0", "CC-BY"):
        return "license"
    if pmid == 108:
        return "no_abstract"
    return "" if splits[pmid] == split else "other_split"


def test_the_books_tell_the_fate_of_every_citation(built):
    root, dataset = built
    splits, expected = split_of(root), {}
    for part, pmid, split in links(root):
        reason = fate(pmid, split, splits)
        key = (part, "excluded" if reason else "kept", reason)
        expected[key] = expected.get(key, 0) + 1
        expected[part, "in", ""] = expected.get((part, "in", ""), 0) + 1
    entries = pl.read_parquet(dataset / "ledger.parquet").filter(pl.col("unit") == "paper")
    assert {(row["part"], row["status"], row["reason"]): row["count"] for row in entries.to_dicts()} == expected
    assert {"license", "no_abstract", "no_paper", "other_split", "retracted"} == set(entries["reason"]) - {""}
    assert verify(dataset)["rows"] > 0


def test_paper_rows_stand_in_the_split_of_their_paper_alone(built):
    root, dataset = built
    found = set()
    for path in sorted((dataset / "data" / "pairs").rglob("*.parquet")):
        for row in pl.read_parquet(path).filter(pl.col("kind") == "paper").to_dicts():
            found.add((row["accession"], row["pmids"][0], path.name.split("-")[0]))
    for accession, pmid, _ in found:
        assert any(pmid in records.get(int(accession[3:9]), ()) for records in CITED.values())
    assert all(split_of(root)[pmid] == split for _, pmid, split in found)
    assert len(found) == sum(not fate(pmid, split, split_of(root)) for _, pmid, split in links(root))


def test_published_papers_stand_once_and_give_only_what_is_open(built):
    root, dataset = built
    seen = []
    for path in each(sorted((dataset / "data" / "papers").rglob("*.parquet"))):
        for row in each(pl.read_parquet(path).to_dicts()):
            seen.append(row["pmid"])
            free = row["pmid"] not in (103, 109, 110)
            assert row["title"]
            assert (row["abstract"] is not None) == (free and row["pmid"] != 108)
            assert (row["attribution"] is not None) is free
            assert (row["version"] is not None) is free
            assert (row["passages"] is not None) is free
            assert bool(row["passages"]) is (free and row["pmid"] in (101, 102, 104, 106, 108))
            assert path.name.split("-")[0] == row["split"]
            citing = {
                part.split(".")[0] for part, pmid, split in links(root) if pmid == row["pmid"] and split == row["split"]
            }
            anywhere = {part.split(".")[0] for part, pmid, _ in links(root) if pmid == row["pmid"]}
            assert path.parent.name == row["division"] == min(citing or anywhere)
    assert sorted(seen) == sorted(EXPECTED)
    manifest = json.loads((dataset / "manifest.json").read_text())
    assert manifest["papers"]["found"] == 9
    card = (dataset / "README.md").read_text()
    assert "`papers`: one row is a paper" in card
    assert "National Library of Medicine" in card


def test_other_names_and_order_of_the_files_give_the_same_bytes(decided, built, tmp_path):
    renamed = {f"z{90 - place}/{Path(name).name}": content for place, (name, content) in enumerate(FILES.items())}
    shutil.copytree(decided, tmp_path / "build", symlinks=True)
    again = build(tmp_path / "build", write(tmp_path / "elsewhere", renamed))
    first = {path.relative_to(built[1]): path.read_bytes() for path in built[1].rglob("*") if path.is_file()}
    assert first == {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}


def test_a_scan_of_pdfs_is_read_like_any_other_file(decided, tmp_path):
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 60), "A mitochondrial genome of an owl", fontsize=18)
        sentences = "We sequenced it with care and found many genes in it. " * 6
        page.insert_textbox((72, 90, 520, 300), sentences, fontsize=10)
        page.insert_textbox((72, 310, 520, 400), f"This is distributed under the terms of {BY}", fontsize=8)
        content = document.tobytes()
    root = tmp_path / "build"
    shutil.copytree(decided, root, symlinks=True)
    source = write(tmp_path / "source", {"107.pdf": content, "101.pdf": content[:300], "pubmed.xml": pubmed(101)})
    results = Results(root)
    write_papers(results, ["viral", "plastid"], lambda _: in_directory(source), PaperRules(OPEN), results.papers())
    by_pmid = {row["pmid"]: row for row in pl.read_parquet(results.papers()).to_dicts()}
    assert (by_pmid[107]["source"], by_pmid[107]["license"]) == ("pdf", "CC-BY-4.0")
    assert by_pmid[107]["title"] == "A mitochondrial genome of an owl"
    assert [passage["page"] for passage in by_pmid[107]["passages"]] == [1]
    assert by_pmid[107]["passages"][0]["text"] == sentences.strip()
    told = json.loads(results.papers().with_suffix(".json").read_text())
    assert told["files"] == {"pdf": 1, "pubmed": 1, "unreadable": 1}
    assert told["unreadable"][0].startswith("101.pdf: expected ")


def test_what_a_folder_withdraws_is_no_paper_and_is_counted(decided, tmp_path, caplog):
    root = tmp_path / "build"
    shutil.copytree(decided, root, symlinks=True)
    deletion = "<PubmedArticleSet><DeleteCitation><PMID>{}</PMID></DeleteCitation></PubmedArticleSet>"
    files = {
        "pubmed26n0001.xml": pubmed(101, 102, 103, 104, doi="10.1000/Four"),
        "jats/102.xml": jats(102),
        "europe/103.json": europepmc(103, license="cc by"),
        "pubmed26n0002.xml": deletion.format(102),
        "pubmed26n0003.xml": deletion.format(101),
        "pubmed26n0004.xml": pubmed(101),
        "update.xml": deletion.format("103</PMID><PMID>999"),
        "export.ris": "TY  - JOUR",
        "more.ris": "TY  - JOUR",
    }
    source, results = write(tmp_path / "source", files), Results(root)
    write_papers(results, ["viral", "plastid"], lambda _: in_directory(source), PaperRules(OPEN), results.papers())
    assert set(pl.read_parquet(results.papers())["pmid"]) == {101, 104}
    told = json.loads(results.papers().with_suffix(".json").read_text())
    assert (told["cited"], told["found"], told["withdrawn"]) == (11, 2, 2)
    assert told["files"] == {"pubmed": 5, "jats": 1, "europepmc": 1, "ris": 2}
    assert f"no papers in these files of {source}: 2 ris; expected PubMed XML" in caplog.text


def test_sources_of_one_paper_merge_alike_in_any_order(tmp_path):
    sources = [
        pubmed(1),
        jats(1),
        europepmc(1),
        pubmed(1, abstract="Other."),
        jats(1, grant=""),
        jats(1, abstract=""),
    ]
    tables = []
    for place, order in each(enumerate(itertools.islice(itertools.permutations(sources), 0, None, 37))):
        files = {f"{n}.{'json' if text.startswith('{') else 'xml'}": text for n, text in enumerate(order)}
        with PaperSpool(tmp_path, {1}) as spool:
            assert read_files(in_directory(write(tmp_path / str(place), files)), spool.add)[1] == []
            tables.append([(pmid, merged(entries, OPEN)) for pmid, entries in spool.papers()])
    assert [pmid for pmid, _ in tables[0]] == [1]
    assert all(table == tables[0] for table in each(tables))


def test_without_a_source_every_citation_is_accounted_for(decided, tmp_path):
    shutil.copytree(decided, tmp_path / "build", symlinks=True)
    dataset = build(tmp_path / "build", None)
    entries = pl.read_parquet(dataset / "ledger.parquet").filter(pl.col("unit") == "paper")
    assert set(zip(entries["status"], entries["reason"], strict=True)) == {("in", ""), ("excluded", "no_paper")}
    assert entries.filter(pl.col("status") == "in")["count"].sum() == len(links(decided))
    assert not (dataset / "data" / "papers").exists()
    verify(dataset)
