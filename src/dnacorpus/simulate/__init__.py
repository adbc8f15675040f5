"""The simulated release: made-up species, genomes, records and papers in RefSeq's layout, for tests and demos.

The command line may import it; it imports ``sources``, ``sequence`` and ``storage``.
"""
