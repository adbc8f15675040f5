"""What a feature takes from those above it: names of the gene, product, and that it is a pseudogene.

A flat file repeats these in every feature of a gene; GFF3 and GTF may state them once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from dnacorpus.formats.gff.attributes import attributes_of, keeps_order, value_of
from dnacorpus.formats.gff.entry import STRIDE, GffEntry, GffInterval
from dnacorpus.formats.gff.groups import MAX_PARENTS
from dnacorpus.formats.gff.lines import RNA
from dnacorpus.printable import cleaned

NAMES = ("gene", "locus_tag", "gene_synonym", "old_locus_tag")
"""Qualifiers that name the gene."""
_PSEUDO = "pseudo"  # in the names of a feature: it is a pseudogene
_STATED = re.compile(
    rb"(?:^|;)\s*((?:gene|locus_tag|gene_synonym|old_locus_tag|gene_name|gene_id|Name|product|gbkey|pseudo|pseudogene"
    rb"|(?:gene_|transcript_)?(?:bio)?type)=[^;]*)",
    re.I,
)
_BIOTYPES = ("gene_biotype", "gene_type", "transcript_biotype", "transcript_type", "biotype")
_OTHERS = "product gbkey gene_name gene_id Name name ID pseudo pseudogene transcript_id"
_READ = frozenset((*NAMES, *_BIOTYPES, *_OTHERS.split()))
_NOT = ("false", "no", "0")
_MAX_ANCESTORS = 8  # a chain of parents may be a circle

Attributes = Iterable[tuple[str, list[str]]]


def stated(entry: GffEntry, attributes: Attributes) -> dict[str, list[str]]:
    """Return the names in a feature's own attributes, and under ``product`` and ``pseudo`` whether it states these."""
    given: dict[str, list[str]] = {}
    for key, values in attributes:
        if key in _READ:
            given.setdefault(key, []).extend([value for value in values if value])
    names = {key: given[key] for key in (*NAMES, "product") if given.get(key)}
    if not given.get("gbkey"):
        name = given.get("gene_name") or (given.get("Name") if entry.kind == "gene" else None)
        own = entry.gtf or entry.kind == "gene" or any(b"\t" in owner for owner in entry.owners)
        tag = given.get("gene_id") if own else None  # of GFF3 only the gene's, by which VEuPathDB's lines name its ID
        if entry.gtf and not (tag or "transcript_id" in given):
            tag = given.get("name")  # JGI
        if entry.gtf and not tag and entry.owners and entry.owners[0].startswith(b"\t"):
            tag = [cleaned(entry.owners[0][1:].decode("utf-8", "replace"))]  # a bare word, whose CDS states the gene_id
        product = given.get("Name") if "".join(given.get("ID", ())).startswith("fig|") else None  # RAST
        for key, found in (("gene", name), ("locus_tag", tag), ("product", product)):
            if found and key not in names:
                names[key] = found[:1]
    if "pseudogen" in entry.type or "pseudogene" in given or _says_pseudo(given):
        names[_PSEUDO] = []
    return names


def _says_pseudo(given: dict[str, list[str]]) -> bool:
    if "pseudo" in given and not any(value.lower() in _NOT for value in given["pseudo"]):
        return True
    if given.get("gbkey"):
        return False
    return any(value.endswith("pseudogene") for key in _BIOTYPES for value in given.get(key, ()))


def inherit(entry: GffEntry, names: dict[str, list[str]]) -> None:
    """Add to a feature's names what it lacks and the features above it have.

    Of several parents it has only what all state alike, and an mRNA only a product that all its CDS have.

    A CDS takes the product of its transcript, an mRNA that of its CDS, both that of the gene; not in NCBI's files,
    which state it where the flat file does.
    """
    product = entry.kind in ("CDS", "mRNA") and "product" not in names and b"gbkey" not in entry.attributes
    if product and entry.coding:
        product = not entry.several_products
        found = value_of(entry.coding.attributes, entry.coding.gtf, "product") if product else None
        if found:
            names["product"], product = [found], False
    decided = {*names} if product else {*names, "product"}
    for level in _ancestors(entry):
        stating = [_of(above) for above in level]
        for key in dict.fromkeys(key for given in stating for key in given):
            if key in decided or (key == "product" and not all(_is_of_a_gene(above) for above in level)):
                continue
            decided.add(key)
            values = stating[0].get(key)
            if values is not None and all(given.get(key) == values for given in stating):
                names[key] = values


def is_pseudo(names: dict[str, list[str]]) -> bool:
    """Tell whether the names of a feature say that it is a pseudogene."""
    return _PSEUDO in names


def _ancestors(entry: GffEntry) -> Iterator[list[GffEntry]]:
    """Yield the parents of a feature, then theirs, and so on; of several only genes and transcripts, if there are any.

    Those on the other strand are left out, and what lies above them.
    """
    level: Sequence[GffEntry] = () if entry.kind == "source" else entry.parents
    for _ in range(_MAX_ANCESTORS):
        found = [above for above in level if above.kind != "source" and _may_be_below(entry, above)]
        found = [above for above in found if _is_of_a_gene(above)] or found
        if not found:
            return
        yield found
        level = list({id(above): above for each in found for above in each.parents}.values())[:MAX_PARENTS]


def _is_of_a_gene(entry: GffEntry) -> bool:
    return entry.kind == "gene" or entry.kind in RNA


def _may_be_below(entry: GffEntry, above: GffEntry) -> bool:
    """Tell whether a feature lies on the strand of one above it, or one of both is trans-spliced."""
    if entry.strand == above.strand or keeps_order(entry.attributes) or keeps_order(above.attributes):
        return True
    return any(each.other_strand or _is_in_numbered_parts_or_on_both_strands(each) for each in (entry, above))


def _is_in_numbered_parts_or_on_both_strands(entry: GffEntry) -> bool:
    numbers = entry.spans or entry.exons
    if not numbers:
        return False
    first, last = (GffInterval(*part) for part in (numbers[:STRIDE], numbers[-STRIDE:]))
    return first.part > 0 or first.strand != last.strand


def _of(entry: GffEntry) -> dict[str, list[str]]:
    """Return the names that a feature states; they are read once for all features below it."""
    if entry.names is None:
        column = entry.attributes
        if not entry.gtf:
            column = b";".join(_STATED.findall(column))
        entry.names = stated(entry, attributes_of(column, entry.gtf))
    return entry.names
