"""``python -m btracker``."""

from btracker.cli import main

main()
