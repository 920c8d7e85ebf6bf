"""The token as everybody sees it, from what the rows know of it."""

from typing import NamedTuple

from domain.amounts import timestamp, timestamp_ms
from domain.curve import share
from domain.fold.holders import Holders
from domain.fold.known import Known
from domain.fold.token_parts import history_of, market_of, names_of, origin_of
from schemas.dollars import DollarPrice
from schemas.fields import ChainTime, Slot
from schemas.link import Link
from schemas.token import Token, TokenPost, WindowFigures

NO_POST = TokenPost(status="none")
PENDING_POST = TokenPost(status="pending")
LARGEST_HOLDERS = 10


class Moment(NamedTuple):
    """When a record holds: its chain time and slot, and its version."""

    at: ChainTime
    slot: Slot
    version: int


def token_record(
    known: Known,
    holders: Holders,
    windows: dict[str, WindowFigures],
    *,
    dollars: DollarPrice | None,
    waiting: bool,
    moment: Moment,
) -> Token:
    """Return the token; *waiting*: its post may still turn up; *dollars* are those of now."""
    began, supply = known.began, known.supply
    creator = None if began is None else began.creator
    return Token(
        mint=known.mint,
        **names_of(known),
        **origin_of(began),
        **market_of(known, dollars),
        **history_of(known),
        windows=windows,
        trades=known.trades,
        holders=len(holders),
        top10_share=share(holders.largest(LARGEST_HOLDERS), supply) if supply else None,
        creator_share=share(holders.of(creator), supply) if creator and supply else None,
        origin=known.origin,
        post=post_of(known.link, waiting=waiting),
        project=known.project,
        version=moment.version,
        slot=moment.slot,
        as_of=timestamp(moment.at),
    )


def post_of(link: Link | None, *, waiting: bool) -> TokenPost:
    """Return what is known of the token's post."""
    if link is None or link.status == "withdrawn":
        return PENDING_POST if waiting else NO_POST
    return TokenPost(
        status=link.status,
        id=link.post_id,
        url=link.url,
        text=link.text,
        author=link.author,
        created_at=None if link.created_ms is None else timestamp_ms(link.created_ms),
        confidence=link.confidence,
        evidence=link.evidence,
        delay_ms=link.delay_ms,
        candidates=link.candidates,
    )
