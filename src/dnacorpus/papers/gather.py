"""Asking PubMed, the ID converter, PMC and Europe PMC for papers, into a cache of what they answered.

What is in the cache is not asked for again, so an interrupted run goes on where it was. A paper that a service
answers badly is left out and named; a service that fails ends the run.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local

from dnacorpus.papers.cache import Answers, answers, as_answered, chunks
from dnacorpus.papers.files import Gathered, read_file
from dnacorpus.papers.licenses import family
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.paper_cache import Batch, PaperCache
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.pmc import best, read_article
from dnacorpus.papers.readers.pubmed_entries import pmids_of
from dnacorpus.papers.services import europepmc as europepmc_service
from dnacorpus.papers.services import idconv
from dnacorpus.papers.services import pubmed as pubmed_service
from dnacorpus.papers.services import pubmed_baseline as baseline
from dnacorpus.papers.services.europepmc import EuropePmc
from dnacorpus.papers.services.pmc import OpenData
from dnacorpus.sources import eutils
from dnacorpus.sources.eutils import Eutils
from dnacorpus.sources.http import Client, Policy
from dnacorpus.sources.mirror import opened
from dnacorpus.storage.progress import Progress

logger = logging.getLogger(__name__)

_PUBLISHABLE = frozenset({"CC0", "CC-BY", "CC-BY-SA"})
"""Families whose full text is worth fetching: all that the config key papers.licenses can allow."""
_ARTICLES = 20
_PMC_CONNECTIONS = 8
_EUROPEPMC_BATCH = 100


@dataclass(frozen=True, slots=True)
class Services:
    """Where to ask, as the config's ``services``, and how: ``key`` is that of E-utilities, never shown."""

    addresses: Mapping[str, str]
    policy: Policy
    key: str | None
    bulk_above: int


def gather(pmids: Iterable[int], services: Services, cache: Path) -> Gathered:
    """Ask for what the cache lacks of these papers, and return the files that tell of them.

    PubMed first; PMC for those that have a PMC id, by PubMed's word or the ID converter's; Europe PMC for those of
    which PMC knows nothing. Full text, XML before PDF, is fetched only under a licence that could be published.
    Raises RemoteError when a service fails to the last.
    """
    wanted = sorted(set(pmids))
    bulk, withdrawn, unread = _bulk(wanted, services, cache)
    pubmed = [*bulk, *_pubmed(wanted, bulk, services, cache)]
    known = _read(pubmed, set(wanted) - withdrawn)
    articles = _pmc_ids(known, services, cache)
    pmc, failed = _pmc(articles.values(), services, cache)
    described = {name for batch in pmc for name in batch.asked - batch.missing}
    others = [pmid for pmid in known if articles.get(pmid) not in described]
    with Client(europepmc_service.policy("", services.policy)) as client:  # one, so that both keep one pace
        service = EuropePmc(client, services.addresses["europepmc"])
        europepmc = _europepmc(others, service, cache)
        texts, silent = _europepmc_texts(_read(europepmc, set(others)).values(), service, cache)
    batches = [*pubmed, *pmc, *europepmc, *texts]
    damaged = {
        *unread,
        *failed,
        *silent,
        *(f"{name}: {note}" for batch in (*pmc, *texts) for name, note in batch.notes.items()),
    }
    if len(known) < len(wanted):
        logger.warning(
            "PubMed does not know %d of %d papers; the next run asks again", len(wanted) - len(known), len(wanted)
        )
    counts = {
        "wanted": len(wanted),
        "pubmed": len(known),
        "pmc": len(described.intersection(articles.values())),
        "europepmc": sum(len(batch.asked - batch.missing) for batch in europepmc),
    }
    files = [path for batch in batches for path in batch.files()]
    return Gathered(cache, files, sorted(damaged), withdrawn, counts)


def _bulk(pmids: Sequence[int], services: Services, cache: Path) -> tuple[list[Batch], frozenset[int], list[str]]:
    """Return what PubMed's yearly and daily files say of many papers, which they withdraw, and what is damaged.

    A reading that was begun is ended, however few papers are left: later files revise what earlier ones say.
    """
    held = PaperCache(cache, "pubmed-bulk")
    mine = hashlib.sha256(" ".join(map(str, pmids)).encode()).hexdigest()[:16]
    unspoken = _unspoken(pmids, _complete(held))
    damaged: list[str] = []
    if f"{mine} begun" in held.asked(mine) and f"{mine} done" not in held.asked(mine):
        damaged = _read_bulk(held, mine, pmids, services)
    elif len(PaperCache(cache, "pubmed").unasked(unspoken)) > services.bulk_above:
        held.put([f"{mine} begun"], [], {})
        damaged = _read_bulk(held, mine, pmids, services)
    batches = _complete(held)
    withdrawn: set[int] = set()
    for batch in batches:
        withdrawn = (withdrawn - _noted(batch, "pmids")) | _noted(batch, "deleted")
    return batches, frozenset(withdrawn.intersection(pmids)), damaged


def _complete(held: PaperCache) -> list[Batch]:
    """Return the batches of the readings that came to their end, in the order of PubMed's files."""
    done = {name.partition(" ")[0] for name in held.asked() if name.endswith(" done")}
    places = {name for name in held.asked() if name.partition(" ")[0] in done}
    batches = (batch for batch in held.batches(places) if "place" in batch.notes)
    return sorted(batches, key=lambda batch: (batch.notes["place"], sorted(batch.asked)))


def _read_bulk(held: PaperCache, prefix: str, pmids: Sequence[int], services: Services) -> list[str]:
    """Read the yearly and daily files that were not read for these papers, and return what is wrong with which."""
    damaged = []
    done = {batch.notes["place"] for batch in held.batches(held.asked(prefix)) if "place" in batch.notes}
    with opened(services.addresses["pubmed"], services.policy) as source, TemporaryDirectory() as scratch:
        for match in baseline.matching(source, set(pmids), Path(scratch), skip=done):
            if match.damage:
                damaged.append(f"{match.place}: {match.damage}")
                continue
            logger.info("%s: read", match.place)
            ids = {"deleted": match.deleted, "pmids": sorted(pmids_of(match.document))}
            notes = {name: " ".join(map(str, values)) for name, values in ids.items()} | {"place": match.place}
            files = {match.place.rpartition("/")[2].removesuffix(".gz"): match.document}
            held.put([f"{prefix} {match.place}"], [], files, notes)
    held.put([f"{prefix} done"], [], {})
    return damaged


def _unspoken(pmids: Iterable[int], bulk: Iterable[Batch]) -> list[str]:
    spoken_of = {pmid for batch in bulk for name in ("pmids", "deleted") for pmid in _noted(batch, name)}
    return [str(pmid) for pmid in pmids if pmid not in spoken_of]


def _noted(batch: Batch, name: str) -> set[int]:
    return {int(pmid) for pmid in batch.notes[name].split()}


def _pubmed(pmids: Sequence[int], bulk: Iterable[Batch], services: Services, cache: Path) -> list[Batch]:
    """Return what PubMed says of the papers, asked for by number unless ``bulk`` speaks of them."""
    held = PaperCache(cache, "pubmed")
    todo = held.unasked(_unspoken(pmids, bulk))
    progress = Progress("PubMed", len(todo), None, unit="paper")
    with Client(eutils.policy("", services.key, services.policy)) as client:
        service = Eutils(client, services.addresses["eutils"], services.key, services.policy.contact)
        for chunk in chunks(todo, pubmed_service.BATCH):
            documents, missing = pubmed_service.fetch_papers(service, [int(name) for name in chunk])
            absent = {str(pmid) for pmid in missing}  # perhaps for today: the next run asks again
            held.put(set(chunk) - absent, [], {f"{n}.xml": content for n, content in enumerate(documents)})
            progress.advance(len(chunk), 0)
    return held.batches(str(pmid) for pmid in pmids)


def _pmc_ids(known: Mapping[int, Paper], services: Services, cache: Path) -> dict[int, str]:
    """Return the PMC id of each paper that has one: PubMed's, else what the ID converter says."""
    articles = {pmid: paper.pmcid for pmid, paper in known.items() if paper.pmcid}
    held = PaperCache(cache, "idconv")
    others = [str(pmid) for pmid in known if pmid not in articles]
    with Client(eutils.policy("", None, services.policy)) as client:
        for chunk in chunks(held.unasked(others), idconv.BATCH):
            numbers = [int(name) for name in chunk]
            found = idconv.pmcids(client, services.addresses["idconv"], numbers, services.policy.contact)
            missing = [str(pmid) for pmid in numbers if pmid not in found]
            held.put(chunk, missing, {}, {str(pmid): pmcid for pmid, pmcid in found.items()})
    converted = {int(name): pmcid for batch in held.batches(others) for name, pmcid in batch.notes.items()}
    return articles | {pmid: pmcid for pmid, pmcid in converted.items() if pmid in known and pmid not in articles}


def _pmc(pmcids: Iterable[str], services: Services, cache: Path) -> tuple[list[Batch], list[str]]:
    """Return what PMC's open data says of the articles, with the texts that may be published, and what did not come."""
    failed: list[str] = []
    held = PaperCache(cache, "pmc")
    names = set(pmcids)
    todo = held.unasked(names)
    progress = Progress("PMC", len(todo), None, unit="article")
    clients = local()
    with ExitStack() as stack, ThreadPoolExecutor(_PMC_CONNECTIONS) as pool:

        def ask(chunk: list[str]) -> Answers:
            if not hasattr(clients, "client"):
                clients.client = stack.enter_context(Client(services.policy))
            data = OpenData(clients.client, services.addresses["pmc"])
            return answers(chunk, lambda pmcid: _article(data, pmcid))

        for found in as_answered(pool, ask, todo, _ARTICLES):
            failed += found.keep(held)
            progress.advance(len(found.asked), 0)
    return held.batches(names), failed


def _article(data: OpenData, pmcid: str) -> dict[str, bytes]:
    """Return the files of an article: the metadata of all versions, and the text of the best if it may be published."""
    files = dict(data.metadata(pmcid))
    chosen = best(article for content in files.values() if (article := read_article(content)) is not None)
    if chosen is not None and not chosen.retracted and _publishable(chosen.license):
        stem = f"{chosen.pmcid}.{chosen.version}"
        if (text := data.text(chosen)) is not None:
            files[f"{stem}.xml"] = text
        elif (pdf := data.pdf(chosen)) is not None:
            files[f"{stem}.pdf"] = pdf
    return files


def _europepmc(pmids: Sequence[int], service: EuropePmc, cache: Path) -> list[Batch]:
    """Return what Europe PMC says of papers."""
    held = PaperCache(cache, "europepmc")
    names = [str(pmid) for pmid in pmids]
    todo = held.unasked(names)
    progress = Progress("Europe PMC", len(todo), None, unit="paper")
    for chunk in chunks(todo, _EUROPEPMC_BATCH):
        content = service.core(int(name) for name in chunk)
        found = {str(paper.pmid) for paper in read_europepmc(content) or ()}
        held.put(chunk, set(chunk) - found, {"core.json": content})
        progress.advance(len(chunk), 0)
    return held.batches(names)


def _europepmc_texts(papers: Iterable[Paper], service: EuropePmc, cache: Path) -> tuple[list[Batch], list[str]]:
    """Return the full texts that Europe PMC has of papers that may be published, and what did not come."""
    failed: list[str] = []
    held = PaperCache(cache, "europepmc-text")
    names = {paper.pmcid for paper in papers if paper.pmcid and not paper.retracted and _publishable(paper.license)}
    todo = held.unasked(names)
    progress = Progress("Europe PMC full text", len(todo), None, unit="article")

    def text(pmcid: str) -> dict[str, bytes]:
        content = service.full_text(pmcid)
        return {} if content is None else {f"{pmcid}.xml": content}

    for chunk in chunks(todo, _ARTICLES):
        failed += answers(chunk, text).keep(held)
        progress.advance(len(chunk), 0)
    return held.batches(names), failed


def _read(batches: Iterable[Batch], wanted: set[int]) -> dict[int, Paper]:
    """Return the last word of the batches on each wanted paper, by PMID, texts left out."""
    found: dict[int, Paper] = {}
    for batch in batches:
        for path in batch.files():
            for paper in read_file(path)[1]:  # XML and JSON alone: no text is among these answers
                if paper.pmid in wanted:
                    found[paper.pmid] = replace(paper, abstract=None, passages=())
    return dict(sorted(found.items()))


def _publishable(licence: str | None) -> bool:
    return licence is not None and family(licence) in _PUBLISHABLE
