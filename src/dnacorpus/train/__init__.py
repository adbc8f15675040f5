"""Training a small model on a dataset: what the corpus is worth, measured. The one home of torch."""
