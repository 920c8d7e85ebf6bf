"""``btracker bench api``: how much a request costs, and how long it takes at a steady rate."""
