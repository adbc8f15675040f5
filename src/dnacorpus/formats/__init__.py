"""File formats as rows: GenBank, FASTA, GFF and the NCBI taxonomy, with the reason for everything that is refused.

Imported by sources, papers, explore and the stages; imports storage, sequence and schemas.
"""
