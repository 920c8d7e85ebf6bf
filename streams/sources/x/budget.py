"""What is read of X on a day, and what that costs: posts and accounts, each counted once a day."""

from typing import NamedTuple

DAY_S = 86_400


class Prices(NamedTuple):
    """Prices of a post and of an account that is read, in millionths of a dollar."""

    post: int
    user: int


class Limits(NamedTuple):
    """What a day (UTC) may take: posts, and millionths of a dollar."""

    posts: int
    micro_usd: int


class Spent(NamedTuple):
    """What was read on ``day``, in days since 1970."""

    day: int = 0
    posts: int = 0
    users: int = 0


class Budget:
    """The budget of the day. Times are in seconds since 1970.

    X bills one item once on a day, though it promises that of no restart of ours: what is counted
    twice then is counted to our cost. Source: docs.x.com, pay per use.
    """

    def __init__(self, limits: Limits, prices: Prices, spent: Spent) -> None:
        self._limits, self._prices = limits, prices
        self.spent = spent
        self._posts, self._users = set[str](), set[str]()

    def read(self, posts: set[str], users: set[str], *, now: float) -> None:
        """Take note that posts and accounts were read, by their ids."""
        self._turn(now)
        new_posts, new_users = posts - self._posts, users - self._users
        self._posts |= new_posts
        self._users |= new_users
        day, post_count, user_count = self.spent
        self.spent = Spent(day, post_count + len(new_posts), user_count + len(new_users))

    def room(self, now: float, *, leaving: float = 0.0) -> int:
        """Return how many posts more may be read today, each with its author.

        *leaving*: the share of the day's budget, 0 to 1, that is to be left to others.
        """
        self._turn(now)
        each = max(1, self._prices.post + self._prices.user)
        posts = int(self._limits.posts * (1 - leaving)) - self.spent.posts
        micro_usd = int(self._limits.micro_usd * (1 - leaving)) - self.micro_usd
        return max(0, min(posts, micro_usd // each))

    def wait_s(self, now: float) -> float:
        """Return in how many seconds there is room again, 0 if there is some."""
        return 0.0 if self.room(now) else (int(now // DAY_S) + 1) * DAY_S - now

    @property
    def micro_usd(self) -> int:
        """What the day has cost, in millionths of a dollar."""
        return self.spent.posts * self._prices.post + self.spent.users * self._prices.user

    @property
    def used(self) -> float:
        """How much of the day's budget is used, 1 being all of it; for people and alarms."""
        return max(
            self.spent.posts / self._limits.posts, self.micro_usd / max(1, self._limits.micro_usd)
        )

    def _turn(self, now: float) -> None:
        day = int(now // DAY_S)
        if day != self.spent.day:
            self.spent = Spent(day)
            self._posts, self._users = set(), set()
