"""What a post says: its launch command, mints and cashtags."""
