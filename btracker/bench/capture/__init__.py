"""How long captured transactions take: a collector against a node at a steady rate."""
