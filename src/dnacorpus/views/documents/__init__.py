"""Documents: groups of related pairs in one context; the command line may import it."""
