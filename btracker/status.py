"""The API's ``/v1/status``, asked from outside and told in one line."""

from typing import Any, Self

import aiohttp
import msgspec

from btracker.terminal import PART

ANSWER_S = 2.0


class StatusClient:
    """Asks one API how things are."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def healthy(self) -> bool:
        """Return whether the API answers."""
        return await self._get("/healthz") is not None

    async def status(self) -> dict[str, Any] | None:
        """Return what it says of everything, None while it does not answer."""
        body = await self._get("/v1/status")
        return None if body is None else msgspec.json.decode(body, type=dict[str, Any])

    async def _get(self, path: str) -> bytes | None:
        try:
            # It is a process of our own, whose certificate is for the name that others use.
            async with self._session.get(self._address + path, ssl=False) as answer:
                return await answer.read() if answer.ok else None
        except (aiohttp.ClientError, TimeoutError):
            return None


def status_line(status: dict[str, Any]) -> str:
    """Return how far everything is, for a person: sources, decoded, lag, tokens, indexed.

    All but the last fit into 80 columns.
    """
    chain, counts = status["chain"], status["counts"]
    sources = [source for source in status["sources"] if source["kind"] == "chain"]
    nodes = [source for source in sources if source["name"].startswith("solana:")]
    # Right after a start nobody knows of them but that they were there.
    told = [_short(source["detail"]) for source in sources if source["detail"]]
    parts = [
        _nodes(nodes) if nodes else "replayed " + ("; ".join(told) or "nothing yet"),
        f"decoded {counts['transactions']:,}",
        f"lag {_lag(chain['lagMs'])}",
        f"{counts['trades']:,} trades of {counts['tokens']:,} tokens",
        f"indexed to {status['store']['indexedSlot'] or 0:,}",
    ]
    return PART.join(parts)


def _nodes(nodes: list[dict[str, Any]]) -> str:
    """Return how many of how many nodes are listened to."""
    running = sum(node["state"] == "running" for node in nodes)
    return f"{running} of {len(nodes)} nodes"


def _short(detail: str) -> str:
    """Return how many lines of how many a source has replayed, in few letters."""
    return detail.replace(" of ", "/", 1).removesuffix(" lines")


def _lag(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "unknown"
    seconds = milliseconds / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:,.0f} days"
