"""The report stage: one self-contained HTML page with the numbers, figures and sample texts of a dataset.

In: a dataset folder, and the folder of the validate stage if it ran. Out: index.html in the folder ``out``.
Memory: the counts of the shards, not their sequences.
"""

from pathlib import Path

from dnacorpus.dataset import manifest as manifests
from dnacorpus.dataset.statistics import open_dataset
from dnacorpus.explore.report.page import render
from dnacorpus.explore.report.validation import read_validation
from dnacorpus.storage.atomic import write_text


def run(dataset: Path, validated: Path | None, out: Path) -> None:
    """Write ``out/index.html``, the report about one dataset folder; the same inputs give the same bytes.

    ``validated`` is the folder of the validate stage, or None. Raises UsageError if ``dataset`` is not a dataset
    folder, CorpusError if a file in one of the folders cannot be read.
    """
    manifest = manifests.read(dataset)
    validation = read_validation(validated) if validated else None
    write_text(out / "index.html", render(manifest, open_dataset(dataset, manifest), validation))
