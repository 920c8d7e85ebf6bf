"""What accounts say of tokens launched before the start."""
