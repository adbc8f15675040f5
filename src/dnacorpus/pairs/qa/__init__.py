"""Rows of questions and answers about stretches of a record; pairs' modules, config and stages may import it."""
