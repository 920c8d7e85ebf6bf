"""One module per changelog-backed table."""
