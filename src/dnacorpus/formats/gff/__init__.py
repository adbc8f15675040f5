"""GFF3 and GTF files, with the features that a flat file of the same sequence would have.

Imported by the modules of formats.
"""
