"""Which viruses are kept: by lineage, or by host, name and isolation source where the lineage is mixed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each
from support.flatfile import record

from dnacorpus.cli.main import main
from dnacorpus.curation.biosafety.rules import Rules, built_in_rules
from dnacorpus.curation.biosafety.verdict import EUKARYOTE, KEYS, PROKARYOTE, Verdict, classify_host, judge_records

RULES = list(built_in_rules().by_name.values())
OLD_DNA = "Viruses; dsDNA viruses, no RNA stage; "
OLD_RNA = "Viruses; ssRNA viruses; ssRNA positive-strand viruses, no DNA stage; "
RNA = "Viruses; Riboviria; Orthornavirae; "


def frame(*rows: dict) -> pl.DataFrame:
    blank = {"division": "viral", "part": "viral.1", "organism": None, "definition": None, "lineage": []}
    made = [
        blank | {"ranked_lineage": [], "source_qualifiers": [], "ordinal": place} | row
        for place, row in enumerate(rows)
    ]
    strings = dict.fromkeys(("division", "part", "organism", "definition"), pl.String)
    pair = {"rank": pl.String, "name": pl.String}, {"key": pl.String, "value": pl.String}
    structs = {name: pl.List(pl.Struct(kind)) for name, kind in zip(KEYS[6:], pair, strict=True)}
    return pl.DataFrame(made, strings | {"ordinal": pl.Int64, "lineage": pl.List(pl.String)} | structs).select(KEYS)


def verdict(lineage: list[str], organism: str = "x", hosts=(), places=(), rules: Rules | None = None) -> Verdict:
    """Return the verdict over one record that is not in the division of viruses."""
    keys = [("host", host) for host in hosts] + [("isolation_source", place) for place in places]
    qualifiers = [{"key": key, "value": value} for key, value in keys]
    one = {"division": "plant", "organism": organism, "lineage": lineage, "source_qualifiers": qualifiers}
    rows = judge_records(frame(one), rules).select("decision", "rule", "why").rows()
    return Verdict(*rows[0]) if rows else Verdict("keep", "", "not a virus")


def judge(lineage: str, organism: str = "x", hosts=(), places=()) -> Verdict:
    return verdict([taxon for taxon in lineage.split("; ") if taxon], organism, hosts, places)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.taxon)
def test_each_rule_decides_about_unknown_taxa_below_its_own(rule):
    lineage = ["Viruses", rule.taxon, "Unknown taxon", "environmental samples"]
    found = [verdict(lineage, "x", hosts).decision for hosts in ([], ["Escherichia coli"])]
    assert verdict(lineage, "x", []).rule == rule.taxon
    assert found == {"keep": ["keep"] * 2, "exclude": ["exclude"] * 2, "host": ["exclude", "keep"]}[rule.decision]


KEPT = [
    ("Viruses; Duplodnaviria; Heunggongvirae; Uroviricota; Caudoviricetes; Autographiviridae", "Caudoviricetes"),
    ("Viruses; Caudovirales; Podoviridae; Autographivirinae; Teseptimavirus", "Podoviridae"),
    (OLD_DNA + "Caudovirales; Siphoviridae; Lambdalikevirus", "Siphoviridae"),
    (OLD_DNA + "Caudovirales; environmental samples", "Caudovirales"),
    (OLD_DNA + "Fuselloviridae; Alphafusellovirus", "Fuselloviridae"),
    (OLD_DNA + "Tectiviridae", "Tectiviridae"),
    ("Viruses; ssDNA viruses; Microviridae; Microvirus", "Microviridae"),
    ("Viruses; ssDNA viruses; Inoviridae; Inovirus", "Inoviridae"),
    ("Viruses; dsRNA viruses; Cystoviridae; Cystovirus", "Cystoviridae"),
    (OLD_RNA + "Leviviridae; Allolevivirus", "Leviviridae"),
    (RNA + "Lenarviricota; Leviviricetes; Norzivirales; Fiersviridae", "Norzivirales"),
    (RNA + "Duplornaviricota; Vidaverviricetes; Mindivirales; Cystoviridae", "Cystoviridae"),
    (
        "Viruses; Monodnaviria; Sangervirae; Phixviricota; Malgrandaviricetes; Petitvirales; Microviridae",
        "Microviridae",
    ),
    ("Viruses; Volvereviria; Sangervirae; Phixviricota; Microviricetes; Bullavirales", "Sangervirae"),
    ("Viruses; Monodnaviria; Trapavirae; Saleviricota; Huolimaviricetes; Haloruvirales", "Haloruvirales"),
    ("Viruses; Varidnaviria; Bamfordvirae; Preplasmiviricota; Tectiliviricetes; Kalamavirales", "Kalamavirales"),
    ("Viruses; Varidnaviria; Abadenavirae; Produgelaviricota; Belvinaviricetes; Vinavirales", "Vinavirales"),
    ("Viruses; Adnaviria; Zilligvirae; Taleaviricota; Tokiviricetes; Ligamenvirales; Rudiviridae", "Rudiviridae"),
    ("Viruses; unclassified bacterial viruses", "unclassified bacterial viruses"),
]
EXCLUDED = [
    ("Viruses; Duplodnaviria; Heunggongvirae; Peploviricota; Herviviricetes; Herpesvirales", "Herpesvirales"),
    (OLD_DNA + "Herpesvirales; Herpesviridae; Betaherpesvirinae; Roseolovirus", "Herpesviridae"),
    (OLD_DNA + "Adenoviridae; Mastadenovirus", "Adenoviridae"),
    ("Viruses; Varidnaviria; Bamfordvirae; Preplasmiviricota; Tectiliviricetes; Rowavirales", "Rowavirales"),
    ("Viruses; Varidnaviria; Bamfordvirae; Preplasmiviricota; Maveriviricetes; Priklausovirales", "Maveriviricetes"),
    ("Viruses; Varidnaviria; Bamfordvirae; Nucleocytoviricota; Megaviricetes; Imitervirales", "Nucleocytoviricota"),
    (OLD_DNA + "Mimiviridae; Mimivirus", "Mimiviridae"),
    (OLD_DNA + "unclassified dsDNA viruses; Pandoravirus", "Pandoravirus"),
    ("Viruses; Naldaviricetes; Lefavirales; Baculoviridae; Alphabaculovirus", "Baculoviridae"),
    ("Viruses; Monodnaviria; Shotokuvirae; Cressdnaviricota; CRESS viruses", "Cressdnaviricota"),
    ("Viruses; ssDNA viruses; Parvoviridae; Parvovirinae; Parvovirus", "Parvoviridae"),
    (RNA + "Pisuviricota; Pisoniviricetes; Nidovirales; Coronaviridae; Betacoronavirus", "Pisuviricota"),
    (RNA + "Lenarviricota; Howeltoviricetes; Cryppavirales; Mitoviridae", "Mitoviridae"),
    (RNA + "Duplornaviricota; Chrysmotiviricetes; Ghabrivirales; Totiviridae", "Totiviridae"),
    ("Viruses; Riboviria; unclassified Riboviria", "Riboviria"),
    (OLD_RNA + "Flaviviridae; Flavivirus", "ssRNA positive-strand viruses, no DNA stage"),
    ("Viruses; Retro-transcribing viruses; Retroviridae; Lentivirus", "Retroviridae"),
    ("Viroids; Pospiviroidae; Pospiviroid", "Pospiviroidae"),
    ("Viruses; Ribozyviria; Kolmioviridae; Deltavirus", "Deltavirus"),
    ("Viruses; Satellites; Satellite Nucleic Acids; Single stranded RNA satellites", "Satellite Nucleic Acids"),
    ("other sequences; Satellites; Satellite viruses", "Satellite viruses"),
    ("Viruses; Tolecusatellitidae; Betasatellite", "Tolecusatellitidae"),
    ("Viruses; unclassified viruses; unclassified virophages", "unclassified virophages"),
    ("Viridae; ds-DNA viruses; Poxviridae", "Poxviridae"),
]


@pytest.mark.parametrize(("lineage", "rule", "decision"), [(*row, "keep") for row in KEPT] + [
    (*row, "exclude") for row in EXCLUDED
])  # fmt: skip
def test_the_deepest_taxon_with_a_rule_decides_whatever_the_host(lineage, rule, decision):
    for hosts in ([], ["Escherichia coli"], ["Homo sapiens"]):
        found = judge(lineage, "x", hosts)
        assert (found.decision, found.rule) == (decision, rule)


@pytest.mark.parametrize("lineage", ["Viruses", "Viruses; Novelviria; Novelviridae", "Viruses; environmental samples"])
def test_a_virus_that_no_rule_names_is_excluded(lineage):
    assert judge(lineage, "Novel virus").decision == "exclude"
    assert judge(lineage, "Novel virus").why == "mixed; no host is stated"


PICOBIRNA = RNA + "Pisuviricota; Duplopiviricetes; Durnavirales; Picobirnaviridae; Picobirnavirus"
UNPLACED = "Viruses; unclassified viruses"


@pytest.mark.parametrize(
    ("lineage", "organism", "hosts", "places", "decision"),
    [
        (PICOBIRNA, "Picobirnavirus sp.", [], (), "exclude"),
        (PICOBIRNA, "Human picobirnavirus", [], (), "exclude"),
        (PICOBIRNA, "Picobirnavirus sp.", ["Segatella copri bacterium"], (), "keep"),
        (PICOBIRNA, "Picobirnavirus sp.", ["Sus scrofa"], ("anaerobic bacteria",), "exclude"),
        (UNPLACED, "Uncultured phage", [], (), "keep"),
        (UNPLACED, "crAssphage sp.", [], ("human faeces",), "keep"),
        (UNPLACED, "Sputnik virophage", [], (), "exclude"),
        (UNPLACED, "Wolbachia phage WO", ["Wolbachia pipientis"], (), "keep"),
        (UNPLACED, "Wolbachia phage WO", ["Wolbachia of Drosophila simulans"], (), "exclude"),
        (UNPLACED, "Sulfolobus virus Kamchatka 1", [], (), "keep"),
        (UNPLACED, "Circular virus X", [], ("hot spring, Sulfolobus enrichment",), "keep"),
        (UNPLACED, "Circular virus X", ["Escherichia coli", "Homo sapiens"], (), "exclude"),
        (UNPLACED, "Circular virus X", ["unknown"], ("soil",), "exclude"),
        (UNPLACED, "Escherichia phage X", ["Homo sapiens"], (), "exclude"),
        ("Viruses; Duplodnaviria; Heunggongvirae", "Test phage one", [], (), "keep"),
        ("Viruses; Duplodnaviria; Heunggongvirae", "Zika virus", [], (), "exclude"),
    ],
)
def test_in_a_mixed_lineage_host_then_name_then_isolation_source_decide(lineage, organism, hosts, places, decision):
    assert judge(lineage, organism, hosts, places).decision == decision


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Escherichia coli O157:H7", PROKARYOTE),
        ("Enterobacteriaceae bacterium bta3-1", PROKARYOTE),
        ("Candidatus Lokiarchaeota", PROKARYOTE),
        ("bacteriophages", PROKARYOTE),
        ("Toxoplasma gondii", None),
        ("Ostreococcus tauri", EUKARYOTE),
        ("Chlamydomonas reinhardtii", None),
        ("mouse macrophages", EUKARYOTE),
        ("bacteria of the human gut", EUKARYOTE),
        ("lakewater", None),
        ("", None),
    ],
)
def test_a_host_is_classified_by_its_words(text, expected):
    assert classify_host(text) == expected


@pytest.mark.parametrize("root", ["Bacteria", "Archaea", "Eukaryota", "cellular organisms; Bacteria", "root; Archaea"])
def test_a_chromosome_with_a_provirus_is_not_judged(root):
    found = judge(f"{root}; Pseudomonadota", "Escherichia coli with provirus", ["Homo sapiens"])
    assert (found.decision, found.rule) == ("keep", "")


@pytest.mark.parametrize(
    ("lineage", "organism", "decision"),
    [
        ("", "Zika virus", "exclude"),
        ("", "Influenza A viruses", "exclude"),
        ("", "Escherichia phage T4", "keep"),
        ("", "Potato spindle tuber viroid", "exclude"),
        ("", "Saccharomyces cerevisiae", "keep"),
        ("", "", "keep"),
        ("Unclassified.", "Genus species", "keep"),
        ("other sequences; artificial sequences; vectors", "Cloning vector pUC19c", "keep"),
        ("other sequences; artificial sequences; vectors", "Baculovirus transfer vector", "exclude"),
    ],
)
def test_without_a_lineage_of_cells_or_viruses_the_name_decides(lineage, organism, decision):
    assert judge(lineage, organism).decision == decision


def decisions(*rows: dict) -> list[str | None]:
    found = judge_records(frame(*rows))
    kept = dict(found.select("ordinal", "decision").iter_rows())
    return [kept.get(place) for place in range(len(rows))]


def ranked(*names: str) -> list[dict]:
    return [{"rank": "clade", "name": name} for name in names]


def test_the_stricter_of_the_written_lineage_and_the_taxonomys_decides():
    mixed, kept, left_out = ["Viruses"], ["Viruses", "Caudovirales"], ["Viruses", "Riboviria"]
    assert decisions(
        {"lineage": mixed, "ranked_lineage": ranked(*kept)},
        {"lineage": kept, "ranked_lineage": ranked(*mixed)},
        {"lineage": kept, "ranked_lineage": ranked(*left_out)},
        {"lineage": left_out, "ranked_lineage": ranked(*kept)},
        {"lineage": [], "ranked_lineage": ranked(*kept)},
        {"lineage": [], "ranked_lineage": ranked("Bacteria", "Bacillota")},
        {"lineage": ["Bacteria"], "ranked_lineage": ranked(*left_out)},
        {"lineage": mixed, "ranked_lineage": []},
        {"lineage": left_out, "ranked_lineage": ranked("Bacteria", "Bacillota")},
    ) == ["keep", "keep", "exclude", "exclude", "keep", None, None, "exclude", "exclude"]


def test_a_record_without_annotation_is_judged_by_its_division_or_definition():
    title = {"definition": "Zika virus isolate X, complete genome"}
    assert decisions(
        {},
        {"definition": "Escherichia phage X, complete genome"},
        title,
        title | {"division": "mine"},
        title | {"division": "plant"},
        {"division": "mine", "definition": "contig 1"},
    ) == ["exclude", "keep", "exclude", "exclude", None, None]


def test_excluded_records_name_the_rule_and_hosts_are_read_from_the_source_feature():
    host = [{"key": "host", "value": "Escherichia coli"}, {"key": "host", "value": None}]
    place = [{"key": "isolation_source", "value": "human gut"}]
    records = frame(
        {"lineage": ["Viruses", "Poxviridae"], "division": "mine", "part": "mine.7"},
        {"lineage": ["Viruses"], "source_qualifiers": host + place},
        {"lineage": ["Viruses"], "source_qualifiers": place, "organism": "Some virus"},
        {"lineage": ["Bacteria"], "division": "bacteria"},
        {"lineage": None, "ranked_lineage": None, "source_qualifiers": None, "division": "plant"},
    )
    expected = [
        ("mine", "mine.7", 0, "exclude", "Poxviridae", "infects animals"),
        ("viral", "viral.1", 1, "keep", "Viruses", "mixed; the host is Escherichia coli"),
        ("viral", "viral.1", 2, "exclude", "Viruses", "mixed; the isolation source is human gut"),
    ]
    assert judge_records(records).rows() == expected
    assert judge_records(records.to_arrow()).rows() == expected
    assert judge_records(records.clear()).schema == judge_records(records).schema


def test_parsed_records_have_the_columns_that_are_judged(tmp_path):
    (tmp_path / "v.gb").write_text(
        record("AB000001.1", "ACGT" * 30, organism="Zika virus", lineage=["Viruses", "Riboviria"])
        + record("AB000002.1", "ACGT" * 40)
    )
    arguments = ["--division", "mine", "--gbff", str(tmp_path / "v.gb"), "--out", str(tmp_path / "out")]
    assert main(["parse", *arguments]) == 0
    judged = judge_records(pl.read_parquet(tmp_path / "out" / "records.parquet"))
    assert judged.select("ordinal", "decision").rows() == [(0, "exclude")]


NAMES = st.one_of(
    st.sampled_from([rule.taxon for rule in RULES]), st.sampled_from(["Bacteria", ""]), st.text(max_size=9)
)


@given(st.lists(NAMES, max_size=6), st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3), st.randoms())
def test_any_lineage_gets_a_verdict_whatever_the_order_of_the_rules(lineage, organism, hosts, chance):
    found = verdict(lineage, organism, hosts, hosts)
    assert found.decision in ("keep", "exclude")
    assert found.rule in {"", *(rule.taxon for rule in RULES)}
    shuffled = list(built_in_rules().by_name.items())
    chance.shuffle(shuffled)
    assert verdict(lineage, organism, hosts, hosts, Rules(dict(shuffled))) == found
    if all(taxon.isascii() for taxon in lineage):
        assert verdict([f"  {taxon.upper()}." for taxon in lineage], organism, hosts, hosts) == found


@pytest.mark.mirror
def test_real_viruses_of_humans_are_excluded_and_real_phages_kept(mirror, tmp_path):
    kept, excluded = set(), set()
    for part in ("viral.1", "viral.2"):
        flat = mirror / "viral" / f"{part}.genomic.gbff.gz"
        assert main(["parse", "--division", "viral", "--gbff", str(flat), "--out", str(tmp_path / part)]) == 0
        records = pl.read_parquet(tmp_path / part / "records.parquet")
        judged = judge_records(records).join(records, on=["division", "part", "ordinal"])
        assert len(judged) == len(records)
        kept |= set(judged.filter(pl.col("decision") == "keep")["organism"])
        excluded |= set(judged.filter(pl.col("decision") == "exclude")["organism"])
    assert all("phage" in organism for organism in each(kept))
    assert len(kept) > 5
    assert not any("phage" in organism for organism in each(excluded))
    assert {"Zika virus", "Zaire ebolavirus", "Monkeypox virus", "Hepatitis B virus"} <= excluded
