"""The command ``dnacorpus``: the one user of argparse. Imported by ``__main__`` alone."""
