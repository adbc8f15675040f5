"""The where verb: look up accessions, taxa and sequences in a dataset folder or on the Hub. Imported by cli."""
