"""What a token's record has to say, by brute force from what is on the chain in the end."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from schemas.chain_events import Balances, Launch, Trade
from tests import truth as oracle
from tests.unit.fold.world import BASE_DECIMALS, QUOTE_DECIMALS, Happened


def of_mint(truth: Sequence[Happened], mint: str, kind: type) -> list[Happened]:
    """Return the events of one kind of *mint*, in chain order."""
    return [one for one in truth if type(one.event) is kind and one.event.mint == mint]


def state(truth: Sequence[Happened], mint: str) -> dict[str, Any]:
    """Return the figures that do not depend on the clock."""
    trades = of_mint(truth, mint, Trade)
    owners = holders(truth, mint)
    last = trades[-1].event if trades else None
    launches = of_mint(truth, mint, Launch)
    return {
        "trades": len(trades),
        "holders": len(owners),
        "reserve": 10**15 + sum(one.event.base_change for one in trades) if launches else None,
        "sqrt": None if last is None or last.sqrt_price is None else str(last.sqrt_price),
        "price": None if last is None else printed(price(last)),
        "launched": launches[0].place.signature if launches else None,
        "share": round(sum(sorted(owners.values())[-10:]) / 10**15, 4) if launches else None,
    }


def holders(truth: Sequence[Happened], mint: str) -> dict[str, int]:
    """Return what each owner holds, of those who hold anything."""
    owners: dict[str, int] = {}
    for balance in accounts(truth, mint).values():
        owners[balance.owner] = owners.get(balance.owner, 0) + balance.amount
    return {owner: amount for owner, amount in owners.items() if amount}


def accounts(truth: Sequence[Happened], mint: str) -> dict[str, Any]:
    """Return the newest balance of each token account."""
    return {
        balance.account: balance
        for one in of_mint(truth, mint, Balances)
        for balance in one.event.accounts
    }


def windows(truth: Sequence[Happened], mint: str, at: int) -> dict[str, Any]:
    """Return the figures of all windows that end at chain time *at*."""
    trades = of_mint(truth, mint, Trade)
    plain = [
        (one.time, one.place.slot, one.event.side, one.event.quote_amount, 0, one.event.trader)
        for one in trades
    ]
    return {
        name: {**oracle.window(plain, name, at), "change": change(trades, name, at)}
        for name in oracle.WINDOWS
    }


def change(trades: Sequence[Happened], name: str, at: int) -> float | None:
    """Return the change of the spot price since the end of the last bucket before the window."""
    width, bucket = oracle.WINDOWS[name]
    before = [one for one in trades if one.time // bucket <= at // bucket - width // bucket]
    if not before:
        return None  # No configuration here says at which price the curve started.
    now, then = (price(one.event) for one in (trades[-1], before[-1]))
    if now is None or then is None:
        return None
    return round(float(now / then - 1), 4) + 0.0


def price(trade: Trade) -> Fraction | None:
    """Return the spot price after a trade, in smallest units, however it states it."""
    if trade.price is not None:
        return Fraction(*trade.price)
    return None if trade.sqrt_price is None else Fraction(trade.sqrt_price**2, 2**128)


def printed(price: Fraction | None) -> Decimal | None:
    """Return a price in whole tokens, to 21 significant digits."""
    if price is None:
        return None
    with localcontext(prec=21, rounding=ROUND_HALF_EVEN):
        return Decimal(price.numerator * 10**BASE_DECIMALS) / (
            price.denominator * 10**QUOTE_DECIMALS
        )


def candles(truth: Sequence[Happened], mint: str) -> list[dict[str, Any]]:
    """Return the minutes with trades; a minute without a price has None for prices."""
    trades = of_mint(truth, mint, Trade)
    minutes: dict[int, list[Any]] = {}
    for one in trades:
        plain = (one.time, 0, "", one.event.quote_amount, one.event.base_amount)
        minutes.setdefault(one.time // 60 * 60, []).append(plain)
    return [_candle(start, minutes[start]) for start in sorted(minutes)]


def _candle(start: int, trades: list[Any]) -> dict[str, Any]:
    if any(trade[4] for trade in trades):
        return oracle.candle(start, trades, BASE_DECIMALS)
    none = dict.fromkeys(("open", "high", "low", "close"))
    volume = oracle.whole(sum(trade[3] for trade in trades), oracle.QUOTE_DECIMALS)
    return {"time": oracle.rfc3339(start), **none, "volume": volume, "trades": len(trades)}
