"""The policy on viruses: which lineages stay, what hosts decide, whose rows are too like what is left out."""

import importlib.util
import random

import numpy as np
import polars as pl
import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st
from support.flatfile import record
from support.rederive import reverse_complement

from dnacorpus.cli.main import main
from dnacorpus.curation.biosafety.hosts import EUKARYOTE, PROKARYOTE, says
from dnacorpus.curation.biosafety.rules import DECISIONS, Rules, built_in_rules, parse_rules, plain, read_rules
from dnacorpus.curation.biosafety.screen import SIMILAR, RowGuard
from dnacorpus.curation.biosafety.verdict import KEYS, excluded_records, judge_records, verdict
from dnacorpus.curation.kmer_index import KmerIndex, write_index
from dnacorpus.errors import UsageError
from dnacorpus.formats.record import read_record
from dnacorpus.pairs.rows import Exclusion, Limits, PairRow, rows_of_record
from dnacorpus.sequence.kmers import canonical_kmers
from dnacorpus.storage.results import Results

RULES = list(built_in_rules().by_name.values())
OLD_DNA = "Viruses; dsDNA viruses, no RNA stage; "
OLD_RNA = "Viruses; ssRNA viruses; ssRNA positive-strand viruses, no DNA stage; "
RNA = "Viruses; Riboviria; Orthornavirae; "
HEADER = "taxon\tdecision\tinfects\tsource\n"


def judge(lineage: str, organism: str = "x", hosts: list[str] | None = None, places: tuple[str, ...] = ()):
    return verdict([taxon for taxon in lineage.split("; ") if taxon], organism, hosts or [], places)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.taxon)
def test_each_row_decides_what_nobody_has_placed_below_it(rule):
    lineage = ["Viruses", rule.taxon, "Taxon that nobody knows", "environmental samples"]
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
def test_the_deepest_taxon_with_a_row_decides_whatever_the_host(lineage, rule, decision):
    for hosts in ([], ["Escherichia coli"], ["Homo sapiens"]):
        found = judge(lineage, "x", hosts)
        assert (found.decision, found.rule) == (decision, rule)


@pytest.mark.parametrize("lineage", ["Viruses", "Viruses; Novelviria; Novelviridae", "Viruses; environmental samples"])
def test_what_no_row_names_is_excluded(lineage):
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
def test_in_a_mixed_lineage_host_then_name_then_place_decide(lineage, organism, hosts, places, decision):
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
def test_words_of_hosts(text, expected):
    assert says(text) == expected


@pytest.mark.parametrize("root", ["Bacteria", "Archaea", "Eukaryota", "cellular organisms; Bacteria", "root; Archaea"])
def test_a_provirus_in_a_chromosome_is_no_record_of_a_virus(root):
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
def test_without_a_lineage_of_cells_or_viruses_the_name_tells(lineage, organism, decision):
    assert judge(lineage, organism).decision == decision


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


def decisions(*rows: dict) -> list[str | None]:
    found = judge_records(frame(*rows))
    kept = dict(found.select("ordinal", "decision").iter_rows())
    return [kept.get(place) for place in range(len(rows))]


def ranked(*names: str) -> list[dict]:
    return [{"rank": "clade", "name": name} for name in names]


def test_of_a_written_lineage_and_the_taxonomys_the_stricter_decides():
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


def test_a_record_that_is_only_bases_is_told_by_its_division_or_its_title():
    title = {"definition": "Zika virus isolate X, complete genome"}
    assert decisions(
        {},
        {"definition": "Escherichia phage X, complete genome"},
        title,
        title | {"division": "mine"},
        title | {"division": "plant"},
        {"division": "mine", "definition": "contig 1"},
    ) == ["exclude", "keep", "exclude", "exclude", None, None]


def test_excluded_records_names_the_rule_and_reads_hosts_of_the_source_feature():
    host = [{"key": "host", "value": "Escherichia coli"}, {"key": "host", "value": None}]
    place = [{"key": "isolation_source", "value": "human gut"}]
    records = frame(
        {"lineage": ["Viruses", "Poxviridae"], "division": "mine", "part": "mine.7"},
        {"lineage": ["Viruses"], "source_qualifiers": host + place},
        {"lineage": ["Viruses"], "source_qualifiers": place, "organism": "Some virus"},
        {"lineage": ["Bacteria"], "division": "bacteria"},
        {"lineage": None, "ranked_lineage": None, "source_qualifiers": None, "division": "plant"},
    )
    expected = [("mine", "mine.7", 0, "biosafety", "Poxviridae"), ("viral", "viral.1", 2, "biosafety", "Viruses")]
    assert excluded_records(records).rows() == expected
    assert excluded_records(records.to_arrow()).rows() == expected
    assert excluded_records(records.clear()).schema == excluded_records(records).schema


def test_parsed_records_have_the_columns_that_are_judged(tmp_path):
    (tmp_path / "v.gb").write_text(
        record("AB000001.1", "ACGT" * 30, organism="Zika virus", lineage=["Viruses", "Riboviria"])
        + record("AB000002.1", "ACGT" * 40)
    )
    arguments = ["--division", "mine", "--gbff", str(tmp_path / "v.gb"), "--out", str(tmp_path / "out")]
    assert main(["parse", *arguments]) == 0
    assert excluded_records(pl.read_parquet(tmp_path / "out" / "records.parquet"))["ordinal"].to_list() == [0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "t.tsv: expected the header taxon, decision, infects, source, separated by tabs, found no line"),
        ("taxon,decision\n", "found 'taxon,decision'; write it above the rows"),
        (HEADER, "t.tsv: expected a row for Viruses"),
        (HEADER + "Viruses\thost\tall\n", "t.tsv: line 2: expected 4 filled columns"),
        (HEADER + "# a remark\n\nViruses\thost\t\tICTV\n", "t.tsv: line 4: expected 4 filled columns"),
        (HEADER + "Viruses\tdrop\tall\tICTV\n", "Viruses: expected the decision keep, exclude or host, found 'drop'"),
        (
            HEADER + "Viruses\thost\ta\tb\nVIRUSES\tkeep\ta\tb\n",
            "line 3: expected one row a taxon, found VIRUSES",
        ),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_file_and_row(text, expected):
    with pytest.raises(UsageError) as error:
        parse_rules(text, "t.tsv")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_table_of_ones_own_replaces_the_policy(tmp_path):
    table = tmp_path / "own.tsv"
    table.write_text(
        "\ufeff" + HEADER + "Viruses\tkeep\tall\tme\nCaudovirales\texclude\tbacteria\tme\n", encoding="utf-8"
    )
    rules = read_rules(str(table))
    assert [verdict(["Viruses", name], "x", [], (), rules).decision for name in ("Caudovirales", "Poxviridae")] == [
        "exclude",
        "keep",
    ]
    assert read_rules("") is built_in_rules()
    for place in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(UsageError, match=r"expected a table of viruses in UTF-8, .*; correct biosafety\.table"):
            read_rules(str(place))
    table.write_bytes(b"taxon\xff")
    with pytest.raises(UsageError, match=r"own\.tsv: expected a table"):
        read_rules(str(table))


def test_every_row_of_the_policy_is_complete_and_cited():
    assert {rule.decision for rule in RULES} == set(DECISIONS)
    assert all(
        rule.infects and any(mark in rule.source for mark in ("ICTV", "NCBI", "20", "GenBank")) for rule in RULES
    )
    assert not any("http" in rule.source for rule in RULES)
    assert not any(plain(rule.taxon) in ("environmental samples", "unclassified") for rule in RULES)


NAMES = st.one_of(
    st.sampled_from([rule.taxon for rule in RULES]), st.sampled_from(["Bacteria", ""]), st.text(max_size=9)
)


@given(st.lists(NAMES, max_size=6), st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3), st.randoms())
def test_any_lineage_gets_a_verdict_and_the_order_of_the_table_means_nothing(lineage, organism, hosts, chance):
    found = verdict(lineage, organism, hosts, hosts)
    assert found.decision in ("keep", "exclude")
    assert found.rule in {"", *(rule.taxon for rule in RULES)}
    shuffled = list(built_in_rules().by_name.items())
    chance.shuffle(shuffled)
    assert verdict(lineage, organism, hosts, hosts, Rules(dict(shuffled))) == found
    if all(taxon.isascii() for taxon in lineage):
        assert verdict([f"  {taxon.upper()}." for taxon in lineage], organism, hosts, hosts) == found


BASES = "".join(random.Random(3).choices("ACGT", k=4000))
VIRUS = BASES[:1000]


class Holding:
    """An index that holds the 21-mers of a sequence, in the plainest way."""

    def __init__(self, *sequences: str, k: int = 21) -> None:
        self.words = np.unique(np.concatenate([canonical_kmers(text.encode(), k) for text in sequences]))

    def positions(self, words):
        return np.array(
            [{int(word): place for place, word in enumerate(self.words)}.get(int(w), -1) for w in words], int
        )


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        (VIRUS, True),
        (reverse_complement(VIRUS), True),
        (BASES[1000:2000], False),
        (VIRUS[:330] + BASES[2000:2690], True),  # 310 of 1,000 k-mers
        (VIRUS[:320] + BASES[2000:2700], False),  # 300 of 1,000: at the limit, not above it
        (VIRUS[:20], False),  # no whole k-mer
        ("N" * 500, False),
        ("", False),
        ("N" * 500 + VIRUS[:40], True),
        (VIRUS[:60] * 20 + BASES[2000:2300], False),  # most windows, but few k-mers
        ("A" * 900 + VIRUS[:100], True),  # the A's are one k-mer
    ],
)
def test_a_row_is_too_like_above_the_share_of_its_distinct_kmers(sequence, expected):
    assert RowGuard(Holding(VIRUS), 21, 0.3).too_like(sequence.encode()) is expected


def rows_of(sequence: str, *spans: tuple[int, int]) -> list[PairRow | Exclusion]:
    features = [("CDS", f"{start + 1}..{end}", [("product", f"protein {start}")]) for start, end in spans]
    text = record(sequence=sequence, features=[("source", f"1..{len(sequence)}", []), *features])
    found = read_record(text.encode(), lambda accession: None)
    row = {**found.row, "division": "bacteria", "part": "bacteria.1", "release": "1", "ordinal": 0}
    return list(rows_of_record(row, found.features, found.references, found.sequence, [], Limits(10_000)))


def test_rows_of_a_provirus_go_and_those_of_its_chromosome_stay():
    results = rows_of(BASES[1000:3000] + VIRUS + BASES[3000:], (100, 700), (2100, 2700))
    guard = RowGuard(Holding(VIRUS), 21, 0.3)
    kept = list(guard.keep_out(results))
    assert [result for result in kept if isinstance(result, Exclusion)] == [
        Exclusion("feature", "source", 4000, 0),
        Exclusion("feature", "biosafety", 600, 2),
    ]
    assert [result for result in kept if isinstance(result, PairRow)] == [results[0], results[2]]
    flagged = [row.values.get("biosafety") for row in guard.flag(results) if isinstance(row, PairRow)]
    assert flagged == [None, None, SIMILAR]
    assert all("biosafety" not in row.values for row in results if isinstance(row, PairRow))


@pytest.mark.parametrize(
    ("kind", "counts_as", "expected"),
    [("record", None, "row"), ("window", None, "row"), ("qa", None, "row"), ("paper", "paper", "paper"),
     ("paper", None, "row"), ("gene", "feature", "feature")],
)  # fmt: skip
def test_what_is_kept_out_still_accounts_for_its_paper(kind, counts_as, expected):
    made = PairRow({"kind": kind, "sequence": VIRUS, "feature_index": None}, None, counts_as)
    (found,) = RowGuard(Holding(VIRUS), 21, 0.3).keep_out([made])
    assert found == Exclusion(expected, "biosafety", 1000, None)


def test_the_guard_asks_the_index_that_excluded_records_make(tmp_path):
    text = record("AB000001.1", VIRUS, organism="Zika virus", lineage=["Viruses", "Riboviria"], topology="circular")
    (tmp_path / "mine.gb").write_text(record("AB000002.1", BASES[1000:]) + text)
    results = Results(tmp_path / "results")
    out = results.tables("mine", "mine")
    assert main(["parse", "--division", "mine", "--gbff", str(tmp_path / "mine.gb"), "--out", str(out)]) == 0
    write_index(results, excluded_records(pl.read_parquet(out / "records.parquet")), 31, tmp_path / "index")
    guard = RowGuard(KmerIndex.open(tmp_path / "index"), 31, 0.3)
    sequences = (VIRUS[500:] + VIRUS[:500], reverse_complement(VIRUS), BASES[1000:2000], VIRUS[:200] + BASES[2000:2800])
    assert [guard.too_like(sequence.encode()) for sequence in sequences] == [True, True, False, False]


def test_the_page_shows_the_policy_as_it_is():
    spec = importlib.util.spec_from_file_location("make_biosafety", REPOSITORY / "docs" / "make_biosafety.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    page = (REPOSITORY / "docs" / "biosafety.md").read_text(encoding="utf-8")
    assert page.startswith(maker.HEAD), "run docs/make_biosafety.py"
    assert page.endswith("\n".join(maker.policy()) + "\n"), "run docs/make_biosafety.py"


@pytest.mark.mirror
def test_real_viruses_of_people_go_and_real_phages_stay(mirror, tmp_path):
    kept, excluded = set(), set()
    for part in ("viral.1", "viral.2"):
        flat = mirror / "viral" / f"{part}.genomic.gbff.gz"
        assert main(["parse", "--division", "viral", "--gbff", str(flat), "--out", str(tmp_path / part)]) == 0
        records = pl.read_parquet(tmp_path / part / "records.parquet")
        judged = judge_records(records).join(records, on=["division", "part", "ordinal"])
        assert len(judged) == len(records)
        kept |= set(judged.filter(pl.col("decision") == "keep")["organism"])
        excluded |= set(judged.filter(pl.col("decision") == "exclude")["organism"])
    assert all("phage" in organism for organism in kept)
    assert len(kept) > 5
    assert not any("phage" in organism for organism in excluded)
    assert {"Zika virus", "Zaire ebolavirus", "Monkeypox virus", "Hepatitis B virus"} <= excluded
