"""The divisions of a RefSeq release; no other module names one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Division:
    """A division, which is a folder of a RefSeq release.

    Records of ``specific`` divisions (plasmids and organelles) are also in the divisions of their hosts; of such
    copies the one in the specific division is kept.
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
"""Name of a division as RefSeq spells it -> the division, in alphabetical order."""
