"""Accounts of the chain -> what they say of a token that was launched before we looked."""
