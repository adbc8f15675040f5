"""A small dataset whose records cite papers with full text, built in process, stage by stage."""

from pathlib import Path

from support.settings import pair_settings, passage_settings
from support.smallrelease import PLANTS, VIRUSES, pack, plain, small_release
from support.stages import TEST, TRAIN, VALIDATION, audit_shards, collapse_copies, deduplicate, make_pairs, prepare

from dnacorpus.config.build import Build
from dnacorpus.papers.files import in_directory
from dnacorpus.settings.pairs import PassageSettings
from dnacorpus.stages import assemble, shard
from dnacorpus.stages.papers import PaperRules, write_papers
from dnacorpus.storage.results import Results

BY = "http://creativecommons.org/licenses/by/4.0/"
LIMITS = passage_settings(3, 20, 300, 2)
MOST_RECORDS = 2
CITED = {
    "NC_000101.1": (TRAIN, [11, 12, 16]), "NC_000102.1": (TRAIN, [15]), "NC_000103.1": (TRAIN, [15, 12]),
    "NC_000104.1": (TRAIN, [15]), "NC_000105.1": (TEST, [12, 13]), "NC_000106.1": (VALIDATION, [14, 17]),
}  # fmt: skip
"""Accession -> species and cited PMIDs: 12 is cited in two splits, 15 by more records than may describe it."""
FULL_TEXTS = {
    11: [
        ("Introduction", "We read the genome of A. thaliana with care, as others of Arabidopsis thaliana did before."),
        ("2. Results > 2.1. Genes.", "The gene abc1 is induced by light. Nothing else was seen to change in it."),
        ("Results", "Test protein 2 was found in all tissues of the plant that we looked at."),
        ("Acknowledgements", "We thank NC_000101 and all those who made the gene abc1 known to us."),
        ("Data availability", "The sequence of abc1 is there for all who may wish to have a look at it."),
        ("Data availability", "The sequence was deposited in GenBank as NC_000101.1 and is open to all."),
    ],
    12: [("Results", "In both plants abc2 lies beside the gene abc1, as the map of the genome shows.")],
    13: [("Results", "The locus TST_0002 of rice is silent, and so is the one beside it on the map.")],
    14: [("Table 1", "Zika virus was grown in cells, and its bases were read more than once.")],
    15: [("Results", "NC_000104 and NC_000102 hold the gene abc1, which was lost in all other plants.")],
    16: [("Results", "The gene abc1 of a closed paper stays where it is, and nobody may pass it on.")],
    17: [("Methods", "Nothing in these words is a name that the record would know anything about.")],
}
CLOSED, WITHOUT_ABSTRACT = {16}, {14, 17}
PAPERS = {
    pmid: {
        "title": f"On plants, part {pmid}", "journal": "Tests", "year": 2001,
        "abstract": None if pmid in WITHOUT_ABSTRACT else f"Abstract of {pmid}.",
        "license": None if pmid in CLOSED else "CC-BY-4.0",
        "passages": [{"section": section, "text": text} for section, text in passages],
    }
    for pmid, passages in FULL_TEXTS.items()
}  # fmt: skip
"""The content of the papers, from which their files are written."""


def texts() -> dict[str, str]:
    """Return file name -> flat file text."""
    found = {"plant.1.genomic.gbff.gz": "", "viral.1.genomic.gbff.gz": ""}
    for accession, (species, pmids) in CITED.items():
        references = [{"title": f"On plants, part {pmid}", "pubmed": str(pmid)} for pmid in pmids]
        name, lineage = ("viral", VIRUSES) if species == VALIDATION else ("plant", PLANTS)
        found[f"{name}.1.genomic.gbff.gz"] += plain(accession, species, lineage, references=references)
    return found


def papered_dataset(
    root: Path, limits: PassageSettings | None = LIMITS, most_records: int | None = MOST_RECORDS
) -> Path:
    """Build ``root``/results/dataset and return it."""
    mirror, source = small_release(root / "mirror", pack(texts())), root / "jats"
    source.mkdir()
    for pmid, paper in PAPERS.items():
        (source / f"{pmid}.xml").write_text(_jats(pmid, paper), encoding="utf-8")
    results = Results(root / "results")
    config = prepare(results.root, mirror, ["plant", "viral"])
    deduplicate(results, config.divisions, config.splits, results.root / "decisions")
    licenses = frozenset({"CC-BY"})
    write_papers(
        results,
        config.divisions,
        lambda _: in_directory(source),
        PaperRules(licenses, most_records),
        results.papers(),
    )
    for division in config.divisions:
        folder, part = results.pairs(division, f"{division}.1"), f"{division}.1"
        tables, decisions = results.tables(division, part), results.decisions(division)
        make_pairs(tables, decisions, pair_settings(131072), folder, results.papers(), limits)
    collapse_copies(results, config.divisions, results.root / "copies")
    for division in config.divisions:
        for group in results.groups(division):
            shard.run(Build.open(results.root), division, group, results.shards(division, group))
    audit_shards(results, config)
    assemble.run(Build(results, config), results.root / "dataset")
    return results.root / "dataset"


def _jats(pmid: int, paper: dict) -> str:
    grant = "" if pmid in CLOSED else f'<license xlink:href="{BY}"/>'
    body = "".join(_section(passage["section"].split(" > "), passage["text"]) for passage in paper["passages"])
    abstract = f"<abstract><p>{paper['abstract']}</p></abstract>" if paper["abstract"] else ""
    return f"""<article xmlns:xlink="x"><front><journal-meta><journal-title>{paper["journal"]}</journal-title>
      </journal-meta><article-meta><article-id pub-id-type="pmid">{pmid}</article-id><title-group><article-title
      >{paper["title"]}</article-title></title-group><pub-date><year>{paper["year"]}</year></pub-date>
      <permissions>{grant}</permissions>{abstract}</article-meta></front><body>{body}</body></article>"""


def _section(titles: list[str], text: str) -> str:
    if titles == ["Table 1"]:
        return f"<table-wrap><label>Table 1</label><caption><p>{text}</p></caption></table-wrap>"
    inner = _section(titles[1:], text) if titles[1:] else f"<p>{text}</p>"
    return f"<sec><title>{titles[0]}</title>{inner}</sec>"
