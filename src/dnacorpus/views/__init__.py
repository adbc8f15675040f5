"""Views: a finished dataset arranged for one use, such as documents or the input of a model. Imported by cli."""
