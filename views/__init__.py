"""What the query side reads: one contract, its stores, the live feed, the indexer."""
