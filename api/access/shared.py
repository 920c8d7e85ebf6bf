"""Limits that replicas share: what each has charged goes to Redis, and comes from there.

A request never waits for it but the first of a key in a while. Without Redis every replica goes on
by itself, and tells the rest what it has counted when Redis is back, be it empty or not.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import monotonic, time
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.access.buckets import Buckets
from api.access.days import Counter, Days, day_of
from api.access.keys import Rate

log = logging.getLogger(__name__)

PREFIX = "btracker:limits"
ANSWER_S = 1.0
MEET_S = 0.1
"""The first request of a key waits so long at most to learn what others know of it."""
KNOWN_S = 2.0
RETRY_S = 0.5
CHUNK = 200
MAX_CHARGED = 10_000
MOST_BURSTS = 8
"""Nobody owes more than so many bursts, should the clock of Redis jump."""
KEEP_DAYS_S = 8 * 86_400

RATES = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debts = {}
for i, key in ipairs(KEYS) do
  local base, charge, most = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  local due = math.max(tonumber(redis.call('GET', key) or 0), now + base) + charge
  due = math.min(due, now + most)
  if due > now then
    redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
  end
  debts[i] = due - now
end
return debts
"""
"""Debts in microseconds: what is there, or known to the caller, and what it has charged since."""

DAYS = """
local at, found = 2, {}
for i, key in ipairs(KEYS) do
  for _ = 1, tonumber(ARGV[at]) do
    local replica, count = ARGV[at + 1], tonumber(ARGV[at + 2])
    at = at + 2
    if count > tonumber(redis.call('HGET', key, replica) or 0) then
      redis.call('HSET', key, replica, count)
    end
  end
  at = at + 1
  redis.call('EXPIRE', key, ARGV[1])
  found[i] = redis.call('HGETALL', key)
end
return found
"""
"""Counts of days by replica: each stays the greatest that anybody has told."""


class Charged(NamedTuple):
    """How often a subject was charged since the others were told; below 0: given back more."""

    rate: Rate
    times: int = 0


class SharedLimits:
    """Brings the limits of this process together with those of all others, through Redis."""

    def __init__(self, url: str, *, buckets: Buckets, days: Days, every_s: float) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._buckets, self._days, self._every_s = buckets, days, every_s
        self._charged: dict[str, Charged] = {}
        self._met: dict[Counter, float] = {}
        self._telling: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self.connected = False

    async def start(self) -> None:
        """Begin to tell; does not wait for Redis."""
        self._telling = asyncio.create_task(self._tell_for_ever())

    async def close(self) -> None:
        """Tell what is left, if Redis is there, and disconnect."""
        if self._telling:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling
        if self.connected:
            with suppress(RedisError, OSError):
                await self.tell()
        await self._redis.aclose()

    def charged(self, subject: str, rate: Rate) -> None:
        """Note that *subject* was charged for a request."""
        self._note(subject, rate, 1)

    def given_back(self, subject: str, rate: Rate) -> None:
        """Note that *subject* was given back what it was charged, be it told by now or not."""
        self._note(subject, rate, -1)

    def _note(self, subject: str, rate: Rate, times: int) -> None:
        known = self._charged.get(subject)
        if known is not None:
            self._charged[subject] = Charged(rate, known.times + times)
        elif len(self._charged) < MAX_CHARGED:
            self._charged[subject] = Charged(rate, times)

    def has_met(self, counter: Counter, *, now: float) -> bool:
        """Return whether it is known what others know of a key, or cannot be at *now*."""
        return not self.connected or now - self._met.get(counter, float("-inf")) < KNOWN_S

    async def meet(self, counter: Counter, subject: str, rate: Rate, *, now: float) -> None:
        """Learn what others know of a key that has not asked here for a while.

        So neither another replica nor a restart gives it a new quota.
        """
        self._met[counter] = now
        with suppress(RedisError, OSError, TimeoutError):
            # In turn: what is being told must not be charged twice.
            async with asyncio.timeout(MEET_S), self._turn:
                await self._tell_rates([(subject, self._charged.pop(subject, Charged(rate)))])
                await self._tell_days([counter])

    async def totals(self, counters: Sequence[Counter]) -> list[int]:
        """Return what is known of some days, here and in Redis."""
        if self.connected:
            with suppress(RedisError, OSError):
                await self._tell_days(counters)
        return [self._days.used(counter) for counter in counters]

    async def tell(self) -> None:
        """Tell Redis all that was charged here, and learn what others have charged.

        Raises:
            RedisError: Redis is out of reach; what was to be told is kept.
        """
        async with self._turn:
            await self._redis.ping()
            charged, self._charged = list(self._charged.items()), {}
            # What is lost on the way is still owed here, and told with what comes next.
            for at in range(0, len(charged), CHUNK):
                await self._tell_rates(charged[at : at + CHUNK])
            await self._tell_days(self._days.untold())
            self._forget(day_of(time(), back=1))

    async def _tell_for_ever(self) -> None:
        while True:
            try:
                await self.tell()
            except (RedisError, OSError) as error:
                if self.connected:
                    log.warning("Limits hold for each replica alone: %s", error)
                self.connected = False
            else:
                if not self.connected:
                    log.info("Limits hold for all replicas together.")
                self.connected = True
            await asyncio.sleep(self._every_s if self.connected else RETRY_S)

    async def _tell_rates(self, charged: Sequence[tuple[str, Charged]]) -> None:
        now, said = monotonic(), list[int]()
        for subject, (rate, times) in charged:
            debt = self._buckets.debt(subject, now=now)
            # What was paid off since needs no telling.
            added = min(times * rate.interval_s, debt)
            most = MOST_BURSTS * rate.burst * rate.interval_s
            said += (int((debt - added) * 1e6), int(added * 1e6), int(most * 1e6))
        names = [f"{PREFIX}:rate:{subject}" for subject, _ in charged]
        debts = await self._eval(RATES, names, said)
        heard = monotonic()
        for (subject, _), microseconds in zip(charged, debts, strict=True):
            again = self._charged.get(subject)
            since = again.times * again.rate.interval_s if again else 0.0
            here = self._buckets.debt(subject, now=heard)
            self._buckets.set_debt(subject, max(here, microseconds / 1e6 + since), now=heard)

    async def _tell_days(self, counters: Sequence[Counter]) -> None:
        """Tell what is known of some days, and hear what others know of them."""
        for at in range(0, len(counters), CHUNK):
            chunk, said = counters[at : at + CHUNK], list[str | int]([KEEP_DAYS_S])
            for counter in chunk:
                counts = self._days.counts(counter)
                said.append(len(counts))
                for replica, count in counts.items():
                    said += (replica, count)
            heard = await self._eval(DAYS, [_day_key(counter) for counter in chunk], said)
            for counter, flat in zip(chunk, heard, strict=True):
                known = {name.decode(): int(count) for name, count in pairs(flat)}
                self._days.told(counter, known)
                self._days.learn(counter, known)
                self._met[counter] = monotonic()

    def _forget(self, day: str) -> None:
        """Forget what is before a day."""
        self._days.forget(before=day)
        self._met = {counter: at for counter, at in self._met.items() if counter.day >= day}

    async def _eval(self, script: str, names: list[str], said: Sequence[str | int]) -> list[Any]:
        asked = self._redis.eval(script, len(names), *names, *map(str, said))
        return cast("list[Any]", await cast("Any", asked))


def pairs(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Return what stands in a row as pairs."""
    return zip(flat[::2], flat[1::2], strict=True)


def _day_key(counter: Counter) -> str:
    return f"{PREFIX}:day:{counter.key_id}:{counter.day}"
