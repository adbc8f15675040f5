"""Rows of a record beside papers that it cites; the modules of pairs and the stages may import it."""
