"""Reads the topics again and has the domain recount what the agents made of them."""
