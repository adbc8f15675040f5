"""Rows of DNA and text made from one record's annotation; curation and stages may import it."""
