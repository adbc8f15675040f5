"""EMBL flat files, read in the terms of GenBank: both hold the same records, with the same feature table."""
