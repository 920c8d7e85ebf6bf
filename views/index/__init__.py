"""From the public topics into the store."""
