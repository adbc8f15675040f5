"""Asking PubMed, the ID converter, PMC and Europe PMC for papers, and caching their answers.

Cached papers are not asked for again, so an interrupted run resumes where it stopped. A paper whose answer is
damaged is left out and listed; a service that keeps failing ends the run.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import local

from dnacorpus.papers.bulk import BulkFile, BulkReading, finished_files, withdrawn_pmids
from dnacorpus.papers.cache import Answers, Batch, PaperCache, ask_each, ask_in_parallel, chunks
from dnacorpus.papers.files import Gathered, read_file
from dnacorpus.papers.licenses import family
from dnacorpus.papers.paper import Paper
from dnacorpus.papers.readers.europepmc import read_europepmc
from dnacorpus.papers.readers.pmc import best_version, read_article_version
from dnacorpus.papers.services import europepmc as europepmc_service
from dnacorpus.papers.services import idconv
from dnacorpus.papers.services import pubmed as pubmed_service
from dnacorpus.papers.services.europepmc import EuropePmc
from dnacorpus.papers.services.pmc import OpenData
from dnacorpus.sources import eutils
from dnacorpus.sources.eutils import Eutils
from dnacorpus.sources.http import Client, Policy
from dnacorpus.storage.progress import Progress
from dnacorpus.storage.threads import threads

logger = logging.getLogger(__name__)

_PUBLISHABLE = frozenset({"CC0", "CC-BY", "CC-BY-SA"})
"""Families of licences under which full text is fetched: all that the config key papers.licenses can allow."""
_ARTICLES_PER_BATCH = 20
_PMC_CONNECTIONS = 8
_EUROPEPMC_BATCH = 100


@dataclass(frozen=True, slots=True)
class Services:
    """How to reach the literature services.

    ``addresses`` is the config's ``services``. ``key`` is the API key of E-utilities, which is never printed and sent
    only where `eutils.key_for` allows it; ``loopback_key`` is its ``loopback``, for tests. More than ``bulk_above``
    papers that are not cached are read from PubMed's yearly and daily files.
    """

    addresses: Mapping[str, str]
    policy: Policy
    key: str | None
    bulk_above: int
    loopback_key: bool = False


def gather(pmids: Iterable[int], services: Services, cache: Path) -> Gathered:
    """Ask for the papers that are not cached, and return all files that describe the papers.

    PubMed is asked first; PMC for the papers with a PMC id, stated by PubMed or by the ID converter; Europe PMC for
    the papers that PMC does not have. Full text is fetched only under a licence that allows publishing it, as XML
    if there is one, else as PDF. Raises RemoteError when a service keeps failing.
    """
    wanted = sorted(set(pmids))
    bulk, damaged_files = _bulk(wanted, services, cache)
    withdrawn = withdrawn_pmids(bulk).intersection(wanted)
    pubmed = [*(file.batch for file in bulk), *_pubmed(wanted, bulk, services, cache)]
    known = _last_entries(pubmed, set(wanted) - withdrawn)
    pmcids = _pmcids(known, services, cache)
    pmc, failed_in_pmc = _pmc(pmcids.values(), services, cache)
    in_pmc = {pmcid for batch in pmc for pmcid in batch.asked - batch.missing}
    others = [pmid for pmid in known if pmcids.get(pmid) not in in_pmc]
    # One client for both kinds of request, so that together they keep to the service's limit.
    with Client(europepmc_service.policy("", services.policy)) as client:
        service = EuropePmc(client, services.addresses["europepmc"])
        europepmc = _europepmc(others, service, cache)
        texts, failed_texts = _europepmc_texts(_last_entries(europepmc, set(others)).values(), service, cache)
    damaged_answers = [f"{name}: {note}" for batch in (*pmc, *texts) for name, note in batch.notes.items()]
    unreadable = {*damaged_files, *failed_in_pmc, *failed_texts, *damaged_answers}
    if len(known) < len(wanted):
        logger.warning(
            "%d of %d papers are not in PubMed; the next run asks again", len(wanted) - len(known), len(wanted)
        )
    counts = {
        "wanted": len(wanted),
        "pubmed": len(known),
        "pmc": len(in_pmc.intersection(pmcids.values())),
        "europepmc": sum(len(batch.asked - batch.missing) for batch in europepmc),
    }
    files = [path for batch in (*pubmed, *pmc, *europepmc, *texts) for path in batch.files()]
    return Gathered(cache, files, sorted(unreadable), withdrawn, counts)


def _bulk(pmids: Sequence[int], services: Services, cache: Path) -> tuple[list[BulkFile], list[str]]:
    """Return the yearly and daily files of PubMed that are cached, and one line for each damaged one.

    They are read first if many papers are not cached, or if the reading of these papers was interrupted.
    """
    reading = BulkReading(cache, pmids)
    unasked = PaperCache(cache, "pubmed").unasked(_not_in_bulk(pmids, finished_files(cache)))
    damaged: list[str] = []
    if reading.interrupted or len(unasked) > services.bulk_above:
        damaged = reading.read(services.addresses["pubmed"], services.policy)
    return finished_files(cache), damaged


def _not_in_bulk(pmids: Iterable[int], bulk: Iterable[BulkFile]) -> list[str]:
    in_bulk = {pmid for file in bulk for pmid in file.described | file.deleted}
    return [str(pmid) for pmid in pmids if pmid not in in_bulk]


def _pubmed(pmids: Sequence[int], bulk: Iterable[BulkFile], services: Services, cache: Path) -> list[Batch]:
    """Return PubMed's answers, asked for by PMID, on the papers that the bulk files do not mention."""
    cached = PaperCache(cache, "pubmed")
    unasked = cached.unasked(_not_in_bulk(pmids, bulk))
    progress = Progress("PubMed", len(unasked), None, unit="paper")
    base = services.addresses["eutils"]
    key = eutils.key_for(base, services.key, loopback=services.loopback_key)
    with Client(eutils.policy("", key, services.policy)) as client:
        service = Eutils(client, base, key, services.policy.contact, loopback_key=services.loopback_key)
        for chunk in chunks(unasked, pubmed_service.BATCH):
            documents, missing = pubmed_service.fetch_papers(service, [int(name) for name in chunk])
            answered = set(chunk) - {str(pmid) for pmid in missing}  # the next run asks for the missing ones again
            cached.put(answered, [], {f"{n}.xml": content for n, content in enumerate(documents)})
            progress.advance(len(chunk), 0)
    return cached.batches(str(pmid) for pmid in pmids)


def _pmcids(known: Mapping[int, Paper], services: Services, cache: Path) -> dict[int, str]:
    """Return the PMC id of each paper that has one, stated by PubMed or else by the ID converter."""
    stated = {pmid: paper.pmcid for pmid, paper in known.items() if paper.pmcid}
    cached = PaperCache(cache, "idconv")
    others = [str(pmid) for pmid in known if pmid not in stated]
    with Client(eutils.policy("", None, services.policy)) as client:
        for chunk in chunks(cached.unasked(others), idconv.BATCH):
            pmids = [int(name) for name in chunk]
            answer = idconv.pmcids(client, services.addresses["idconv"], pmids, services.policy.contact)
            missing = [str(pmid) for pmid in pmids if pmid not in answer]
            cached.put(chunk, missing, {}, {str(pmid): pmcid for pmid, pmcid in answer.items()})
    converted = {int(name): pmcid for batch in cached.batches(others) for name, pmcid in batch.notes.items()}
    return stated | {pmid: pmcid for pmid, pmcid in converted.items() if pmid in known and pmid not in stated}


def _pmc(pmcids: Iterable[str], services: Services, cache: Path) -> tuple[list[Batch], list[str]]:
    """Return PMC's answers on the articles, full text included, and one line for each article that failed."""
    failed: list[str] = []
    cached = PaperCache(cache, "pmc")
    names = set(pmcids)
    unasked = cached.unasked(names)
    progress = Progress("PMC", len(unasked), None, unit="article")
    clients = local()
    with ExitStack() as stack, threads(_PMC_CONNECTIONS) as pool:

        def ask(chunk: list[str]) -> Answers:
            if not hasattr(clients, "client"):
                clients.client = stack.enter_context(Client(services.policy))
            data = OpenData(clients.client, services.addresses["pmc"])
            return ask_each(chunk, lambda pmcid: _article_files(data, pmcid))

        for answers in ask_in_parallel(pool, ask, unasked, _ARTICLES_PER_BATCH):
            failed += cached.put_answers(answers)
            progress.advance(len(answers.asked), 0)
    return cached.batches(names), failed


def _article_files(data: OpenData, pmcid: str) -> dict[str, bytes]:
    """Return the metadata of all versions of an article, and the text of the best one if it may be published."""
    files = dict(data.metadata(pmcid))
    best = best_version(version for content in files.values() if (version := read_article_version(content)) is not None)
    if best is not None and not best.retracted and _is_publishable(best.license):
        stem = f"{best.pmcid}.{best.version}"
        if (text := data.text(best)) is not None:
            files[f"{stem}.xml"] = text
        elif (pdf := data.pdf(best)) is not None:
            files[f"{stem}.pdf"] = pdf
    return files


def _europepmc(pmids: Sequence[int], service: EuropePmc, cache: Path) -> list[Batch]:
    """Return Europe PMC's answers on the papers."""
    cached = PaperCache(cache, "europepmc")
    names = [str(pmid) for pmid in pmids]
    unasked = cached.unasked(names)
    progress = Progress("Europe PMC", len(unasked), None, unit="paper")
    for chunk in chunks(unasked, _EUROPEPMC_BATCH):
        content = service.core(int(name) for name in chunk)
        answered = {str(paper.pmid) for paper in read_europepmc(content) or ()}
        cached.put(chunk, set(chunk) - answered, {"core.json": content})
        progress.advance(len(chunk), 0)
    return cached.batches(names)


def _europepmc_texts(papers: Iterable[Paper], service: EuropePmc, cache: Path) -> tuple[list[Batch], list[str]]:
    """Return the full texts at Europe PMC that may be published, and one line for each that failed."""
    failed: list[str] = []
    cached = PaperCache(cache, "europepmc-text")
    names = {paper.pmcid for paper in papers if paper.pmcid and not paper.retracted and _is_publishable(paper.license)}
    unasked = cached.unasked(names)
    progress = Progress("Europe PMC full text", len(unasked), None, unit="article")

    def text_of(pmcid: str) -> dict[str, bytes]:
        content = service.full_text(pmcid)
        return {} if content is None else {f"{pmcid}.xml": content}

    for chunk in chunks(unasked, _ARTICLES_PER_BATCH):
        failed += cached.put_answers(ask_each(chunk, text_of))
        progress.advance(len(chunk), 0)
    return cached.batches(names), failed


def _last_entries(batches: Iterable[Batch], wanted: set[int]) -> dict[int, Paper]:
    """Return the last entry of each wanted paper in these batches of XML and JSON, by PMID, without its text."""
    entries: dict[int, Paper] = {}
    for batch in batches:
        for path in batch.files():
            for paper in read_file(path)[1]:
                if paper.pmid in wanted:
                    entries[paper.pmid] = replace(paper, abstract=None, paragraphs=())
    return dict(sorted(entries.items()))


def _is_publishable(licence: str | None) -> bool:
    return licence is not None and family(licence) in _PUBLISHABLE
