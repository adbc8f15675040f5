"""Feature tables of many records at once, as NumPy and Arrow columns. Imported by ``formats.batch``."""
