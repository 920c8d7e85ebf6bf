"""Which posts are looked up when: from what the topics say, whoever reads them."""

from typing import Any, NamedTuple

import msgspec
import pytest

from schemas.engagement import EngagementPoint
from schemas.topics import ENGAGEMENTS, LINKS, POSTS
from streams.sources.x.young import Young
from tests import samples
from tests.unit.match.claims import T0, post

AGES = (60, 300, 3_600)


class Said(NamedTuple):
    """A record as aiokafka has it."""

    topic: str
    key: bytes
    value: bytes | None
    timestamp: int = T0 * 1_000


def posted(post_id: str, *, ticker: str | None = "BOOM", **changes: Any) -> Said:
    """Return the record of a post written at T0; without a ticker it asks for nothing."""
    made = post(post_id, ticker, "Boom" if ticker else None, **changes).post
    return Said(POSTS.name, post_id.encode(), msgspec.json.encode(made))


def linked(mint: str, post_id: str | None) -> Said:
    """Return the record of a link; None: it is withdrawn."""
    value = msgspec.json.encode(samples.link(mint, post_id)) if post_id else None
    return Said(LINKS.name, mint.encode(), value)


def counted(post_id: str, *ages: int) -> Said:
    """Return the record of how a post did at some ages."""
    made = samples.engagement(post_id)
    points = tuple(EngagementPoint(after_s=age, at="2026-09-21T14:13:20.000Z") for age in ages)
    made = msgspec.structs.replace(made, points=points)
    return Said(ENGAGEMENTS.name, post_id.encode(), msgspec.json.encode(made))


def due(*said: Said, at: float, only_linked: bool = False, most: int = 100) -> list[Any]:
    """Return what is due so many seconds after T0: (post, age)."""
    young = Young(AGES, only_linked=only_linked)
    for one in said:
        young.hear(one)
    found = young.due(T0 + at, among={"1", "2", "3"}, most=most)
    return [(one.version, one.after_s) for one in found]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(59, []), (60, [60]), (299, [60]), (300, [300]), (3_601, [3_600]), (7_200, [])],
)
def test_each_age_is_due_until_the_next(at: float, expected: list[int]) -> None:
    """What was missed is left out; nothing is due of a post twice as old as the last age."""
    assert [("1", age) for age in expected] == due(posted("1"), at=at)


def test_what_was_counted_is_not_due_again() -> None:
    """A collector that begins anew reads it from the topic."""
    assert [] == due(posted("1"), counted("1", 60), at=100)
    assert [("1", 300)] == due(posted("1"), counted("1", 60), at=400)


def test_only_what_matters_is_due() -> None:
    """Commands and linked posts, or linked ones alone; never what did not come of X."""
    said = [posted("1"), posted("2", ticker=None), posted("9"), linked("m", "2")]

    assert [("1", 60), ("2", 60)] == sorted(due(*said, at=60))
    assert [("2", 60)] == due(*said, at=60, only_linked=True)
    assert [] == due(*said, linked("m", None), at=60, only_linked=True)
    assert [] == due(posted("1", ticker=None), at=60)


def test_the_newest_version_and_the_youngest_age_come_first() -> None:
    """Where there is no room for all, those whose time is shortest are looked up."""
    old = posted("1", at=-3_600)
    edited = posted("2", edit_ids=("2", "7"))

    assert [("7", 60), ("1", 3_600)] == due(old, edited, at=60)
    assert [("7", 60)] == due(old, edited, at=60, most=1)


def test_of_a_deleted_post_nothing_is_said_any_more() -> None:
    """What was said is to be taken back, once, and no point is added."""
    young = Young(AGES, only_linked=False)
    for one in (posted("1"), counted("1", 60), Said(POSTS.name, b"1", None)):
        young.hear(one)

    assert [] == young.due(T0 + 300, among={"1"}, most=9)
    assert None is young.with_point("1", EngagementPoint(after_s=300, at=""))
    assert ["1"] == list(young.take_gone())
    assert [] == list(young.take_gone())


@pytest.mark.parametrize("topic", [POSTS.name, LINKS.name, ENGAGEMENTS.name])
def test_what_cannot_be_read_is_left_out(topic: str) -> None:
    """It is somebody else's dead letter."""
    assert [("1", 60)] == due(posted("1"), Said(topic, b"2", b"{"), at=60)
