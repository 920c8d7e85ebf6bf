"""What the rows know of one token, and the plain questions one asks of it."""

from typing import Any, NamedTuple, TypeVar, cast

from domain import curve as curves
from domain import quotes
from domain.dollars import is_good
from domain.fold.keys import fact_key
from domain.fold.registers import reading
from domain.fold.state import Overlays
from domain.windows import DAY_S
from schemas.accounts import Standing
from schemas.chain_events import Complete, Config, Launch, Migrate
from schemas.dollars import DollarPrice
from schemas.fields import (
    BaseUnits,
    ChainTime,
    Decimals,
    Mint,
    Origin,
    Ratio,
    Slot,
    SqrtPrice,
    Stage,
)
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.project import Project, ProjectFact
from schemas.rows import CurveRow, LifeRow, Milestone, Spot

EXPECT_POSTS = frozenset({"believe"})
"""Launchpads whose tokens are asked for by posts."""
POST_WAIT_S = DAY_S
"""For so long after its launch a token's post may still turn up."""

F = TypeVar("F", Config, Metadata, Link, ProjectFact, DollarPrice, Standing)


class Backdrop(NamedTuple):
    """What changes seldom of a token: its milestones, and what is known of it from elsewhere.

    Of milestones the first of each kind counts. ``standing`` is what accounts say, None where the
    launch was seen; ``began`` is the one or the other.
    """

    life: LifeRow | None
    launched: Milestone | None
    launch: Launch | None
    completed: Milestone | None
    migrated: Milestone | None
    config: Config | None
    metadata: Metadata | None
    link: Link | None
    project: Project | None
    standing: Standing | None
    began: Launch | Standing | None


class Known(NamedTuple):
    """What the rows know of one token, taken apart; a backdrop's fields are in ``Backdrop``.

    ``spot`` is the curve's state that counts. Decimals and the quote token are those of the
    launch, else of a trade, else of the configuration (the quote's decimals: else of the quote
    token). ``dollars`` is the newest price of the quote token, however old.
    """

    mint: Mint
    backdrop: Backdrop
    curve: CurveRow | None
    spot: Spot | None
    base_decimals: Decimals | None
    quote_mint: Mint | None
    quote_decimals: Decimals | None
    dollars: DollarPrice | None
    life: LifeRow | None
    launched: Milestone | None
    launch: Launch | None
    completed: Milestone | None
    migrated: Milestone | None
    config: Config | None
    metadata: Metadata | None
    link: Link | None
    project: Project | None
    standing: Standing | None
    began: Launch | Standing | None

    @property
    def trades(self) -> int:
        """How often the token was traded."""
        return 0 if self.curve is None else self.curve.trades

    @property
    def supply(self) -> BaseUnits | None:
        """What was minted at launch, else what the mint had when it was read."""
        return None if self.began is None else self.began.supply

    @property
    def origin(self) -> Origin:
        """What the token rests on."""
        if self.launch is not None:
            return "launch"
        return "unknown" if self.standing is None else "accounts"

    def dollars_at(self, at: ChainTime) -> DollarPrice | None:
        """Return what the quote token is worth at chain time *at*, None where nobody knows."""
        dollars = self.dollars
        return dollars if dollars is not None and is_good(dollars, at) else None

    @property
    def opened(self) -> Migrate | None:
        """The migration that opened the token's pool, while nobody has traded in it.

        None too where the program does not state what the pool holds.
        """
        at = self.migrated
        if at is None or (self.spot is not None and self.spot.place > at.place):
            return None
        migrate = cast("Migrate", at.event)
        return None if migrate.quote_reserve is None else migrate

    @property
    def start_price(self) -> Ratio | None:
        """The price at which the curve started, as the launch or its configuration states it."""
        stated = None if self.began is None else self.began.start_price
        return curves.price_of(
            stated, None if self.config is None else self.config.start_sqrt_price
        )

    @property
    def price(self) -> Ratio | None:
        """The price now: of the pool that opened last, after the newest trade, or at the start."""
        if self.opened is not None:
            return curves.reserve_price(self.opened.quote_reserve, self.opened.base_reserve)
        if self.spot is not None:
            return curves.price_of(self.spot.price, self.spot.sqrt_price)
        return self.start_price if self.standing is None else self.standing.price

    @property
    def sqrt_price(self) -> SqrtPrice | None:
        """The square root of the price, of programs that state it."""
        if self.opened is not None:
            return None
        if self.spot is not None:
            return self.spot.sqrt_price
        return None if self.config is None else self.config.start_sqrt_price

    @property
    def stage(self) -> Stage:
        """How far in its life the token is; trades in its pool tell of a migration nobody saw."""
        said = self.standing
        if self.migrated is not None or (self.spot is not None and self.spot.in_pool):
            return "migrated"
        if said is not None and said.is_migrated:
            return "migrated"
        is_complete = self.completed is not None or (said is not None and said.is_complete)
        return "completed" if is_complete else "bonding"

    @property
    def was_on_chain(self) -> bool:
        """Whether the chain has ever said anything of the token."""
        return self.curve is not None or self.life is not None

    @property
    def is_empty(self) -> bool:
        """Whether the chain has taken back all it said of the token."""
        return not self.trades and not (self.launched or self.completed or self.migrated)


def known_of(mint: Mint, rows: Overlays, backdrops: dict[Mint, Backdrop]) -> Known:
    """Return what *rows* know of *mint*; a backdrop that *backdrops* lacks is put there."""
    back = backdrops.get(mint)
    if back is None:
        back = backdrops[mint] = _backdrop(mint, rows)
    curve = rows.curves.peek(mint)
    launch, config, standing = back.launch, back.config, back.standing
    quote_mint = _said((launch, curve, config, standing), "quote_mint")
    quote_decimals = _said((launch, curve), "quote_decimals")
    return Known(
        mint,
        back,
        curve,
        None if curve is None else reading(curve.last, curve.loose),
        _said((launch, curve, config, standing), "base_decimals"),
        quote_mint,
        quotes.decimals_of(quote_mint) if quote_decimals is None else quote_decimals,
        None if quote_mint is None else _fact(quote_mint, DollarPrice, rows),
        *back,
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
    return _firsts(life).get(Launch)


def _backdrop(mint: Mint, rows: Overlays) -> Backdrop:
    life = rows.lives.peek(mint)
    first = _firsts(life)
    launched = first.get(Launch)
    launch = None if launched is None else cast("Launch", launched.event)
    project = _fact(mint, ProjectFact, rows)
    standing = None if launch is not None else _fact(mint, Standing, rows)
    return Backdrop(
        life=life,
        launched=launched,
        launch=launch,
        completed=first.get(Complete),
        migrated=first.get(Migrate),
        config=_fact(mint, Config, rows),
        metadata=_fact(mint, Metadata, rows),
        link=_fact(mint, Link, rows),
        project=None if project is None else project.project,
        standing=standing,
        began=standing if launch is None else launch,
    )


def _firsts(life: LifeRow | None) -> dict[type, Milestone]:
    firsts: dict[type, Milestone] = {}
    for milestone in () if life is None else life.milestones:
        firsts.setdefault(type(milestone.event), milestone)
    return firsts


def _said(sources: tuple[Launch | CurveRow | Config | Standing | None, ...], name: str) -> Any:
    """Return the first that is not None of what *sources* say."""
    for source in sources:
        if source is not None:
            said = getattr(source, name)
            if said is not None:
                return said
    return None


def _fact(mint: Mint, kind: type[F], rows: Overlays) -> F | None:
    row = rows.facts.peek(fact_key(mint, kind))
    return None if row is None else cast("F", row.fact)
