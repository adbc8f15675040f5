"""The validate stage: a small model trains on a dataset's pairs and says what they are worth, beside baselines.

Nothing in the dataset depends on it. What it writes differs from run to run only in the time taken, on a CPU.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

DEVICES = ("auto", "cpu", "cuda")
HELD_OUT = ("validation", "test")
