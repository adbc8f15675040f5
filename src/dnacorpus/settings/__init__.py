"""Every option of a build, declared once: its type, its bounds and what it must agree with. Any package may import it.

The models have no defaults: config/config.yaml holds those, and the words that explain each option.
"""
