"""NCBI's taxonomy: the taxdump, its compiled tables, and species from names.

Imported by the modules of formats, sources and stages.
"""
