"""``btracker rebuild``: the store made anew from the topics, compared with what was there."""
