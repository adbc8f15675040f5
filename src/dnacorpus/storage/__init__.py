"""Files of a build on the local disk: atomic writes, Parquet, paths, the catalog, the ledger, progress.

Imported by everything that opens files: all packages from dataset and formats upwards but pairs and cli.
"""
