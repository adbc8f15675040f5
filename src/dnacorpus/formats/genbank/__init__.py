"""GenBank flat files: records, their LOCUS line, header and features. Imported by formats and sources."""
