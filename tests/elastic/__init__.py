"""Elasticsearch for tests."""
