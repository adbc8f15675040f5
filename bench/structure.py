"""Measure how much parallel structure documents hold, beside the same pairs without it.

    python bench/structure.py DATASET [--context 4096 8192 32768 131072]

Four settings of the same pairs, for each structure and context. *documents*: as `dnacorpus documents` makes
them. *own texts*: the same members, each with the text it has in `pairs`. *shuffled, one template*: members
dealt out anew by digest over all divisions of the split, told as documents tell them. *shuffled*: dealt
out so, with their own texts: pairs without structure. Score: parallel pairs of phrases of all pairs of
phrases of different members (mean over contexts). Told in parallel: phrases that have at least one
parallel phrase in their context. DNA alike: 12-mers of a member that another member of its context has too,
which is what belonging together adds to one template. The rows are those of RESULTS.md.
"""

# ruff: noqa: T201 - a script that prints

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import xxhash
from numpy.typing import NDArray

from dnacorpus.text.compose import compose
from dnacorpus.views.documents.fillings import fillings_of
from dnacorpus.views.documents.parallelism import Phrase, phrases, score
from dnacorpus.views.documents.plan import DocumentLimits
from dnacorpus.views.documents.style import STRUCTURES, DocumentStyle, defaults, style
from dnacorpus.views.documents.write import of_dataset

Member = tuple[list[Phrase], str]
"""Phrases and bases."""
Group = list[Member]
"""One context."""
WORD = 12
_DIGITS = np.zeros(256, np.int64)
_DIGITS[list(b"CGT")] = 1, 2, 3


def main() -> None:
    """Print the table of a dataset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--context", type=int, nargs="+", default=[4096, 8192, 32768, 131072])
    options = parser.parse_args()
    chosen, look = defaults(), style("text_dna", "none", lineage=False)
    bounds = [chosen[name] for name in ("min_members", "max_uses", "reach")]
    with tempfile.TemporaryDirectory() as folder:
        of_dataset(options.dataset, Path(folder), DocumentLimits(STRUCTURES, tuple(options.context), *bounds), look)
        made = [row for path in sorted(Path(folder).glob("*/*.parquet")) for row in split_rows(path)]
    pairs = read_pairs(options.dataset, {member["pair_id"] for row in made for member in row["members"]})
    print("| structure | context | setting | contexts | members | score | told in parallel | DNA alike |")
    print("|---|---|---|---|---|---|---|---|")
    for structure in STRUCTURES:
        for context in options.context:
            mine = [row for row in made if (row["structure"], row["context"]) == (structure, context)]
            for name, groups in settings(mine, pairs, look, structure, context):
                print(f"| {structure} | {context:,} | {name} | {line(list(groups))} |")


def split_rows(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a file, each with its split."""
    columns = ["structure", "template", "context", "text", "members", "evidence"]
    return [row | {"split": path.stem} for row in pq.read_table(path, columns=columns).to_pylist()]


def read_pairs(dataset: Path, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of pairs by pair_id."""
    found = {}
    for path in sorted((dataset / "data" / "pairs").rglob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(256):
            for row in batch.to_pylist():
                if row["pair_id"] in wanted:
                    found[row["pair_id"]] = row
    return found


def settings(
    documents: Sequence[dict[str, Any]],
    pairs: dict[str, dict[str, Any]],
    look: DocumentStyle,
    structure: str,
    context: int,
) -> Iterator[tuple[str, Iterable[Group]]]:
    """Yield name and contexts of the four settings."""
    yield "documents", ([told(row, member) for member in row["members"]] for row in documents)
    yield "own texts", ([own(pairs[member["pair_id"]]) for member in row["members"]] for row in documents)
    dealt = list(shuffled(documents, pairs, context))
    yield "shuffled, one template", ([*one_template(group, look, structure)] for group in dealt)
    yield "shuffled", ([own(row) for row in group] for group in dealt)


def told(document: dict[str, Any], member: dict[str, Any]) -> Member:
    """Return a member as a document tells it."""
    start, end = member["text_start"], member["text_end"]
    spans = [span for span in document["evidence"] if start <= span["start"] < end]
    text = document["text"]
    return phrases(text, spans, start, end), text[member["dna_start"] : member["dna_end"]]


def own(row: dict[str, Any]) -> Member:
    """Return a pair with its own text."""
    return phrases(row["text"], row["evidence"]), row["sequence"]


def shuffled(
    documents: Sequence[dict[str, Any]], pairs: dict[str, dict[str, Any]], context: int
) -> Iterator[list[dict[str, Any]]]:
    """Deal the pairs of the documents of each split out anew: as many with their own texts as fit a context."""
    of_split: dict[str, set[str]] = defaultdict(set)
    for row in documents:
        of_split[row["split"]] |= {member["pair_id"] for member in row["members"]}
    for split in sorted(of_split):
        group: list[dict[str, Any]] = []
        room = context
        for name in sorted(of_split[split], key=lambda name: xxhash.xxh3_64_intdigest(f"shuffled{name}".encode())):
            size = len(pairs[name]["text"]) + len(pairs[name]["sequence"]) + 3
            if size > room and len(group) > 1:
                yield group
                group, room = [], context
            group.append(pairs[name])
            room -= size
        if len(group) > 1:
            yield group


def one_template(group: Sequence[dict[str, Any]], look: DocumentStyle, structure: str) -> Iterator[Member]:
    """Yield those members that have the slots of the template that most of them have, told in it."""
    said = [fillings_of(row, {}) for row in group]
    fitting = [template for template in look.templates if structure in template.structures]
    shared = {template: sum(set(template.slots) <= slots.keys() for slots in said) for template in fitting}
    best = [template for template in fitting if shared[template] == max(shared.values())]
    chosen = best[xxhash.xxh3_64_intdigest(group[0]["pair_id"].encode()) % len(best)]
    for row, slots in zip(group, said, strict=True):
        if set(chosen.slots) <= slots.keys():
            passage = compose(chosen.text, {slot: slots[slot] for slot in chosen.slots})
            yield phrases(passage.text, passage.evidence), row["sequence"]


def line(groups: list[Group]) -> str:
    """Return the cells of one setting: contexts, members, score, share told in parallel, DNA alike."""
    if not groups:
        return "0 | | | | "
    texts = [[phrases for phrases, _ in group] for group in groups]
    cells = [mean(score(members).share for members in texts), mean(map(partnered, texts)), mean(map(alike, groups))]
    return f"{len(groups):,} | {mean(map(len, groups)):.1f} | {cells[0]:.3f} | {cells[1]:.2f} | {cells[2]:.3f}"


def alike(group: Group) -> float:
    """Return the share of a member's distinct 12-mers that another member has too, mean over members."""
    kmers = [words_of(bases) for _, bases in group if len(bases) >= WORD]
    every, counts = np.unique(np.concatenate(kmers), return_counts=True)
    shared = every[counts > 1]
    return mean(float(np.isin(own, shared).mean()) for own in kmers)


def words_of(bases: str) -> NDArray[np.int64]:
    """Return the distinct 12-mers of a sequence as numbers; what is no A, C, G or T counts as A."""
    digits = _DIGITS[np.frombuffer(bases.encode(), np.uint8)]
    return np.unique(np.convolve(digits, 4 ** np.arange(WORD), "valid"))


def partnered(group: Sequence[Sequence[Phrase]]) -> float:
    """Return the share of phrases that have a parallel one in another member."""
    every = [(number, phrase) for number, phrases in enumerate(group) for phrase in phrases]
    skeletons, same = Counter(phrase.skeleton for _, phrase in every), Counter(phrase for _, phrase in every)
    skeletons_in = Counter((number, phrase.skeleton) for number, phrase in every)
    same_in = Counter(every)
    found = sum(
        phrase.can_be_parallel
        and skeletons[phrase.skeleton] - skeletons_in[number, phrase.skeleton] > same[phrase] - same_in[number, phrase]
        for number, phrase in every
    )
    return found / len(every) if every else 0.0


if __name__ == "__main__":
    main()
