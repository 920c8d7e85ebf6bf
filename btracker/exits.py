"""Exit codes of every command."""

from typing import Final

OK: Final = 0
FAILED: Final = 1
WRONG_USE: Final = 2
"""Doing the same again is no use."""
UNDECIDED: Final = 2
"""Of a command that answers by 0 or 1: it could not find out."""
INTERRUPTED: Final = 130
UNREAD: Final = 141
"""The last two as a shell says that SIGINT and SIGPIPE ended a program."""
