"""The kinds of requests that are measured."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from btracker.bench.serving.load import get
from btracker.bench.serving.made_up import CATEGORIES, SEED, WORDS, popular
from views.boards import BOARDS

Requests = Callable[[Sequence[str], str, int], list[bytes]]
FOREIGN = {"origin": "https://elsewhere.example"}
"""Pages of other origins are answered by the framework, also where the answer is in memory."""


class Asked(NamedTuple):
    """A kind of request: what is asked for, how often, and whether there is a floor for it."""

    requests: Requests
    per_second: float
    has_floor: bool = False


def hot_tokens(mints: Sequence[str], key: str, count: int) -> list[bytes]:
    """Return requests of tokens, few of which are asked for most."""
    asked = {mint: get(f"/v1/tokens/{mint}", key=key) for mint in mints}
    return [asked[mint] for mint in popular(mints, count)]


def framework(mints: Sequence[str], key: str, count: int) -> list[bytes]:
    """Return the same requests, to be answered by the framework's route."""
    asked = {mint: get(f"/v1/tokens/{mint}", key=key, **FOREIGN) for mint in mints}
    return [asked[mint] for mint in popular(mints, count)]


def boards(_: Sequence[str], key: str, count: int) -> list[bytes]:
    """Return requests of first pages of boards, by turns."""
    asked = [get(f"/v1/boards/{name}", key=key) for name in BOARDS]
    return [asked[number % len(asked)] for number in range(count)]


def search(_: Sequence[str], key: str, count: int) -> list[bytes]:
    """Return requests of lists with filters, bounds, words and orders of all kinds."""
    rng = Random(SEED + 2)  # noqa: S311  # Made up, to be repeatable.
    return [get(f"/v1/tokens?{_filters(rng)}", key=key) for _ in range(count)]


def mix(mints: Sequence[str], key: str, count: int) -> list[bytes]:
    """Return what clients ask for in all: mostly tokens, and a little of everything."""
    rng = Random(SEED + 3)  # noqa: S311  # Made up, to be repeatable.
    parts: Sequence[Callable[[str], str]] = (
        lambda mint: f"/v1/tokens/{mint}",
        lambda _: f"/v1/boards/{rng.choice(tuple(BOARDS))}",
        lambda mint: f"/v1/tokens/{mint}/{rng.choice(('trades', 'holders', 'events', 'candles'))}",
        lambda _: f"/v1/tokens?{_filters(rng)}",
        lambda _: f"/v1/search?q={rng.choice(WORDS)}%20{rng.choice(WORDS)}",
    )
    chosen = rng.choices(parts, (70, 10, 12, 5, 3), k=count)
    asked = zip(chosen, popular(mints, count), strict=True)
    return [get(_resolved(part(mint)), key=key) for part, mint in asked]


def _resolved(path: str) -> str:
    return f"{path}?resolution=1m" if path.endswith("candles") else path


def _filters(rng: Random) -> str:
    lowest = rng.randrange(0, 60)
    pick = rng.choice(
        (
            f"launchpad=believe&category={rng.choice(CATEGORIES)}&sortBy=marketCap",
            f"stage=bonding&minProgress=0.{rng.randrange(10, 90)}&sortBy=progress",
            f"minMarketCap={lowest}&maxMarketCap={lowest + 20}&sortBy=holders",
            f"minHolders={lowest}&launchpad=bags&sortBy=volume24h",
            f"q={rng.choice(WORDS)}&sortBy=marketCap",
            f"category={rng.choice(CATEGORIES)}&minTrades24h={lowest}&sortBy=age",
        )
    )
    return f"{pick}&limit=50"


KINDS: Mapping[str, Asked] = {
    "hot tokens": Asked(hot_tokens, 5_000, has_floor=True),
    "hot boards": Asked(boards, 500, has_floor=True),
    "framework": Asked(framework, 1_000, has_floor=True),
    "filtered lists": Asked(search, 200),
    "mix": Asked(mix, 1_000),
}
