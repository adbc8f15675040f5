"""Files of a build on the local disk: atomic writes, Parquet, paths, the catalog, the ledger, progress."""
