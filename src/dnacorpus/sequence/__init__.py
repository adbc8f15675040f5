"""Bases, strands, locations, k-mers and genetic codes, without files or tables.

Imported by formats, pairs, dataset, curation, explore, simulate and stages.
"""
