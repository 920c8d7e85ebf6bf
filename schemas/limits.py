"""Limits that several layers rely on."""

CHUNKS_IN_FLIGHT = 64
"""Most chunks of a partition that wait to become durable. What was taken so many chunks ago is
durable, so the decoder and the fold may forget by it. The writer keeps the limit."""
