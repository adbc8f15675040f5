"""What is kept and in which split: splits, duplicates, near-duplicates, leaks, biosafety. Imported by the stages."""
