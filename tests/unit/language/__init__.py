"""The language part."""
