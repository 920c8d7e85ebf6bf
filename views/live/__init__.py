"""The live feed: one writer stamps and publishes frames, every API replica relays them."""
