"""The live side: WebSocket and server-sent events over the live feed."""
