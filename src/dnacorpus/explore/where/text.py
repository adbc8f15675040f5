"""The answers of `where` as lines of text."""

from typing import Any

from dnacorpus.dataset.source_names import sources_in_words
from dnacorpus.printable import escaped
from dnacorpus.schemas.reasons import in_words

Row = dict[str, Any]

MAX_LINES = 20
"""Most records, and most rows, of one answer that get a line; JSON lists all."""
MAX_FILES = 5

_NO_SEQUENCE = (
    "no record or row is exactly this sequence, on either strand or from any origin; longer sequences that contain it"
    " are not searched for, nor are rows that were dropped (copies, leaks)"
)


def for_people(answer: Row) -> list[str]:
    """Return the lines of one answer: one per record, row or count, or one with the reason why there is none.

    What cannot be printed is shown as an escape.
    """
    return [escaped(line) for line in _lines(answer)]


def _lines(answer: Row) -> list[str]:
    name = answer["query"] + (f" ({answer['bases']:,} bases)" if answer["bases"] else "")
    if answer["status"] == "unusable":
        return [f"{name}: cannot be looked up: {'; '.join(answer['notes'])}"]
    lines = [_record(name, record, answer["kind"]) for record in answer["records"][:MAX_LINES]]
    lines += [_row(name, row) for row in answer["rows"][:MAX_LINES]]
    if answer["taxon"]:
        lines += _taxon(name, answer["taxon"])
    if more := sum(len(answer[key][MAX_LINES:]) for key in ("records", "rows")):
        lines.append(f"{name}: {more:,} more, shown by --json")
    if answer["absent"]:
        lines.append(f"{name}: {_absent(answer['kind'], answer['absent'])}")
    return lines + [f"{name}: {note}" for note in answer["notes"]]


def _record(name: str, record: Row, kind: str) -> str:
    accession = record["accession"]
    if accession == name:
        label = name
    else:
        label = f"{name}: record {accession}" if kind == "sequence" else f"{name}: {accession}"
    match = f", {record['match']}" if record["match"] else ""
    if record["status"] == "kept":
        return f"{label}: {_location(record)}{match}"
    if record["status"] == "duplicate":
        where = f", which is in {_location(record['kept_copy'])}" if record["kept_copy"] else ""
        return f"{label}: {record['division']}: duplicate of {record['duplicate_of']} ({record['reason']}){where}"
    words = in_words(record["reason"])
    reason = record["reason"] + (f" ({words})" if words else "") + (f": {record['detail']}" if record["detail"] else "")
    return f"{label}: {record['division']}: {record['status']}, {reason}"


def _location(record: Row) -> str:
    """Return the split, file and 0-based rows of a kept record."""
    copies = f"; cluster {record['cluster']}, copies {record['copies']}"
    if not record["rows"]:
        return f"{record['division']}, {record['split']}: no row of pairs; bases in {record['segments']}{copies}"
    last = record["row"] + record["rows"] - 1
    rows = f"row {record['row']}" if record["rows"] == 1 else f"rows {record['row']} to {last}"
    return f"{record['division']}, {record['split']}: {rows} (0-based) of {record['file']}{copies}"


def _row(name: str, row: Row) -> str:
    copies = f"; cluster {row['cluster']}, copies {row['copies']}" if row["cluster"] else ""
    match = row["match"] or "bases not compared"
    location = f"{row['division']}, {row['split']}: row {row['row']} (0-based) of {row['file']}"
    return f"{name}: {row['accession']}, pair {row['pair_id']}: {location}{copies}, {match}"


def _taxon(name: str, taxon: Row) -> list[str]:
    other_names = [written for written in taxon["names"] if written != name]
    called = f" ({', '.join(other_names)})" if other_names else ""
    splits = [f"{species}: {', '.join(names) or 'none kept'}" for species, names in taxon["species_splits"].items()]
    counted = f"{taxon['species']:,} species" if taxon["species"] != 1 else "1 species"
    more = "; ..." if taxon["species"] > len(splits) else ""
    first = f"{name}{called}: {'in' if taxon['in_train'] else 'not in'} train; {counted}"
    lines = [first + (f" ({'; '.join(splits)}{more})" if splits else "")]
    for row in taxon["counts"]:
        outcome = row["split"] or (f"{row['status']} ({row['reason']})" if row["reason"] else row["status"])
        records = "1 record" if row["records"] == 1 else f"{row['records']:,} records"
        lines.append(f"{name}: {row['division']}, {outcome}: {records}, {row['bases']:,} bases")
    return lines


def _absent(kind: str, searched: Row) -> str:
    releases = f" ({sources_in_words(searched['releases'])})" if searched["releases"] else ""
    divisions = f"in this release of: {', '.join(searched['divisions'])}{releases}"
    line = f"{_NO_SEQUENCE}; {divisions}" if kind == "sequence" else f"not {divisions}"
    for key, words in (("unreadable", "not read because damaged"), ("gone", "gone from their source")):
        if searched[key]:
            names = [detail.partition(": ")[0] for detail in searched[key]]
            line += f"; {words}: {', '.join(names[:MAX_FILES])}{' ...' if len(names) > MAX_FILES else ''}"
    return line
