"""What the rows know of one token, and the plain questions one asks of it."""

from typing import NamedTuple, TypeVar, cast

from domain import quotes
from domain.fold.keys import fact_key
from domain.fold.registers import reading
from domain.fold.state import Overlays
from domain.windows import DAY_S
from schemas.chain_events import Complete, Config, Launch, Migrate
from schemas.fields import BaseUnits, ChainTime, Decimals, Mint, Slot, SqrtPrice, Stage
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.rows import CurveRow, LifeRow, Milestone, Spot

EXPECT_POSTS = frozenset({"believe"})
"""Launchpads whose tokens are asked for by posts."""
POST_WAIT_S = DAY_S
"""For so long after its launch a token's post may still turn up."""

K = TypeVar("K", Launch, Complete, Migrate)
F = TypeVar("F", Config, Metadata, Link)


class Known(NamedTuple):
    """The rows of one token, taken apart. ``spot`` is the curve's state that counts."""

    mint: Mint
    trades: int
    base_change: BaseUnits
    spot: Spot | None
    curve: CurveRow | None
    life: LifeRow | None
    launched: Milestone | None
    launch: Launch | None
    completed: Milestone | None
    migrated: Milestone | None
    config: Config | None
    metadata: Metadata | None
    link: Link | None

    @property
    def base_decimals(self) -> Decimals | None:
        """From the launch, else a trade, else the configuration."""
        if self.launch is not None and self.launch.base_decimals is not None:
            return self.launch.base_decimals
        if self.curve is not None and self.curve.base_decimals is not None:
            return self.curve.base_decimals
        return None if self.config is None else self.config.base_decimals

    @property
    def quote_mint(self) -> Mint | None:
        """From the launch, else a trade, else the configuration."""
        if self.launch is not None:
            return self.launch.quote_mint
        if self.curve is not None and self.curve.quote_mint is not None:
            return self.curve.quote_mint
        return None if self.config is None else self.config.quote_mint

    @property
    def quote_decimals(self) -> Decimals | None:
        """From the launch, else a trade, else what is known of the quote token."""
        if self.launch is not None and self.launch.quote_decimals is not None:
            return self.launch.quote_decimals
        if self.curve is not None and self.curve.quote_decimals is not None:
            return self.curve.quote_decimals
        return quotes.decimals_of(self.quote_mint)

    @property
    def supply(self) -> BaseUnits | None:
        """What was minted at launch."""
        return None if self.launch is None else self.launch.supply

    @property
    def start_sqrt_price(self) -> SqrtPrice | None:
        """The price at which the curve started."""
        return None if self.config is None else self.config.start_sqrt_price

    @property
    def sqrt_price(self) -> SqrtPrice | None:
        """The curve's price now: after the newest trade, or at its start."""
        return self.start_sqrt_price if self.spot is None else self.spot.sqrt_price

    @property
    def stage(self) -> Stage:
        """How far in its life the token is."""
        if self.migrated is not None:
            return "migrated"
        return "bonding" if self.completed is None else "completed"

    @property
    def was_on_chain(self) -> bool:
        """Whether the chain has ever said anything of the token."""
        return self.curve is not None or self.life is not None

    @property
    def is_empty(self) -> bool:
        """Whether the chain has taken back all it said of the token."""
        return not self.trades and not (self.launched or self.completed or self.migrated)


def known_of(mint: Mint, rows: Overlays) -> Known:
    """Return what *rows* know of *mint*."""
    curve = rows.curves.get(mint)
    life = rows.lives.get(mint)
    launched = _first(life, Launch)
    return Known(
        mint=mint,
        trades=0 if curve is None else curve.trades,
        base_change=0 if curve is None else curve.base_change,
        spot=None if curve is None else reading(curve.last, curve.loose),
        curve=curve,
        life=life,
        launched=launched,
        launch=None if launched is None else cast("Launch", launched.event),
        completed=_first(life, Complete),
        migrated=_first(life, Migrate),
        config=_fact(mint, Config, rows),
        metadata=_fact(mint, Metadata, rows),
        link=_fact(mint, Link, rows),
    )


def as_of(now: ChainTime, curve: CurveRow | None, life: LifeRow | None) -> ChainTime:
    """Return the chain time at which a token's windows end.

    That is the head clock's, or the token's own newest trade or milestone where these are ahead
    of it: a record never leaves out what it has already counted elsewhere.
    """
    spot = None if curve is None else reading(curve.last, curve.loose)
    milestones = () if life is None else life.milestones
    return max(now, spot.time if spot else 0, milestones[-1].time if milestones else 0)


def newest_slot(head: Slot, known: Known) -> Slot:
    """Return the slot at which a token's record holds; see ``as_of``."""
    milestones = (known.launched, known.completed, known.migrated)
    places = [one.place.slot for one in (known.spot, *milestones) if one is not None]
    return max(head, *places) if places else head


def wait_end(launched: Milestone | None) -> ChainTime | None:
    """Return when a token's post is no longer expected; None if it never was."""
    if launched is None or cast("Launch", launched.event).launchpad not in EXPECT_POSTS:
        return None
    return launched.time + POST_WAIT_S


def first_launch(life: LifeRow | None) -> Milestone | None:
    """Return the launch that counts: the first in chain order."""
    return _first(life, Launch)


def _first(life: LifeRow | None, kind: type) -> Milestone | None:
    if life is None:
        return None
    return next((one for one in life.milestones if type(one.event) is kind), None)


def _fact(mint: Mint, kind: type[F], rows: Overlays) -> F | None:
    row = rows.facts.get(fact_key(mint, kind))
    return None if row is None else cast("F", row.fact)
