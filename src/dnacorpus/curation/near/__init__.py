"""Near-duplicates of records: sketches, candidate pairs, comparison, clusters. Imported by the stages."""
