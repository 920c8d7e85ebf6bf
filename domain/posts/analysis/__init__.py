"""What a text says of a project: classes and their words, features, signals of scams; all rules."""

RULES = "1"
"""The version of the rules: the first part of the version of every reading."""
