"""The sizes of a validation."""

from dataclasses import dataclass

from dnacorpus.errors import UsageError


@dataclass(frozen=True, slots=True)
class Preset:
    """One size of model and run.

    The model sees ``span`` bases and ``text`` words of a row. At most ``rows`` train rows and ``held_out`` rows are
    read, and at most ``row_bases`` of each. ``threads`` is the number of CPU threads, fixed because the order of sums
    depends on it.
    """

    name: str
    layers: int
    width: int
    heads: int
    span: int
    text: int
    words: int
    steps: int
    batch: int
    rate: float
    rows: int
    held_out: int
    row_bases: int
    threads: int


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="tiny", layers=2, width=56, heads=2, span=128, text=16, words=768, steps=256, batch=32, rate=6e-3,
            rows=8192, held_out=512, row_bases=8192, threads=2,
        ),
        Preset(
            name="small", layers=6, width=320, heads=5, span=1024, text=64, words=8192, steps=2000, batch=64, rate=2e-3,
            rows=131_072, held_out=4096, row_bases=16_384, threads=8,
        ),
        Preset(
            name="base", layers=12, width=768, heads=12, span=2048, text=128, words=32_768, steps=20_000, batch=64,
            rate=1e-3, rows=1_048_576, held_out=8192, row_bases=32_768, threads=8,
        ),
    )
}  # fmt: skip
NAMES = ("off", *PRESETS, "auto")


def check_name(name: str) -> None:
    """Raise UsageError, listing the presets, unless ``name`` is a preset, ``off`` or ``auto``."""
    if name not in NAMES:
        raise UsageError(f"validate preset {name!r}: expected one of {', '.join(NAMES)}")


def preset_for(name: str, device: str) -> Preset:
    """Return the preset of a name; ``auto`` is ``small`` on a GPU and ``tiny`` on a CPU."""
    check_name(name)
    return PRESETS[name if name != "auto" else "small" if device == "cuda" else "tiny"]
