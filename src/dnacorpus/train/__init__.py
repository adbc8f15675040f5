"""Training of a small model on a dataset, with baselines; the only home of torch. Imported by the stage validate."""

import os

# Read by torch's OpenMP when torch is imported. By default its threads spin so long while they wait that two jobs on
# one machine slow each other down several times; spinning for microseconds costs a single job nothing.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
