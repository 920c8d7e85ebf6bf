"""Which tokens lack their launch, so that their accounts are to be read."""

from collections.abc import Callable

from domain.fold.index import Index
from domain.fold.known import Known
from schemas.accounts import Wanted
from schemas.chain_events import Trade
from schemas.event import OnChain, Op
from schemas.fields import Mint, Slot


class Lacking:
    """The tokens that were traded and may lack their launch; each is asked for once.

    In memory alone: after a restart a token that still lacks it is asked for at its next trade.
    """

    def __init__(self) -> None:
        self._waiting: dict[Mint, Wanted] = {}

    def see(self, event: OnChain, index: Index) -> None:
        """Take note of an event: what is traded may lack its launch."""
        trade = event.event
        if type(trade) is not Trade or event.op is not Op.APPLY:
            return
        # A trade that was retracted before it came leaves nothing behind, so no index either.
        token = index.tokens.get(trade.mint)
        if token is None or token.is_looked_at:
            return
        token.is_looked_at = True
        self._waiting[trade.mint] = Wanted(
            trade.mint, trade.pool, trade.program, trade.config, event.place.slot
        )

    def wanted(self, complete: Slot, known_of: Callable[[Mint], Known]) -> list[Wanted]:
        """Return the tokens that lack their launch for certain, and wait no longer for them.

        Everything through slot *complete* is there: of a token first seen up to it, the launch is
        not still under way on another partition.
        """
        ripe = [one for one in self._waiting.values() if one.slot <= complete]
        for one in ripe:
            del self._waiting[one.mint]
        return [one for one in ripe if known_of(one.mint).origin == "unknown"]
