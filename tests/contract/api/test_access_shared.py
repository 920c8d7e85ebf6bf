"""Limits of several replicas over a real cache: one quota for all, whoever restarts or is lost."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from api.access.buckets import Buckets
from api.access.days import Counter, Days, day_of
from api.access.keys import Rate
from api.access.shared import SharedLimits
from tests.caches import Cache, running_cache
from tests.contract.api.door import audited, bearer, give_key, until
from tests.contract.api.test_api_live import Running, running

pytestmark = pytest.mark.slow
ONE = Counter("0" * 12, day_of(1_790_093_255))
SUBJECT = f"key:{ONE.key_id}"
RATE = Rate(60, 100)


@pytest.fixture
def cache() -> Iterator[Cache]:
    """An empty cache."""
    with running_cache() as one:
        yield one


class Replica(SharedLimits):
    """The limits of one process, told when the test says so; an answer may get lost."""

    def __init__(self, cache: Cache) -> None:
        self.buckets, self.days = Buckets(subjects=100), Days(secrets.token_hex(8))
        super().__init__(cache.url, buckets=self.buckets, days=self.days, every_s=60)
        self.connected, self.loses = True, 0

    def ask(self, now: float, times: int = 1) -> int:
        """Charge some requests; return how many were let in."""
        passed = 0
        for _ in range(times):
            if self.buckets.take(SUBJECT, RATE, now=now).allowed:
                self.charged(SUBJECT, RATE)
                self.days.add(ONE)
                passed += 1
        return passed

    async def hear(self) -> None:
        """Learn what the others have told, as before the first request in a while."""
        self._met.clear()
        await self.meet(ONE, SUBJECT, RATE, now=asyncio.get_running_loop().time())

    def debt(self) -> float:
        """Return what is owed, in seconds."""
        return self.buckets.debt(SUBJECT, now=asyncio.get_running_loop().time())

    def _forget(self, day: str) -> None:
        """Keep all days: those of the test are long past."""

    async def _eval(self, script: str, names: list[str], said: Any) -> list[Any]:
        answer = await super()._eval(script, names, said)
        if self.loses and ":day:" in names[-1]:
            self.loses -= 1
            raise RedisConnectionError("the answer is lost")
        return answer


@asynccontextmanager
async def replicas(cache: Cache, number: int) -> AsyncIterator[list[Replica]]:
    """Give some replicas over one cache."""
    found = [Replica(cache) for _ in range(number)]
    try:
        yield found
    finally:
        for one in found:
            await one._redis.aclose()


async def test_what_one_has_charged_the_others_owe(cache: Cache) -> None:
    """After they have told each other, all replicas know the sum, of the rate and of the day."""
    async with replicas(cache, 3) as all_of_them:
        now = asyncio.get_running_loop().time()
        for one, times in zip(all_of_them, (10, 20, 30), strict=True):
            one.ask(now, times)
        for one in all_of_them:
            await one.tell()
        for one in all_of_them:
            await one.hear()

        assert [60, 60, 60] == [one.days.used(ONE) for one in all_of_them]
        for one in all_of_them:
            assert 55 < one.debt() <= 60


async def test_one_replica_owes_in_the_cache_what_it_owes_here(cache: Cache) -> None:
    """With nobody else there, telling changes nothing, however often, and idling pays off."""
    async with replicas(cache, 1) as (one,):
        now = asyncio.get_running_loop().time()
        for step in range(5):
            one.ask(now - 4 + step, 2)
            before = one.debt()
            await one.tell()

            assert before - 0.5 < one.debt() <= before + 0.001


async def test_a_replica_that_begins_knows_what_was_used(cache: Cache) -> None:
    """The first request of a key at a new replica already counts against what others let in."""
    async with replicas(cache, 2) as (one, new):
        one.ask(asyncio.get_running_loop().time(), 100)
        await one.tell()
        await new.hear()

        assert 100 == new.days.used(ONE)
        assert new.ask(asyncio.get_running_loop().time(), 20) < 5


async def test_a_lost_answer_is_not_counted_twice(cache: Cache) -> None:
    """What was told and not confirmed is told again, and the day's total is exact."""
    async with replicas(cache, 2) as (one, other):
        now = asyncio.get_running_loop().time()
        one.ask(now, 7)
        one.loses = 2
        for _ in range(2):
            with pytest.raises(RedisConnectionError):
                await one.tell()
            one.ask(now, 1)
        await one.tell()
        await one.tell()
        other.ask(now, 5)
        await other.tell()

        assert (9, 14) == (one.days.used(ONE), other.days.used(ONE))


async def test_a_cache_that_was_lost_learns_it_all_again(cache: Cache) -> None:
    """Each counts on without it; when it is back, empty, the total is again exact."""
    async with replicas(cache, 2) as (one, other):
        now = asyncio.get_running_loop().time()
        one.ask(now, 10)
        await one.tell()
        other.ask(now, 20)
        await other.tell()
        cache.kill()
        one.ask(now, 3)
        other.ask(now, 4)
        for each in (one, other):
            with pytest.raises((RedisConnectionError, OSError)):
                await each.tell()
        cache.start()
        for each in (one, other):
            await each.tell()
        for each in (one, other):
            await each.hear()

        assert (37, 37) == (one.days.used(ONE), other.days.used(ONE))
        assert one.debt() > 30


async def test_a_replica_that_is_gone_is_remembered(cache: Cache) -> None:
    """What a replica counted that has ended comes back to an empty cache from another."""
    async with replicas(cache, 3) as (gone, one, new):
        now = asyncio.get_running_loop().time()
        gone.ask(now, 10)
        await gone.tell()
        await one.hear()
        cache.kill()
        one.ask(now, 5)
        with pytest.raises((RedisConnectionError, OSError)):
            await one.tell()
        cache.start()
        await one.tell()
        await new.hear()

        assert 15 == new.days.used(ONE)


async def asked(server: Running, key: str, path: str = "/v1/tokens") -> httpx.Response:
    """Return the answer of a server."""
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://127.0.0.1:{server.port}{path}", headers=bearer(key))


async def test_two_servers_are_one_quota(tmp_path: Path, cache: Cache) -> None:
    """What is used up at one is used up at the other and at a third that starts; all write it."""
    async with running(tmp_path, redis=cache.url) as one, running(tmp_path, redis=cache.url) as two:
        settings = one.settings
        _, key = give_key(settings, per_day=20)
        passed = [(await asked(one if n % 2 else two, key)).status_code for n in range(20)]

        async def used_up() -> bool:
            codes = [(await asked(server, key)).status_code for server in (one, two)]
            passed.extend(codes)
            return codes == [429, 429]

        await until(used_up, within_s=10)
        async with running(tmp_path, redis=cache.url) as new:
            await until(lambda: connected(new), within_s=10)
            first = await asked(new, key)

    assert (429, "quotaExceeded") == (first.status_code, first.json()["code"])
    # One may pass at each after the last, until they have told each other.
    assert 20 <= passed.count(200) <= 24
    assert passed.count(429) + 1 == len(audited(settings))


async def connected(server: Running) -> bool:
    """Return whether a server shares its limits."""
    return bool(server.app.state.services.gate.limits.shared.connected)


async def test_without_a_cache_each_limits_alone(tmp_path: Path, cache: Cache) -> None:
    """A cache that goes, or never was there, makes nobody wait and lets nobody through."""
    async with running(tmp_path, redis=cache.url) as server:
        _, key = give_key(server.settings, per_day=5)
        await until(lambda: connected(server), within_s=10)
        before = [(await asked(server, key)).status_code for _ in range(3)]
        cache.kill()
        after = [(await asked(server, key)).status_code for _ in range(4)]

        assert [200] * 5 + [429] * 2 == before + after

        cache.start()

        async def remembered() -> bool:
            async with Redis.from_url(cache.url) as redis:
                return [[b"5"]] == [await redis.hvals(k) async for k in redis.scan_iter("*:day:*")]

        await until(remembered, within_s=10)
