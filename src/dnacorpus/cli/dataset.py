"""The verbs of those who use a dataset.

Each verb opens what it is given, calls one function, and says what it printed on stdout alone. Imports of
a verb stand inside it, so that ``--help`` answers at once.
"""

import argparse
from pathlib import Path

from dnacorpus.cli.options import Verbs, add_verb


def add_simulate(verbs: Verbs) -> None:
    """Add the verb ``simulate``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.simulate.release import simulate

        truth = simulate(options.out, options.bases, options.seed, options.unrelated)
        bases = sum(division["bases"] for division in truth["divisions"].values())
        records = sum(division["records"] for division in truth["divisions"].values())
        print(f"{options.out / 'release'}: a simulated release of {records:,} records, {bases:,} bases")

    verb = add_verb(
        verbs,
        "simulate",
        run,
        "Make a simulated release in RefSeq's layout, papers included. Out: OUT/release, and what was planted in it in"
        " OUT/truth.json.",
        "dnacorpus simulate demo --bases 2000000 --seed 1",
    )
    verb.add_argument("out", type=Path)
    verb.add_argument("--bases", type=int, required=True, help="size of the release, at least 50000")
    verb.add_argument("--seed", type=int, default=0, help="another seed, another release (default 0)")
    verb.add_argument(
        "--unrelated", action="store_true", help="deal the names of genes anew, so that text tells nothing of bases"
    )


def add_verify(verbs: Verbs) -> None:
    """Add the verb ``verify``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.dataset.verify import verify

        found = verify(options.dataset)
        counts = f"{found['files']:,} files, {found['rows']:,} rows, {found['bases']:,} bases of pairs"
        absent = f"; pulled in part, {found['absent']:,} files of the manifest are not here" if found["absent"] else ""
        print(f"{options.dataset}: {counts}: ok{absent}")

    verb = add_verb(
        verbs,
        "verify",
        run,
        "Check a dataset folder against its manifest: bytes, schema, identifiers, evidence, splits, books."
        " Out: a line with what was checked.\nExit code 1 when anything differs.",
        "dnacorpus verify results/refseq/dataset",
    )
    verb.add_argument("dataset", type=Path)


def add_validate(verbs: Verbs) -> None:
    """Add the verb ``validate``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.validate import validate

        validate(options.dataset, options.out, options.preset, options.seed, options.device)
        print((options.out / "summary.txt").read_text(encoding="utf-8"), end="")

    verb = add_verb(
        verbs,
        "validate",
        run,
        "Train a small model on a dataset and compare it with baselines, with and without its text."
        " Out: a folder with metrics.json, curve.svg, curve.csv and summary.txt.",
        "dnacorpus validate results/refseq/dataset --out results/refseq/validate --preset auto",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--out", type=Path, required=True)
    verb.add_argument("--preset", default="auto", help="off, tiny, small, base, or auto: small on a GPU, else tiny")
    verb.add_argument("--seed", type=int, default=0, help="of the model and its training (default 0)")
    verb.add_argument("--device", default="auto", help="auto, cpu or cuda (default auto)")


def add_report(verbs: Verbs) -> None:
    """Add the verb ``report``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.report import report

        report(options.dataset, options.validated, options.out)
        print(options.out / "index.html")

    verb = add_verb(
        verbs,
        "report",
        run,
        "Show a dataset as one page: what is in it, what became of the rest, samples with their evidence, validation."
        " Out: OUT/index.html, which needs nothing else.",
        "dnacorpus report results/refseq/dataset --validated results/refseq/validate --out results/refseq/report",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--validated", type=Path, help="folder of dnacorpus validate; without it nothing was validated")
    verb.add_argument("--out", type=Path, required=True)


def add_publish(verbs: Verbs) -> None:
    """Add the verb ``publish``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.stages.publish import publish

        done = publish(
            options.dataset, options.repo, tag=options.tag, private=options.private, incomplete=options.incomplete
        )
        changed = "unchanged" if done.unchanged else f"{done.changed} sent, {done.deleted} deleted"
        print(f"{done.url}: {done.tag} at {done.commit[:8]}: {done.files} files, {changed}")

    verb = add_verb(
        verbs,
        "publish",
        run,
        "Publish a dataset on the Hugging Face Hub: the files of its manifest in one commit, verified, tagged."
        " HF_TOKEN and HF_ENDPOINT are honoured. Out: a line with the place, the tag and the commit.",
        "dnacorpus publish results/refseq/dataset --repo my-lab/dnacorpus",
    )
    verb.add_argument("dataset", type=Path)
    verb.add_argument("--repo", required=True, metavar="ORG/NAME")
    verb.add_argument("--tag", help="default: v, the release, and 8 hex digits of the manifest")
    verb.add_argument("--private", action="store_true", help="make the repository private if it is made")
    verb.add_argument("--incomplete", action="store_true", help="publish although release files were damaged")


def add_pull(verbs: Verbs) -> None:
    """Add the verb ``pull``."""

    def run(options: argparse.Namespace) -> None:
        from dnacorpus.dataset.pull import pull

        done = pull(
            options.repo,
            options.dest,
            config=options.config,
            division=options.division,
            split=options.split,
            revision=options.revision,
        )
        print(f"{options.dest}: {done.repo} at {done.commit[:8]}: {done.files} of {done.total} files,", end=" ")
        print(f"{done.downloaded} downloaded")

    verb = add_verb(
        verbs,
        "pull",
        run,
        "Bring a published dataset here, whole or in part, every file verified. Out: the dataset folder DEST.",
        "dnacorpus pull my-lab/dnacorpus corpus --config pairs --division viral",
    )
    verb.add_argument("repo", metavar="ORG/NAME")
    verb.add_argument("dest", type=Path)
    verb.add_argument("--config", help="one config only, e.g. pairs")
    verb.add_argument("--division", help="one division only")
    verb.add_argument("--split", help="one split only")
    verb.add_argument("--revision", help="a tag, branch or commit (default main)")


ADD = (add_simulate, add_verify, add_validate, add_report, add_publish, add_pull)
"""The verbs in the order of the list."""
