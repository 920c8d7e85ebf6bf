"""FastAPI over the views: REST, problem+json, the live WebSocket."""
