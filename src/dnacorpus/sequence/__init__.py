"""Bases, strands, locations, k-mers and genetic codes, without files or tables; every package may import it."""
