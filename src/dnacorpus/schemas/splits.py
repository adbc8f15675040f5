"""The names of the splits, those that keep first in front: train, validation, test."""

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")

HELD_OUT = (VALIDATION, TEST)
"""The splits that a model is measured on."""
