"""The verbs that use a dataset as a whole, and those that simulate, check, show, validate and publish one."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from dnacorpus.cli.options import BUILD, DATASET, JSON, OUT_FILE, OUT_FOLDER, Option, Verb, folder_to_write, several
from dnacorpus.cli.output import print_error, print_json, print_line, print_lines

STRUCTURES = ("family", "replicon", "clade")
"""As in `views.documents.style`, which ``--help`` does not import."""


def _pull(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from dnacorpus.dataset.pull import pull

    done = pull(
        options.repo,
        options.dest,
        config=options.subset,
        division=options.division,
        split=options.split,
        revision=options.revision,
    )
    if options.json:
        print_json(asdict(done))
    else:
        files = f"{done.files} of {done.total} files, {done.downloaded} downloaded"
        print_line(f"{options.dest}: {done.repo} at {done.commit[:8]}: {files}")


PULL = Verb(
    "pull",
    "Download a published dataset, whole or in part, and verify every file",
    "a dataset on the Hugging Face Hub",
    "the dataset folder DEST",
    "dnacorpus pull my-lab/dnacorpus corpus --config pairs --division viral",
    _pull,
    (
        Option("repo", metavar="ORG/NAME", help="a dataset on the Hub"),
        Option("dest", type=folder_to_write, metavar="DEST", help="the folder to write"),
        Option("--config", "--subset", dest="subset", metavar="NAME", help="only one config, e.g. pairs"),
        Option("--division", metavar="NAME", help="only one division"),
        Option("--split", metavar="NAME", help="only one split"),
        Option("--revision", metavar="NAME", help="a tag, branch or commit (default: main)"),
        JSON,
    ),
)


def _verify(options: argparse.Namespace) -> int:
    from dnacorpus.dataset.verify import InvalidDatasetError, verify

    try:
        totals = verify(options.dataset)
    except InvalidDatasetError as error:
        if options.json:
            print_json({"ok": False, "problems": error.problems})
        else:
            for line in error.lines():
                print_error(f"dnacorpus verify: {line}")
        return error.exit_code
    if options.json:
        print_json({"ok": True, **totals})
        return 0
    counts = f"{totals['files']:,} files, {totals['rows']:,} rows, {totals['bases']:,} bases of pairs"
    absent = f"; pulled in part, without {totals['absent']:,} files of the manifest" if totals["absent"] else ""
    print_line(f"{options.dataset}: {counts}: ok{absent}")
    return 0


VERIFY = Verb(
    "verify",
    "Check a dataset folder against its manifest",
    "a dataset folder",
    "a line with what was checked: bytes, schemas, identifiers, evidence, splits, ledger",
    "dnacorpus verify results/mine/dataset",
    _verify,
    (DATASET, JSON),
    notes="Exit code 1 when anything differs. With --json, `ok` is false then, and `problems` lists all problems.",
)


def _documents(options: argparse.Namespace) -> None:
    from dnacorpus.views.documents.plan import DocumentLimits
    from dnacorpus.views.documents.style import defaults, style
    from dnacorpus.views.documents.write import of_dataset

    chosen = defaults() | {name: value for name, value in vars(options).items() if value is not None}
    own = _text(options.tokens) if options.tokens and Path(options.tokens).is_file() else None
    look = style(chosen["layout"], chosen["tokens"], lineage=options.lineage, more=_text(options.templates), own=own)
    limits = DocumentLimits(
        tuple(chosen["structures"]),
        tuple(chosen["contexts"]),
        chosen["min_members"],
        chosen["max_uses"],
        chosen["reach"],
        options.limit,
    )
    written = of_dataset(options.dataset, options.out, limits, look)
    rows, bases = (sum(shard[count] for shard in written) for count in ("rows", "bases"))
    print_line(f"{options.out}: {rows:,} documents, {bases:,} bases, {len(written):,} files")


def _text(path: Any) -> str | None:
    from dnacorpus.bounded import file_text
    from dnacorpus.errors import UsageError

    if path is None:
        return None
    try:
        return file_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected a TOML file, found: {error}; correct the path") from error


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


def _context(text: str) -> int:
    number = _positive(text)
    if not 256 <= number <= 1 << 20:
        raise argparse.ArgumentTypeError(f"expected 256 to 1048576 characters, found {text}")
    return number


DOCUMENTS = Verb(
    "documents",
    "Group pairs that share a structure into long contexts, for in-context learning",
    "a dataset folder",
    "OUT/<division>/<split>.parquet, OUT/<division>/shards.json, and last OUT/view.json, which lists them",
    "dnacorpus documents results/mine/dataset --out documents --context 8192,32768 --tokens tags",
    _documents,
    (
        DATASET,
        OUT_FOLDER,
        several(
            "--context", dest="contexts", of=_context, metavar="N[,N]",
            help="maximum characters per document, text and bases, 256 to 1048576; one or more (default: 8192)",
        ),
        several(
            "--structure", dest="structures", choices=STRUCTURES, metavar="NAME[,NAME]",
            help=f"what the pairs share: {', '.join(STRUCTURES)} (default: each)",
        ),
        Option("--layout", help="text_dna, dna_text, or either, drawn for each document (default: text_dna)"),
        Option("--lineage", action="store_true", help="put |d__...;g__...;s__...| by the taxonomy before the bases"),
        Option("--tokens", help="around text and DNA: none, tags, both, or a TOML file (default: none)"),
        Option("--templates", type=Path, metavar="FILE", help="TOML of templates in addition to the built-in ones"),
        Option(
            "--min-members", type=_positive, metavar="N",
            help="minimum number of pairs per document (default: 2)",
        ),
        Option(
            "--max-uses", type=_positive, metavar="N",
            help="maximum number of documents per pair, for each structure and context",
        ),
        Option(
            "--limit", type=_positive, metavar="N",
            help="maximum number of documents for each structure, context, division and split",
        ),
    ),
)  # fmt: skip


def _simulate(options: argparse.Namespace) -> None:
    from dnacorpus.simulate.release import simulate

    truth = simulate(options.out, options.bases, options.seed, options.unrelated)
    bases = sum(division["bases"] for division in truth["divisions"].values())
    records = sum(division["records"] for division in truth["divisions"].values())
    mirror, divisions = options.out / "release", ",".join(sorted(truth["divisions"]))
    print_line(f"{mirror}: a simulated release of {records:,} records, {bases:,} bases")
    print_line(
        f"build it: snakemake --cores 2 --config {shlex.quote(f'mirror={mirror}')} name=sim divisions={divisions}"
    )


SIMULATE = Verb(
    "simulate",
    "Make a small simulated release in RefSeq's layout, papers included",
    "a size and a seed",
    "OUT/release, a mirror, and OUT/truth.json, which lists the planted cases",
    "dnacorpus simulate demo --bases 2000000 --seed 1",
    _simulate,
    (
        Option("out", type=folder_to_write, metavar="OUT", help="the folder to write"),
        Option("--bases", type=int, required=True, metavar="N", help="size of the release, at least 50000"),
        Option("--seed", type=int, default=0, metavar="N", help="another seed gives another release (default: 0)"),
        Option("--unrelated", action="store_true", help="shuffle the gene names, so that text predicts nothing of DNA"),
    ),
)


def _check(options: argparse.Namespace) -> None:
    from dnacorpus.config.build import Build
    from dnacorpus.stages import check

    check.run(Build.open(options.build), options.out, print_line)


CHECK = Verb(
    "check",
    "Print the totals of a build, and what became of each input",
    "the dataset of a build",
    "the same as a text file",
    "dnacorpus check --build results/mine --out results/mine/summary.txt",
    _check,
    (BUILD, OUT_FILE),
    notes="Exit code 1, and no text file, when a release file was damaged.",
)


def _report(options: argparse.Namespace) -> None:
    from dnacorpus.stages import report

    report.run(options.dataset, options.validated, options.out)
    print_line(str(options.out / "index.html"))


REPORT = Verb(
    "report",
    "Show a dataset as one web page: numbers, losses, samples with evidence, validation",
    "a dataset folder, and that of dnacorpus validate",
    "OUT/index.html, which needs no other file",
    "dnacorpus report results/mine/dataset --validated results/mine/validate --out results/mine/report",
    _report,
    (
        DATASET,
        Option("--validated", type=Path, metavar="DIR", help="the folder of dnacorpus validate, if there is one"),
        OUT_FOLDER,
    ),
)


def _validate(options: argparse.Namespace) -> None:
    from dnacorpus.stages import validate

    validate.run(options.dataset, options.out, options.preset, options.seed, options.device)
    print_lines((options.out / "summary.txt").read_text(encoding="utf-8").splitlines())


VALIDATE = Verb(
    "validate",
    "Train a small model on a dataset and compare it with baselines, with and without text",
    "a dataset folder",
    "a folder of metrics.json, curve.svg, curve.csv and summary.txt",
    "dnacorpus validate results/mine/dataset --out results/mine/validate --preset auto",
    _validate,
    (
        DATASET,
        OUT_FOLDER,
        Option("--preset", default="auto", help="off, tiny, small, base, or auto: small on a GPU, else tiny"),
        Option("--seed", type=int, default=0, metavar="N", help="of the model and its training (default: 0)"),
        Option("--device", default="auto", help="auto, cpu or cuda (default: auto)"),
    ),
)


def _publish(options: argparse.Namespace) -> None:
    from dataclasses import asdict

    from dnacorpus.stages import publish

    done = publish.run(
        options.dataset, options.repo, tag=options.tag, private=options.private, incomplete=options.incomplete
    )
    if options.json:
        print_json(asdict(done))
    else:
        changed = "unchanged" if done.unchanged else f"{done.changed} sent, {done.deleted} deleted"
        print_line(f"{done.url}: {done.tag} at {done.commit[:8]}: {done.files} files, {changed}")


PUBLISH = Verb(
    "publish",
    "Publish a dataset on the Hugging Face Hub, in one commit, verified and tagged",
    "a dataset folder; HF_TOKEN and HF_ENDPOINT in the environment",
    "a line with the address, the tag and the commit",
    "dnacorpus publish results/mine/dataset --repo my-lab/dnacorpus",
    _publish,
    (
        DATASET,
        Option("--repo", required=True, metavar="ORG/NAME", help="the dataset on the Hub"),
        Option("--tag", metavar="NAME", help="default: v, the release, and 8 hex digits of the manifest"),
        Option("--private", action="store_true", help="make the repository private if it is created"),
        Option("--incomplete", action="store_true", help="publish although release files were damaged"),
        JSON,
    ),
)
