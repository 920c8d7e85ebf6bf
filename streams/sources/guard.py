"""Where a fetch may go: public addresses only, judged on the address that is connected to."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from domain.errors import BtrackerError

Address = IPv4Address | IPv6Address

_TRANSLATED = (
    IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"), IPv6Network("2001::/32"),
)  # fmt: skip
"""IPv6 that leads to an IPv4 address inside it (NAT64, 6to4, Teredo), which may be private."""


class ForbiddenError(BtrackerError):
    """An untrusted address leads where we do not go."""


LOOPBACK = ("127.0.0.0/8", "::1/128")


def is_loopback(url: URL) -> bool:
    """Say whether *url* leads to this machine by what is written in it."""
    try:
        return url.host == "localhost" or ip_address(url.host or "").is_loopback
    except ValueError:
        return False


class Guard:
    """Says which addresses are open to us; *allowed* networks are, whatever they are.

    *secure*: what leaves this machine goes over TLS.
    """

    def __init__(self, allowed: Sequence[str] = (), *, secure: bool = False) -> None:
        self._allowed = tuple(ip_network(network) for network in allowed)
        self._secure = secure

    def check_url(self, url: URL) -> None:
        """Check what can be seen in *url*; an address written out is never resolved.

        Raises:
            ForbiddenError: another scheme than http and https, one that is not secure enough,
                credentials, or no public address.
        """
        if url.scheme not in {"http", "https"} or not url.host:
            raise ForbiddenError(f"{url.scheme or 'no'} is not a scheme that is fetched")
        if self._secure and url.scheme == "http" and not is_loopback(url):
            raise ForbiddenError("only https is fetched beyond this machine")
        if url.user is not None or url.password is not None:
            raise ForbiddenError("the address carries credentials")
        try:
            literal = ip_address(url.host)
        except ValueError:
            return
        self.check(literal)

    def check(self, address: Address) -> None:
        """Check an address that is about to be connected to.

        Raises:
            ForbiddenError: it is private, loopback, link-local, multicast or otherwise not public.
        """
        if not self._is_open(address):
            raise ForbiddenError(f"{address} is not a public address")

    def _is_open(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            return self._is_open(address.ipv4_mapped)
        if any(address in network for network in self._allowed):
            return True
        is_translated = any(address in network for network in _TRANSLATED)
        return address.is_global and not address.is_multicast and not is_translated


class GuardedResolver(AbstractResolver):
    """Resolves names as the system does, and refuses those that lead to a forbidden address.

    The addresses it returns are the ones that are connected to, so a name cannot change between
    the check and the connection.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*, all of them public.

        Raises:
            ForbiddenError: one of them is not.
        """
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            self._guard.check(ip_address(result["host"].partition("%")[0]))
        return found

    async def close(self) -> None:
        """Release what the resolver holds."""
        await self._resolver.close()
