"""The nouns: frozen structs with units, and the topics as data. Imports nothing of ours."""
