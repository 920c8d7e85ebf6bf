"""One module per arrow of the picture: read, ask the domain, write."""
