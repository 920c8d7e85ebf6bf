"""What is asked for all the time, kept as bytes and replaced by what the live feed says."""
