"""Checks documents independently: every span is in the pairs, and all other text is template literals."""

import re
import string
import tomllib
from importlib.resources import files

from dnacorpus.views.documents.parallelism import score_document

FILE = tomllib.loads(files("dnacorpus.views.documents").joinpath("documents.toml").read_text(encoding="utf-8"))
TOKENS = ("document_open", "document_close", "text_open", "text_close", "dna_open", "dna_close")


def template_pattern(name: str, tokens: dict[str, str], members: int, lineage: bool, dna_first: bool) -> re.Pattern:
    """Return the pattern of a document with a NUL for each span: the literals of documents.toml alone."""
    text = "".join(
        re.escape(literal) + ("\0(?:(?:, | and )\0)*" if slot else "")
        for literal, slot, _, _ in string.Formatter().parse(FILE["template"][name]["text"])
    )
    text = re.sub(r"\)\*\\\.", r")*\\.?", text)  # an abbreviation brings its own full stop
    ranks = r"\|(?:[dpcofgs]__\0;)*[dpcofgs]__\0\|" if lineage else ""
    mark = {key: re.escape(tokens.get(key, "")) for key in TOKENS}
    halves = [f"{mark['text_open']}{text}{mark['text_close']}", f"{mark['dna_open']}{ranks}\0{mark['dna_close']}"]
    member = "\n".join(halves[::-1] if dna_first else halves)
    return re.compile(mark["document_open"] + "\n\n".join([member] * members) + mark["document_close"])


def skeleton(document: dict) -> str:
    found, end = "", 0
    for span in sorted(document["evidence"], key=lambda span: span["start"]):
        assert span["start"] >= end
        found += document["text"][end : span["start"]] + "\0"
        end = span["end"]
    return found + document["text"][end:]


def ground(document: dict, pairs: dict[str, dict], ranked: dict[str, list[str]] | None = None) -> int:
    """Find every span of a document in its pairs, by the contract alone; return how many spans were found."""
    checked = 0
    spans, low = sorted(document["evidence"], key=lambda span: span["start"]), 0
    for member in document["members"]:
        pair = pairs[member["pair_id"]]
        assert (pair["accession"], pair["species"]) == (member["accession"], member["species"])
        assert document["text"][member["dna_start"] : member["dna_end"]] == pair["sequence"]
        described = {
            (span["field"], span["how"], pair["text"][span["start"] : span["end"]]) for span in pair["evidence"]
        }
        own = f"features[{pair['feature_index']}]"
        known = described | {
            ("accession", "verbatim", pair["accession"]),
            ("organism", "verbatim", pair["organism"]),
            ("species", "verbatim", pair["species"]),
            ("topology", "verbatim" if pair["topology"] == "circular" else "annotation", pair["topology"]),
            ("molecule_type", "verbatim", pair["molecule_type"]),
            ("sequence", "verbatim", pair["sequence"]),
            ("sequence", "sequence", f"{len(pair['sequence']):,}"),
            (f"{own}/kind", "verbatim", pair["feature_kind"]),
            (f"{own}/location", "annotation", {1: "forward strand", -1: "reverse strand"}.get(pair["strand"])),
            ("span", "annotation", f"{pair['start'] + 1:,}"),
            ("span", "annotation", f"{pair['end']:,}"),
            *(("lineage", "verbatim", taxon) for taxon in pair["lineage"]),
            *(("ranked_lineage", "verbatim", name) for name in (ranked or {}).get(pair["species"], [])),
        }
        high = max(member["text_end"], member["dna_end"])
        for span in spans:
            if low <= span["start"] < high:
                assert span["source"] == pair["accession"]
                assert span["license"] == "LicenseRef-NCBI"
                assert (span["field"], span["how"], document["text"][span["start"] : span["end"]]) in known, span
                checked += 1
        low = high
    return checked


def check(document: dict, pairs: dict[str, dict], *, tokens=None, lineage=False, dna_first=False, ranked=None) -> None:
    assert ground(document, pairs, ranked) == len(document["evidence"])
    pattern = template_pattern(document["template"], tokens or {}, len(document["members"]), lineage, dna_first)
    assert pattern.fullmatch(skeleton(document)), skeleton(document)
    assert len(document["text"]) <= document["context"]
    assert len(document["members"]) >= 2
    found = score_document(document["text"], document["members"], document["evidence"])
    assert (document["parallel_pairs"], document["phrase_pairs"]) == (found.parallel_pairs, found.phrase_pairs)
    assert document["structure_score"] == found.share
    assert document["licenses"] == ["LicenseRef-NCBI"]
    assert document["pmids"] == []
