"""``btracker bench pipeline``: the fold on a made-up market, next to its floor and its ceiling."""
