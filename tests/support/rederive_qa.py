"""Answers the questions of a qa row again from Biopython's features, with no code of the package.

A row's text is parsed with the phrasings of the template file: each evidence span becomes a mark, so that the
literals identify the question and the marked fields its subject.
"""

import importlib.resources
import itertools
import re
import string
import tomllib
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any

from Bio.Data import CodonTable
from Bio.SeqFeature import SeqFeature
from Bio.SeqRecord import SeqRecord

WITH_PRODUCT = ("CDS", "tRNA", "rRNA", "ncRNA", "tmRNA")
PLURALS = {
    "genes": "gene", "coding sequences": "CDS", "tRNAs": "tRNA", "rRNAs": "rRNA", "non-coding RNAs": "ncRNA",
    "mobile elements": "mobile_element", "repeat regions": "repeat_region",
}  # fmt: skip
KINDS = {plural.removesuffix("s"): kind for plural, kind in PLURALS.items()}
ANSWERS = {
    "count": "count", "place": "place", "strand": "strand", "product": "product", "at": "at", "longest": "extreme",
    "shortest": "extreme", "after": "neighbour", "before": "neighbour", "cluster": "cluster", "start_codon": "codon",
    "stop_codon": "codon", "code": "code", "gc": "gc", "length": "length", "organism": "organism",
    "lineage": "lineage",
}  # fmt: skip
UNANSWERED = {
    "place": "absent", "strand": "absent", "product": "absent", "start_codon": "untold", "stop_codon": "untold",
}  # fmt: skip
FAMILY = {"shortest": "longest", "before": "after", "stop_codon": "start_codon", "gc": "length", "lineage": "organism"}

Marks = dict[str, dict[str, str]]
"""Slot -> the last part of the evidence's field -> the text of the span."""


def follows_in_qa(shown: str, field: str, how: str, record: SeqRecord) -> bool:
    """Return whether a computed span of a qa row has a form that its field allows; see `answer_problems` too."""
    if field == "span/features":
        number = re.fullmatch(r"(no|[\d,]+) (.+)", shown)
        nouns = {*PLURALS, *KINDS, "such cluster"}
        known = shown in PLURALS or shown == "not annotated" or (number is not None and number[2] in nouns)
        return how == "annotation" and (known or re.fullmatch(r"[\d,]+", shown) is not None)
    match = re.fullmatch(r"features\[(\d+)\]/(\w+)", field)
    if not match:
        return False
    feature = record.features[int(match[1])]
    if match[2] == "sequence":
        coding = str(feature.extract(record.seq)).upper().replace("U", "T")
        return how == "sequence" and shown in (coding[:3], coding[-3:])
    if match[2] == "kind":
        return how == "annotation" and KINDS.get(shown, shown) == feature.type
    return how == "annotation" and match[2] == "location"


def base_numbers(sequence: str) -> set[str]:
    """Return what a text may say of a sequence: its length, and its GC in per cent to one decimal place.

    There are two such numbers of GC if the exact one lies half way between them: 50.7 and 50.8 for 406 of 800 bases.
    """
    called = sum(base in "ACGT" for base in sequence)
    tenths = Fraction(1000 * sum(base in "GC" for base in sequence), max(called, 1))
    nearest = {near for near in (floor(tenths), ceil(tenths)) if abs(near - tenths) <= Fraction(1, 2)}
    return {f"{len(sequence):,}", *(f"{near // 10}.{near % 10}" for near in nearest)}


def exchanges(pair: dict[str, Any]) -> list[tuple[str, Marks, str, Marks]]:
    """Return clause of the question, its marks, clause of the answer, its marks, in the order of the text."""
    spans = sorted(pair["evidence"], key=lambda span: span["start"])
    marked, end = "", 0
    for number, span in enumerate(spans):
        assert span["start"] >= end
        marked += pair["text"][end : span["start"]] + f"\0{number}\0"
        end = span["end"]
    lines = (marked + pair["text"][end:]).split("\n")
    assert len(lines) % 2 == 0
    found = []
    for question, answer in zip(lines[::2], lines[1::2], strict=True):
        asked = [(c, m) for c, m in readings(question.removeprefix("Question: "), pair, spans) if c.endswith(".ask")]
        assert question.startswith("Question: "), question
        assert answer.startswith("Answer: "), answer
        assert len(asked) == 1, (question, asked)
        family = asked[0][0].split(".")[1]
        fitting = {f"qa.{ANSWERS[family]}.tell", f"qa.{UNANSWERED.get(family)}.tell"}
        answered = [(c, m) for c, m in readings(answer.removeprefix("Answer: "), pair, spans) if c in fitting]
        assert len(answered) == 1, (answer, answered)
        found.append((family, asked[0][1], answered[0][0].split(".")[1], answered[0][1]))
    return found


def readings(line: str, pair: dict[str, Any], spans: list[dict[str, Any]]) -> list[tuple[str, Marks]]:
    """Return every clause of the templates that the line can be a phrasing of, with its marks."""
    found = {}
    for clause, pattern in patterns():
        if match := pattern.fullmatch(line):
            marks: Marks = {}
            for slot, shown in match.groupdict().items():
                numbers = [int(number) for number in re.findall("\0(\\d+)\0", shown)]
                pieces = {spans[n]["field"].rpartition("/")[2]: spans[n] for n in numbers}
                marks[slot] = {key: pair["text"][span["start"] : span["end"]] for key, span in pieces.items()}
            found[clause] = marks
    return list(found.items())


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    data = tomllib.loads(
        importlib.resources.files("dnacorpus.text").joinpath("templates.toml").read_text(encoding="utf-8")
    )
    names = [string.Formatter().parse(text) for text in data["clause"]["qa.subject"]["phrasings"]]
    named = ["".join(re.escape(text) + ("\0\\d+\0" if slot else "") for text, slot, *_ in name) for name in names]
    subject = f"(?:{'|'.join(named)})"

    def slotted(clause: str, slot: str) -> str:
        is_name = slot == "subject" or (clause == "qa.cluster.tell" and slot in ("first", "last"))
        return f"(?P<{slot}>" + (subject if is_name else "\0\\d+\0") + ")"

    return [
        (name, re.compile("".join(
            re.escape(literal) + (slotted(name, slot) if slot else "")
            for literal, slot, *_ in string.Formatter().parse(text)
        )))
        for name, clause in data["clause"].items() if re.fullmatch(r"qa\.\w+\.(ask|tell)", name)
        for text in clause["phrasings"]
    ]  # fmt: skip


class Stretch:
    """Biopython's features on a span of the record."""

    def __init__(self, record: SeqRecord, start: int, end: int) -> None:
        self.record, self.start, self.end = record, start, end
        self.features = [f for f in record.features if f.type != "source" and self.touches(f)]

    def spans(self, feature: SeqFeature) -> list[tuple[int, int]]:
        """The lowest to the highest base, or two pieces if neighbouring parts meet at the origin."""
        parts, length = [p for p in feature.location.parts if p.ref is None], len(self.record.seq)
        if not parts:
            return []
        forward = parts if feature.location.strand == 1 else parts[::-1]
        meet = any(int(a.end) == length and int(b.start) == 0 for a, b in itertools.pairwise(forward))
        if meet and "trans_splicing" not in feature.qualifiers and feature.location.strand:
            cut = next(i for i, (a, b) in enumerate(itertools.pairwise(forward), 1) if int(b.start) == 0)
            return [(int(forward[0].start), length), (0, int(forward[cut:][-1].end))]
        return [(min(int(p.start) for p in parts), max(int(p.end) for p in parts))]

    def touches(self, feature: SeqFeature) -> bool:
        return any(low < self.end and high > self.start for low, high in self.spans(feature))

    def within(self, kind: str) -> list[SeqFeature]:
        found = []
        for feature in self.features:
            spans = self.spans(feature)
            inside = len(spans) == 1 and spans[0][0] >= self.start and spans[0][1] <= self.end
            found += [feature] if feature.type == kind and inside else []
        return found

    def low(self, feature: SeqFeature) -> int:
        return min(low for low, _ in self.spans(feature))

    def has_name(self, feature: SeqFeature, name: dict[str, str]) -> bool:
        """Return whether a feature has a name: its gene, its product, or for a gene the product of its locus tag."""
        if "gene" in name:
            return name["gene"].lower() in words(feature, "gene")
        if feature.type != "gene":
            return feature.type in WITH_PRODUCT and name["product"].lower() in words(feature, "product")
        tag = words(feature, "locus_tag")
        return any(
            self.has_name(f, name) and words(f, "locus_tag") == tag != []
            for f in self.features
            if f.type in WITH_PRODUCT
        )

    def named(self, name: dict[str, str], *kinds: str) -> list[SeqFeature]:
        if "kind" in name:
            kinds = (KINDS.get(name["kind"], name["kind"]),)
        return [f for f in self.features if (not kinds or f.type in kinds) and self.has_name(f, name)]


def words(feature: SeqFeature, key: str) -> list[str]:
    return [value.strip().lower() for value in feature.qualifiers.get(key, [])[:1]]


def answer_problems(pair: dict[str, Any], record: SeqRecord) -> list[str]:
    """Return the questions of a qa row that the features answer differently, and answers that are given away."""
    found, exchanged = [], []
    stretch = Stretch(record, pair["start"], pair["end"])
    for family, asked, answer_kind, answered in exchanges(pair):
        check = unanswered if answer_kind in ("absent", "untold") else CHECKS[family]
        found += (
            [] if check(stretch, pair, family, asked, answered) else [f"{family} {asked} -> {answer_kind} {answered}"]
        )
        exchanged.append((family, shown(asked), shown(answered)))
    families = [FAMILY.get(family, family) for family, *_ in exchanged if family]
    unanswerable = sum(answer_kind in ("absent", "untold") for _, _, answer_kind, _ in exchanges(pair))
    found += ["a family twice"] if len(set(families)) + unanswerable < len(families) else []
    for (*_, answered), (_, other_asked, other_answered) in itertools.permutations(exchanged, 2):
        found += [f"{answered} is given away"] if answered & (other_asked | other_answered) else []
    return found + [f"{answered} is in its question" for _, asked, answered in exchanged if answered & asked]


def shown(marks: Marks) -> set[str]:
    """The texts of marks: numbers as they are, words without case, blanks and hyphens (16S-rRNA, 16S ribosomal RNA)."""
    texts = {text.lower() for slot in marks.values() for text in slot.values()}
    names = {text.replace("ribosomal rna", "rrna") for text in texts if re.search("[a-z]", text)}
    return texts | {"".join(filter(str.isalnum, name)) for name in names}


def only(marks: dict[str, str]) -> str:
    return next(iter(marks.values()))


def number(marks: dict[str, str]) -> int:
    return int(re.match(r"[\d,]+", only(marks))[0].replace(",", ""))


def count(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    kind = PLURALS[only(asked["kinds"])]
    n = len(stretch.within(kind))
    noun = next(plural for plural, key in PLURALS.items() if key == kind)
    return only(answered["count"]) == f"{n or 'no'} {noun.removesuffix('s') if n == 1 else noun}"


def place(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    kinds = ("gene",) if "gene" in asked["subject"] else ()
    named = stretch.named(asked["subject"], *kinds)
    spans = [span for feature in named for span in stretch.spans(feature)]
    low, high = number(answered["first"]) - 1 + stretch.start, number(answered["last"]) + stretch.start
    return spans == [(low, high)] and stretch.start <= low and high <= stretch.end


def strand(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    strands = {feature.location.strand for feature in stretch.named(asked["subject"])}
    return strands == {1 if only(answered["strand"]) == "forward strand" else -1}


def product(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    if "gene" in asked:
        named = stretch.named({"gene": only(asked["gene"])}, *WITH_PRODUCT)
    else:
        span = (number(asked["first"]) - 1 + stretch.start, number(asked["last"]) + stretch.start)
        kind = KINDS.get(only(asked["kind"]), only(asked["kind"]))
        named = [f for f in stretch.within(kind) if stretch.spans(f) == [span]]
    tagged = all("locus" not in asked or only(asked["locus"]) in f.qualifiers["locus_tag"] for f in named)
    return tagged and {f.qualifiers["product"][0].strip() for f in named} == {only(answered["product"])}


def at(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    here = number(asked["position"]) - 1 + stretch.start
    covering = [f for f in stretch.features if any(low <= here < high for low, high in stretch.spans(f))]
    genes = [f for f in covering if f.type == "gene"]
    if not stretch.start <= here < stretch.end:
        return False
    if "none" in answered:
        return not covering and any(f.type == "gene" for f in stretch.features)
    return len(genes) == 1 and stretch.has_name(genes[0], answered["subject"])


def extreme(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    coding = stretch.within("CDS")
    lengths = sorted((len(feature) for feature in coding), reverse=family == "longest")
    named = [f for f in coding if stretch.has_name(f, answered["subject"])]
    whole = not any("pseudo" in f.qualifiers or "pseudogene" in f.qualifiers for f in coding)
    return whole and lengths[0] != lengths[1] and [len(f) for f in named] == [lengths[0]] == [number(answered["bases"])]


def neighbour(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    genes = sorted((f for f in stretch.features if f.type == "gene"), key=stretch.low)
    step = 1 if family == "after" else -1
    places = [place for place, gene in enumerate(genes) if stretch.has_name(gene, asked["subject"])]
    others = [genes[place + step] for place in places if 0 <= place + step < len(genes)]
    return len(places) == len(others) == 1 and stretch.has_name(others[0], answered["subject"])


def cluster(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    genes = sorted(stretch.within("gene"), key=stretch.low)
    least, distance = number(asked["number"]), number(asked["distance"])

    def together(run: list[SeqFeature]) -> bool:
        strands = {gene.location.strand for gene in run}
        ends = [(stretch.spans(a)[0][1], stretch.low(b)) for a, b in itertools.pairwise(run)]
        return strands in ({1}, {-1}) and all(low - high <= distance for high, low in ends)

    runs = [genes[i:j] for i in range(len(genes)) for j in range(i + least, len(genes) + 1) if together(genes[i:j])]
    if "none" in answered:
        return not runs
    size = max(map(len, runs))
    largest = [run for run in runs if len(run) == size]
    first, last = largest[0][0], largest[0][-1]
    named = stretch.has_name(first, answered["first"]) and stretch.has_name(last, answered["last"])
    return len(largest) == 1 and number(answered["count"]) == size and named


def codon(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    named = stretch.named(asked["subject"], "CDS")
    if len(named) != 1:
        return False
    coding = str(named[0].extract(stretch.record.seq)).upper().replace("U", "T")
    plain = {"exception", "transl_except", "ribosomal_slippage", "trans_splicing", "pseudo", "pseudogene"}
    table = CodonTable.unambiguous_dna_by_id[int(named[0].qualifiers.get("transl_table", ["1"])[0])]
    codons = (coding[:3], table.start_codons) if family == "start_codon" else (coding[-3:], table.stop_codons)
    whole = not re.search("[<>]", str(named[0].location)) and plain.isdisjoint(named[0].qualifiers)
    return whole and only(answered["codon"]) == codons[0] and codons[0] in codons[1]


def code(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    tables = {f.qualifiers.get("transl_table", [""])[0] for f in stretch.named(asked["subject"], "CDS")}
    return tables == {only(answered["table"])}


def bases(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    sequence = str(stretch.record.seq[stretch.start : stretch.end]).upper()
    return only(answered[family]) in base_numbers(sequence) and ("." in only(answered[family])) == (family == "gc")


def organism(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    return only(answered["organism"]) == stretch.record.annotations["organism"]


def lineage(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    return (only(asked["taxon"]), only(answered["taxon"])) in itertools.pairwise(stretch.record.annotations["taxonomy"])


def unanswered(stretch: Stretch, pair, family, asked: Marks, answered: Marks) -> bool:
    if "absent" in answered:
        name = only(asked.get("subject") or asked["gene"]).lower()
        named = [f for f in stretch.record.features if name in words(f, "gene")]
        return bool(named) and not any(stretch.touches(f) for f in named)
    named = stretch.named(asked["subject"], "CDS")
    if len(named) != 1:
        return False
    parts = named[0].location.parts
    first, last = (parts[0], parts[-1])
    start = str(first.start) if first.strand == 1 else str(first.end)
    stop = str(last.end) if last.strand == 1 else str(last.start)
    cut = {"start": re.search("[<>]", start), "stop": re.search("[<>]", stop)}
    both = bool(cut["start"] and cut["stop"])
    partial = only(answered["partial"])
    agrees = (
        partial == "incomplete at both ends"
        if both
        else partial == f"incomplete at the {5 if cut['start'] else 3}' end"
    )
    return agrees and cut[family.removesuffix("_codon")] is not None


CHECKS = {
    "count": count, "place": place, "strand": strand, "product": product, "at": at, "longest": extreme,
    "shortest": extreme, "after": neighbour, "before": neighbour, "cluster": cluster, "start_codon": codon,
    "stop_codon": codon, "code": code, "gc": bases, "length": bases, "organism": organism, "lineage": lineage,
}  # fmt: skip
