"""Records of ``btracker.events``, keyed by mint: everything the fold of a token is told."""

from enum import IntEnum

from schemas.accounts import Standing
from schemas.base import Row
from schemas.chain_events import ByMint, Config
from schemas.dollars import DollarPrice
from schemas.fields import ChainTime, Mint, Slot
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.place import Place, RawPosition
from schemas.project import ProjectFact


class Op(IntEnum):
    """What to do with an event.

    APPLY it; UNDO what was applied (its transaction was retracted); REINDEX: it stays, at another
    index in its block; LOG: it is older than the raw topic's retention, so it goes to the trade
    log by its id and changes no state.
    """

    APPLY = 0
    UNDO = 1
    REINDEX = 2
    LOG = 3


class OnChain(Row, frozen=True, array_like=True, gc=False, tag="chain"):
    """One event of a transaction, with both of its positions.

    ``settled``: neither a retraction nor another index can follow (confirmed, index exact), so
    what stands before it in a last-writer-wins register need not be kept.
    """

    op: Op
    raw: RawPosition
    place: Place
    time: ChainTime
    settled: bool
    event: ByMint


class Clock(Row, frozen=True, array_like=True, gc=False, tag="clock"):
    """The head clock of one raw partition, passed on to every partition of a topic.

    ``time`` and ``slot`` are the newest block's; ``complete`` is the slot through which the source
    has delivered everything (fail-closed).
    """

    raw: RawPosition
    time: ChainTime
    slot: Slot
    complete: Slot


class About(Row, frozen=True, array_like=True, gc=False, tag="about"):
    """What is known of a token from elsewhere; last writer wins per kind of ``fact``.

    ``revision`` orders facts of one kind; an equal one may overwrite.
    """

    mint: Mint
    revision: int
    fact: Config | Metadata | Link | ProjectFact | Standing


class Joined(Row, frozen=True, array_like=True, gc=False, tag="joined"):
    """Links and documents that belong to slots up to ``complete`` stand before this record."""

    complete: Slot


Event = OnChain | Clock | About | Joined | DollarPrice
