"""The report as one HTML page: the template's values and the filters that format them."""

from importlib.resources import files

import jinja2
from markupsafe import Markup

from dnacorpus.dataset.manifest import Manifest
from dnacorpus.dataset.statistics import Counts, Dataset
from dnacorpus.explore.report import sections
from dnacorpus.explore.report.validation import Validation
from dnacorpus.numbers import count, decimal, percent, rounded, size
from dnacorpus.printable import escaped_lines
from dnacorpus.schemas.splits import SPLITS
from dnacorpus.storage import ledger
from dnacorpus.storage.catalog import SIMULATED_RELEASE


def render(manifest: Manifest, dataset: Dataset, validation: Validation | None) -> str:
    """Return the page as HTML with its style and figures inline; all strings of the data are escaped.

    Raises CorpusError if a shard of the dataset cannot be read.
    """
    counts = Counts.of(dataset)
    kinds = sections.kinds(counts)
    splits = [split for split in SPLITS if counts.totals(split=split).pairs]
    return _template().render(
        releases=manifest.releases,
        simulated=SIMULATED_RELEASE in manifest.releases,
        versions=manifest.versions,
        manifest_sha256=manifest.entry.sha256,
        unit=dataset.option("splits", "unit"),
        kinds=kinds,
        divisions=sections.divisions(dataset, counts),
        units=sections.units(dataset),
        damaged=[detail for _, _, detail in ledger.unreadable(dataset.ledger)],
        splits=sections.splits(dataset, counts),
        audited=sections.audited(dataset),
        duplicates=sections.duplicates(dataset),
        lengths=sections.lengths(counts, kinds),
        gc=sections.gc(dataset),
        samples=sections.samples(dataset),
        validation=sections.validation(validation) if validation else None,
        load_split=splits[0] if splits else SPLITS[0],
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.filters |= {"number": _number, "count": count, "size": size, "rounded": rounded, "share": _share}
    return environment.from_string(
        files("dnacorpus.explore.report").joinpath("report.html.jinja").read_text(encoding="utf-8")
    )


def _printable(value: object) -> object:
    """Return a value of the template with what cannot be printed as escapes; a figure stays markup."""
    if isinstance(value, Markup):
        return Markup(escaped_lines(value))  # noqa: S704 - was markup before, and escapes add no mark
    return escaped_lines(value) if isinstance(value, str) else value


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else decimal(value, digits)


def _share(part: float, whole: int) -> str:
    return percent(part / whole, 1) if whole else "–"
