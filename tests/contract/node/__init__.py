"""The public contracts as files."""
