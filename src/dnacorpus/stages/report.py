"""The report of a build: one page with its numbers, pictures and sample texts, which loads nothing else."""

from importlib.resources import files
from pathlib import Path

import jinja2

from dnacorpus.dataset import statistics as dataset_statistics
from dnacorpus.dataset.statistics import Dataset
from dnacorpus.explore.report import sections
from dnacorpus.explore.report.validation import Validation, read_validation
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import ledger
from dnacorpus.storage.atomic import write_text
from dnacorpus.storage.catalog import SIMULATED_RELEASE


def report(dataset: Path, validated: Path | None, out: Path) -> None:
    """Write ``out/index.html`` whole: a page for people about one dataset folder.

    ``validated`` is the folder of the validate stage, or None where there was none. The same inputs give
    the same bytes. Raises CorpusError when the folders are not what their stages write.
    """
    validation = read_validation(validated) if validated else None
    write_text(out / "index.html", page(dataset_statistics.open_dataset(dataset), validation))


def page(dataset: Dataset, validation: Validation | None) -> str:
    """Return the report as HTML: style and pictures inside it, all strings of the data escaped."""
    rows, records = dataset_statistics.rows(dataset), dataset_statistics.records(dataset)
    species = dataset_statistics.species(dataset)
    kinds = sections.kinds(rows)
    return _template().render(
        releases=dataset.releases,
        simulated=SIMULATED_RELEASE in dataset.releases,
        versions=dataset.manifest["versions"],
        manifest_sha256=dataset.manifest_sha256,
        unit=dataset.manifest["config"].get("splits", {}).get("unit", "species"),
        kinds=kinds,
        divisions=sections.divisions(dataset, rows, records, species),
        units=sections.units(dataset),
        damaged=[detail for _, _, detail in ledger.unreadable(dataset.books)],
        splits=sections.splits(dataset, rows, records, species),
        audited=sections.audited(dataset),
        duplicates=sections.duplicates(dataset),
        lengths=sections.lengths(records, rows, kinds),
        gc=sections.gc(dataset),
        samples=sections.samples(dataset),
        validation=sections.validation(validation) if validation else None,
        load_split=next((split for split in SPLITS if split in set(rows["split"])), SPLITS[0]),
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": _number, "counted": _counted, "size": _size, "rounded": _rounded, "share": _share}
    return environment.from_string(
        files("dnacorpus.explore.report").joinpath("report.html.jinja").read_text(encoding="utf-8")
    )


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _counted(number: int, unit: str) -> str:
    plural = unit if unit == "species" else f"{unit}s"
    return f"{number:,} {unit if number == 1 else plural}"


def _size(number: int) -> str:
    for power, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= power:
            return f"{number / power:.1f} {letter}B"
    return f"{number:,} B"


def _rounded(number: int) -> str:
    for power, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= power:
            return f"{number / power:.1f} {name}"
    return f"{number:,}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
