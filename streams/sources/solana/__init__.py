"""Live chain: Solana nodes that tell at once, and a sweep of their blocks that misses nothing."""
