"""biosafety."""
