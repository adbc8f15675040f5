"""A finished dataset folder: manifest, card, index, statistics, verify, and its copy on the Hub.

Imported by explore, views, stages and cli.
"""
