"""One event applied to one row that few others touch: the next row.

Fences are looked at by the caller; ``fence`` is the row's, raised to the event at hand.
"""

from domain.fold import registers
from domain.fold.turn import Turn
from schemas.chain_events import Balance, Complete, Launch, Migrate
from schemas.event import OnChain, Op
from schemas.rows import AccountRow, Fence, Held, LifeRow, Milestone, Seen, TraderRow


def trader_after(row: TraderRow, turn: Turn, *, fence: Fence) -> TraderRow:
    """Return a trader's row after one more trade."""
    seen = Seen(turn.event.place, turn.event.time)
    return TraderRow(fence, *registers.latest(row.last, row.loose, seen, turn))


def account_after(row: AccountRow, turn: Turn, balance: Balance, *, fence: Fence) -> AccountRow:
    """Return a token account's row after a transaction."""
    held = Held(turn.event.place, balance.owner, balance.amount, turn.event.time)
    return AccountRow(fence, *registers.latest(row.last, row.loose, held, turn))


def life_after(
    row: LifeRow, event: OnChain, milestone: Launch | Complete | Migrate, *, fence: Fence
) -> LifeRow:
    """Return a token's milestones with one more, one fewer, or one at another place."""
    place = event.place
    kept = [old for old in row.milestones if not registers.same_event(old.place, place)]
    if event.op != Op.UNDO:
        kept.append(Milestone(place, event.time, milestone))
    kept.sort(key=lambda one: one.place)
    return LifeRow(fence, tuple(kept))
