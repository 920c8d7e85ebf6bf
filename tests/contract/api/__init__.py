"""The API as its clients see it, over every store."""
