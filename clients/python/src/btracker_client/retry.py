"""When to try again, and after how long. Pure."""

import random

AGAIN = frozenset({429, 502, 503, 504})
FIRST_S = 0.25
MOST_S = 10.0


def pause_s(attempt: int, retry_after: str | None = None, *, random_: float | None = None) -> float:
    """Return how long to wait after a number of attempts, in seconds.

    Between half of twice the last one and all of it, so that clients that were cut off together
    do not come back together; never less than the server asked for.
    """
    share = random.random() if random_ is None else random_  # noqa: S311
    most = min(MOST_S, FIRST_S * 2.0**attempt)
    asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
    return asked + most * (0.5 + share / 2)
