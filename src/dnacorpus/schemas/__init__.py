"""The Arrow schemas of all tables, and the values that their columns can have.

Imported by all packages that read or write tables, and by text.
"""
