"""What the measurements of the serving side have in common: made-up tokens, processes, load."""
