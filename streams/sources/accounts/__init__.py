"""Reads accounts from nodes, of tokens whose launch nobody has seen."""
