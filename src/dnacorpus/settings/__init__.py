"""Every option of a build, declared once: its type, its bounds and what it must agree with.

Imported by pairs, curation, sources, config and stages.

The models have no defaults: config/config.yaml holds those, and the words that explain each option.
"""
