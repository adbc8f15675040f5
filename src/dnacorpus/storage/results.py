"""The paths of a build: the one module that spells ``results/NAME/...``, and the keys of its parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dnacorpus.bounded import whole_number
from dnacorpus.errors import UsageError
from dnacorpus.storage.catalog import groups_of, parts_of, read_notes, read_parts

EXACT, NEAR = "exact.parquet", "near.parquet"
"""The tables of a bucket's folder of matches: copies, and near-duplicates."""
KMERS_OF_HELD_OUT, KMERS_OF_EXCLUDED = "held_out", "excluded"
"""The indexes of k-mers: of the held-out records, and of those that the biosafety policy is about."""

PartKey = tuple[str, str]
"""The division and the name of a part."""


def tombstone_part(division: str) -> str:
    """Return the name under which the ledger counts the accessions of a division that are in no part."""
    return f"{division}.0"


def is_tombstone_part(part: str) -> bool:
    """Return whether a part of the ledger is that of `tombstone_part`; parts with files are numbered from 1."""
    return part.endswith(".0")


@dataclass(frozen=True, slots=True)
class Results:
    """The folder of one build."""

    root: Path

    def config(self) -> Path:
        """Return the resolved config, which the workflow writes."""
        return self.root / "config.yaml"

    def catalogs(self) -> Path:
        """Return the folder of the catalogs, and of what is pinned beside them."""
        return self.root / "catalog"

    def part_keys(self, divisions: Iterable[str]) -> list[PartKey]:
        """Return the keys of all parts of some divisions, sorted."""
        return sorted({(division, part) for division in divisions for part in self.parts(division)})

    def group_keys(self, divisions: Iterable[str]) -> list[tuple[str, str]]:
        """Return (division, group) of all shard groups of some divisions, in the order given."""
        return [(division, group) for division in divisions for group in self.groups(division)]

    def parts(self, division: str) -> list[str]:
        """Return the parts of a division in the catalog's order; raises CorpusError as `read_parts` does."""
        return list(parts_of(self._catalog(division)))

    def groups(self, division: str) -> dict[str, list[str]]:
        """Return the shard groups of a division, each with its parts."""
        return groups_of(self._catalog(division))

    def parts_of_group(self, division: str, group: str) -> list[str]:
        """Return the parts of one shard group; raises UsageError for a group that the catalog does not have."""
        groups = self.groups(division)
        if group not in groups:
            raise UsageError(
                f"group {group!r}: expected one of {', '.join(groups)}, the groups in the catalog of {division};"
                " correct it"
            )
        return groups[group]

    def catalog(self, division: str) -> Path:
        """Return the catalog of a division."""
        return self.catalogs() / f"{division}.tsv"

    def _catalog(self, division: str) -> list[dict[str, str]]:
        return read_parts(self.catalog(division))

    def taxonomy(self) -> Path:
        """Return the folder of the taxonomy's tables; a build by earlier versions has none."""
        return self.root / "taxonomy"

    def pinned_taxonomy(self) -> Path:
        """Return the description of the taxdump beside the catalogs, which pins it."""
        return self.catalogs() / "taxonomy.json"

    def tombstones(self, division: str) -> list[tuple[str, str]]:
        """Return the accessions of a custom division that no source has, with what became of them."""
        return read_notes(self.catalogs() / f"{division}.gone.tsv")

    def assembly_papers(self, division: str) -> list[tuple[str, int]]:
        """Return the assemblies of a custom division and the PubMed ids that NCBI states for them."""
        rows = read_notes(self.catalogs() / f"{division}.pubmed.tsv")
        numbers = ((assembly, whole_number(pmid)) for assembly, pmid in rows)
        return [(assembly, pmid) for assembly, pmid in numbers if pmid is not None]

    def raw(self, division: str, part: str) -> Path:
        """Return the folder of a part's release files."""
        return self.root / "raw" / division / part

    def tables(self, division: str, part: str) -> Path:
        """Return the folder of a part's tables."""
        return self.root / "tables" / division / part

    def records(self, division: str, part: str) -> Path:
        """Return the table of a part's records."""
        return self.tables(division, part) / "records.parquet"

    def pairs(self, division: str, part: str) -> Path:
        """Return the folder of a part's pairs."""
        return self.root / "pairs" / division / part

    def sketches(self, division: str, group: str) -> Path:
        """Return the folder of the sketches of a group's records."""
        return self.root / "sketches" / division / group

    def matches(self, buckets: int) -> list[Path]:
        """Return the folders of the copies and near-duplicates among records, one for each bucket."""
        return [self.root / "matches" / str(bucket) for bucket in range(buckets)]

    def kmers(self) -> Path:
        """Return the folder of the two indexes of k-mers, `KMERS_OF_HELD_OUT` and `KMERS_OF_EXCLUDED`."""
        return self.root / "kmers"

    def matches_of_pairs(self, buckets: int) -> list[Path]:
        """Return the tables of the copies among pairs, one for each bucket."""
        return [self.root / "matches_of_pairs" / f"{bucket}.parquet" for bucket in range(buckets)]

    def audit(self) -> Path:
        """Return the table of what train holds of each held-out row."""
        return self.root / "audit.parquet"

    def audit_of_group(self, division: str, group: str) -> Path:
        """Return the table of the listed k-mers that the train shards of a group hold."""
        return self.root / "audit" / division / f"{group}.parquet"

    def decisions(self, division: str) -> Path:
        """Return the decisions over a division's records."""
        return self.root / "decisions" / f"{division}.parquet"

    def copies(self, division: str) -> Path:
        """Return the decisions over a division's pairs."""
        return self.root / "copies" / f"{division}.parquet"

    def dataset(self) -> Path:
        """Return the folder of the dataset, the product of the build."""
        return self.root / "dataset"

    def papers(self) -> Path:
        """Return the table of the papers that kept records cite."""
        return self.root / "papers.parquet"

    def paper_counts(self) -> Path:
        """Return the file of the numbers of papers, of their files, and of the characters that were replaced."""
        return self.root / "papers.json"

    def shards(self, division: str, group: str) -> Path:
        """Return the folder of a group's shards."""
        return self.root / "shards" / division / group
