"""The pure parts of the collector of posts: budget, rules, pauses, connects, what X says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UnreadableError, UsageError
from domain.posts.launchers import LAUNCHERS
from schemas.cursor import SourceCursor
from streams.sources.x.backoff import Cause, EndedError, pause_s
from streams.sources.x.budget import DAY_S, Budget, Limits, Prices, Spent
from streams.sources.x.connects import WINDOW_S, Connects
from streams.sources.x.desk import Desk
from streams.sources.x.rules import LENGTH_MAX, Known, Rule, change, query_of, rules_of
from streams.sources.x.settings import XSettings
from streams.sources.x.watch import Watch
from streams.sources.x.wire import gone_of, lines_of, read_seen, read_told, refusal
from tests.xserver.matching import matches

PRICES = Prices(post=5_000, user=10_000)
NOON = 20_000 * DAY_S + DAY_S / 2


def budget(*, posts: int = 10, micro_usd: int = 1_000_000) -> Budget:
    """Return an unused budget."""
    return Budget(Limits(posts, micro_usd), PRICES, Spent())


def test_an_item_is_paid_once_a_day() -> None:
    """What is read again on a day costs nothing, on the next one it does; a restart knows it."""
    spent = budget()
    spent.read({"1", "2"}, {"a"}, now=NOON)
    spent.read({"2"}, {"a"}, now=NOON + 1)

    assert (2 * 5_000 + 10_000) == spent.micro_usd
    assert 8 == Budget(Limits(10, 1_000_000), PRICES, spent.spent).room(NOON)

    spent.read({"2"}, {"a"}, now=NOON + DAY_S)

    assert 15_000 == spent.micro_usd


@given(reads=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=60))
def test_who_reads_only_where_there_is_room_never_pays_more(reads: list[tuple[int, int]]) -> None:
    """Post by post with its author: neither the posts nor the money of a day are exceeded."""
    spent = budget(posts=20, micro_usd=200_000)
    for post, user in reads:
        if spent.room(NOON):
            spent.read({str(post)}, {str(user)}, now=NOON)

    assert spent.spent.posts <= 20
    assert spent.micro_usd <= 200_000


def test_a_share_of_the_budget_is_left_to_others() -> None:
    """Whoever leaves a quarter reads nothing when three are used, of posts or of money."""
    posts, money = budget(posts=100, micro_usd=10**9), budget(posts=10_000, micro_usd=1_500_000)

    assert (75, 75) == (posts.room(NOON, leaving=0.25), money.room(NOON, leaving=0.25))

    for spent in (posts, money):
        spent.read({str(n) for n in range(75)}, {str(n) for n in range(75)}, now=NOON)

        assert 0 == spent.room(NOON, leaving=0.25)
        assert spent.room(NOON) == 25


def test_a_used_up_budget_is_there_again_at_midnight() -> None:
    """The day is that of UTC."""
    spent = budget(posts=1)
    spent.read({"1"}, set(), now=NOON)

    assert DAY_S / 2 == spent.wait_s(NOON)
    assert 0.0 == spent.wait_s(NOON + DAY_S / 2)


@given(
    times=st.lists(st.floats(1e9, 1e9 + 5_000), min_size=1, max_size=200),
    restarts=st.sets(st.integers(0, 199), max_size=5),
)
def test_no_15_minutes_have_more_connects_than_allowed(
    times: list[float], restarts: set[int]
) -> None:
    """Whenever somebody wants to connect, and however often the collector is started again."""
    connects, made = Connects(20), []
    for number, now in enumerate(sorted(times)):
        if number in restarts:
            connects = Connects(20, connects.made)
        if not connects.take(now):
            made.append(now)

    assert all(sum(at <= other < at + WINDOW_S for other in made) <= 20 for at in made)


@pytest.mark.parametrize("launcher", LAUNCHERS, ids=[one.name for one in LAUNCHERS])
def test_rules_are_ones_that_x_takes(launcher: Any) -> None:
    """They fit its length, and match what is said to a launcher and what its bots say."""
    said_to, said_by = rules_of([launcher])
    post = {"text": f"hey @{launcher.handles[0].upper()} $T + Name"}

    assert max(len(query_of([said_to, said_by])), len(said_to.value)) <= LENGTH_MAX
    assert matches(said_to.value, post, "somebody")
    assert not matches(said_to.value, {"text": f"RT @a: {post['text']}"}, "somebody")
    assert not matches(said_to.value, {"text": "hey"}, "somebody")
    assert matches(said_by.value, {"text": "here it is"}, launcher.bots[0])


def test_rules_are_brought_in_step_and_those_of_others_left() -> None:
    """What is missing is added; what is ours and not wanted, or there twice, goes."""
    wanted = rules_of(LAUNCHERS[:1])
    old, other = Rule("@oldcoin", "launch:old"), Rule("cats", "somebody else")
    known = [
        Known("1", wanted[0]), Known("2", wanted[0]), Known("3", old), Known("4", other),
    ]  # fmt: skip

    assert ((wanted[1],), ("2", "3")) == change(wanted, known)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (429, b"{}", Cause.LIMITED),
        (429, b'{"title":"ConnectionException","connection_issue":"TooMany"}', Cause.CROWDED),
        (401, b'{"title":"Unauthorized"}', Cause.DENIED),
        (403, b"<html>", Cause.DENIED),
        (503, b"", Cause.BUSY),
        (400, b"[]", Cause.PROTOCOL),
    ],
)
def test_refusals_have_causes(status: int, body: bytes, cause: Cause) -> None:
    """By status, and by what X says of connections; the status is in the sentence."""
    ended = refusal(status, body, asked_s=3.0)

    assert cause is ended.cause
    assert str(status) in str(ended)


def test_what_x_asks_for_is_honoured() -> None:
    """A time that X names is waited for, hardly more; without one, longer and longer."""
    named = EndedError(Cause.LIMITED, "x", asked_s=300.0)
    unnamed = EndedError(Cause.BUSY, "x")

    assert 300.0 <= pause_s(named, failures=1, jitter=0.9) <= 301.0
    assert [5.0, 10.0, 320.0] == [pause_s(unnamed, failures=n, jitter=1.0) for n in (1, 2, 99)]


@pytest.mark.parametrize(
    "line",
    [
        b'{"errors":[{"title":"ConnectionException","connection_issue":"TooManyConnections"}]}',
        b'{"title":"ConnectionException","connection_issue":"TooManyConnections"}',
        b'{"errors":[{"title":"operational-disconnect","disconnect_type":"x"}]}',
    ],
)
def test_control_messages_end_a_connection(line: bytes) -> None:
    """Both shapes in which X says that it is over; another error does not end it."""
    with pytest.raises(EndedError):
        read_seen(line)

    assert None is read_seen(b'{"errors":[{"title":"Not Found Error"}]}')


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"data":{}}', b'{"data":{"id":1}}', b"\xff"])
def test_half_a_line_is_a_dead_letter(line: bytes) -> None:
    """It is no post, and what comes next is read."""
    with pytest.raises(UnreadableError):
        read_seen(line)
    desk = Desk(SourceCursor(through=0), budget(), Connects(45), bytes_max=10_000)
    desk.take(line, now=NOON)
    desk.take(b'{"data":{"id":"7"}}', now=NOON)
    frame = desk.frame(NOON)

    assert frame is not None
    assert [(None, line), (b"7", b'{"data":{"id":"7"}}')] == [
        (e.key, e.value) for e in frame.entries
    ]


def test_a_cursor_holds_only_what_is_safe() -> None:
    """It comes when all before it is in Kafka, whatever was taken since."""
    desk = Desk(SourceCursor(through=0), budget(), Connects(45), bytes_max=10_000)
    desk.take(b'{"data":{"id":"7"}}', now=NOON)
    desk.reach("7")
    desk.take(b'{"data":{"id":"8"}}', now=NOON)

    assert None is desk.settled(0)
    safe = desk.settled(1)

    assert safe is not None
    assert ("7", 1) == (safe.post_id, safe.published)


def test_what_is_gone_does_not_come_back_by_itself() -> None:
    """A late copy of a deleted post is no news; a post that is restored is."""
    desk = Desk(SourceCursor(through=0), budget(), Connects(45), bytes_max=10_000)
    desk.take_deletion("7", ())

    assert None is desk.take(b'{"data":{"id":"7"}}', now=NOON)
    desk.readmit(["7"])

    assert None is not desk.take(b'{"data":{"id":"7"}}', now=NOON)


def version(number: int, *, of: int) -> bytes:
    """Return a version of a post as X tells of it when there are so many."""
    ids = [str(one) for one in range(1, of + 1)]
    return json.dumps({"data": {"id": str(number), "edit_history_tweet_ids": ids}}).encode()


def test_an_earlier_version_is_no_news_behind_a_later_one() -> None:
    """Told again by a search or a look-up, with the ids of all, it takes back nobody's edit."""
    desk = Desk(SourceCursor(through=0), budget(), Connects(45), bytes_max=10_000)
    lines = [version(1, of=2), version(2, of=2), version(1, of=2), version(1, of=1)]

    assert [True, True, False, False] == [desk.take(line, now=NOON) is not None for line in lines]

    # X says again and again that it was edited.
    desk.readmit(["1", "2"])

    assert None is desk.take(version(1, of=2), now=NOON)
    assert None is desk.take(version(2, of=2), now=NOON)


def test_a_post_that_is_restored_comes_in_its_newest_version() -> None:
    """Also where all its versions came before it was gone."""
    desk = Desk(SourceCursor(through=0), budget(), Connects(45), bytes_max=10_000)
    for line in (version(1, of=1), version(2, of=2)):
        desk.take(line, now=NOON)
    desk.take_deletion("1", ())

    assert None is desk.take(version(2, of=2), now=NOON)

    desk.readmit(["1", "2"])

    assert None is not desk.take(version(2, of=2), now=NOON)
    assert None is desk.take(version(1, of=2), now=NOON)


def test_an_answer_becomes_lines_with_what_belongs_to_each() -> None:
    """Author and parent of each post, of no other; what is not there is gone, a parent is not."""
    answer = {
        "data": [
            {"id": "1", "author_id": "a", "referenced_tweets": [{"type": "replied_to", "id": "9"}]},
            {"id": "2", "author_id": "b"},
        ],
        "includes": {
            "users": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
            "tweets": [{"id": "9", "author_id": "c"}],
        },
        "errors": [
            {
                "value": "3", "parameter": "ids", "resource_type": "tweet",
                "title": "Not Found Error",
            },
            {
                "value": "8", "parameter": "referenced_tweets.id", "resource_type": "tweet",
                "title": "Not Found Error",
            },
        ],
    }  # fmt: skip
    first, second = map(json.loads, lines_of(answer))

    assert ["a", "c"] == [user["id"] for user in first["includes"]["users"]]
    assert ["9"] == [other["id"] for other in first["includes"]["tweets"]]
    assert {"users": [{"id": "b"}]} == second["includes"]
    assert {"3"} == gone_of(answer)


def test_the_compliance_stream_names_posts() -> None:
    """Deleted and dropped ones are gone; restored and edited ones are to be looked at."""
    event = {"tweet": {"id": "1", "author_id": "2"}, "event_at": "2026-11-01T00:00:00.000Z"}
    edit = {"tweet": {"id": "1"}, "initial_tweet_id": "1", "edit_tweet_ids": ["1", "5"]}
    said = [{"delete": event}, {"drop": event}, {"undrop": event}, {"tweet_edit": edit}]
    told = [read_told(json.dumps({"data": one}).encode()) for one in said]

    assert [("1",), ("1",), (), ()] == [one.gone for one in told]
    assert [(), (), ("1",), ("1", "5")] == [one.changed for one in told]


def test_the_compliance_stream_names_accounts() -> None:
    """Of deleted, suspended and protected ones nothing is to be seen; other events say nothing."""
    hows = ("user_delete", "user_suspend", "user_protect", "user_unprotect", "scrub_geo")
    said = [{how: {"user": {"id": "7"}, "event_at": "2026-11-01T00:00:00.000Z"}} for how in hows]
    told = [read_told(json.dumps({"data": one}).encode()) for one in said]

    assert [("7",), ("7",), ("7",), (), ()] == [one.accounts for one in told]


def test_posts_are_known_by_their_accounts() -> None:
    """As long as they are kept; a later version without its author changes nothing."""
    watch = Watch()
    watch.keep(("1",), 1.0, "7")
    watch.keep(("2",), 1.0, "7")
    watch.keep(("1", "5"), 2.0, None)
    watch.drop("2")

    assert (("1",), ()) == (watch.of("7"), watch.of("8"))

    watch.drop("1")

    assert () == watch.of("7")


def test_settings_say_what_is_missing() -> None:
    """An address without a token, or a launcher that is none, is refused in one sentence."""
    with pytest.raises(UsageError, match="BTRACKER_X_BEARER_TOKEN"):
        _ = XSettings(x="https://api.x.com").base
    with pytest.raises(UsageError, match="nobody is no launcher"):
        _ = XSettings(x_launchers="nobody").launchers
