"""The stages of the pipeline: a module with a function ``run`` for each. For the command line alone."""
