"""``btracker bench ws``: what thousands of live connections cost, and how late their messages."""
