"""Limits and the audit log without a server: exact against brute force, bounded, only added to."""

import json
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.addresses import Origin, Origins
from api.access.audit import EACH, AuditLog, Line
from api.access.buckets import Buckets
from api.access.callers import Caller
from api.access.days import Counter, Days
from api.access.gate import Gate
from api.access.key_file import KeyFile
from api.access.keys import Rate, new_key, written
from api.access.limits import Limits
from api.metrics import Metrics
from api.settings import ApiSettings
from domain.errors import UsageError

RATES = st.builds(Rate, st.sampled_from((1, 6, 60, 240)), st.integers(1, 6))
PAUSES = st.lists(st.integers(0, 12), max_size=60)


class TokenBucket:
    """The textbook's bucket, in exact fractions: it fills at the rate up to the burst."""

    def __init__(self, rate: Rate) -> None:
        self.rate, self.level, self.at = rate, Fraction(rate.burst), Fraction(0)

    def take(self, at: Fraction) -> bool:
        """Take one if there is one."""
        gained = (at - self.at) * self.rate.per_minute / 60
        self.level, self.at = min(Fraction(self.rate.burst), self.level + gained), at
        if self.level < 1:
            return False
        self.level -= 1
        return True


@given(rate=RATES, steps=st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=60))
def test_a_bucket_is_the_textbooks(rate: Rate, steps: list[tuple[int, bool]]) -> None:
    """What passes, and what is left, is exactly what a bucket in fractions gives.

    Also where some of what was taken is given back.
    """
    buckets, truth, at = Buckets(subjects=10), TokenBucket(rate), Fraction(0)
    for pause, is_unchanged in steps:
        at += Fraction(pause * 60, rate.per_minute * 4)
        verdict = buckets.take("a", rate, now=float(at))
        assert truth.take(at) == verdict.allowed
        if verdict.allowed and is_unchanged:
            verdict = buckets.give_back("a", rate, now=float(at))
            truth.level += 1

        assert int(truth.level) == verdict.remaining


@given(rate=RATES, pauses=PAUSES)
def test_retry_after_is_when_it_passes(rate: Rate, pauses: list[int]) -> None:
    """A refused request passes after the seconds that it was told, and not a whole one before."""
    buckets, now = Buckets(subjects=10), 0.0
    for pause in pauses:
        now += pause * 15 / rate.per_minute
        verdict = buckets.take("a", rate, now=now)
        if not verdict.allowed:
            debt, quota = buckets.debt("a", now=now), rate.burst * rate.interval_s
            wait = debt + rate.interval_s - quota

            assert verdict.retry_after_s - 1 < wait <= verdict.retry_after_s + 1e-6
            assert debt - 1e-6 <= verdict.reset_s


def test_subjects_do_not_share_a_bucket() -> None:
    """What one has used is not missing to another."""
    buckets, rate = Buckets(subjects=10), Rate(1, 1)

    assert [True, False, True] == [
        buckets.take(name, rate, now=0.0).allowed for name in ("a", "a", "b")
    ]


def test_a_flood_of_addresses_costs_no_memory() -> None:
    """However many ask, only so many are remembered, the latest among them."""
    buckets, rate = Buckets(subjects=100), Rate(60, 1)
    for number in range(10_000):
        buckets.take(str(number), rate, now=0.0)

    assert len(buckets._young) + len(buckets._old) <= 200
    assert not buckets.take("9999", rate, now=0.0).allowed


ONE = Counter("k", "2026-09-22")
STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "add_free", "tell", "lose", "forget")), st.integers(0, 2)),
    max_size=60,
)


class Replicas:
    """Three that count the requests of one key, and a cache that they tell."""

    def __init__(self) -> None:
        self.all = [Days(str(number)) for number in range(3)]
        self.cache: dict[str, int] = {}
        self.added, self.free = 0, set[int]()

    def add(self, number: int) -> None:
        """Count a request, for which an earlier one that was free may stand."""
        self.all[number].add(ONE)
        self.added += 1
        self.free.discard(number)

    def add_free(self, number: int) -> None:
        """Count a request that turns out to be free."""
        self.add(number)
        self.all[number].give_back(ONE)
        self.added -= 1
        self.free.add(number)

    def forget(self, _: int) -> None:
        """Lose the cache."""
        self.cache.clear()

    def tell(self, number: int) -> None:
        """Tell the cache, and hear what others have told it."""
        self.lose(number)
        self.all[number].told(ONE, self.cache)
        self.all[number].learn(ONE, self.cache)

    def lose(self, number: int) -> None:
        """Tell the cache, and never hear its answer."""
        for name, count in self.all[number].counts(ONE).items():
            self.cache[name] = max(count, self.cache.get(name, 0))


@given(steps=STEPS)
def test_counts_of_replicas_add_up_whatever_is_lost(steps: list[tuple[str, int]]) -> None:
    """Told in any order, twice, to a cache that forgets: in the end all know the true sum.

    What was free counts until the next request of the same replica, never longer.
    """
    replicas = Replicas()
    for what, number in steps:
        getattr(replicas, what)(number)
        most = replicas.added + len(replicas.free)
        assert all(days.used(ONE) <= most for days in replicas.all)
    for number in tuple(replicas.free):
        replicas.add(number)
    for _ in range(2):
        for number in range(3):
            replicas.tell(number)

    assert [replicas.added] * 3 == [days.used(ONE) for days in replicas.all]
    assert [[]] * 3 == [days.untold() for days in replicas.all]


def test_old_days_are_forgotten() -> None:
    """Yesterday is dropped when it is told so, also what was never told of it."""
    days, old = Days("a"), Counter("k", "2026-09-21")
    days.add(old)
    days.add(ONE)
    days.forget(before="2026-09-22")

    assert (0, 1, [ONE]) == (days.used(old), days.used(ONE), days.untold())


def test_a_quota_begins_anew_at_midnight_utc() -> None:
    """What is used up stays so until the second in which the next day begins."""
    midnight = 1_790_121_600
    key, _ = new_key("a", scopes=("read",), rate=Rate(6000, 100), created=0, per_day=2)
    caller = Caller(f"key:{key.id}", "a", key.scopes, key.rate, key=key)
    limits = Limits(ApiSettings())
    costs = [
        limits.charge(caller, now=0.0, at=midnight + after)
        for after in (-9.0, -8.5, -7.5, -0.001, 0.0)
    ]

    assert 0 == midnight % 86_400
    assert [None, None, "8", "1", None] == [
        cost.problem and cost.problem.headers["Retry-After"] for cost in costs
    ]
    assert dict(costs[4].headers)[b"ratelimit"].endswith(b'"day";r=1;t=86400')


@pytest.mark.parametrize(
    ("client", "forwarded", "relayed", "origin"),
    [
        ("127.0.0.1", None, False, Origin("127.0.0.1", local=True)),
        ("127.8.8.8", None, False, Origin("127.8.8.8", local=True)),
        ("::1", None, False, Origin("::1", local=True)),
        ("::ffff:127.0.0.1", None, False, Origin("127.0.0.1", local=True)),
        (None, None, False, Origin("loopback", local=True)),
        ("127.0.0.1", None, True, Origin("127.0.0.1")),
        (None, None, True, Origin("loopback")),
        ("203.0.113.9", None, False, Origin("203.0.113.9")),
        ("203.0.113.9", "127.0.0.1", False, Origin("203.0.113.9")),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", False, Origin("203.0.113.9")),
        ("127.0.0.1", "127.0.0.1", False, Origin("127.0.0.1")),
        ("127.0.0.1", "nonsense", False, Origin("nonsense")),
        ("127.0.0.1", "", False, Origin("")),
        ("10.1.2.3", "1.1.1.1, 203.0.113.9", False, Origin("203.0.113.9")),
        ("::ffff:10.1.2.3", "203.0.113.9", False, Origin("203.0.113.9")),
        ("10.1.2.3", "127.0.0.1", False, Origin("127.0.0.1")),
        ("10.1.2.3", None, False, Origin("10.1.2.3")),
        ("11.1.2.3", "203.0.113.9", False, Origin("11.1.2.3")),
        ("2001:db8:1:2:3:4:5:6", None, False, Origin("2001:db8:1:2::")),
        ("::ffff:203.0.113.9", None, False, Origin("203.0.113.9")),
    ],
)
def test_who_is_counted_as_whom(
    client: str | None, forwarded: str | None, relayed: bool, origin: Origin
) -> None:
    """Only loopback and known proxies may speak for others; an IPv6 host is its /64."""
    assert origin == Origins(("10.0.0.0/8",)).of(client, forwarded, relayed)


def test_proxies_that_are_no_networks_are_refused() -> None:
    """A network that is none is named."""
    with pytest.raises(UsageError, match="BTRACKER_PROXIES"):
        Origins(("10.0.0.0/99",))


def lines(path: Path) -> list[dict[str, object]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in path.read_text().splitlines()]


REFUSED = Line(event="access", outcome="denied", who="address:a", code="rateLimited", status=429)


def test_a_flood_of_refusals_is_counted_to_the_last(tmp_path: Path) -> None:
    """One caller's lines are bounded; what is beyond is one line with the exact number."""
    path = tmp_path / "audit.jsonl"
    log, other = AuditLog(path), msgspec.structs.replace(REFUSED, who="address:b")
    for _ in range(10_000):
        log.denied(REFUSED, now=0.0)
    log.denied(other, now=0.0)
    log.close()
    found = lines(path)

    assert EACH.burst + 2 == len(found)
    assert 10_001 == sum(int(str(line.get("count", 1))) for line in found)
    assert {"address:a", "address:b"} == {line["who"] for line in found}


def test_many_callers_cannot_fill_the_disk_either(tmp_path: Path) -> None:
    """However many are refused, the lines are bounded, and every refusal is counted."""
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    for number in range(20_000):
        log.denied(msgspec.structs.replace(REFUSED, who=f"address:{number}"), now=0.0)
    log.close()
    found = lines(path)

    assert len(found) <= 3002
    assert 20_000 == sum(int(str(line.get("count", 1))) for line in found)


def test_lines_are_only_added_by_whoever_shares_the_file(tmp_path: Path) -> None:
    """Two processes add to one file; when it is moved away both begin a new one."""
    path, moved = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    one, two = AuditLog(path), AuditLog(path)
    for log in (one, two, one):
        log.done(REFUSED)
    before = path.read_bytes()
    one.done(REFUSED)

    assert path.read_bytes().startswith(before)
    assert 0o600 == path.stat().st_mode & 0o777

    path.rename(moved)
    for log in (one, two):
        log.done(REFUSED)
        log.close()

    assert (4, 2) == (len(lines(moved)), len(lines(path)))
    assert moved.read_bytes().startswith(before)


def test_what_cannot_be_written_down_is_not_done(tmp_path: Path) -> None:
    """A log that cannot be written refuses an action, and does not stop a refusal."""
    (tmp_path / "audit").mkdir()
    log = AuditLog(tmp_path / "audit")
    with pytest.raises(UsageError, match="BTRACKER_AUDIT"):
        log.done(REFUSED)
    log.denied(REFUSED, now=0.0)
    log.close()


async def test_who_waited_is_charged_for_when_the_wait_was_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others were charged while a request waited counts as of then: nobody owes the wait."""
    clock = [100.0]
    monkeypatch.setattr("api.access.gate.monotonic", lambda: clock[0])
    gate = Gate(ApiSettings(data=tmp_path), Metrics())
    key, shown = new_key("k", scopes=("read",), rate=Rate(60, 2), created=1)
    KeyFile(tmp_path / "keys.json").add(key)
    gate.limits.shared.connected = True

    async def meet(caller: Caller, *, now: float, at: float) -> None:
        assert caller.subject
        assert caller.rate
        clock[0] = now + 50
        gate.limits.buckets.take(caller.subject, caller.rate, now=clock[0])

    monkeypatch.setattr(gate.limits, "meet", meet)
    headers = {b"x-api-key": written(shown).encode()}
    asked = {"method": "GET", "path": "/v1/tokens", "headers": list(headers.items())}
    admission = await gate.admit(asked, headers, request_id="r")

    assert admission.problem is None
