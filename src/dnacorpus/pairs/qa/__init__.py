"""Rows of questions and answers about stretches of a record; the modules of pairs and the stages may import it."""
