"""Documents: every word and base is the pairs' own, whatever the order of files; contexts, splits, options, errors."""

import itertools
import json
import random
import re
import string
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.each import each
from support.madedataset import row, write_dataset
from support.rederive_documents import FILE, check

from dnacorpus.cli import dataset as dataset_verbs
from dnacorpus.cli.main import parser
from dnacorpus.errors import CorpusError, UsageError
from dnacorpus.schemas.pairs import PAIRS
from dnacorpus.schemas.parts import RECORDS
from dnacorpus.schemas.views import DOCUMENTS
from dnacorpus.views.documents.fillings import fillings_of, lineage_of, prompt
from dnacorpus.views.documents.plan import DocumentLimits
from dnacorpus.views.documents.style import STRUCTURES, style
from dnacorpus.views.documents.write import documents, of_dataset

PLAIN = style("text_dna", "none", lineage=False)
BOUNDS = DocumentLimits(STRUCTURES, (4096,), min_members=2, max_uses=1, reach=64)
PRODUCTS = ("DNA gyrase subunit B", "cytochrome b", "tRNA-Leu", "ribosomal protein S12", "RecA")
GENERA = ("Vibrio", "Bacillus", "Pisum")


def told(template: str, source: str, **words: tuple[str, str, str]) -> dict:
    """Return text and evidence of a made row; a word is (words, field, how)."""
    text, evidence = "", []
    for literal, slot, _, _ in string.Formatter().parse(template):
        text += literal
        if slot:
            said, field, how = words[slot]
            span = {"start": len(text), "end": len(text) + len(said), "source": source, "field": field, "how": how}
            evidence.append(span | {"license": "LicenseRef-NCBI"})
            text += said
    return {"text": text, "evidence": evidence}


def made_rows(species: int = 10, seed: int = 1) -> list[tuple[str, dict]]:
    """Return (split, row): of each species a record and five genes, in three genera and both of two divisions."""
    draw, rows = random.Random(seed), []
    for number, genus in itertools.product(range(species), GENERA):
        name, accession = f"{genus} {'abcdefghijklmnopqrst'[number] * 4}us", f"NC_{GENERA.index(genus)}{number:03d}.1"
        split = ("train", "train", "train", "test", "validation")[number % 5]
        common = {
            "organism": f"{name} str. 7", "species": name, "accession": accession, "topology": "circular",
            "lineage": ["Bacteria", "Famidae", genus], "division": "bacteria" if genus != "Pisum" else "plastid",
        }  # fmt: skip
        said = {"organism": (f"{name} str. 7", "organism", "verbatim"), "acc": (accession, "accession", "verbatim")}
        bases = "".join(draw.choices("ACGT", k=draw.randrange(300, 900)))
        said["d"] = (f"{name} plasmid p{number}, complete sequence", "definition", "verbatim")
        said["n"] = ("5 genes", "features", "annotation")
        text = told("{d}. It is {organism} ({acc}). It has {n}.", accession, **said)
        record = {"kind": "record", "feature_kind": None, "feature_index": None, "strand": 1, "transl_table": None}
        rows.append((split, row(f"{accession}", bases, **text, **record, **common)))
        for place, product in enumerate(PRODUCTS):
            low, strand, own = 100 * place, draw.choice((1, -1)), f"features[{place + 1}]"
            sequence = "".join(draw.choices("ACGT", k=draw.randrange(60, 160)))
            said |= {
                "product": (product, f"{own}/product", "verbatim"),
                "gene": (f"gen{'ABCDE'[place]}", f"{own}/gene", "verbatim"),
                "next": ("other product", f"features[{place + 2}]/product", "verbatim"),
                "place": (f"{low + 1:,}", f"{own}/location", "annotation"),
            }
            text = told("{gene} of {organism} makes {product} beside {next} at {place}.", accession, **said)
            kind = "tRNA" if product.startswith("tRNA") else "CDS"
            more = {"feature_kind": kind, "feature_index": place + 1, "start": low, "end": low + len(sequence)}
            if product.startswith("ribosomal"):
                cut, end = low + 30, low + len(sequence) + 20
                parts = ((low, cut), (cut + 20, end))
                more |= {"end": end, "parts": [{"start": a, "end": b, "strand": strand} for a, b in parts]}
            rows.append((split, row(f"{accession}/{place}", sequence, **text, strand=strand, **more, **common)))
    return rows


def write(folder: Path, rows: list[tuple[str, dict]], parts: int = 1) -> dict[str, list[Path]]:
    """Write the rows dealt out to some files a split, and return the files by split."""
    found: dict[str, list[Path]] = {}
    folder.mkdir(parents=True)
    for split in sorted({split for split, _ in rows}):
        mine = [values for name, values in rows if name == split]
        for part in range(parts):
            path = folder / f"{split}-{part}.parquet"
            pq.write_table(pa.Table.from_pylist(mine[part::parts], schema=PAIRS), path, row_group_size=7)
            found.setdefault(split, []).append(path)
    return found


def read(folder: Path) -> dict[str, list[dict]]:
    return {path.stem: pq.read_table(path).to_pylist() for path in sorted(folder.glob("*.parquet"))}


def made(tmp_path: Path, look=PLAIN, bounds=BOUNDS, rows=None, **more) -> dict[str, list[dict]]:
    documents(write(tmp_path / "pairs", rows or made_rows()), tmp_path / "out", bounds, look, **more)
    return read(tmp_path / "out")


@pytest.mark.parametrize("layout", ["text_dna", "dna_text"])
@pytest.mark.parametrize("tokens", ["none", "tags", "both"])
@pytest.mark.parametrize("lineage", [False, True])
def test_every_fact_and_base_of_a_document_is_in_the_pairs(tmp_path, layout, tokens, lineage):
    rows = made_rows()
    pairs = {values["pair_id"]: values for _, values in rows}
    found = made(tmp_path, style(layout, tokens, lineage=lineage), replace(BOUNDS, contexts=(1024, 4096)), rows)
    every = [document for split in found.values() for document in split]
    assert {(document["structure"], document["context"]) for document in every} >= {
        (structure, 4096) for structure in STRUCTURES
    }
    for document in every:
        check(document, pairs, tokens=FILE["tokens"][tokens], lineage=lineage, dna_first=layout == "dna_text")
    assert pq.read_schema(tmp_path / "out" / "train.parquet").equals(DOCUMENTS)


def test_documents_of_a_build_are_rederived_from_its_pairs(built, tmp_path):
    look = style("either", "tags", lineage=True)
    summary = of_dataset(built / "dataset", tmp_path / "out", replace(BOUNDS, contexts=(2048, 8192)), look)
    paths = sorted((built / "dataset" / "data" / "pairs").rglob("*.parquet"))
    pairs = {values["pair_id"]: values for path in paths for values in pq.read_table(path).to_pylist()}
    ranked = {
        values["species"]: [taxon["name"] for taxon in values["ranked_lineage"]]
        for path in sorted((built / "dataset" / "data" / "records").rglob("*.parquet"))
        for values in pq.read_table(path).to_pylist()
    }
    count = 0
    for division in {shard["division"] for shard in summary}:
        for document in itertools.chain(*read(tmp_path / "out" / division).values()):
            first = document["members"][0]
            dna_first = first["dna_start"] < first["text_start"]
            tokens = FILE["tokens"]["tags"]
            check(document, pairs, tokens=tokens, lineage=True, dna_first=dna_first, ranked=ranked)
            count += 1
    assert count == sum(shard["rows"] for shard in summary) > 0


def test_members_are_of_one_split_and_division_and_occur_once(tmp_path):
    rows = made_rows()
    split_of = {values["pair_id"]: (split, values["division"]) for split, values in rows}
    found = made(tmp_path, rows=rows)
    assert set(found) == {"test", "train", "validation"}
    for split, several in each(found.items()):
        for document in each(several):
            assert {split_of[member["pair_id"]] for member in document["members"]} == {(split, document["division"])}
        for structure in STRUCTURES:
            mine = [document for document in several if document["structure"] == structure]
            names = [member["pair_id"] for document in mine for member in document["members"]]
            assert len(names) == len(set(names))


def test_members_have_what_their_structure_requires(tmp_path):
    rows = made_rows()
    pairs = {values["pair_id"]: values for _, values in rows}
    for document in each(itertools.chain(*made(tmp_path, rows=rows).values())):
        mine = [pairs[member["pair_id"]] for member in document["members"]]
        if document["structure"] == "replicon":
            assert len({pair["accession"] for pair in mine}) == 1
            assert [pair["start"] for pair in mine] == sorted(pair["start"] for pair in mine)
        else:
            assert len({pair["species"] for pair in mine}) == len(mine)
            assert len({pair["feature_kind"] for pair in mine}) == 1
            genera = {pair["lineage"][-1] for pair in mine}
            assert document["structure"] == "family" or len(genera) == 1


def digests(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def test_the_order_of_files_and_rows_and_the_buckets_do_not_matter(tmp_path):
    rows = made_rows()
    documents(write(tmp_path / "a", rows), tmp_path / "one", BOUNDS, PLAIN, buckets=1)
    shuffled = random.Random(3).sample(rows, len(rows))
    dealt = {split: several[::-1] for split, several in write(tmp_path / "b", shuffled, parts=3).items()}
    documents(dealt, tmp_path / "seven", BOUNDS, PLAIN, buckets=7)
    assert digests(tmp_path / "one") == digests(tmp_path / "seven")
    assert json.loads((tmp_path / "one" / "shards.json").read_text())[0]["rows"] > 10


def test_another_division_changes_no_document(tmp_path):
    rows = made_rows()
    both = made(tmp_path / "both", rows=rows)
    alone = made(tmp_path / "alone", rows=[(s, values) for s, values in rows if values["division"] == "bacteria"])
    for split in each(both):
        assert [document for document in both[split] if document["division"] == "bacteria"] == alone[split]


def test_the_summary_counts_what_is_written(tmp_path):
    found = made(tmp_path)
    summary = json.loads((tmp_path / "out" / "shards.json").read_text())
    assert [(shard["config"], shard["split"]) for shard in summary] == [("documents", split) for split in sorted(found)]
    for shard in each(summary):
        several = found[shard["split"]]
        assert shard["rows"] == len(several)
        assert shard["bases"] == sum(m["dna_end"] - m["dna_start"] for document in several for m in document["members"])
        assert [document["document_id"] for document in several] == sorted(d["document_id"] for d in several)
        assert all(re.fullmatch("[0-9a-f]{32}", document["document_id"]) for document in each(several))


def test_most_keeps_the_first_documents_of_each_structure_and_context(tmp_path):
    whole = made(tmp_path / "whole")["train"]
    few = made(tmp_path / "few", bounds=replace(BOUNDS, most=2))["train"]
    firsts = [[d for d in whole if d["structure"] == structure][:2] for structure in STRUCTURES]
    assert few == sorted(itertools.chain(*firsts), key=lambda document: document["document_id"])


def test_a_split_without_documents_has_no_file(tmp_path):
    lonely = [values for values in made_rows() if values[1]["kind"] == "record"][:1]
    assert made(tmp_path, rows=lonely) == {}
    assert json.loads((tmp_path / "out" / "shards.json").read_text()) == []


def test_either_layout_is_drawn_for_each_document(tmp_path):
    first = {
        (member["text_start"] < member["dna_start"])
        for document in made(tmp_path, style("either", "none", lineage=False))["train"]
        for member in document["members"][:1]
    }
    assert first == {True, False}


def test_a_lineage_has_the_ranks_of_the_taxonomy_and_none_that_is_absent(tmp_path):
    rows = made_rows()
    ranked = {values["species"]: ["Bacteria", "Mota", values["species"]] for _, values in rows}
    ranks = ("domain", "phylum", "species")
    table = [
        {"accession": "A", "species": species, "ranked_lineage": [
            {"rank": rank, "name": name} for rank, name in zip(("realm", *ranks), ["Norank", *names], strict=True)
        ]} for species, names in ranked.items()
    ]  # fmt: skip
    path = tmp_path / "records.parquet"
    pq.write_table(pa.Table.from_pylist(table, schema=RECORDS), path)
    look = style("text_dna", "tags", lineage=True)
    found = made(tmp_path, look, rows=rows, records={"train": [path]})
    pairs = {values["pair_id"]: values for _, values in rows}
    for document in each(found["train"]):
        check(document, pairs, tokens=FILE["tokens"]["tags"], lineage=True, ranked=ranked)
        for member in each(document["members"]):
            before = document["text"][: member["dna_start"]]
            assert before.endswith(f"<dna>|d__Bacteria;p__Mota;s__{member['species']}|")
    for document in each(found["test"]):  # whose records are not here
        assert "None" not in document["text"]
        assert "|d__Bacteria;g__" in document["text"]


def test_a_row_alone_gives_domain_genus_and_species():
    known = row("x", "ACGT", "", species="Vibrio fischeri", lineage=["Bacteria", "Vibrio"])
    assert prompt(lineage_of(known, None)).text == "|d__Bacteria;g__Vibrio;s__Vibrio fischeri|"
    assert prompt(lineage_of(known | {"lineage": []}, None)).text == "|s__Vibrio fischeri|"
    assert prompt(lineage_of(known | {"lineage": ["Bacteria"], "species": None}, None)).text == "|d__Bacteria|"
    assert prompt(lineage_of(known | {"lineage": [], "species": None}, None)) is None
    assert prompt(lineage_of(known, [("domain", "Bacteria"), ("genus", "a|b"), ("clade", "C")])).text == "|d__Bacteria|"


def test_values_with_a_token_or_a_line_break_fill_no_slot(tmp_path):
    broken, rows = itertools.cycle(("tags </dna> in it", "two\nlines")), []
    for split, values in made_rows():
        if values["kind"] == "gene":
            words = {"p": (next(broken), f"features[{values['feature_index']}]/product", "verbatim")}
            words["g"] = ("genA", f"features[{values['feature_index']}]/gene", "verbatim")
            rows.append((split, values | told("{g} makes {p}", values["accession"], **words)))
    every = list(itertools.chain(*made(tmp_path, style("text_dna", "tags", lineage=False), rows=rows).values()))
    assert {document["template"] for document in every} == {"gene.symbol"}
    kinds = {values["pair_id"]: values["feature_kind"] for _, values in rows}
    for document in each(every):  # the exon of a gene is not the gene
        told_kinds = re.findall("^Feature: (.*)$", document["text"], re.MULTILINE)
        assert told_kinds == [kinds[member["pair_id"]] for member in document["members"]]
    assert all(document["text"].count("</dna>") == len(document["members"]) for document in each(every))


def test_fillings_are_those_of_the_record_and_the_rows_feature():
    said = {
        "p": ("next product", "features[2]/product", "verbatim"),
        "q": ("own product", "features[1]/product", "verbatim"),
        "r": ("another name", "features[1]/product", "verbatim"),
        "s": ("3 exons", "features[1]/mat_peptide", "annotation"),
    }
    values = row("x", "ACGT", "") | told("{p} {q} {r} {s}", "NC_000001.1", **said)
    paper = {"start": 0, "end": 4, "source": "PMID:1", "field": "title", "how": "verbatim", "license": "CC-BY-4.0"}
    values["evidence"].append(paper)
    found = fillings_of(values, {})
    assert found["product"].text == "own product"
    assert {"title", "mat_peptide", "location"}.isdisjoint(found)


def test_a_placeholder_of_a_program_fills_no_slot():
    values = row("x", "ACGTACGT", "", organism="Genus species", species=None, lineage=["Unclassified"])
    assert {"organism", "taxon"}.isdisjoint(fillings_of(values, {}))
    named = fillings_of(values | {"organism": "Zea mays"}, {})
    assert (named["organism"].text, named["taxon"].text) == ("Zea mays", "Unclassified")


def test_a_location_across_the_origin_fills_no_slot():
    values = row("x", "ACGTACGT", "", start=96, end=104, topology="circular", organism="X")
    parts = [{"start": 96, "end": 100, "strand": 1}, {"start": 0, "end": 4, "strand": 1}]
    assert {"first", "last"} <= fillings_of(values, {}).keys()
    across = fillings_of(values | {"parts": parts}, {})
    assert {"first", "last"}.isdisjoint(across)
    assert across["length"].text == "8"


def test_literals_hold_no_digit_and_no_name():
    texts = {name: table["text"] for name, table in FILE["template"].items()}
    for name, text in each(texts.items()):
        literal = re.sub(r"\{\w+\}", "x", text)
        assert not re.search(r"\d", literal), name
        assert not re.search(r"[A-Z]", re.sub(r"(^|[\n.?:]\s*)[A-Z](?=[a-z]|\b)", "", literal)), name
    marks = [*FILE["joints"].values(), *FILE["lineage"]["marks"].values()]
    assert not any(re.search(r"[\dA-Z]", mark) for mark in marks)
    assert len(set(texts.values())) == len(texts)
    for structure in STRUCTURES:
        assert sum(structure in table["structures"] for table in FILE["template"].values()) >= 8


def test_no_template_states_more_than_its_members_share():
    for name, table in each(FILE["template"].items()):
        assert not re.search(r"\b(?:next|then|follow\w*|after|before|beside)\b", table["text"], re.IGNORECASE), name
        if "family" in table["structures"] and "{gene}" in table["text"]:
            assert "{kind}" in table["text"], name


def test_templates_of_a_file_are_added_or_replace_those_of_the_package(tmp_path):
    own = '[template."gene.short"]\nstructures = ["family"]\ntext = "From {organism}:"\n'
    look = style("text_dna", "none", lineage=False, more=own)
    assert look.named("gene.short").text == "From {organism}:"
    assert len(look.templates) == len(PLAIN.templates)
    alone = replace(look, templates=(look.named("gene.short"),))
    found = made(tmp_path, alone)["train"]
    assert {document["structure"] for document in found} == {"family"}
    assert all(document["text"].startswith("From ") for document in each(found))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"layout": "upside_down"}, "layout 'upside_down': expected one of text_dna"),
        ({"tokens": "nothing"}, "tokens 'nothing': expected a file or one of none, tags"),
        ({"own": "dna = '<'"}, "tokens: expected texts named document_open"),
        ({"own": "dna_open = 3"}, "tokens: expected texts named document_open"),
        ({"own": "= ="}, "tokens: expected TOML"),
        ({"more": "[template.x]\ntext = 'a {gene}'\n"}, "template 'x': expected structures"),
        ({"more": "[template.x]\nstructures = ['family']\ntext = 'gene 5 {gene}'\n"}, "no digit"),
        ({"more": "[template.x]\nstructures = ['family']\ntext = 'gene'\n"}, "expected slots"),
        ({"more": "[template.x]\nstructures = ['family']\ntext = 'is {gene:a}'\n"}, "expected slots as"),
        ({"more": "[template.x]\nstructures = ['family']\ntext = '{gene'\n"}, "expected text with"),
        ({"more": "[template.x]\nstructures = ['kin']\ntext = '{gene}'\n"}, "expected structures, some of family"),
    ],
)
def test_an_impossible_style_is_refused_in_one_line(values, problem):
    with pytest.raises(UsageError) as error:
        style(**({"layout": "text_dna", "tokens": "none", "lineage": False} | values))
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def verb(*arguments: object) -> None:
    options = parser().parse_args(["documents", *map(str, arguments)])
    options.run(options)


def test_the_verb_writes_a_folder_for_each_division(tmp_path, capsys):
    rows = made_rows()
    dataset = write_dataset(tmp_path / "dataset", rows)
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('document_open = "{begin}"\n')
    verb(dataset, "--out", tmp_path / "out", "--context", "1024,2048", "--tokens", tokens,
         "--structure", "family", "--structure", "clade", "--limit", 3)  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bacteria", "plastid", "view.json"]
    every = [
        d for division in ("bacteria", "plastid") for d in itertools.chain(*read(tmp_path / "out" / division).values())
    ]
    assert f"{len(every)} documents" in capsys.readouterr().out
    assert {document["context"] for document in every} == {1024, 2048}
    assert {document["structure"] for document in every} == {"family", "clade"}
    pairs = {values["pair_id"]: values for _, values in rows}
    for document in every:
        check(document, pairs, tokens={"document_open": "{begin}"})


def test_missing_files_are_named(tmp_path):
    dataset = write_dataset(tmp_path / "dataset", made_rows())
    with pytest.raises(UsageError, match="config records"):
        verb(dataset, "--out", tmp_path / "out", "--lineage")
    with pytest.raises(UsageError, match=r"nowhere.toml: expected a TOML file"):
        verb(dataset, "--out", tmp_path / "out", "--templates", tmp_path / "nowhere.toml")
    gone = dataset / "data" / "pairs" / "plastid" / "train-00000-of-00001.parquet"
    gone.unlink()
    with pytest.raises(CorpusError, match=r"train-00000-of-00001\.parquet: expected a file of the manifest"):
        of_dataset(dataset, tmp_path / "out", BOUNDS, PLAIN)
    (dataset / "pull.json").write_text("{}")
    written = of_dataset(dataset, tmp_path / "out", BOUNDS, PLAIN)
    assert {(shard["division"], shard["split"]) for shard in written} >= {("bacteria", "train"), ("plastid", "test")}
    assert ("plastid", "train") not in {(shard["division"], shard["split"]) for shard in written}


@pytest.mark.parametrize(
    "wrong", [["--context", "12"], ["--structure", "kin"], ["--limit", "0"], ["--min-members", "x"]]
)
def test_numbers_out_of_bounds_are_refused(tmp_path, wrong, capsys):
    with pytest.raises(SystemExit) as stop:
        verb(tmp_path, "--out", tmp_path / "out", *wrong)
    assert stop.value.code == 2
    assert re.search("expected|choose from", capsys.readouterr().err)


def test_the_structures_of_the_command_line_are_those_of_the_texts():
    assert dataset_verbs.STRUCTURES == STRUCTURES


def test_a_damaged_file_leaves_no_output(tmp_path):
    (tmp_path / "pairs.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(CorpusError, match="expected a Parquet file"):
        documents({"train": [tmp_path / "pairs.parquet"]}, tmp_path / "out", BOUNDS, PLAIN)
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.parquet"]
