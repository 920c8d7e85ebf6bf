"""Answers that every store composes alike from what it has found; pure."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from domain.decimals import share, total
from domain.order import order_key
from schemas.engagement import Engagement, EngagementPoint
from schemas.fields import Address, Amount, Mint, Timestamp
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.public import LifecycleRecord
from schemas.token import Token
from views.contract import Holder, Key, LinkedPost, Page, Position, PostLink, PostView
from views.figures import CreatorFigures

Item = TypeVar("Item")

_MILESTONES = {"launch": 0, "complete": 1, "migrate": 2}


def page(items: Sequence[Item], *, limit: int, key: Callable[[Item], Key]) -> Page[Item]:
    """Return the page of up to *limit* items when one more than that was looked for."""
    shown = tuple(items[:limit])
    return Page(shown, key(shown[-1]) if len(items) > limit else None)


def lifecycle_key(record: LifecycleRecord) -> Key:
    """Return where a lifecycle event stands: by slot, and in it as a token's life goes."""
    return Key(f"{record.slot:016d}{_MILESTONES[record.kind]}", record.id)


class Held(Protocol):
    """What one account holds."""

    @property
    def base_units(self) -> str:
        """In base units."""

    @property
    def amount(self) -> Amount | None:
        """In whole tokens."""


def holding(accounts: Iterable[Held]) -> tuple[int, Amount | None]:
    """Return what an owner's accounts hold together, in base units and in whole tokens."""
    listed = list(accounts)
    units = sum(int(account.base_units) for account in listed)
    amounts = [account.amount for account in listed if account.amount is not None]
    return units, total(amounts) if len(amounts) == len(listed) else None


def holder(address: Address, amount: Amount | None, *, supply: Amount | None) -> Holder:
    """Return a holder with the share of the supply."""
    return Holder(address=address, amount=amount, share=share(amount, supply))


def position(mint: Mint, amount: Amount | None, *, token: Token | None) -> Position:
    """Return a wallet's position in a token."""
    return Position(
        mint=mint,
        name=token.name if token else None,
        symbol=token.symbol if token else None,
        amount=amount,
        share=share(amount, token.supply) if token else None,
    )


def holding_key(units: int, address: Address) -> Key:
    """Return where a holding stands among those of its token."""
    return Key(order_key(units), address)


class KnownPost(NamedTuple):
    """A post that a store has, and how it did."""

    post: Post
    engagement: Engagement | None

    @property
    def points(self) -> tuple[EngagementPoint, ...]:
        """What was counted of it."""
        return self.engagement.points if self.engagement else ()


def posts_of(link: LinkRecord, known: Callable[[str], KnownPost | None]) -> tuple[LinkedPost, ...]:
    """Return the posts beside a token, newest first, those not known last and by id."""
    matched = [(link.post_id, link.url, None)] if link.post_id else []
    candidates = [(c.id, c.url, c.score) for c in link.candidates if c.id != link.post_id]
    listed = [
        LinkedPost(
            id=post_id,
            url=url or "",
            relation="matched" if score is None else "candidate",
            confidence=link.confidence if score is None else None,
            score=score,
            post=found.post if found else None,
            engagement=found.points if found else (),
        )
        for post_id, url, score in itertools.chain(matched, candidates)
        for found in [known(post_id)]
    ]
    return tuple(sorted(listed, key=lambda p: (-(p.post.created_ms if p.post else -1), p.id)))


def post_view(known: KnownPost, links: Iterable[PostLink]) -> PostView:
    """Return a post as it is answered."""
    return PostView(post=known.post, links=tuple(links), engagement=known.points)


def post_ids(link: LinkRecord) -> frozenset[str]:
    """Return the posts that a link speaks of."""
    matched = {link.post_id} if link.post_id else set()
    return frozenset(matched | {candidate.id for candidate in link.candidates})


def post_link(link: LinkRecord, post_id: str) -> PostLink:
    """Return a link as one of its posts sees it."""
    matched = link.post_id == post_id
    return PostLink(
        mint=link.mint,
        relation="matched" if matched else "candidate",
        status=link.status,
        confidence=link.confidence if matched else None,
        evidence=link.evidence if matched else (),
    )


def creator_figures(
    address: Address, launches: Iterable[tuple[str, Timestamp | None]]
) -> CreatorFigures:
    """Return a creator's figures from (stage, launch time) of each launch."""
    listed = list(launches)
    stages = [stage for stage, _ in listed]
    times = [at for _, at in listed if at is not None]
    return CreatorFigures(
        address=address,
        launches=len(listed),
        completed=sum(stage != "bonding" for stage in stages),
        migrated=stages.count("migrated"),
        first_launch_at=min(times, default=None),
        last_launch_at=max(times, default=None),
    )
