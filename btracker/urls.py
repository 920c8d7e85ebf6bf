"""Urls as they may be shown: without their passwords."""

import re

HIDDEN = "(hidden)"
_PASSWORD = re.compile(
    # After the user's name, up to the last @: a password may hold what ought to be escaped.
    r"""(?P<before>://[^:@/\s"]*:)[^\s"]+(?=@)|(?P<named>[?&]password=)[^&\s"]+"""
)


def masked(text: str) -> str:
    """Return *text* with the password of every url in it hidden."""
    return _PASSWORD.sub(lambda found: f"{found['before'] or found['named']}{HIDDEN}", text)
