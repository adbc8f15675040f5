"""The find verb: search the features of a build or dataset. Imported by cli."""
