"""The public contracts as files: what the code promises, and whether that breaks a promise."""
