"""The policy on viruses of eukaryotes: its rules, the verdict over a record, and the screen of rows by their bases.

Imported by the stages.
"""
