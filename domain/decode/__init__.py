"""What a transaction did: one decoder per program behind one interface."""
