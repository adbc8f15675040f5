"""NCBI RefSeq and the papers it cites as a DNA - natural-language corpus."""

from importlib.metadata import version

__version__ = version("dnacorpus")
