"""Tools that look into a build or dataset: where, find, explain, and the report. Imported by stages and cli."""
