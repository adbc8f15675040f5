"""Planted cases: their outcome in the pipeline, and the records that they are made of."""

from collections import Counter

import numpy as np
import polars as pl
from support.each import each
from support.simulated import cases, whole

from dnacorpus.sequence.bases import canonical
from dnacorpus.simulate.planted import CASES, IDENTITIES


def test_planted_records_have_their_outcome_and_all_others_are_kept(release, processed):
    truth, (_, decisions, rejects) = release[1], processed
    assert {row["case"] for row in truth["planted"]} == {*CASES, "two_divisions"}
    fates = Counter()
    for row in truth["planted"]:
        if row["status"] == "rejected":
            key = (row["part"], row["accession"], "rejected", row["reason"], None)
        else:
            of = row.get("of") if row["status"] == "duplicate" else None
            key = (row["part"], row["accession"], row["status"], row["reason"], of)
        fates[key] += 1
    found = Counter(decisions.select("part", "accession", "status", "reason", "duplicate_of").iter_rows())
    found += Counter((part, name, "rejected", why, None) for part, name, why in
                     rejects.select("part", "accession", "reason").iter_rows())  # fmt: skip
    assert fates - found == Counter()
    others = found - fates
    assert {status for _, _, status, _, _ in others} == {"kept"}
    total = sum(counts["records"] for counts in truth["divisions"].values())
    assert found.total() == total


def test_planted_copies_differ_from_their_original_as_stated(release):
    folder, truth = release
    records = {accession: str(record.seq) for accession, record in whole(folder, truth).items() if record.seq.defined}
    for row in each(truth["planted"]):
        if row["case"] not in ("two_divisions", "near_duplicate") and "of" in row:
            one, other = records[row["of"]].encode(), records[row["accession"]].encode()
            assert (one == other) == (row["case"] == "exact_duplicate")
            assert canonical(one, circular=True) == canonical(other, circular=True)
            linear = canonical(one, circular=False) == canonical(other, circular=False)
            assert linear == (row["case"] in ("exact_duplicate", "reverse_strand_duplicate"))
    rows = [row for row in cases(truth, "near_duplicate") if "of" in row]
    assert [row["identity"] for row in rows] == list(IDENTITIES)
    for row in each(rows):
        one, other = (np.frombuffer(records[row[key]].encode(), np.uint8) for key in ("of", "accession"))
        assert int((one != other).sum()) == row["substitutions"] == round(len(one) * (1 - row["identity"]))


def ends(location):
    return {int(end) for part in location.parts for end in (part.start, part.end)}


def test_planted_records_have_the_features_of_their_case(release, processed):
    folder, truth = release
    results, records = processed[0], whole(folder, truth)
    tables = {
        row["accession"]: pl.read_parquet(results.tables(row["division"], row["part"]) / "records.parquet").filter(
            pl.col("accession") == row["accession"]
        )
        for row in truth["planted"]
        if row["status"] == "kept"
    }
    [ambiguous] = cases(truth, "ambiguity_codes")
    assert tables[ambiguous["accession"]]["ambiguous"].to_list() == [ambiguous["ambiguous"]]
    contig = cases(truth, "contig_only")[0]
    assert not records[contig["accession"]].seq.defined
    segments = pl.read_parquet(results.tables("plant", contig["part"]) / "segments.parquet")
    [mask] = segments.filter(pl.col("accession") == contig["accession"])["mask"]
    assert sum(run["end"] - run["start"] for run in mask) == contig["masked_bases"] > 0
    [alone] = cases(truth, "fasta_only")
    assert tables[alone["accession"]]["source"].to_list() == ["fna"]
    for case, test in (
        ("spliced", lambda location, _: len(location.parts) > 1),
        ("origin_spanning", lambda location, length: {0, length} <= ends(location)),
        ("partial", lambda location, _: "<" in str(location) or ">" in str(location)),
    ):  # fmt: skip
        for row in each(cases(truth, case)):
            record = records[row["accession"]]
            tagged = [
                f for f in record.features if f.type == "CDS" and f.qualifiers["locus_tag"][0] in row["locus_tags"]
            ]
            assert len(tagged) == len(row["locus_tags"]) > 0
            assert all(test(feature.location, len(record.seq)) for feature in each(tagged))
            assert all("translation" in feature.qualifiers for feature in each(tagged))
    strands = [
        {f.location.strand for f in records[row["accession"]].features if len(f.location.parts) > 1}
        for row in cases(truth, "origin_spanning")
    ]
    assert strands == [{1}, {-1}]


def test_only_mutated_copies_have_coding_sequences_without_a_translation(release):
    folder, truth = release
    changed, without = {row["accession"] for row in cases(truth, "near_duplicate")}, 0
    for accession, record in each(whole(folder, truth).items()):
        for feature in record.features:
            if feature.type == "CDS":
                assert ("pseudo" in feature.qualifiers) != ("translation" in feature.qualifiers)
                assert "pseudo" not in feature.qualifiers or accession in changed
                without += "pseudo" in feature.qualifiers
    assert without > 0
