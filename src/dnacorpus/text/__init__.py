"""Text composed together with its evidence; everything that writes text of the corpus may import it."""
