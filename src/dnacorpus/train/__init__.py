"""Training a small model on a dataset: what the corpus is worth, measured. The one home of torch."""

import os

# Read by the OpenMP that torch brings, when torch is imported. Its threads wait by spinning, for so long that two jobs
# on one machine slow each other down many times over; to spin for microseconds and then sleep costs a lone run nothing.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
