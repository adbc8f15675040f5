"""Rows of a record beside papers that it cites; pairs' modules, config and stages may import it."""
