"""The command ``dnacorpus``: the one user of argparse. Nothing imports it."""
