"""The store of real deployments: Elasticsearch 8 or 9."""
