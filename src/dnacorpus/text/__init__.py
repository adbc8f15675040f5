"""Text composed together with its evidence; imported by pairs, views and stages."""
