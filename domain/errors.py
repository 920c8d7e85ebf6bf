"""The one tree of errors.

BtrackerError
├── UsageError        the caller asked for something that makes no sense (exit 2, HTTP 400)
├── UnreadableError   bytes that should be ours cannot be read (dead letter)
└── CurveError        a curve has no price
"""


class BtrackerError(Exception):
    """Anything that Btracker says is wrong; its text is one sentence for a person."""


class UsageError(BtrackerError):
    """What was asked for makes no sense; the sentence names the remedy."""


class UnreadableError(BtrackerError):
    """Bytes that should be ours cannot be read; the sentence says why."""


class CurveError(BtrackerError):
    """A curve has no price for what was asked."""
