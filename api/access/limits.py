"""What a request costs its caller: its rate, and its quota of the day."""

import secrets
from typing import NamedTuple

from api.access.buckets import Buckets, Verdict, policy
from api.access.callers import Caller
from api.access.days import DAY_S, Counter, Days, day_of, seconds_left
from api.access.keys import ApiKey
from api.access.shared import SharedLimits
from api.problem import Problem
from api.settings import ApiSettings

Headers = list[tuple[bytes, bytes]]


class Cost(NamedTuple):
    """What the answer says about the caller's limits, and why it may be refused."""

    headers: Headers
    problem: Problem | None = None


class Limits:
    """Charges callers, in memory; `SharedLimits` brings in what other replicas have charged."""

    def __init__(self, settings: ApiSettings) -> None:
        self.buckets = Buckets(subjects=settings.rate_limit_addresses)
        self.days = Days(secrets.token_hex(8))
        self.shared = SharedLimits(
            settings.redis,
            buckets=self.buckets,
            days=self.days,
            every_s=settings.limits_sync_ms / 1000,
        )

    def has_met(self, caller: Caller, *, now: float, at: float) -> bool:
        """Return whether a caller can be charged at once."""
        counter = _counter(caller, at)
        return counter is None or self.shared.has_met(counter, now=now)

    async def meet(self, caller: Caller, *, now: float, at: float) -> None:
        """Learn what others know of a caller."""
        counter = _counter(caller, at)
        if counter and caller.subject and caller.rate:
            await self.shared.meet(counter, caller.subject, caller.rate, now=now)

    def charge(self, caller: Caller, *, now: float, at: float) -> Cost:
        """Charge a request, at monotonic time *now* and wall time *at*."""
        if caller.subject is None or caller.rate is None:
            return UNLIMITED
        counter = _counter(caller, at)
        if counter and _is_used_up(caller.key, self.days.used(counter)):
            return self._used_up(caller, counter, at=at)
        verdict = self.buckets.take(caller.subject, caller.rate, now=now)
        if verdict.allowed:
            self.shared.charged(caller.subject, caller.rate)
            if counter:
                self.days.add(counter)
        refusal = None if verdict.allowed else _too_many(verdict.retry_after_s)
        return Cost(self._headers(caller, verdict, counter, at=at), refusal)

    def give_back(self, caller: Caller, *, now: float, at: float) -> Headers:
        """Take back what a request was charged at wall time *at*; return the limits as of *now*."""
        if caller.subject is None or caller.rate is None:
            return UNLIMITED.headers
        counter = Counter(caller.key.id, day_of(at)) if caller.key else None
        if counter:
            self.days.give_back(counter)
        self.shared.given_back(caller.subject, caller.rate)
        verdict = self.buckets.give_back(caller.subject, caller.rate, now=now)
        return self._headers(caller, verdict, counter, at=at)

    async def usage(self, key: ApiKey, *, days: int, at: float) -> dict[str, int]:
        """Return what a key has used on the day of a wall time and those before, newest first."""
        counters = [Counter(key.id, day_of(at, back=back)) for back in range(days)]
        totals = await self.shared.totals(counters)
        return {counter.day: n for counter, n in zip(counters, totals, strict=True)}

    def _headers(
        self, caller: Caller, verdict: Verdict, counter: Counter | None, *, at: float
    ) -> Headers:
        name = "key" if caller.key else "address"
        left = f'"{name}";r={verdict.remaining};t={verdict.reset_s}'
        policies = policy(name, caller.rate) if caller.rate else ""
        if counter and caller.key and caller.key.per_day:
            rest = max(0, caller.key.per_day - self.days.used(counter))
            policies = f'{policies}, "day";q={caller.key.per_day};w={DAY_S}'
            left = f'{left}, "day";r={rest};t={seconds_left(at)}'
        return _headers(policies, left)

    def _used_up(self, caller: Caller, counter: Counter, *, at: float) -> Cost:
        rested = Verdict(allowed=False, remaining=0, reset_s=0)
        wait_s = seconds_left(at)
        sentence = f"The quota of the day is used up; the next one begins in {wait_s} s."
        headers = {"Retry-After": str(wait_s)}
        problem = Problem(429, "quotaExceeded", sentence, headers=headers)
        return Cost(self._headers(caller, rested, counter, at=at), problem)


def _counter(caller: Caller, at: float) -> Counter | None:
    return Counter(caller.key.id, day_of(at)) if caller.key else None


def _is_used_up(key: ApiKey | None, used: int) -> bool:
    return key is not None and key.per_day is not None and used >= key.per_day


def _too_many(retry_after_s: int) -> Problem:
    sentence = f"Too many requests; the next one is welcome in {retry_after_s} s."
    return Problem(429, "rateLimited", sentence, headers={"Retry-After": str(retry_after_s)})


def _headers(policies: str, left: str) -> Headers:
    return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode())]


UNLIMITED = Cost(_headers('"loopback";q=1000000;w=1', '"loopback";r=1000000;t=0'))
