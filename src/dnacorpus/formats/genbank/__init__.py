"""GenBank flat files: records, their LOCUS line, header and features."""
