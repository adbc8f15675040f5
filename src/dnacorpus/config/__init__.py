"""The config of a build: checked, typed, and with its folder. For stages, the workflow and the command line."""
