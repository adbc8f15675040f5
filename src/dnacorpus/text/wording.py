"""English and the habits of GenBank submitters: articles, prose in notes, uninformative and hedged names."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from dnacorpus.schemas.values import ABSENT

_HEDGE = "(?:putative|probable|possible|predicted)"
_HEDGED = re.compile(rf"{_HEDGE}\b|.*, {_HEDGE}$", re.IGNORECASE)
_UNNAMED_NUMBER = re.compile(r"unnamed[\s_-]?\d*", re.IGNORECASE)
_PLACED = re.compile(
    r"""\d\.\.[<>]?\d | \d[\s-]?(?:bp|nt|kbp?|bases|base\ pairs|nucleotides|aa|amino\ acids|residues|codons)\b
      | \b(?:nt|nucleotides?|bases)\s\d | \bpositions?\b | \b(?:the|comp\w*\.?|forward|reverse|plus|minus)\ strand\b
      | [+-]\)?\ strand\b | \b(?:up|down)stream\b | \b(?:left|right)(?:-hand)?\ end\b | [35]['\N{PRIME}][\s-]end\b
      | \b(?:start|initiation)\ codons?\b""",
    re.VERBOSE | re.IGNORECASE,
)
_BOILERPLATE = "Derived by automated computational analysis"
_TRAIL = re.compile(
    r"""[,:]\s*+[ACGTacgt]{16}[ACGTacgt\ ]*+(?:$|[.,]) | /\w+=\S | \{ECO: | ^\s*+propagated\ from\ | \[provided\ by[ ]
      | \[(?:PMID|RFAM|Rfam|ECO)\b""",
    re.VERBOSE,
)
"""How that begins which curators and their tools append to an item of a note: its bases, its evidence."""
_IDENTIFIER = re.compile(r"(?:cl|cd|pfam|smart|COG|KOG|PRK|TIGR|PHA|CHL|MTH)\d{3,}\.?")
_DISPLAY = re.compile(
    r"colou?r: ?(?:#[0-9a-f]{3,8}|[a-z]+)|direction: ?(?:right|left|both|none)|sequence: ?[acgturyswkmbdhvn]+"
    r"|geneious (?:type|name): ?.*",
    re.IGNORECASE,
)
"""An item by which SnapGene, Benchling or Geneious draws a feature."""
EMPTY_WORDS = frozenset(
    """and conserved containing domain domain-containing expressed family function gene hypothetical of open orf
    phage possible predicted probable product protein proteins putative reading frame superfamily
    uncharacterised uncharacterized unknown unnamed""".split()
)
"""Words that do not name a product in any combination."""
_SERIAL = re.compile(r"(?:duf|upf|loc|orf|gp)-?\d\S*|[\d.]+")
_UNNAMED = re.compile(
    r"(?:(?:conserved|possible|predicted:?|probable|putative) )*(?:hypothetical|uncharacteri[sz]ed|unnamed|unknown)\b"
)

CLASS_NOUNS = frozenset(
    """activator adhesin antigen antiporter antitoxin attenuator box carrier centromere channel coactivator component
    corepressor domain element enhancer exon exporter factor feature fragment gene glycoprotein homolog
    homologue importer inhibitor insulator integron intron island isoform lipoprotein modulator operator operon
    origin peptide permease phosphoprotein polyprotein porin precursor promoter propeptide protein pseudogene
    receptor region regulator repeat repressor retrotransposon riboswitch ribozyme segment sensor sequence
    signal silencer site stem-loop subunit superintegron symporter telomere terminator toxin transcript
    transporter transposon D-loop LINE MITE SINE RNA mRNA miRNA ncRNA rRNA scRNA siRNA snRNA snoRNA
    tRNA tmRNA""".split()
)
"""Last words of phrases that name a class and so take an article; other phrases are proper names."""
_GENERIC = re.compile(
    r"\b(?:(?:super)?family|putative|probable|predicted)\b|(?<=\S)-(?:binding|containing|dependent|like|type)\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"(?:[A-Z]{2,}|[A-Z])(?![a-z])")
_ACRONYMS_READ_AS_WORDS = frozenset(
    {"SAM", "HAD", "SET", "RING", "MADS", "MATE", "LEA", "LIM", "HIT", "LINE", "MITE", "SINE"}
)
_VOWEL_SOUND = re.compile(
    r"[ai]|e(?!u)|o(?!ne\b)|u(?!bi|ni|ra|ri|ro|se|ti)|hono|heir|8|1[18](?!\d)|(?:m|r|nc|lnc|sc|sn|si)RNA", re.IGNORECASE
)

_NO_PROSE = re.compile(
    r"""^[A-Za-z]+_ID\b | ^\w+:\S | ^similar\ to\b | ^contains\ similarity | ^identified\ by
      | ^match(?:es)?\ (?:to|with)\b
      | ^(?:best\ )?blast | ^conflict | \blen(?:gth)?\s?[:=]\s*\d | \(match\ \d | \be-?value
      | \b(?:COG|IPR|PF|TIGR|pfam|cd|PS|PTHR|KEGG)\d{3,}
      | \[(?:supplied|provided)\ by | [ACGTacgt]{16,} | https?:// | \|\S*\| | \bBest-placed | ^RefSeq\b | <\w+>
      | /\w+=\S
    """,
    re.VERBOSE | re.IGNORECASE,
)


_WORD = re.compile(r"[A-Za-z]{3}")
_NO_LETTER = re.compile(r"[\W_]")
_BETWEEN_WORDS = re.compile(r"[\s,:;()\[\]/]+")
_ITEM = re.compile(r"(?:[^;]|;(?! ))+")
"""An item of a note: up to a semicolon and a blank."""
_BETWEEN_NOUNS = re.compile(r"[\s/]")
_AFTER_FIRST = re.compile(r"[\s/(-]")
_LAST_BRACKET = re.compile(r"\s\([^()]*\)$")
_CLAUSE_END = re.compile(r"[.;] ")
_CACHED = 1 << 16
"""How many results for names and notes are cached, since most occur many times."""


@lru_cache(_CACHED)
def article(noun: str) -> str:
    """Return "a" or "an" for a noun phrase that takes an indefinite article, and "" for one that does not.

    A proper name ("cytochrome b", "ribosomal protein L2") takes none; the name of a class ("ABC transporter
    permease", "GNAT family acetyltransferase") does.
    """
    last = _BETWEEN_NOUNS.split(_LAST_BRACKET.sub("", noun))[-1]
    enzyme = last.endswith("ase") and (last == noun or _GENERIC.search(noun))
    if last not in CLASS_NOUNS and not enzyme:
        return ""
    first = _AFTER_FIRST.split(noun)[0]
    acronym = _ACRONYM.match(first)
    if acronym and acronym[0] not in _ACRONYMS_READ_AS_WORDS:
        return "an" if first[0] in "AEFHILMNORSX" else "a"
    return "an" if _VOWEL_SOUND.match(first) else "a"


def present(value: str | None) -> bool:
    """Return whether a qualifier has a value that is not empty, "missing" or the like."""
    return value is not None and value.strip().lower() not in ABSENT


def present_name(value: str | None) -> bool:
    """Return whether a value is a name: present, and not "unnamed1", as pipelines number plasmids."""
    return present(value) and not _UNNAMED_NUMBER.fullmatch(value or "")


def present_title(value: str | None) -> bool:
    """Return whether a definition says something: present, and not Prokka's "Genus species strain strain"."""
    return present(value) and not (value or "").strip().lower().startswith("genus species")


def states_place(text: str) -> bool:
    """Return whether free text states a position, length, strand or end, which may be false of a crop."""
    return _PLACED.search(text) is not None


@lru_cache(_CACHED)
def readable(text: str) -> bool:
    """Return whether a text is meant for readers: no identifier, search hit, sequence or third party's text."""
    return present(text) and not _NO_PROSE.search(text) and not is_uninformative(text)


def prose(note: str, used: Iterable[str] = ()) -> str | None:
    """Return the longest part of a note that is prose, or None.

    Left out are the sentence of annotation pipelines, identifiers, search hits, sequences, single words,
    and items that add nothing to ``used``, the feature's names.
    """
    text = _new_items(note, used)
    letters = sum(map(str.isalpha, text)) + text.count(" ")
    if len(text.split()) < 3 or letters < 0.75 * len(text) or not readable(text):
        return None
    return cut(text, 300, words=False)


def remark(note: str, used: Iterable[str] = ()) -> str | None:
    """Return the longest part of a note that is readable, or None: `prose`, or a name of one word.

    For features that have no other name: "TPP riboswitch", "operator-l3".
    """
    text = _new_items(note, used)
    return cut(text, 300) if _WORD.search(text) and readable(text) else None


def without_boilerplate(note: str) -> str:
    """Return a note without the sentence of annotation pipelines and what follows it."""
    before, found, _ = note.partition(_BOILERPLATE)
    if not found:
        return note
    before = before.rstrip()
    return before[:-1] if before.endswith((";", ".")) else before


def _new_items(note: str, used: Iterable[str]) -> str:
    """Return the longest run of items of a note that are neither boilerplate nor repeat one of ``used``."""
    text = without_boilerplate(note)
    known, runs, start = [same for name in used if (same := alike(name))], [(0, 0)], 0
    for item in _ITEM.finditer(text):
        trail = _TRAIL.search(item[0])
        end = item.end() if trail is None else item.start() + len(item[0][: trail.start()].rstrip())
        repeats = _adds_nothing(text[item.start() : end], known)
        if not repeats:
            runs.append((start, end))
        if repeats or trail:
            start = item.end() + 1
    low, high = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
    return text[low:high].strip(" ;").rstrip(" .;,")


def _adds_nothing(item: str, known: Sequence[str]) -> bool:
    same = alike(item)
    if not same or _IDENTIFIER.fullmatch(item.strip()) or _DISPLAY.fullmatch(item.strip()):
        return True
    return any(same in name or (same.endswith(name) and len(same) <= len(name) + 3) for name in known)


@lru_cache(_CACHED)
def alike(name: str) -> str:
    """Return a form of a name that its spellings share: no case, blanks or hyphens, "ribosomal RNA" as "rrna"."""
    return _NO_LETTER.sub("", name.lower().replace("ribosomal rna", "rrna"))


@lru_cache(_CACHED)
def is_uninformative(product: str) -> bool:
    """Return whether a product name means only that something is there: "hypothetical protein"."""
    name = product.strip().lower()
    words = _BETWEEN_WORDS.split(name)
    return bool(_UNNAMED.match(name)) or all(word in EMPTY_WORDS or _SERIAL.fullmatch(word) for word in words if word)


def is_hedged(product: str) -> bool:
    """Return whether a product name states its own uncertainty: "putative kinase", "kinase, putative"."""
    return _HEDGED.match(product) is not None


def cut(text: str, limit: int, words: bool = True) -> str | None:
    """Return ``text``, or a prefix that ends at a boundary if it is longer than ``limit`` code points.

    The boundary is the last end of a sentence or list item in the second half of the limit; without one it is the
    last blank if ``words``, else the result is None.
    """
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    ends = [match.start() for match in _CLAUSE_END.finditer(head) if match.start() >= limit // 2]
    if ends:
        return head[: ends[-1]].rstrip(" ,;:.")
    return (head.rpartition(" ")[0] or head[:limit]).rstrip(" ,;:.") if words else None
