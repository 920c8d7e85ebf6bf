"""``btracker bench recovery``: how long a worker with a million rows takes until it works."""
