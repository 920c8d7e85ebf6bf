"""How a connection to X stands, for people."""

LIVED_LINES = 1
"""Whoever has said so much was well; the pauses between connections begin anew."""


class Standing:
    """One stream as it stands. ``state``: connecting, running, or stalled.

    ``is_resting``: no connection is made for now, or ever.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.state, self.trouble = "connecting", ""
        self.reconnects = self.lines = 0
        self._before = 0
        self.is_resting = False

    @property
    def has_lived(self) -> bool:
        """Whether the last connection brought something."""
        return self.lines - self._before >= LIVED_LINES

    def connect(self) -> None:
        """Take note that X answers."""
        self.state, self.trouble, self._before = "running", "", self.lines
        self.is_resting = False

    def hear(self) -> None:
        """Take note of a line."""
        self.lines += 1

    def leave(self, trouble: str, *, is_stalled: bool) -> None:
        """Take note that a connection has ended, and why."""
        self.state, self.trouble = "stalled" if is_stalled else "connecting", trouble
        self.reconnects += 1
        self._before = self.lines

    def rest(self, why: str) -> None:
        """Take note that no connection is made for a while."""
        self.state, self.trouble, self.is_resting = "stalled", why, True

    def give_up(self, why: str) -> None:
        """Take note that no connection will be made any more."""
        self.rest(f"stopped: {why}")

    def end(self) -> None:
        """Take note that the collector ends."""
        self.state, self.trouble = "connecting", "not listened to, the collector has ended"
