"""The one tree of errors.

BtrackerError
├── UsageError        the caller asked for something that makes no sense (exit 2, HTTP 400)
├── UnreadableError   bytes that should be ours cannot be read (dead letter)
├── CurveError        a curve has no price
├── StoreError        the store of views cannot be reached (retried, HTTP 503)
│   └── UnusableStoreError  it is damaged, or of another version: it has to be made anew
└── RejectedError     a store can never take some records (dead letters); it is in views.writes
"""


class BtrackerError(Exception):
    """Anything that Btracker says is wrong; its text is one sentence for a person."""


class UsageError(BtrackerError):
    """What was asked for makes no sense; the sentence names the remedy."""


class UnreadableError(BtrackerError):
    """Bytes that should be ours cannot be read; the sentence says why."""


class CurveError(BtrackerError):
    """A curve has no price for what was asked."""


class StoreError(BtrackerError):
    """The store of views cannot be reached or written; trying again later may help."""


class UnusableStoreError(StoreError):
    """The store of views is damaged or of another version; `btracker rebuild` makes another."""
