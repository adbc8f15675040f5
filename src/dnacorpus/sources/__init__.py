"""Where bytes come from: releases, assemblies, records and local files, over HTTP(S) or from disk.

May be imported by papers, simulate and the stages; imports formats and storage.
"""
