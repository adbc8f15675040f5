"""What is kept and in which split: splits, duplicates, near-duplicates, leaks, biosafety.

Imported by config and stages.
"""
