"""Live candles of less than a minute: made trade by trade, they are those of all trades."""

from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import timestamp
from domain.candles import finer
from schemas.candle import VersionedTrade
from tests import samples
from tests.samples import LAUNCH
from views.live.deriving import Trades

PRICES = st.sampled_from(["1", "2.5", "0.1", "30", None])
AMOUNTS = st.sampled_from(["1", "0.25", None])


@given(
    st.sampled_from([1, 5, 30]),
    st.lists(st.tuples(st.integers(0, 9), PRICES, AMOUNTS, st.booleans()), max_size=30),
)
def test_trade_by_trade(step: int, told: list[tuple[int, str | None, str | None, bool]]) -> None:
    """Whatever comes, in whatever order, twice or taken back: after each, all candles are right."""
    made, newest = Trades(step), dict[str, VersionedTrade]()
    for version, (number, price, amount, retracted) in enumerate(told, start=1):
        trade = samples.trade(
            "m", number, time=timestamp(LAUNCH + number), price=price, quote_amount=amount,
            retracted=retracted,
        )  # fmt: skip
        newest[trade.id] = VersionedTrade(version, samples.tick(trade))
        made.load([newest[trade.id]], since=0)
        order = sorted(newest.values(), key=lambda one: (one.trade.sort_key, one.trade.id))

        assert finer(order, step=step, now=LAUNCH) == made.candles(now=LAUNCH, most=100)
