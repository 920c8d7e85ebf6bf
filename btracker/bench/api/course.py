"""What the API is asked about: a store full of tokens, and a cache that has the newest of some."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from redis.asyncio import Redis

from btracker.bench.serving.made_up import BEGAN, SOL, tokens, write
from domain.amounts import timestamp
from schemas.progress import Progress
from schemas.public import TradeRecord
from schemas.token import Token
from views.boards import BOARDS
from views.live.message import Draft, Place
from views.live.publisher import Publisher
from views.live.ranking import Board, candidate
from views.sqlite.store import SQLiteViews
from views.writes import Batch, Write

HOT: Final = 1_000
"""Tokens that requests for single ones are about."""
TRADED: Final = 100
TRADES: Final = 60
BATCH: Final = 2_000
BOARD_SIZE: Final = 100


async def fill(folder: Path, redis: str, *, count: int) -> Sequence[str]:
    """Fill store and cache; return the addresses of the tokens that are asked for one by one."""
    made = tokens(count)
    await _fill_store(folder, made)
    await publish(redis, made[:HOT], boards_of=made)
    return [token.mint for token in made[:HOT]]


async def _fill_store(folder: Path, made: Sequence[Token]) -> None:
    store = SQLiteViews(folder / "store.sqlite")
    rest = iter(made)
    while some := list(islice(rest, BATCH)):
        await store.write(Batch(tokens=[write(token) for token in some]))
    await store.write(Batch(trades=list(_trades(made[:TRADED])), progress=[_progress(made)]))
    await store.close()


def _trades(traded: Sequence[Token]) -> Iterator[Write[TradeRecord]]:
    for token in traded:
        for number in range(TRADES):
            slot = token.slot + number
            record = TradeRecord(
                id=f"{token.mint}:{number}", mint=token.mint, time=timestamp(BEGAN + number),
                slot=slot, signature=f"{token.mint}{number}", path="2",
                sort_key=f"{slot:016d}#{number:04d}", side="buy", trader=SOL, base_amount="10.5",
                quote_amount="0.25", price="0.02380952", fee="0.0025", fee_in_base=False,
                program=SOL,
            )  # fmt: skip
            body = msgspec.json.encode(record)
            yield Write(key=record.id, version=1, record=record, body=body)


def _progress(made: Sequence[Token]) -> Write[Progress]:
    record = Progress(
        stage="fold", partition=0, head_slot=len(made), chain_time=timestamp(BEGAN),
        complete_through_slot=len(made),
    )  # fmt: skip
    body = msgspec.json.encode(record)
    return Write(key="fold:0::", version=1, record=record, body=body)


async def publish(redis_url: str, hot: Sequence[Token], *, boards_of: Sequence[Token]) -> None:
    """Publish tokens, and the boards that some tokens make."""
    redis = Redis.from_url(redis_url)
    publisher = Publisher(redis, history_frames=256, history_s=900)
    await publisher.begin_epoch({})
    states = [(token, msgspec.json.encode(token)) for token in hot]
    drafts = [
        Draft(Place("token", token.mint), "delta", token.slot, body, token.version, body)
        for token, body in states
    ]
    boards = [Board(name, query, size=BOARD_SIZE) for name, query in BOARDS.items()]
    for board in boards:
        board.refill(candidate(token, msgspec.json.encode(token)) for token in boards_of)
    drafts += [draft for board in boards if (draft := board.draft())]
    await publisher.publish(drafts, notes={})
    await redis.aclose()
