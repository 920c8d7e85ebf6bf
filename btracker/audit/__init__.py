"""``btracker audit``: the topics against their own log, and the store against the topics."""
