"""Measurements that ``btracker bench`` prints, each next to its floor in the same run."""
