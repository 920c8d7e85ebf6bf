"""What a call makes public: a record per event, and the new state of everything touched."""

from collections.abc import Callable

from msgspec.structs import replace

from domain.amounts import timestamp
from domain.dollars import look_again
from domain.fold.call import Touched
from domain.fold.clock import PartitionClock
from domain.fold.index import TokenIndex
from domain.fold.keys import address_key, start_key
from domain.fold.known import Known, as_of, newest_slot, wait_end
from domain.fold.records import (
    OPERATION,
    candle_record,
    delivery_id,
    holder_record,
    lifecycle_record,
    trade_record,
)
from domain.fold.registers import reading
from domain.fold.state import Overlays, Publication
from domain.fold.token_record import Moment, token_record
from domain.fold.window_figures import windows_of
from domain.windows import MINUTE
from schemas.chain_events import Complete, Launch, Migrate, Trade
from schemas.event import OnChain
from schemas.fields import Mint
from schemas.public import LifecycleRecord, TradeRecord
from schemas.topics import CANDLES, HOLDERS, LIFECYCLE, TOKENS, TRADES, Topic


def stated(event: OnChain, known_of: Callable[[Mint], Known]) -> OnChain:
    """Return a trade with the decimals that it leaves out as the rows know them by now."""
    trade = event.event
    if type(trade) is not Trade:
        return event
    base_decimals, quote_decimals = trade.base_decimals, trade.quote_decimals
    if base_decimals is not None and quote_decimals is not None:
        return event
    known = known_of(trade.mint)
    whole = replace(
        trade,
        base_decimals=known.base_decimals if base_decimals is None else base_decimals,
        quote_decimals=known.quote_decimals if quote_decimals is None else quote_decimals,
    )
    return replace(event, event=whole)


def told_event(event: OnChain) -> Publication | None:
    """Return the record of a trade or a milestone; balances have none of their own."""
    what = event.event
    if type(what) is Trade:
        return _of_event(TRADES, event, trade_record(event, what))
    if isinstance(what, Launch | Complete | Migrate):
        return _of_event(LIFECYCLE, event, lifecycle_record(event, what))
    return None


def told_token(
    known: Known,
    token: TokenIndex,
    touched: Touched,
    *,
    rows: Overlays,
    clock: PartitionClock,
    epoch: int,
) -> list[Publication]:
    """Return the touched minutes and accounts of a token, and the token itself.

    *epoch* is that of the events topic: a version is epoch + offset.
    """
    told = _told_minutes(known, touched, rows=rows, clock=clock, epoch=epoch)
    told += _told_accounts(known, touched, rows=rows, clock=clock, epoch=epoch)
    if touched.offset >= 0 and known.was_on_chain:
        version = epoch + touched.offset
        told.append(_told_state(known, token, rows, clock=clock, version=version))
    return told


def _of_event(topic: Topic, event: OnChain, record: TradeRecord | LifecycleRecord) -> Publication:
    return Publication(
        topic,
        record.mint,
        record.mint,
        record,
        delivery_id(event, record.id),
        record.slot,
        record.time,
        OPERATION[event.op],
    )


def _told_minutes(
    known: Known, touched: Touched, *, rows: Overlays, clock: PartitionClock, epoch: int
) -> list[Publication]:
    told = []
    base_decimals, quote_decimals = known.base_decimals, known.quote_decimals
    slot = newest_slot(clock.slot, known)
    for start, offset in touched.minutes.items():
        key = start_key(known.mint, start)
        row = rows.candles.peek(key)
        if row is None:  # Dropped long ago; its event came once more.
            continue
        rev = epoch + offset
        record = candle_record(
            known.mint,
            start,
            row,
            base_decimals=base_decimals,
            quote_decimals=quote_decimals,
            rev=rev,
            final=start + MINUTE <= clock.complete_time,
        )
        told.append(
            Publication(CANDLES, key, known.mint, record, f"{key}:{rev}", slot, record.time, "u")
        )
    return told


def _told_accounts(
    known: Known, touched: Touched, *, rows: Overlays, clock: PartitionClock, epoch: int
) -> list[Publication]:
    told = []
    base_decimals = known.base_decimals
    time = timestamp(as_of(clock.time, known.curve, known.life))
    for account, (offset, owner, slot) in touched.accounts.items():
        key = address_key(known.mint, account)
        row = rows.accounts.peek(key)
        held = None if row is None else reading(row.last, row.loose)
        record = holder_record(
            known.mint,
            account,
            owner=owner if held is None else held.owner,
            units=0 if held is None else held.amount,
            base_decimals=base_decimals,
            slot=slot if held is None else held.place.slot,
            version=epoch + offset,
        )
        event_id = f"{key}:{record.version}"
        told.append(Publication(HOLDERS, key, known.mint, record, event_id, record.slot, time, "u"))
    return told


def _told_state(
    known: Known, token: TokenIndex, rows: Overlays, *, clock: PartitionClock, version: int
) -> Publication:
    at = as_of(clock.time, known.curve, known.life)
    waits_until = wait_end(known.launched)
    waiting = waits_until is not None and at < waits_until
    token.waits_until = waits_until if waiting else None
    token.dollars_until = look_again(known.mint, known.dollars, at)
    token.advance(at)
    dollars = known.dollars_at(at)
    record = token_record(
        known,
        token.holders,
        windows_of(known, token, rows, dollars=dollars),
        dollars=dollars,
        waiting=waiting,
        moment=Moment(at, newest_slot(clock.slot, known), version),
    )
    return Publication(
        TOKENS,
        known.mint,
        known.mint,
        record,
        f"{known.mint}:{version}",
        record.slot,
        record.as_of,
        "d" if known.is_empty else "u",
    )
