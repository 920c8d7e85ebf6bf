"""From which address a request comes, and under which it is counted. Pure."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from domain.errors import UsageError

MAX_CHARS = 64


class Origin(NamedTuple):
    """Where a request comes from. ``local``: from this machine, for nobody else."""

    address: str
    local: bool = False


class Origins:
    """Tells origins. X-Forwarded-For is believed from loopback and from the *proxies*' networks.

    There its last entry is the proxy's own word; all before it is the client's.
    """

    def __init__(self, proxies: tuple[str, ...] = ()) -> None:
        try:
            self._proxies = tuple(ip_network(proxy) for proxy in proxies)
        except ValueError as error:
            raise UsageError(
                f"BTRACKER_PROXIES: {error}; give networks such as 10.0.0.0/8."
            ) from error
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, client: str | None, forwarded: str | None, relayed: bool) -> Origin:
        """Return the origin of a request that *client*, None for a pipe, connected for.

        *forwarded* is X-Forwarded-For, *relayed* whether another header names a proxy.
        """
        peer = "loopback" if client is None else _counted(client)
        address = _parsed(peer)
        is_loopback = client is None or (address is not None and address.is_loopback)
        if forwarded is not None and (is_loopback or self._is_proxy(address)):
            return Origin(_counted(forwarded.rpartition(",")[2].strip()[:MAX_CHARS]))
        return Origin(peer, local=is_loopback and not relayed)

    def _is_proxy(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _counted(text: str) -> str:
    """Return the address, or for IPv6 its /64, since one host owns all of that."""
    address = _parsed(text)
    if not isinstance(address, IPv6Address) or address.is_loopback:
        return str(address or text)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))
