"""The reader of PDFs: the lines of each page, grouped into paragraphs and sections.

Only ``papers`` imports it, and it is the only package that imports pymupdf.
"""
