"""Damage to one record costs that record and nothing else, and what is lost can be found among the rejects."""

import gzip
import json
import random
import re
import zlib
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import pyarrow as pa
import pytest
from support.each import each
from support.flatfile import fasta, record
from support.mutations import DAMAGES

from dnacorpus.formats.read_part import Files
from dnacorpus.schemas import parts as schemas
from dnacorpus.stages.parse import parse_part
from dnacorpus.storage import ledger
from dnacorpus.storage import parquet as tables

ROWS = {
    "records": schemas.RECORDS,
    "features": schemas.FEATURES,
    "references": schemas.REFERENCES,
    "segments": schemas.SEGMENTS,
}
SEEDS = 3
LETTERS = random.Random(5)
BASES = ["".join(LETTERS.choices("ACGTN", (9, 9, 9, 9, 1), k=size)) for size in (130, 60, 1, 361, 200)]


def made(number, sequence, **options):
    features = [
        ("source", f"1..{max(len(sequence), 1)}", [("organism", "Zea mays"), ("db_xref", f"taxon:{number}")]),
        ("gene", "complement(1..9)", [("gene", f"g{number}"), ("pseudo", None)]),
        ("CDS", "join(1..3,7..12)", [("gene", f"g{number}"), ("codon_start", "1"), ("note", 'a "b" c ' * 12)]),
    ]
    reference = {"authors": "Doe,J.", "title": "On DNA", "journal": "J. 1 (1), 2-3 (2001)", "pubmed": f"{number}77"}
    comment = "REVIEWED REFSEQ: x.\n##Assembly-Data-START##\nMethod :: a\n##Assembly-Data-END##"
    return record(
        f"NC_0123{number}7.1", sequence, features, references=[reference], comment=comment, **options
    ).encode()


def flat_with_bases():
    return [made(n, bases, topology="circular" if n % 2 else "linear") for n, bases in enumerate(BASES, 1)], []


def flat_with_all_kinds():
    kinds = [{}, {"unit": "aa"}, {"unit": "rc", "wgs": "NZ_ABCD01000001-NZ_ABCD01000007"}, {"molecule_type": "ss-RNA"}]
    records = [made(n, BASES[n], **options) for n, options in enumerate(kinds)]
    return [*records, record("NC_9.1", "ACGTT").encode(), b"LOCUS       X       4 bp\nORIGIN\n        1 acgt\n//\n"], []


def flat_beside_fasta():
    records = [made(n, "", locus_length=len(bases), contig=f"join(X{n}.1:1..9)") for n, bases in enumerate(BASES, 1)]
    titles = [f"NC_0123{n}7.1 Zea mays, chromosome A>G {n}" for n in range(1, len(BASES) + 1)]
    entries = [
        fasta((title, bases[:9].lower() + bases[9:])).encode() for title, bases in zip(titles, BASES, strict=True)
    ]
    return records, [*entries, fasta(("NW_1234567.1 nothing describes it", BASES[0])).encode()]


MADE = {function.__name__: function() for function in (flat_with_bases, flat_with_all_kinds, flat_beside_fasta)}


def parsed(folder, flat, fna=b"", *, packed=False):
    """Parse a part of one flat file and one FASTA, and return what came of it."""
    folder.mkdir(exist_ok=True)
    paths = [folder / "x.gbff", folder / "x.fna"]
    for path, data in zip(paths, (flat, fna), strict=True):
        path.write_bytes(gzip.compress(data, 1, mtime=0) if packed else data)
    damage = parse_part("plant", "x", Files(paths[:1], paths[1:]), folder / "out", release="999")
    return Tables.read(folder / "out", damage)


@dataclass
class Tables:
    records: dict[int, str]
    rejects: list[dict[str, Any]]
    ledger: pa.Table
    raw: bytes
    damage: str

    @classmethod
    def read(cls, out, damage):
        whole: dict[int, list[str]] = {}
        for name, schema in ROWS.items():
            for row in tables.read(out / f"{name}.parquet", schema).to_pylist():
                whole.setdefault(row.pop("ordinal"), []).append(json.dumps([name, row], default=str))
        return cls(
            {ordinal: "\n".join(rows) for ordinal, rows in sorted(whole.items())},
            tables.read(out / "rejects.parquet", schemas.REJECTS).to_pylist(),
            tables.read(out / "ledger.parquet", schemas.LEDGER),
            (out / "rejects.gb").read_bytes(),
            damage,
        )

    def balance(self, flat, fna=b""):
        """Compare the ledger with the rows, and with a count of what the files hold."""
        records = [entry for entry in self.ledger.to_pylist() if entry["unit"] == "record"]
        ((count, bases),) = [(entry["count"], entry["bases"]) for entry in records if entry["status"] == "in"]
        rows = [json.loads(line) for text in self.records.values() for line in text.split("\n")]
        held = sum(len(row["sequence"]) for name, row in rows if name == "segments")
        assert count == len(self.records) + len(self.rejects)
        assert bases == held + sum(row["bases"] for row in self.rejects)
        kept = ledger.entry("plant", "x", "record", "kept", count=len(self.records), bases=held)
        assert ledger.imbalances(ledger.merge([*records, kept])) == []
        described = [row for name, row in rows if name == "records" and row["source"] == "gbff"]
        of_flat = [row for row in self.rejects if row["file"] == "x.gbff"]
        assert len(described) + len(of_flat) >= len(re.findall(rb"^LOCUS ", flat, re.M))
        named = {bare(row["accession"]) for name, row in rows if name == "records"}
        named |= {bare(row["accession"]) for row in self.rejects}
        assert {bare(word.decode("utf-8", "replace")) for word in re.findall(rb"^>(\S+)", fna, re.M)} <= named

    def rejected(self, flat, fna=b""):
        """Check that the rejected bytes are those of the files, and return (file, start, end) of each reject."""
        at = 0
        for row in self.rejects:
            data = (fna if row["file"] == "x.fna" else flat)[row["start"] : row["end"]]
            assert self.raw[at : at + len(data)] == data
            at += len(data)
        assert at == len(self.raw)
        return {(row["file"], row["start"], row["end"]) for row in self.rejects}


def bare(accession):
    return (accession or "").partition(".")[0]


def costs_one(folder, before, pieces, victim, damaged, *, of_fasta=False):
    """Check that all records but the victim stay as they were, and that what is rejected is the victim's bytes."""
    changed = [list(side) for side in pieces]
    changed[of_fasta][victim] = damaged
    texts = [b"".join(side) for side in changed]
    after = parsed(folder, *texts)
    others = [text for ordinal, text in before.records.items() if ordinal != victim]
    found = list(after.records.values())
    lost = [text[:300] for text in others if text not in found]
    assert not lost, f"lost as well: {lost}"
    assert [text for text in found if text in set(others)] == others
    ends = [list(accumulate(map(len, side), initial=0)) for side in changed]
    start, end = ends[of_fasta][victim : victim + 2]
    damaged_file = "x.fna" if of_fasta else "x.gbff"
    rejected_before = {row["ordinal"] for row in before.rejects} - {victim}
    intact = {("x.gbff", *list(pairwise(ends[0]))[ordinal]) for ordinal in rejected_before}
    found = after.rejected(*texts)
    assert intact <= found
    own = found - intact
    if of_fasta and victim < len(changed[0]):
        own -= {("x.gbff", *list(pairwise(ends[0]))[victim])}  # it takes the damaged bases, and goes with them
    assert all(file == damaged_file and start <= first <= last <= end for file, first, last in own), (own, start, end)
    after.balance(*texts)
    return after


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    return {name: parsed(folder, *map(b"".join, pieces)) for name, pieces in MADE.items()}


def test_undamaged_files_are_complete(sound):
    for name, (flat, fna) in MADE.items():
        assert len(sound[name].records) + len(sound[name].rejects) == max(len(flat), len(fna))
        sound[name].balance(b"".join(flat), b"".join(fna))
    assert [row["reason"] for found in sound.values() for row in found.rejects] == ["protein"]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", MADE)
def test_damage_to_a_record_costs_that_record(tmp_path, sound, name, damage):
    for victim, text in each(enumerate(MADE[name][0])):
        for seed in range(SEEDS):
            damaged = DAMAGES[damage](random.Random(f"{name} {damage} {victim} {seed}"), text)
            costs_one(tmp_path, sound[name], MADE[name], victim, damaged)


@pytest.mark.parametrize("victim", range(len(BASES)))
def test_a_record_may_be_cut_anywhere(tmp_path, sound, victim):
    text = MADE["flat_with_bases"][0][victim]
    for size in [*range(0, len(text) - 9, 61), *range(len(text) - 9, len(text) - 1)]:
        after = costs_one(tmp_path, sound["flat_with_bases"], MADE["flat_with_bases"], victim, text[:size])
        assert len(after.records) == len(BASES) - 1, "a record without its end is none"
        assert len(after.rejects) == (size > 0)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_the_bases_beside_a_record_costs_that_record(tmp_path, sound, damage):
    name = "flat_beside_fasta"
    compared = 0
    for victim, text in enumerate(MADE[name][1]):
        accession = text.split()[0].removeprefix(b">")
        for seed in range(SEEDS):
            damaged = DAMAGES[damage](random.Random(f"{damage} {victim} {seed}"), text)
            # Bases whose name is gone cannot be told from those of the record before.
            if accession in damaged.split(b"\n")[0]:
                costs_one(tmp_path, sound[name], MADE[name], victim, damaged, of_fasta=True)
                compared += 1
    assert compared > 0


@pytest.mark.parametrize("name", MADE)
def test_a_truncated_gzip_file_costs_what_follows(tmp_path, sound, name):
    flat, fna = (b"".join(side) for side in MADE[name])
    packed = gzip.compress(flat, 1, mtime=0)
    ends = list(accumulate(map(len, MADE[name][0])))
    paths = [tmp_path / "x.gbff.gz", tmp_path / "x.fna"]
    paths[1].write_bytes(fna)
    for size in [*range(11, len(packed), len(packed) // 25), *range(len(packed) - 9, len(packed))]:
        paths[0].write_bytes(packed[:size])
        damage = parse_part("plant", "x", Files(paths[:1], paths[1:]), tmp_path / "out", release="999")
        found = Tables.read(tmp_path / "out", damage)
        assert damage.startswith("x.gbff.gz: EOFError")
        readable = zlib.decompressobj(31).decompress(packed[:size])
        whole = sum(end - 1 <= len(readable) for end in ends)  # the last line end may be missing
        given = [json.loads(text.split("\n")[0])[1]["source"] for text in found.records.values()].count("gbff")
        assert [*found.records.values()][:given] == [t for n, t in sound[name].records.items() if n < whole][:given]
        protein = [row for row in found.rejects if row["reason"] == "protein"]
        cut = [row for row in found.rejects if row["reason"] == "truncated"]
        assert given + len(protein) == whole
        assert len(cut) + len(protein) == len(found.rejects)
        last = readable[max((end for end in ends if end - 1 <= len(readable)), default=0) :]
        assert (found.raw[-len(last) :] if last else b"") == last
        assert len(cut) == bool(last)


REAL = ("viral/viral.1", "plasmid/plasmid.1", "plant/plant.2", "vertebrate_mammalian/vertebrate_mammalian.1")


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("name", "damage"),
    # Every damage once or twice: all of them on all of these take minutes.
    [(name, damage) for number, name in enumerate(REAL) for damage in list(DAMAGES)[2 * number : 2 * number + 3]],
)
def test_damage_to_a_real_record_costs_that_record(mirror, tmp_path, name, damage):
    data = gzip.decompress((mirror / f"{name}.genomic.gbff.gz").read_bytes())
    texts = [text for text in re.findall(rb"^LOCUS.*?^//\n", data, re.M | re.S) if len(text) < 100_000]
    assert texts
    for at, text in enumerate(texts):
        pieces = [*texts[max(0, at - 1) : at], text, *texts[at + 1 : at + 2]], []
        victim = min(at, 1)
        before = parsed(tmp_path / "sound", *map(b"".join, pieces))
        damaged = DAMAGES[damage](random.Random(f"{name} {damage} {at}"), text)
        costs_one(tmp_path / "damaged", before, pieces, victim, damaged)
