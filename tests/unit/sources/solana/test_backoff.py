"""The waits between connections."""

from hypothesis import given
from hypothesis import strategies as st

from streams.sources.solana.backoff import PAUSES, Cause, pause_s


@given(
    cause=st.sampled_from(Cause), failures=st.integers(1, 10_000), jitter=st.floats(0, 1),
    asked_s=st.floats(0, 1_000),
)  # fmt: skip
def test_a_wait_is_within_reason(
    cause: Cause, failures: int, jitter: float, asked_s: float
) -> None:
    """At least half the first and what was asked for, at most the longest or what was asked for."""
    wait_s = pause_s(cause, failures=failures, jitter=jitter, asked_s=asked_s)

    assert max(PAUSES[cause].first_s / 2, asked_s) <= wait_s
    assert wait_s <= max(PAUSES[cause].longest_s, asked_s)


@given(cause=st.sampled_from(Cause), failures=st.integers(1, 100), jitter=st.floats(0, 1))
def test_more_failures_never_wait_less(cause: Cause, failures: int, jitter: float) -> None:
    """With the same jitter the next wait is as long or longer."""
    waits = [pause_s(cause, failures=failures + more, jitter=jitter) for more in (0, 1)]

    assert waits == sorted(waits)
