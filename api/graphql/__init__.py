"""GraphQL: the answers of REST and the live channels, of which a client takes what it wants."""
