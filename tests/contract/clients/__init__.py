"""Clients of the API, and what they are told, against a real server."""
