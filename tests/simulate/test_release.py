"""A simulated release: its layout, its reproducibility, and the truth that it states about itself."""

import gzip
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from math import log2

import pytest
from support.each import each
from support.proteins import translate
from support.settings import split_policy
from support.simulated import BASES, cases, fastas, flat_texts, whole

from dnacorpus.divisions import DIVISIONS
from dnacorpus.errors import UsageError
from dnacorpus.simulate.release import simulate
from dnacorpus.sources.release import genomic_file, md5_list_name, md5_sums, misnamed, release_number
from dnacorpus.storage.catalog import SIMULATED_RELEASE


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_have_the_layout_of_a_refseq_release(release):
    folder, truth = release
    root = folder / "release"
    assert release_number((root / "RELEASE_NUMBER").read_text(), "x") == SIMULATED_RELEASE == truth["release"]
    sums = md5_sums((root / md5_list_name("0")).read_text(), "x")
    files = {path.name: path for path in root.glob("*/*.gz")}
    assert set(sums) == set(files)
    for name, path in each(files.items()):
        file = genomic_file(name)
        assert file.url == str(path.relative_to(root))
        assert file.division in DIVISIONS
        assert hashlib.md5(path.read_bytes()).hexdigest() == sums[name]
        assert not misnamed([name], file.division)
    assert {file.part for file in map(genomic_file, files) if file.kind == "gbff"} == {
        file.part for file in map(genomic_file, files) if file.kind == "fna"
    }
    assert set(truth["divisions"]) == {"bacteria", "mitochondrion", "plant", "plasmid", "plastid", "viral"}
    assert json.loads((folder / "truth.json").read_text()) == truth


def test_equal_seeds_give_equal_bytes_and_different_seeds_do_not(release, tmp_path):
    simulate(tmp_path / "again", BASES, 7)
    simulate(tmp_path / "other", BASES, 8)
    first, other = digests(release[0]), digests(tmp_path / "other")
    assert digests(tmp_path / "again") == first
    same = {name for name in first.keys() & other.keys() if first[name] == other[name]}
    assert same == {"release/RELEASE_NUMBER"}


def test_simulating_into_the_same_folder_replaces_the_release(tmp_path):
    simulate(tmp_path, 60_000, 1)
    simulate(tmp_path, 50_000, 2)
    simulate(tmp_path / "fresh", 50_000, 2)
    assert digests(tmp_path / "fresh").items() <= digests(tmp_path).items()
    assert json.loads((tmp_path / "truth.json").read_text())["seed"] == 2


def test_a_release_that_is_not_simulated_is_never_overwritten(tmp_path):
    (tmp_path / "release").mkdir()
    with pytest.raises(UsageError, match="no RELEASE_NUMBER"):
        simulate(tmp_path, 50_000, 1)
    (tmp_path / "release" / "RELEASE_NUMBER").write_text("236\n")
    with pytest.raises(UsageError, match="found 236"):
        simulate(tmp_path, 50_000, 1)
    assert [path.name for path in tmp_path.rglob("*")] == ["release", "RELEASE_NUMBER"]


def test_too_few_bases_are_refused(tmp_path):
    with pytest.raises(UsageError, match="--bases 49999: expected at least 50000"):
        simulate(tmp_path, 49_999, 1)


@pytest.mark.parametrize("bases", [50_000, 130_000, BASES, 1_500_000])
def test_the_release_has_the_requested_number_of_bases(bases, tmp_path):
    truth = simulate(tmp_path, bases, 3)
    counted = Counter()
    for part, text in flat_texts(tmp_path):
        length = re.match(r"LOCUS +\S+ +(\d+) bp", text)
        counted[part.partition(".")[0]] += int(length[1]) if length else 0
    assert sum(counted.values()) == pytest.approx(bases, rel=0.2)
    assert sum(division["bases"] for division in truth["divisions"].values()) == pytest.approx(bases, rel=0.2)


def test_a_larger_release_has_more_parts_and_species(release, tmp_path):
    _, small = release
    big = simulate(tmp_path, 3_000_000, 7)
    assert big["divisions"]["bacteria"]["parts"] == 2 > small["divisions"]["bacteria"]["parts"]
    assert len(big["species"]) > len(small["species"])
    for division, counts in each(big["divisions"].items()):
        paths = sorted(path.name for path in (tmp_path / "release" / division).glob("*.gbff.gz"))
        assert paths == [f"{division}.{n + 1}.genomic.gbff.gz" for n in range(counts["parts"])]


def test_every_record_states_that_it_is_simulated(release):
    folder, truth = release
    for _, text in each(flat_texts(folder)):
        assert "\nDEFINITION  Simulated " in text
        assert "\nKEYWORDS    RefSeq; simulated.\n" in text
        assert "COMMENT     SIMULATED REFSEQ: This record was made by dnacorpus simulate." in text
        assert re.search(r"(?m)^  ORGANISM  Simulato[a-z]+ ", text)
        assert re.search(r"(?m)^VERSION     [A-Z]{2}_9\d{8}\.1$", text)
        assert all(int(pmid) > 900_000_000 for pmid in re.findall(r"(?m)^   PUBMED   (\d+)$", text))
        assert max(map(len, text.splitlines())) <= 80
        assert not re.search(r"(?m) $", text)
    for path in each((folder / "release").glob("*/*.fna.gz")):
        titles = re.findall(r"(?m)^>(.*)", gzip.decompress(path.read_bytes()).decode("ascii"))
        assert all(" Simulated Simulato" in title for title in each(titles))
    assert len({species["organism"] for species in truth["species"]}) == len(truth["species"])


def test_biopython_reads_every_record_and_agrees_on_every_translation(release, unrelated):
    for folder, truth in (release, unrelated):
        bases = fastas(folder)
        tables, translated = Counter(), 0
        for accession, record in each(whole(folder, truth).items()):
            sequence = record.seq if record.seq.defined else type(record.seq)(bases.get(accession, "").upper())
            if not sequence:
                continue
            for feature in record.features:
                if feature.type != "CDS" or "translation" not in feature.qualifiers:
                    continue
                assert translate(str(feature.extract(sequence)), feature) == feature.qualifiers["translation"][0]
                tables[feature.qualifiers["transl_table"][0]] += 1
                translated += 1
        assert set(tables) == {"1", "2", "4", "11"}
        assert translated > 500


def test_anticodons_are_at_the_stated_positions(release):
    folder, truth = release
    kinds, anticodons = Counter(), 0
    for record in each(whole(folder, truth).values()):
        for feature in record.features if record.seq.defined else ():
            kinds[feature.type] += 1
            for text in feature.qualifiers.get("anticodon", []):
                place = re.fullmatch(r"\(pos:(complement\()?(\d+)\.\.(\d+)\)?,aa:(\w+),seq:(\w+)\)", text)
                bases = record.seq[int(place[2]) - 1 : int(place[3])]
                assert str(bases.reverse_complement() if place[1] else bases) == place[5].upper()
                assert feature.qualifiers["product"] == [f"tRNA-{place[4]}"]
                anticodons += 1
    assert anticodons > 10
    assert kinds["rRNA"] > 10
    assert kinds["mRNA"] > 10


def test_the_release_has_all_strands_topologies_and_molecule_types(release):
    folder, truth = release
    seen = set()
    for record in whole(folder, truth).values():
        seen |= {record.annotations["topology"], record.annotations["molecule_type"]}
        seen |= {feature.location.strand for feature in record.features}
        seen |= {"host"} & record.features[0].qualifiers.keys()
    assert {"linear", "circular", "DNA", "ss-RNA", 1, -1, "host"} <= seen
    assert {species["kind"] for species in truth["species"]} == {"bacterium", "plant", "animal", "phage", "virus"}


def test_every_kind_of_organism_has_species_in_all_splits(tmp_path):
    policy = split_policy(0, validation=0.2, test=0.2)
    splits = defaultdict(Counter)
    for species in simulate(tmp_path, 2_000_000, 0)["species"]:
        splits[species["kind"]][policy.split_of(species["organism"], None)] += 1
    assert len(splits) == 5
    assert {len(found) for found in splits.values()} == {3}


def test_papers_are_cited_and_have_licences_and_mention_their_records(release):
    folder, truth = release
    papers = folder / "release" / "papers"
    articles = {}
    for path in sorted(papers.glob("pubmed.*.xml")):
        for article in ET.parse(path).getroot():
            articles[int(article.findtext("MedlineCitation/PMID"))] = article
    cited = {int(pmid) for _, text in flat_texts(folder) for pmid in re.findall(r"(?m)^   PUBMED   (\d+)$", text)}
    assert cited == set(articles) == {paper["pmid"] for paper in truth["papers"]}
    assert {paper["license"] for paper in truth["papers"]} == {"CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0", None}
    full = {path.stem: ET.parse(path).getroot() for path in papers.glob("PMC*.xml")}
    assert set(full) == {paper["pmcid"] for paper in truth["papers"]} - {None}
    for paper in each(truth["papers"]):
        article = articles[paper["pmid"]]
        types = [found.text for found in article.iter("PublicationType")]
        assert ("Retracted Publication" in types) == paper["retracted"]
        assert article.findtext("MedlineCitation/Article/Abstract/AbstractText").startswith("This paper is simulated.")
        if paper["pmcid"] is None:
            assert paper["license"] is None
            continue
        jats = full[paper["pmcid"]]
        assert jats.findtext(".//article-id[@pub-id-type='pmid']") == str(paper["pmid"])
        assert jats.find(".//license").get("{http://www.w3.org/1999/xlink}href").startswith("https://creativecommons")
        text = "".join(jats.find("body").itertext())
        assert paper["names"]
        assert all(accession in text for accession in each(paper["names"]))


def genes(folder, truth):
    """Return (organism, product, bases) of the coding sequences."""
    return [
        (record.annotations["organism"], feature.qualifiers["product"][0], str(feature.extract(record.seq)))
        for record in whole(folder, truth).values()
        if record.seq.defined
        for feature in record.features
        if feature.type == "CDS" and "translation" in feature.qualifiers
    ]


def gain_of_product(found):
    """Bits per base that knowing the product saves an order-2 Markov model, on species that it has not seen."""
    counts = defaultdict(lambda: defaultdict(Counter))
    species = sorted({organism for organism, _, _ in found})
    held_out = set(species[::4])
    for organism, product, bases in found:
        if organism not in held_out:
            for at in range(2, len(bases)):
                for known in (product, ""):
                    counts[known][bases[at - 2 : at]][bases[at]] += 1

    def bits(known, bases):
        seen = [(counts[known][bases[at - 2 : at]], bases[at]) for at in range(2, len(bases))]
        return sum(-log2((count[base] + 0.25) / (count.total() + 1)) for count, base in seen)

    tested = [(product, bases) for organism, product, bases in found if organism in held_out]
    saved = sum(bits("", bases) - bits(product, bases) for product, bases in tested)
    return saved / sum(len(bases) - 2 for _, bases in tested)


def test_the_product_predicts_the_bases_unless_unrelated(release, unrelated):
    assert gain_of_product(genes(*release)) > 0.15
    assert gain_of_product(genes(*unrelated)) < 0


def test_unrelated_changes_the_text_and_not_the_bases(release, unrelated):
    one, other = whole(*release), whole(*unrelated)
    assert list(one) == list(other)
    for accession, record in each(one.items()):
        twin = other[accession]
        assert (record.seq.defined, len(record)) == (twin.seq.defined, len(twin))
        assert not record.seq.defined or record.seq == twin.seq
        places = [[str(f.location) for f in r.features if f.type == "CDS"] for r in (record, twin)]
        assert places[0] == places[1]
    assert fastas(release[0]) == fastas(unrelated[0])
    fates = [
        [(row["case"], row["part"], row["accession"], row["status"], row["reason"]) for row in truth["planted"]]
        for _, truth in (release, unrelated)
    ]
    assert fates[0] == fates[1]
    assert (release[1]["unrelated"], unrelated[1]["unrelated"]) == (False, True)


def test_in_the_unrelated_release_all_kinds_of_genes_start_alike(unrelated):
    folder, truth = unrelated
    changed = {row["accession"] for row in cases(truth, "partial")}
    firsts = defaultdict(Counter)
    for accession, record in whole(folder, truth).items():
        if not record.seq.defined or accession in changed:
            continue
        for feature in record.features:
            if feature.type in ("tRNA", "rRNA", "CDS") and "pseudo" not in feature.qualifiers:
                firsts[feature.type][str(feature.extract(record.seq))[:3]] += 1
    for kind in ("tRNA", "rRNA", "CDS"):
        assert set(firsts[kind]) <= {"ATG", "GTG", "TTG", "ATA"}
        assert firsts[kind]["ATG"] / firsts[kind].total() > 0.7
