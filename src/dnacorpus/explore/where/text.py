"""The answers of `where` as lines for people."""

from typing import Any

from dnacorpus.schemas.reasons import in_words
from dnacorpus.storage.catalog import sources_in_words

Row = dict[str, Any]

MOST_LINES = 20
"""Most records, and rows, of one answer that get a line each; JSON has them all."""

MOST_FILES = 5

_NOWHERE = (
    "no record or row is exactly this sequence, on either strand or from any origin; whether a longer one holds it is"
    " not looked for"
)


def for_people(answer: Row) -> list[str]:
    """Set one answer of `where.Where` as lines: one a record, row or count, or one that says why there is none."""
    name = answer["query"] + (f" ({answer['bases']:,} bases)" if answer["bases"] else "")
    if answer["status"] == "unusable":
        return [f"{name}: cannot be looked up: {'; '.join(answer['notes'])}"]
    lines = [_record(name, record, answer["kind"]) for record in answer["records"][:MOST_LINES]]
    lines += [_row(name, row) for row in answer["rows"][:MOST_LINES]]
    if answer["taxon"]:
        lines += _taxon(name, answer["taxon"])
    if more := sum(len(answer[key][MOST_LINES:]) for key in ("records", "rows")):
        lines.append(f"{name}: {more:,} more, shown by --json")
    if answer["absent"]:
        lines.append(f"{name}: {_absent(answer['kind'], answer['absent'])}")
    return lines + [f"{name}: {note}" for note in answer["notes"]]


def _record(name: str, record: Row, kind: str) -> str:
    accession = record["accession"]
    said = (
        name if accession == name else f"{name}: record {accession}" if kind == "sequence" else f"{name}: {accession}"
    )
    match = f", {record['match']}" if record["match"] else ""
    if record["status"] == "kept":
        return f"{said}: {_place(record)}{match}"
    if record["status"] == "duplicate":
        where = f", which is in {_place(record['kept_copy'])}" if record["kept_copy"] else ""
        return f"{said}: {record['division']}: duplicate of {record['duplicate_of']} ({record['reason']}){where}"
    words = in_words(record["reason"])
    reason = record["reason"] + (f" ({words})" if words else "") + (f": {record['detail']}" if record["detail"] else "")
    return f"{said}: {record['division']}: {record['status']}, {reason}"


def _place(record: Row) -> str:
    """Return where a kept record is; rows count from 0."""
    copies = f"; cluster {record['cluster']}, copies {record['copies']}"
    if not record["rows"]:
        return f"{record['division']}, {record['split']}: no row of pairs; bases in {record['segments']}{copies}"
    last = record["row"] + record["rows"] - 1
    rows = f"row {record['row']}" if record["rows"] == 1 else f"rows {record['row']} to {last}"
    return f"{record['division']}, {record['split']}: {rows} of {record['file']}{copies}"


def _row(name: str, row: Row) -> str:
    copies = f"; cluster {row['cluster']}, copies {row['copies']}" if row["cluster"] else ""
    match = row["match"] or "bases not compared"
    place = f"{row['division']}, {row['split']}: row {row['row']} of {row['file']}"
    return f"{name}: {row['accession']}, pair {row['pair_id']}: {place}{copies}, {match}"


def _taxon(name: str, taxon: Row) -> list[str]:
    told = [written for written in taxon["names"] if written != name]
    called = f" ({', '.join(told)})" if told else ""
    splits = [f"{species}: {', '.join(held) or 'none kept'}" for species, held in taxon["species_splits"].items()]
    counted = f"{taxon['species']:,} species" if taxon["species"] != 1 else "1 species"
    more = "; ..." if taxon["species"] > len(splits) else ""
    first = f"{name}{called}: {'in' if taxon['in_train'] else 'not in'} train; {counted}"
    lines = [first + (f" ({'; '.join(splits)}{more})" if splits else "")]
    for row in taxon["counts"]:
        fate = row["split"] or (f"{row['status']} ({row['reason']})" if row["reason"] else row["status"])
        records = "1 record" if row["records"] == 1 else f"{row['records']:,} records"
        lines.append(f"{name}: {row['division']}, {fate}: {records}, {row['bases']:,} bases")
    return lines


def _absent(kind: str, about: Row) -> str:
    releases = f" ({sources_in_words(about['releases'])})" if about["releases"] else ""
    divisions = f"in this release of: {', '.join(about['divisions'])}{releases}"
    said = f"{_NOWHERE}; {divisions}" if kind == "sequence" else f"not {divisions}"
    for key, words in (("unreadable", "not read, since damaged"), ("gone", "gone from their source")):
        if about[key]:
            names = [detail.partition(": ")[0] for detail in about[key]]
            said += f"; {words}: {', '.join(names[:MOST_FILES])}{' ...' if len(names) > MOST_FILES else ''}"
    return said
