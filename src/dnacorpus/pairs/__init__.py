"""Rows of DNA and text made from one record's annotation; config, curation and stages may import it."""
