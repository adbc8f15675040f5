"""genbank."""
