"""How fast transactions are decoded."""
