"""NCBI's taxonomy: the taxdump, its compiled tables, and species from names."""
