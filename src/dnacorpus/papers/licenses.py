"""Licences of papers: an SPDX-like identifier from a URL, a code or a sentence.

Only Creative Commons licences are recognised; anything else is unknown (None), which is never open. Of several
licences the most restrictive one holds: BMC's articles under CC BY put their data under CC0, and open words beside
a link to an NC licence are a mistake that must not grant more rights.
"""

import re
from collections.abc import Iterable

RESTRICTIVENESS = (
    "CC0", "CC-PDM", "CC-BY", "CC-BY-SA", "CC-BY-NC", "CC-BY-NC-SA", "CC-BY-ND", "CC-BY-NC-ND", "LicenseRef-TDM",
)  # fmt: skip
"""Families of licences, most open first; the last allows text mining but not publishing."""

_URL = re.compile(
    r"creativecommons\.org/(?:licen[sc]es?|publicdomain)/(?P<code>[a-z+-]+?)(?:/(?P<version>\d\.\d))?"
    r"(?:/(?P<port>igo|us|uk|de|at|nl|fr|jp|au)\b)?(?=[^a-z+-]|$)"
)
_CODE = re.compile(
    r"\bcc[\s_-]*(?:-\s*)?(?P<code>0|zero|by(?:[\s_-]*(?:nc|nd|sa))*)(?:[\s_-]*licen[sc]e)?(?![a-z])"
    r"[\s_)-]*(?:version\s*|v\.?\s*)?(?P<version>\d\.\d)?"
)
_WORDS = re.compile(
    r"creative\s+commons\b[^.]{0,40}?\b(?P<code>attribution(?:[\s,/_-]|\band\b)*(?:(?:non[\s-]*commercial|no[\s-]*deriv\w*"
    r"(?:\s+works?)?|share[\s-]*alike)(?:[\s,/_-]|\band\b)*)*|zero\b|public\s+domain\s+dedication)"
    r"(?:\([^)]*\)\s*)?(?:unported\s+|international\s+)?(?:public\s+)?(?:licen[sc]e)?[\s,]*(?:version\s*|v\.?\s*)?"
    r"(?P<version>\d\.\d)?"
)
_ELEMENTS = {
    "nc": re.compile(r"nc|non[\s-]*commercial"),
    "nd": re.compile(r"nd|no[\s-]*deriv\w*"),
    "sa": re.compile(r"sa|share[\s-]*alike"),
}
_ORDER = {"nc": 0, "nd": 1, "sa": 2}
_DATA = re.compile(r"\bdata(?:sets?)?\b")
_VERSION = re.compile(r"-\d.*")
_BY = re.compile(r"^(?:by|attribution)|\band\b")


def licenses_in(text: str) -> list[str]:
    """Return the licences named in a text, by URL, code or words, in order of appearance.

    Identifiers are ``CC0-1.0``, ``CC-BY-4.0``, ``CC-BY-NC-ND`` if no version is stated, and ``CC-BY-3.0-IGO`` for a
    port.
    """
    lowered = text.lower()
    by_position = [
        (match.start(), identifier)
        for pattern in (_URL, _CODE, _WORDS)
        for match in pattern.finditer(lowered)
        if (identifier := _identifier(match)) is not None
    ]
    return [identifier for _, identifier in sorted(by_position)]


def stated_license(marks: Iterable[str], prose: Iterable[str] = ()) -> str | None:
    """Return the licence of a paper, or None if none is recognised.

    ``marks`` are the values of fields that hold a licence (URLs, codes), ``prose`` are sentences about it. CC0 in a
    text that mentions data is taken to be the licence of the data, not of the paper.
    """
    stated = [identifier for mark in marks for identifier in licenses_in(mark)]
    for text in prose:
        about_data = _DATA.search(text.lower()) is not None
        stated += [name for name in licenses_in(text) if not (about_data and family(name) == "CC0")]
    return strictest(stated)


def strictest(licenses: Iterable[str | None]) -> str | None:
    """Return the most restrictive of the licences that are not None, or None if all are.

    Of equally restrictive licences, the first with a version is returned, else the first.
    """
    known = [name for name in licenses if name is not None]
    if not known:
        return None
    worst = max(RESTRICTIVENESS.index(family(name)) for name in known)
    tied = [name for name in known if RESTRICTIVENESS.index(family(name)) == worst]
    return next((name for name in tied if name != family(name)), tied[0])


def family(identifier: str) -> str:
    """Return an identifier without version and port: CC-BY-SA for CC-BY-SA-3.0-IGO."""
    return _VERSION.sub("", identifier)


def is_open(identifier: str | None, allowed: frozenset[str]) -> bool:
    """Return whether ``allowed``, a set of families (CC-BY) and identifiers (CC-BY-4.0), has the licence."""
    return identifier is not None and (identifier in allowed or family(identifier) in allowed)


def _identifier(match: re.Match[str]) -> str | None:
    code, version, port = match["code"], match["version"], match.groupdict().get("port")
    if code.startswith(("0", "zero", "public")):
        return "CC0-1.0"
    if code == "mark":
        return f"CC-PDM-{version or '1.0'}"
    if not code.startswith(("by", "attribution")):
        return None
    rest = _BY.sub("", code)
    elements = [name for name, pattern in _ELEMENTS.items() if pattern.search(rest)]
    parts = ["CC", "BY", *(name.upper() for name in sorted(elements, key=_ORDER.__getitem__))]
    if "ND" in parts and "SA" in parts:
        parts.remove("SA")
    if version:
        parts.append(version)
        if port:
            parts.append(port.upper())
    return "-".join(parts)
