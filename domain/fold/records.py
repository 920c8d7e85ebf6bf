"""Public records of single things: a trade, a candle, a balance, a milestone."""

from typing import Literal

from domain.amounts import amount_text, timestamp
from domain.curve import trade_price
from domain.fold.ticks import prices_of
from schemas.chain_events import Complete, Launch, Migrate, Trade
from schemas.event import OnChain, Op
from schemas.fields import Address, ChainTime, Decimals, Mint, Price, Slot
from schemas.place import Place
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.rows import CandleRow

KIND: dict[type, Literal["launch", "complete", "migrate"]] = {
    Launch: "launch",
    Complete: "complete",
    Migrate: "migrate",
}
OPERATION: dict[Op, Literal["c", "u", "d"]] = {
    Op.APPLY: "c",
    Op.UNDO: "d",
    Op.REINDEX: "u",
    Op.LOG: "c",
}


def delivery_id(event: OnChain, event_id: str) -> str:
    """Return what tells this record of an event from others of the same event.

    A settled event is told once, under its own id. One that may still be retracted, applied again
    or moved is told each time under another id, so that nobody takes the change for a duplicate.
    """
    if event.op == Op.LOG or (event.settled and event.op == Op.APPLY):
        return event_id
    return f"{event_id}@{event.raw.epoch}.{event.raw.offset}"


def sort_key(place: Place) -> str:
    """Return a text that sorts as places do."""
    # A third of the time that an f-string takes.
    return "%012d.%06d.%04d.%04d.%s" % (  # noqa: UP031
        place.slot,
        place.index,
        place.outer,
        place.inner + 1,
        place.signature,
    )


def trade_record(event: OnChain, trade: Trade) -> TradeRecord:
    """Return the public record of a trade, or of its retraction."""
    base_decimals, quote_decimals = trade.base_decimals, trade.quote_decimals
    place = event.place
    base, quote = trade.base_amount, trade.quote_amount
    return TradeRecord(
        id=place.event_id,
        mint=trade.mint,
        time=timestamp(event.time),
        slot=place.slot,
        signature=place.signature,
        path=place.path,
        sort_key=sort_key(place),
        side=trade.side,
        trader=trade.trader,
        base_amount=_amount(base, base_decimals),
        quote_amount=_amount(quote, quote_decimals),
        price=_price(base, quote, base_decimals=base_decimals, quote_decimals=quote_decimals),
        fee=_amount(trade.fee, base_decimals if trade.fee_in_base else quote_decimals),
        fee_in_base=trade.fee_in_base,
        program=trade.program,
        retracted=event.op == Op.UNDO,
    )


def lifecycle_record(event: OnChain, milestone: Launch | Complete | Migrate) -> LifecycleRecord:
    """Return the public record of a milestone, or of its retraction."""
    place = event.place
    return LifecycleRecord(
        id=place.event_id,
        mint=milestone.mint,
        kind=KIND[type(milestone)],
        time=timestamp(event.time),
        slot=place.slot,
        signature=place.signature,
        path=place.path,
        pool=milestone.pool,
        new_pool=milestone.new_pool if isinstance(milestone, Migrate) else None,
        launchpad=milestone.launchpad if isinstance(milestone, Launch) else None,
        protocol=milestone.protocol,
        retracted=event.op == Op.UNDO,
    )


def candle_record(
    mint: Mint,
    start: ChainTime,
    row: CandleRow,
    *,
    base_decimals: Decimals | None,
    quote_decimals: Decimals | None,
    rev: int,
    final: bool,
) -> CandleRecord:
    """Return the public record of a minute, complete as far as is known."""
    first, high, low, last = [
        None
        if tick is None
        else _price(
            tick.base_amount,
            tick.quote_amount,
            base_decimals=base_decimals,
            quote_decimals=quote_decimals,
        )
        for tick in prices_of(row)
    ]
    return CandleRecord(
        mint=mint,
        time=timestamp(start),
        open=first,
        high=high,
        low=low,
        close=last,
        volume=_amount(row.volume, quote_decimals),
        trades=row.buys + row.sells,
        rev=rev,
        final=final,
    )


def holder_record(
    mint: Mint,
    account: Address,
    *,
    owner: Address,
    units: int,
    base_decimals: Decimals | None,
    slot: Slot,
    version: int,
) -> HolderRecord:
    """Return the public record of a token account's balance."""
    return HolderRecord(
        mint=mint,
        account=account,
        owner=owner,
        amount=_amount(units, base_decimals),
        base_units=str(units),
        slot=slot,
        version=version,
    )


def _amount(units: int, decimals: Decimals | None) -> str | None:
    return None if decimals is None else amount_text(units, decimals)


def _price(
    base: int, quote: int, *, base_decimals: Decimals | None, quote_decimals: Decimals | None
) -> Price | None:
    if not base or base_decimals is None or quote_decimals is None:
        return None
    return trade_price(quote, base, base_decimals=base_decimals, quote_decimals=quote_decimals)
