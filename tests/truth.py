"""A recorded market's truth against what the REST API answers, figure by figure.

The truth comes from the chain's own accounts and balances (``truth.json``); windows are recomputed
from its trades by the bucket rule at the ``asOf`` each token states.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import httpx

WINDOWS = {"5m": (300, 5), "1h": (3600, 60), "6h": (21_600, 300), "24h": (86_400, 300)}
QUOTE_DECIMALS = 9
RESOLUTIONS = {
    "1s": 1, "5s": 5, "15s": 15, "30s": 30, "1m": 60, "5m": 300,
    "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400,
}  # fmt: skip


def load(folder: Path) -> dict[str, Any]:
    """Return the truth of the recording in *folder*."""
    return json.loads((folder / "truth.json").read_text())


def seconds(text: str) -> int:
    """Return the unix seconds of an RFC 3339 time."""
    return int(datetime.fromisoformat(text).timestamp())


def rfc3339(at: int) -> str:
    """Return unix seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(units: int | str, decimals: int) -> Decimal:
    """Return an amount in whole tokens, exact."""
    with localcontext(prec=100):
        return Decimal(units).scaleb(-decimals)


def told(text: str | None) -> Decimal | None:
    """Return an amount that is answered; None where the answer is that nobody knows it."""
    return None if text is None else Decimal(text)


def trade_price(quote: int, base: int, decimals: int) -> Decimal:
    """Return quote / base in whole tokens to 18 significant digits, half even."""
    with localcontext(prec=18):
        return Decimal(quote) * Decimal(10) ** (decimals - QUOTE_DECIMALS) / Decimal(base)


def spot_price(sqrt_price: str, decimals: int) -> Decimal:
    """Return the curve's price to 21 significant digits, from its square root in Q64.64."""
    with localcontext(prec=120):
        exact = (Decimal(sqrt_price) / 2**64) ** 2 * Decimal(10) ** (decimals - QUOTE_DECIMALS)
    with localcontext(prec=21):
        return +exact


def window(trades: list[Any], name: str, at: int) -> dict[str, Any]:
    """Return a window's figures at chain time *at* by the bucket rule, from the trades."""
    width, bucket = WINDOWS[name]
    newest = at // bucket
    inside = [t for t in trades if newest - width // bucket < t[0] // bucket <= newest]
    return {
        "volume": whole(sum(t[3] for t in inside), QUOTE_DECIMALS),
        "buys": sum(t[2] == "buy" for t in inside),
        "sells": sum(t[2] == "sell" for t in inside),
        "traders": len({t[5] for t in inside}),
    }


def candles(trades: list[Any], resolution: str, decimals: int) -> list[dict[str, Any]]:
    """Return the candles of intervals with trades, oldest first, by brute force."""
    step, grouped = RESOLUTIONS[resolution], {}
    for trade in trades:
        grouped.setdefault(trade[0] // step * step, []).append(trade)
    return [candle(start, grouped[start], decimals) for start in sorted(grouped)]


def candle(start: int, trades: list[Any], decimals: int) -> dict[str, Any]:
    """Return one candle of *trades*, which are in chain order."""
    prices = [trade_price(t[3], t[4], decimals) for t in trades if t[4]]
    return {
        "time": rfc3339(start),
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "volume": whole(sum(t[3] for t in trades), QUOTE_DECIMALS),
        "trades": len(trades),
    }


class Market:
    """A running API, asked for what the truth of a recording knows."""

    def __init__(self, api: httpx.Client, truth: dict[str, Any]) -> None:
        self.api, self.truth = api, truth

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON that ``/v1`` *path* answers."""
        answer = self.api.get(f"/v1{path}", params=params)
        assert answer.status_code == 200, f"{path} {params}: {answer.status_code} {answer.text}"
        return answer.json()

    def all(self, path: str, **params: Any) -> list[Any]:
        """Return every item of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return items

    def differences(self) -> list[str]:
        """Return one sentence per figure that is not what the truth says."""
        listed = {token["mint"] for token in self.all("/tokens", limit=200)}
        found = [f"listed {listed ^ set(self.truth['tokens'])}"]
        found = found if listed != set(self.truth["tokens"]) else []
        for mint, want in self.truth["tokens"].items():
            found += self.token_differences(mint, want)
        return found

    def token_differences(self, mint: str, want: dict[str, Any]) -> Iterator[str]:
        """Yield what is wrong with one token, its trades, holders and post."""
        got = self.get(f"/tokens/{mint}")
        pairs = {
            **self.facts(got, want),
            **self.curve(got, want),
            **self.windows(got, want),
            **self.post(got, want),
            "trade list": (self.trades(mint), self.expected_trades(want)),
            "holder list": self.holders(mint, want),
        }
        for name, (have, expected) in pairs.items():
            if have != expected:
                yield f"{mint} {name}: {have!r}, not {expected!r}"

    def facts(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of what a launch fixes."""
        same = ("name", "symbol", "uri", "pool", "config", "creator", "decimals", "launchpad")
        return {
            **{name: (got[name], want[name]) for name in same},
            "supply": (told(got["supply"]), whole(want["supply"], want["decimals"])),
            "launch slot": (got["launchSlot"], want["launch_slot"]),
            "launch time": (got["launchedAt"], rfc3339(want["launch_time"])),
            "launch signature": (got["launchSignature"], want["launch_signature"]),
        }

    def curve(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of the curve's state."""
        price, curve = spot_price(want["sqrt_price_x64"], want["decimals"]), got["curve"]
        complete = got["stage"] in ("completed", "migrated")
        done = rfc3339(want["completed_time"]) if want["complete"] else None
        base = whole(want["base_reserve"], want["decimals"])
        quote = whole(want["quote_reserve"], QUOTE_DECIMALS)
        return {
            "threshold": (told(curve["threshold"]), whole(want["threshold"], QUOTE_DECIMALS)),
            "base reserve": (told(curve["baseReserve"]), base),
            "quote reserve": (told(curve["quoteReserve"]), quote),
            "sqrt price": (curve["sqrtPriceX64"], want["sqrt_price_x64"]),
            "price": (told(got["price"]), price),
            "complete": (complete, want["complete"]),
            "completed at": (got["completedAt"], done),
            "trade count": (got["trades"], want["trade_count"]),
            "holder count": (got["holders"], want["holders"]),
        }

    def windows(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of the four windows at the token's own ``asOf``."""
        at, pairs = seconds(got["asOf"]), {}
        for name in WINDOWS:
            have, expected = got["windows"][name], window(want["trades"], name, at)
            have = {**have, "volume": told(have["volume"])}
            pairs[f"window {name}"] = ({key: have[key] for key in expected}, expected)
        return pairs

    def post(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of the launch post."""
        status = "matched" if want["post_id"] else "none"
        return {
            "post": (got["post"]["id"], want["post_id"]),
            "post status": (got["post"]["status"], status),
        }

    def trades(self, mint: str) -> list[tuple[Any, ...]]:
        """Return the token's trades as answered, newest first."""
        return [
            (
                t["time"], t["slot"], t["side"], told(t["quoteAmount"]),
                told(t["baseAmount"]), t["trader"], t["signature"], told(t["price"]),
            )
            for t in self.all(f"/tokens/{mint}/trades", limit=200)
        ]  # fmt: skip

    def expected_trades(self, want: Any) -> list[tuple[Any, ...]]:
        """Return the token's trades as the truth has them, newest first."""
        decimals = want["decimals"]
        return [
            (
                rfc3339(at), slot, side, whole(quote, QUOTE_DECIMALS), whole(base, decimals),
                trader, signature, trade_price(quote, base, decimals),
            )
            for at, slot, side, quote, base, trader, signature in reversed(want["trades"])
        ]  # fmt: skip

    def holders(self, mint: str, want: Any) -> tuple[list[Any], list[Any]]:
        """Return (answer, truth) of the largest holders, in an order that ignores ties."""
        top = [(owner, whole(amount, want["decimals"])) for owner, amount in want["top_holders"]]
        items = self.all(f"/tokens/{mint}/holders", limit=200)
        got = [(item["address"], Decimal(item["amount"])) for item in items]
        if len(got) != want["holders"] or [a for _, a in got] != sorted(
            (a for _, a in got), reverse=True
        ):
            return got, top
        return sorted(got[: len(top)], key=str), sorted(top, key=str)

    def candle_differences(self, mint: str, resolution: str) -> list[str]:
        """Return what differs between the answered candles and those of the truth's trades."""
        want = self.truth["tokens"][mint]
        expected = candles(want["trades"], resolution, want["decimals"])
        span = {"from": rfc3339(want["launch_time"]), "to": rfc3339(self.truth["end_time"] + 1)}
        path = f"/tokens/{mint}/candles"
        items = self.all_candles(path, resolution=resolution, empty="false", **span)
        names = ("open", "high", "low", "close", "volume")
        got = [
            {**{n: told(i[n]) for n in names}, "time": i["time"], "trades": i["trades"]}
            for i in items
        ]
        if len(got) != len(expected):
            return [f"{mint} {resolution}: {len(got)} candles, not {len(expected)}"]
        pairs = zip(got, expected, strict=True)
        return [
            f"{mint} {resolution}: {have} not {right}" for have, right in pairs if have != right
        ]

    def all_candles(self, path: str, **params: Any) -> list[Any]:
        """Return the candles of a span, which is asked for in one go."""
        return self.get(path, limit=5000, **params)["items"]
