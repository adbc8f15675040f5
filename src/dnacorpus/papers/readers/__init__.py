"""Readers of one file of papers each: JATS, PubMed XML, Europe PMC and PMC JSON, and PDF.

Only ``papers`` imports them.
"""
