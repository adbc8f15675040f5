"""What is made of a finished dataset for a model; the command line may import it."""
