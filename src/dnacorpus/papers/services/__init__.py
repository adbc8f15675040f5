"""Clients of the literature services: PubMed, NCBI's ID converter, PMC and Europe PMC.

Only ``papers`` imports them; they use the HTTP client of ``sources``.
"""
