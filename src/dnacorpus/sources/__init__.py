"""Where bytes come from: releases, assemblies, records and local files, over HTTP(S) or from disk.

Imported by papers, simulate and the stages; imports formats, storage, schemas and settings.
"""
