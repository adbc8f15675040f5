"""The names of the splits, those that keep first in front: train, validation, test."""

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")
