"""The verbs of the stages that reach outside: taxonomy, catalog, fetch and papers.

Each verb opens what it is given and calls one function. Imports of a verb stand inside it, so that ``--help``
answers at once.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dnacorpus.cli.options import Verbs, add_config, add_source, add_verb

if TYPE_CHECKING:
    from dnacorpus.config.resolved import Config
    from dnacorpus.papers.gather import Services


def add_taxonomy(verbs: Verbs) -> None:
    """Add the verb ``taxonomy``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.config.resolved import Config
        from dnacorpus.sources.http import Policy
        from dnacorpus.stages.taxonomy import PINNED, taxonomy
        from dnacorpus.storage.atomic import write_text

        config = Config.load(options.config)
        pinned = config.pinned and config.pinned / PINNED
        policy = Policy(contact=config["contact"])
        taxonomy(
            config["taxonomy"], config["mirror"], options.out, policy, pinned if pinned and pinned.is_file() else None
        )
        # With the catalogs, so that one folder pins a build.
        write_text(options.out.parent / "catalog" / PINNED, (options.out / PINNED).read_text(encoding="utf-8"))

    verb = add_verb(
        verbs,
        "taxonomy",
        run,
        "Read NCBI's new_taxdump: each taxid with its species, genus and ranked lineage. Out: a folder of tables,"
        " empty where the config names no taxonomy; beside it catalog/taxonomy.json, which pins it.",
        "dnacorpus taxonomy --config results/refseq/config.yaml --out results/refseq/taxonomy",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def add_catalog(verbs: Verbs) -> None:
    """Add the verb ``catalog``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.errors import UsageError
        from dnacorpus.formats.taxonomy.lookup import Taxa
        from dnacorpus.sources.custom import custom_catalog
        from dnacorpus.sources.http import Policy
        from dnacorpus.stages.catalog import catalog
        from dnacorpus.storage.results import Results

        config = _config_of(options)
        policy = Policy(contact=config["contact"])
        group_bytes = options.group_bytes or (options.config and config["shards.group_bytes"])
        if not group_bytes:
            raise UsageError("--mirror needs --group-bytes, e.g. --group-bytes 512000000")
        own = None if config.pinned else config.custom_division(options.division)
        if own is None:
            catalog(config["mirror"], options.division, options.out, group_bytes, policy, config.pinned)
        else:
            taxa = Taxa(Results(options.config.parent).taxonomy()) if "taxon" in own else None
            custom_catalog(own, options.out, group_bytes, config["services.genomes"], taxa, policy)

    verb = add_verb(
        verbs,
        "catalog",
        run,
        "List the files of a division as parts and shard groups. Out: a TSV of file, url, bytes and MD5.",
        "dnacorpus catalog --mirror mirror/release --division viral --group-bytes 512000000 --out viral.tsv",
    )
    add_source(verb)
    verb.add_argument("--division", required=True, help="of the release, or a custom one of the config")
    verb.add_argument("--group-bytes", type=int, help="compressed bytes of parts that share shards; with --mirror")
    verb.add_argument("--out", type=Path, required=True)


def add_fetch(verbs: Verbs) -> None:
    """Add the verb ``fetch``."""

    def run(options: argparse.Namespace) -> None:
        import os

        from dnacorpus.sources.eutils import key_of
        from dnacorpus.sources.http import Policy
        from dnacorpus.sources.nuccore import nuccore_at
        from dnacorpus.sources.successors import Successors
        from dnacorpus.stages.fetch import fetch

        config = _config_of(options)
        policy = Policy(contact=config["contact"])
        pinned = config.pinned is not None
        if options.config is None:
            fetch(config["mirror"], options.catalog, options.part, options.out, policy)
            return
        successor = Successors(config["mirror"], config["services.genomes"], policy)
        with nuccore_at(config["services.eutils"], key_of(os.environ), policy) as nuccore:
            fetch(
                config["mirror"], options.catalog, options.part, options.out, policy,
                pinned=pinned, nuccore=nuccore, successor=successor,
            )  # fmt: skip

    verb = add_verb(
        verbs,
        "fetch",
        run,
        "Bring the files of one part here: downloaded or, from a folder, linked; MD5 verified. Out: a folder of them.\n"
        "A killed download goes on where it was.",
        "dnacorpus fetch --mirror mirror/release --catalog viral.tsv --part viral.1 --out raw/viral/viral.1",
    )
    add_source(verb)
    verb.add_argument("--catalog", type=Path, required=True, help="the division's catalog")
    verb.add_argument("--part", required=True)
    verb.add_argument("--out", type=Path, required=True)


def add_papers(verbs: Verbs) -> None:
    """Add the verb ``papers``."""

    def run(options: argparse.Namespace) -> None:
        from functools import partial

        from dnacorpus.config.resolved import Config
        from dnacorpus.papers.files import in_directory
        from dnacorpus.papers.gather import gather
        from dnacorpus.stages.papers import Find, papers, resolve_source
        from dnacorpus.storage.results import Results

        config = Config.load(options.config)
        source = resolve_source(config["papers.source"], config["mirror"])
        find: Find | None = None
        if isinstance(source, Path):
            find = lambda _: in_directory(source)  # noqa: E731 - as short as it can be
        elif source is not None:
            find = partial(gather, services=_services(config), cache=Path(config["papers.cache"]))
        allowed = frozenset(config["papers.licenses"])
        most = config["papers.max_records_per_paper"]
        papers(Results(options.config.parent), config.divisions, find, allowed, options.out, most)

    verb = add_verb(
        verbs,
        "papers",
        run,
        "Read the papers that kept records cite, from a folder or from PubMed, PMC and Europe PMC."
        " Out: a Parquet file of them.\nNCBI_API_KEY in the environment raises the rate of requests.",
        "dnacorpus papers --config results/refseq/config.yaml --out results/refseq/papers.parquet",
    )
    add_config(verb)
    verb.add_argument("--out", type=Path, required=True)


def _services(config: "Config") -> "Services":
    import os

    from dnacorpus.papers.gather import Services
    from dnacorpus.sources.eutils import key_of
    from dnacorpus.sources.http import Policy

    policy = Policy(contact=config["contact"])
    return Services(config["services"].model_dump(), policy, key_of(os.environ), config["papers.bulk_download_above"])


def _config_of(options: argparse.Namespace) -> "Config":
    """Return the config that a verb was given, or what its options make of one."""
    from dnacorpus.config.resolved import Config

    if options.config is not None:
        return Config.load(options.config)
    return Config.of_mirror(options.mirror, options.contact)


ADD = (add_taxonomy, add_catalog, add_fetch, add_papers)
"""The verbs in the order of work."""
