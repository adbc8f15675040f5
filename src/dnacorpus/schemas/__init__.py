"""The Arrow schemas of all tables, and the values that their columns can have. Every other package may import it."""
