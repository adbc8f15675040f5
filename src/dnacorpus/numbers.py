"""Numbers for people: counts with a unit, bytes, large numbers, shares. Any module may import this one."""

_DECIMAL = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_NAMES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))


def count(number: int, unit: str) -> str:
    """Return a number with its unit in the singular or plural, e.g. 1 file, 1,200 files, 3 species."""
    plural = unit if unit == "species" else f"{unit}s"
    return f"{number:,} {unit if number == 1 else plural}"


def size(number: float) -> str:
    """Return bytes with a decimal prefix, e.g. 999 B, 19.4 MB."""
    for factor, prefix in _DECIMAL:
        if number >= factor:
            return f"{number / factor:.1f} {prefix}B"
    return f"{number:.0f} B"


def rounded(number: int) -> str:
    """Return a number in words from a million on, e.g. 12,345 or 1.2 million."""
    for factor, name in _NAMES:
        if number >= factor:
            return f"{number / factor:.1f} {name}"
    return f"{number:,}"


def short(number: float) -> str:
    """Return a number with a decimal prefix, as for the ticks of an axis, e.g. 500, 2.5 k, 10 M."""
    for factor, prefix in _DECIMAL[1:]:
        if number >= factor:
            return f"{number / factor:g} {prefix}"
    return f"{number:g}"


def decimal(number: float, digits: int = 0) -> str:
    """Return a number with thousands separators, ``digits`` after the point, and a true minus sign."""
    return f"{number:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, e.g. 12.5 % of 0.125."""
    return f"{100 * share:.{digits}f} %"
