"""Feature tables of many records at once, as NumPy and Arrow columns; `formats.batch` uses them."""
