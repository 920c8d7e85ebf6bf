"""How often an address may ask: a generic cell rate algorithm, in memory."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request may go on, and what is left of the quota.

    ``reset_s`` is when the whole quota is back, ``retry_after_s`` when one more request fits.
    """

    allowed: bool
    remaining: int
    reset_s: int
    retry_after_s: int = 0


class Limiter:
    """Allows *burst* requests at once and *per_minute* on average, per key.

    Remembers the last *keys* keys seen or more, in two generations, so that a flood of addresses
    costs neither memory nor time.
    """

    def __init__(self, *, per_minute: int, burst: int, keys: int) -> None:
        self._interval = 60 / per_minute
        self._burst, self._keys = burst, keys
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self.policy = f'"address";q={burst};w={ceil(burst * self._interval)}'

    def take(self, key: str, *, now: float) -> Verdict:
        """Charge one request of *key* at the monotonic time *now*, in seconds."""
        due = max(self._young.get(key) or self._old.get(key, now), now) + self._interval
        debt, quota = due - now, self._burst * self._interval
        # Sums of intervals round: a millionth of a second is no reason to refuse.
        if debt > quota + 1e-6:
            reset = ceil(debt - self._interval)
            wait = ceil(debt - quota)
            return Verdict(allowed=False, remaining=0, reset_s=reset, retry_after_s=wait)
        self._remember(key, due)
        remaining = int((quota - debt) / self._interval + 1e-6)
        return Verdict(allowed=True, remaining=remaining, reset_s=ceil(debt))

    def _remember(self, key: str, due: float) -> None:
        if len(self._young) >= self._keys:
            self._young, self._old = {}, self._young
        self._young[key] = due


UNLIMITED_POLICY = '"loopback";q=1000000;w=1'
UNLIMITED = '"loopback";r=1000000;t=0'


@lru_cache(maxsize=4096)
def limited_key(client: str | None, forwarded: str | None) -> str | None:
    """Return the key a request is counted under, None for a caller on this machine.

    *forwarded* is X-Forwarded-For. It is believed only from the loopback address, where it says
    that a proxy on this machine asks for somebody else: its last entry is the proxy's own word.
    """
    if client is None:
        return None
    if not _is_loopback(client):
        return _network(client)
    return _network(forwarded.rpartition(",")[2].strip()[:64]) if forwarded else None


def _is_loopback(client: str) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _network(client: str) -> str:
    """Return the address, or for IPv6 its /64, since one host owns all of that."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))
