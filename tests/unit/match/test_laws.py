"""Laws of the matcher: the set of claims decides, not their order, number or interruptions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.claim import Claim
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.post import PostGone
from tests.unit.match.claims import (
    EPOCH,
    Desk,
    clock,
    config,
    document,
    launch,
    post,
    said,
    source_clock,
)

TICKERS = st.sampled_from(["AAA", "BBB"])
NAMES = st.sampled_from(["Ant", "Bee"])
SECONDS = st.integers(0, 300)
SOURCES = ("x", "metadata")
AUTHORS = st.sampled_from(["7", "8"])


@st.composite
def worlds(draw: st.DrawFn) -> list[Claim]:
    """Draw a few launches, posts, replies and documents that get into each other's way."""
    platforms = st.sampled_from(["believe", "believe", "pump"])
    claims: list[Claim] = [
        launch(f"M{number}", draw(TICKERS), draw(NAMES), at=draw(SECONDS), slot=100 + number,
               launchpad=draw(platforms))
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    claims += [
        post(f"{number}", draw(TICKERS), draw(NAMES), at=draw(SECONDS), author=draw(AUTHORS))
        for number in range(draw(st.integers(1, 4)))
    ]
    for number in range(draw(st.integers(0, 4))):
        claims.append(
            document(f"M{number}", at=draw(SECONDS), post_author_id=draw(AUTHORS | st.none()),
                     post_id=draw(st.sampled_from(["0", "1", "99", None])))
        )  # fmt: skip
        claims.append(
            post(f"5{number}", None, None, mints=(f"M{number}",), author=draw(AUTHORS),
                 conversation_id=draw(st.sampled_from(["0", "1"])))
        )  # fmt: skip
    return claims


@given(worlds(), st.data())
@settings(max_examples=300, deadline=None)
def test_order_and_repetition_change_nothing(claims: list[Claim], data: st.DataObject) -> None:
    """Any order, any division into chunks and any repetition end in the same links."""
    again = data.draw(st.lists(st.sampled_from(claims), max_size=4))
    shuffled = data.draw(st.permutations([*claims, *again]))

    assert said(claims, size=1) == said(shuffled, size=data.draw(st.integers(1, 9)))


@given(worlds())
@settings(deadline=None)
def test_one_to_one(claims: list[Claim]) -> None:
    """No post has two tokens."""
    posts = [link.post_id for link in said(claims).values() if link.status == "matched"]

    assert len(posts) == len(set(posts))


@given(worlds(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_crash_loses_and_changes_nothing(claims: list[Claim], data: st.DataObject) -> None:
    """A matcher made from what was durable ends as the uninterrupted one.

    Of the chunk at the crash any first part of its rows is durable and nothing that it said; it
    is delivered again, divided otherwise.
    """
    lost_at = data.draw(st.integers(0, len(claims) - 1))
    whole, crashed = Desk(), Desk()
    for desk in (whole, crashed):
        desk.match(claims[:lost_at])
    lost = crashed.matcher.match(list(enumerate(claims[lost_at:], lost_at))).rows
    durable = dict(list(lost.items())[: data.draw(st.integers(0, len(lost)))])
    crashed.rows.update((key, row) for key, row in durable.items() if row is not None)
    crashed.matcher = crashed.opened()
    middle = data.draw(st.integers(lost_at + 1, len(claims)))
    crashed.match(claims[lost_at:middle], first=lost_at)
    crashed.match(claims[middle:], first=middle)
    whole.match(claims[lost_at:], first=lost_at)

    assert whole.standing() == crashed.standing()


def test_the_first_document_stays() -> None:
    """In either order the earlier fetched document counts, and any before none."""
    early, late = document(at=50, name="early"), document(at=60, name="late")
    failed = document(at=40, error="missing: HTTP 404")
    for order in ([early, late, failed], [failed, late, early]):
        desk = Desk()
        facts = [about.fact for about in desk.match([launch(), *order]).facts]

        assert early == [fact for fact in facts if isinstance(fact, Metadata)][-1]


def test_configs_join_either_way() -> None:
    """A launch learns its curve's configuration whether it comes before or after."""
    before, after = Desk().match([config(), launch()]), Desk().match([launch(), config()])

    assert [config()] == [about.fact for about in before.facts]
    assert [config()] == [about.fact for about in after.facts]


@pytest.mark.parametrize("size", [1, 2, 20])
def test_a_config_before_the_first_clock_is_kept(size: int) -> None:
    """However claims are cut into chunks, launches of weeks later have it, and keep it."""
    weeks = [launch(mint, at=week * 7 * 86_400) for week, mint in enumerate("abcdefgh")]
    desk, claims = Desk(), [config(), *_clocks(days=0.1), *weeks, *_clocks(days=60, offset=1)]
    facts = [
        about.fact
        for first in range(0, len(claims), size)
        for about in desk.match(claims[first : first + size], first=first).facts
    ]

    assert [config()] * 8 == facts
    assert {"clocks", "config:C"} == set(desk.rows)


def test_revisions_are_offsets_of_claims() -> None:
    """A fact is as new as the claim that caused it: the topic's epoch and its offset."""
    matched = Desk().match([launch(), post(), document(post_id="1")], first=40)

    assert {Metadata: EPOCH + 42, Link: EPOCH + 42} == {
        type(about.fact): about.revision for about in matched.facts
    }


def test_a_deleted_post_leaves_nothing_of_itself() -> None:
    """A post that only points joined is let go; one that the launchpad names keeps its id only."""
    guessed, stated = Desk(), Desk()
    guessed.match([launch(), post()])
    said = document(post_id="1", post_author_id="7", post_author="who", description="post 1 said")
    stated.match([launch(), post(), said])
    for desk in (guessed, stated):
        desk.match([PostGone("1")], first=10)

    assert "withdrawn" == guessed.links["M"].status
    assert ("1", None) == (stated.links["M"].post_id, stated.links["M"].text)
    assert None is stated.links["M"].author
    rows = [row for row in (*guessed.rows.values(), *stated.rows.values()) if row != said]
    assert not any("post 1" in str(row) for row in rows)


def test_an_old_token_lets_go_of_a_deleted_post() -> None:
    """A launch that is forgotten was linked once: whoever tells of the deletion names it."""
    desk = Desk()
    desk.match([PostGone("1", ("M",))], first=10)
    opened = desk.links["M"]
    desk.match([PostGone("1", ("M",))], first=11)

    assert "withdrawn" == opened.status
    assert opened == desk.links["M"]


def test_a_deleted_post_that_comes_again_is_there_again() -> None:
    """Whoever restores a post has it back; before that, its id alone is shown."""
    desk = Desk()
    desk.match([launch(), PostGone("1"), document(post_id="1", description="said")])

    assert None is desk.links["M"].text
    desk.match([post()], first=10)

    assert "post 1" == desk.links["M"].text


def test_joined_is_the_slowest_that_has_spoken() -> None:
    """Every decoder and both readers must have spoken; who knows no slots holds up nothing."""
    desk = Desk()
    steps = [
        (clock(0, at=10, complete=110), 0),
        (clock(1, at=10, complete=120), 0),
        (source_clock("x", at=10, complete=105), 0),
        (source_clock("metadata", at=10, complete=0), 105),
        (source_clock("x", at=20, complete=130, offset=1), 110),
        (source_clock("x", at=20, complete=90, offset=0), 110),
    ]

    assert [slot for _, slot in steps] == [
        desk.match([told], first=number).joined for number, (told, _) in enumerate(steps)
    ]


def test_nothing_is_joined_without_a_clock() -> None:
    """A chunk without clocks says nothing of completeness."""
    assert None is Desk().match([launch()]).joined


def test_what_is_old_is_forgotten() -> None:
    """Two days after a launch and its post nothing of them is kept; the configuration is."""
    desk = Desk()
    desk.match([config(), launch(), post(), document(post_id="1"), *_clocks(days=1.9)])
    kept = set(desk.rows)
    desk.match(_clocks(days=2.1, offset=1), first=10)

    assert {"clocks", "config:C", "launch:M", "link:M", "metadata:M", "post:1"} == kept
    assert {"clocks", "config:C"} == set(desk.rows)


def test_a_silent_decoder_stops_forgetting() -> None:
    """What one origin has not reached yet may still be joined."""
    desk = Desk()
    desk.match(
        [launch(), post(), clock(0, at=10, complete=100), clock(1, at=300_000, complete=900)]
    )

    assert "launch:M" in desk.rows


def test_a_source_that_stays_silent_holds_up_nothing_for_ever() -> None:
    """After a week nobody waits for it any more."""
    desk = Desk()
    desk.match([launch(), clock(0, at=9 * 86_400 + 100, complete=900)])

    assert "launch:M" not in desk.rows


def test_counts_are_exact() -> None:
    """Every claim is counted once, also what is delivered again and what nobody can read."""
    desk = Desk()
    desk.match([launch(), None, post()])
    counts = desk.match([post(), document()], first=2).progress.counts

    assert (4, 3, 1) == (counts.seen, counts.applied, counts.dead_lettered)


def _clocks(*, days: float, offset: int = 0) -> list[Claim]:
    at = int(days * 86_400)
    decoders = [clock(part, at=at, complete=500, offset=offset) for part in (0, 1)]
    return [*decoders, *(source_clock(s, at=at, complete=500, offset=offset) for s in SOURCES)]
