"""How chain time runs against the clock on the wall."""

from typing import NamedTuple


class Pace(NamedTuple):
    """A replay's speed: at wall time ``wall`` (seconds since 1970) it is chain time ``chain``."""

    speed: float
    chain: float
    wall: float

    def due(self, time: float) -> float:
        """Return the wall time at which chain time *time* has come."""
        return self.wall + (time - self.chain) / self.speed

    def chain_time(self, now: float) -> float:
        """Return the chain time at wall time *now*; infinite at full speed."""
        return self.chain + (now - self.wall) * self.speed if now > self.wall else self.chain
