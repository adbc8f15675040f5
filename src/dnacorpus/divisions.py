"""RefSeq's release divisions as data: nothing else in the package names one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Division:
    """One folder of a RefSeq release.

    ``specific`` divisions (plasmids and organelles) repeat records that also stand in their hosts'
    divisions; among duplicates the more specific division keeps the record.
    """

    name: str
    title: str
    specific: bool = False


DIVISIONS: dict[str, Division] = {
    division.name: division
    for division in (
        Division("archaea", "Archaea"),
        Division("bacteria", "Bacteria"),
        Division("fungi", "Fungi"),
        Division("invertebrate", "Invertebrates"),
        Division("mitochondrion", "Mitochondria", specific=True),
        Division("plant", "Plants"),
        Division("plasmid", "Plasmids", specific=True),
        Division("plastid", "Plastids", specific=True),
        Division("protozoa", "Protozoa"),
        Division("vertebrate_mammalian", "Mammals"),
        Division("vertebrate_other", "Other vertebrates"),
        Division("viral", "Viruses"),
    )
}
"""RefSeq's spelling of a division to its description, in alphabetical order."""
