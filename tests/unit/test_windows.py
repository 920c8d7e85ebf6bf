"""A series' running sums against sums over everything, wherever its end is put."""

from hypothesis import given
from hypothesis import strategies as st

from domain.windows import IN_BUCKETS, IN_MINUTES, Series
from tests import truth as oracle

trade = st.tuples(
    st.integers(0, 200_000), st.sampled_from(("buy", "sell")), st.integers(0, 99),
    st.sampled_from("abc"),
)  # fmt: skip


@given(
    steps=st.lists(st.tuples(trade, st.integers(0, 300_000) | st.none()), max_size=40),
    wide=st.booleans(),
)
def test_running_sums(steps: list, wide: bool) -> None:
    """Trades in any order, the end put anywhere between: every window holds what it should."""
    series = Series(IN_MINUTES, 60) if wide else Series(IN_BUCKETS, 5)
    newest: dict[str, int] = {}
    so_far: list[tuple] = []
    for (at, side, volume, trader), asked in steps:
        series.add(at, volume, side == "buy", side == "sell")
        series.move_trader(newest.get(trader), max(at, newest.get(trader, 0)))
        newest[trader] = max(at, newest.get(trader, 0))
        so_far.append((at, 0, side, volume, 0, trader))
        end = max(asked or 0, *newest.values())
        series.advance(end)
        for one in series.running:
            expected = oracle.window(so_far, one.window.name, end)
            assert int(expected["volume"] * 10**9) == one.volume
            assert (expected["buys"], expected["sells"]) == (one.buys, one.sells)
            assert expected["traders"] == one.traders


@given(times=st.lists(st.integers(0, 200_000), min_size=1), later=st.integers(0, 100_000))
def test_next_exit(times: list[int], later: int) -> None:
    """Nothing leaves before the announced time, and something does at it."""
    series = Series(IN_MINUTES, 60)
    for at in times:
        series.add(at, 1, 1, 0)
    end = max(times) + later
    series.advance(end)
    before = [one.volume for one in series.running]
    exit_at = series.next_exit()
    if exit_at is None:
        assert [0, 0, 0] == before
        return
    series.advance(exit_at - 1)
    just_before = [one.volume for one in series.running]
    series.advance(exit_at)

    assert end < exit_at
    assert before == just_before
    assert before != [one.volume for one in series.running]
