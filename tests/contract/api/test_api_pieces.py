"""The pieces without a route: cursors, times, progress."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from api.cursors import Cursors, load_key
from api.head import Head
from api.hot.boards import MAX_PAGES, HotBoards
from api.hot.tokens import HotTokens
from api.parameters import unix_seconds
from api.problem import Problem
from api.progress import chain, sources
from domain.errors import StoreError
from schemas.progress import Progress
from tests.contract.api.feed import FakeFeed
from views.contract import Key, Page, TokenDocument, TokenQuery
from views.memory import MemoryViews

KEYS = st.builds(Key, st.none() | st.text(max_size=40), st.text(max_size=60))


@given(key=KEYS, scope=st.binary(max_size=40))
def test_a_cursor_comes_back_as_it_was(key: Key, scope: bytes) -> None:
    """What is signed for a list is read again by that list."""
    cursors = Cursors(b"k" * 32)

    assert key == cursors.read(cursors.sign(key, scope=scope), scope=scope, kind=Key)


@given(key=KEYS, at=st.integers(min_value=0), letter=st.sampled_from("Aa0_-"))
def test_a_cursor_that_was_changed_is_refused(key: Key, at: int, letter: str) -> None:
    """No other letter at any place makes a cursor that is accepted."""
    cursors = Cursors(b"k" * 32)
    cursor = cursors.sign(key, scope=b"list")
    place = at % len(cursor)
    changed = cursor[:place] + letter + cursor[place + 1 :]
    if changed == cursor:
        return
    with pytest.raises(Problem, match="cursor"):
        cursors.read(changed, scope=b"list", kind=Key)


@pytest.mark.parametrize("text", ["", "=", "é", "A" * 2000, "AAAA", " ", "\x00", "a" * 43])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """Nothing that we did not sign is a cursor."""
    with pytest.raises(Problem):
        Cursors(b"k" * 32).read(text, scope=b"list", kind=Key)


def test_a_cursor_belongs_to_its_list_and_key() -> None:
    """A cursor of another list, or of another deployment, is refused."""
    cursor = Cursors(b"k" * 32).sign(Key("1", "a"), scope=b"one")
    for cursors, scope in ((Cursors(b"k" * 32), b"other"), (Cursors(b"j" * 32), b"one")):
        with pytest.raises(Problem):
            cursors.read(cursor, scope=scope, kind=Key)


def test_the_key_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    """Every start on a data folder signs with the same key, which nobody else may read."""
    first, second = load_key(tmp_path / "new"), load_key(tmp_path / "new")
    mode = (tmp_path / "new" / "cursor.key").stat().st_mode & 0o777

    assert (first, 32, 0o600) == (second, len(first), mode)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1790093255", 1_790_093_255),
        ("2026-09-22T16:07:35Z", 1_790_093_255),
        ("2026-09-22T16:07:35.999Z", 1_790_093_255),
        ("2026-09-22T18:07:35+02:00", 1_790_093_255),
        ("2026-09-22T18:07:35 02:00", 1_790_093_255),
        ("2026-09-22", 1_790_035_200),
        ("0", 0),
    ],
)
def test_times_are_rfc_3339_or_seconds(text: str, seconds: int) -> None:
    """A time is read to the second, rounded down; a plus sign may have become a space."""
    assert seconds == unix_seconds(text)


@pytest.mark.parametrize(
    "text", ["", "now", "-1", "1e9", "1969-01-01", "0001-01-01", "9" * 13, "²"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Anything else is refused, also times that cannot be written or came before 1970."""
    with pytest.raises(ValueError, match="time"):
        unix_seconds(text)


def fold(number: int, *, head: int, complete: int, joined: int = 0) -> Progress:
    """Return what one partition of the fold reported."""
    return Progress(
        stage="fold", partition=number, head_slot=head, chain_time="2026-09-22T16:07:35Z",
        complete_through_slot=complete, joined_through_slot=joined,
    )  # fmt: skip


def decoder(number: int, *, complete: int) -> Progress:
    """Return what one partition of the decoder reported."""
    return Progress(stage="decode", partition=number, complete_through_slot=complete)


def test_the_chain_is_complete_through_the_slowest_partition() -> None:
    """Heads are the greatest reported, completeness the least, and 0 until all have spoken."""
    folds = [fold(0, head=9, complete=7, joined=5), fold(1, head=8, complete=6, joined=4)]
    decoders = [decoder(number, complete=8) for number in range(2)]
    collect = Progress(stage="collect", partition=0, source="node", kind="chain", head_slot=12)
    all_spoke = chain([*folds, *decoders, collect], partitions=2)
    one_is_silent = chain([*folds, *decoders], partitions=3)

    assert (12, 9, 6, 4) == (
        all_spoke.head_slot,
        all_spoke.indexed_slot,
        all_spoke.complete_through_slot,
        all_spoke.joined_through_slot,
    )
    assert (0, 0) == (one_is_silent.complete_through_slot, one_is_silent.joined_through_slot)
    assert 5000 == all_spoke.lag_ms(now_ms=1_790_093_260_000)
    assert 0 == all_spoke.lag_ms(now_ms=0)


def test_the_chain_is_not_complete_before_it_is_counted() -> None:
    """Counts come from the decoder; a slot is complete only when its reports are there too."""
    folds = [fold(number, head=9, complete=9) for number in range(2)]
    behind = chain([*folds, decoder(0, complete=9), decoder(1, complete=5)], partitions=2)
    silent = chain([*folds, decoder(0, complete=9)], partitions=2)

    assert [5, 0] == [behind.complete_through_slot, silent.complete_through_slot]


@pytest.mark.parametrize(
    ("kind", "state", "complete", "shown"),
    [
        ("chain", "done", 6, "done"),
        ("chain", "done", 7, "running"),
        ("x", "done", 4, "done"),
        ("x", "done", 5, "running"),
        ("metadata", "done", 5, "running"),
        ("chain", "running", 3, "running"),
        ("chain", "stalled", 9, "stalled"),
        ("chain", None, 0, "connecting"),
    ],
)
def test_done_means_visible(kind: str, state: str, complete: int, shown: str) -> None:
    """Chain sources wait for completeness, posts and documents for what joins them."""
    record = Progress(
        stage="collect", partition=0, source="s", kind=kind, state=state,
        complete_through_slot=complete,
    )  # fmt: skip
    folded = fold(0, head=9, complete=6, joined=4)
    visible = chain([folded, decoder(0, complete=6)], partitions=1)

    assert [shown] == [source.state for source in sources([record], visible)]


def test_a_source_that_is_gone_is_not_shown() -> None:
    """A node that was taken out of the configuration is nobody's concern any more."""
    records = [
        Progress(stage="collect", partition=0, source=name, kind="chain", state=state)
        for name, state in (("solana:a:1", "gone"), ("solana:b:1", "running"))
    ]

    assert ["solana:b:1"] == [one.name for one in sources(records, chain([], partitions=1))]


class Alternating(MemoryViews):
    """A store that answers an older state after a newer one, as two reads at once can."""

    def __init__(self, *versions: int) -> None:
        super().__init__()
        self._versions = iter(versions)

    async def token(self, mint: str) -> TokenDocument | None:
        """Return the token at the next version."""
        return TokenDocument(mint=mint, version=next(self._versions), slot=1, body=Raw(b"{}"))


def paused() -> FakeFeed:
    """Return a live feed whose cache is out of reach."""
    feed = FakeFeed()
    feed.head = replace(feed.head, paused=True)
    return feed


async def test_a_version_never_goes_down() -> None:
    """Whatever the store answers, a client sees a token's version only grow."""
    hot = HotTokens(Alternating(5, 7, 6, 8), paused(), keep_ms=0, most=0)
    seen = [(await hot.token("m")).version for _ in range(4)]

    assert [5, 7, 7, 8] == seen


async def test_a_hot_token_is_read_once() -> None:
    """Without a live feed, a token that is kept for a moment costs the store nothing."""
    hot = HotTokens(Alternating(5), paused(), keep_ms=60_000, most=0)

    assert [5, 5] == [(await hot.token("m")).version for _ in range(2)]


class Leaving(MemoryViews):
    """A store that can be out of reach."""

    is_gone = False

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return nothing, unless it is gone."""
        if self.is_gone:
            raise StoreError("gone")
        return await super().tokens(query)


async def test_boards_are_remembered_within_bounds() -> None:
    """Whoever asks for pages of every length fills no memory; the last ones outlive the store."""
    views = Leaving()
    boards = HotBoards(views, FakeFeed())
    asked = [TokenQuery(limit=limit) for limit in range(1, 3 * MAX_PAGES)]
    pages = [await boards.page("new", query) for query in asked]
    views.is_gone = True

    assert pages[-MAX_PAGES:] == [await boards.page("new", query) for query in asked[-MAX_PAGES:]]
    with pytest.raises(StoreError):
        await boards.page("new", asked[-MAX_PAGES - 1])


class Counting(MemoryViews):
    """A store that counts how often it is asked how far it is, and may be out of reach."""

    asked, broken = 0, False

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.answers.set()

    async def progress(self) -> tuple[Progress, ...]:
        """Return one partition's progress."""
        self.asked += 1
        await self.answers.wait()
        if self.broken:
            raise StoreError("gone")
        return (fold(0, head=9, complete=6),)


async def test_the_head_outlives_a_store_out_of_reach() -> None:
    """The last known head stays while the store cannot answer."""
    views = Counting()
    head = Head(views, FakeFeed(), partitions=1, max_age_ms=0)
    before = await head.chain()
    views.broken = True

    assert (9, before) == (before.indexed_slot, await head.chain())
    assert 2 == views.asked


async def test_the_head_does_not_wait_for_a_store_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is in memory goes on, and says that it is stale, until the store answers again."""
    views = Counting()
    head = Head(views, FakeFeed(), partitions=1, max_age_ms=0)
    before = await head.chain()
    monkeypatch.setattr("api.head.MOST_WAIT_S", 0)
    views.answers.clear()
    for _ in range(2):
        assert (b"x-btracker-stale", b"true") in await head.headers()
    views.answers.set()
    await asyncio.sleep(0)
    monkeypatch.setattr("api.head.MOST_WAIT_S", 1)

    assert before == await head.chain()
    assert (b"x-btracker-stale", b"true") not in await head.headers()


async def test_the_head_is_read_once_in_a_while() -> None:
    """However many requests come, the store is asked once per max_age_ms."""
    views = Counting()
    head = Head(views, FakeFeed(), partitions=1, max_age_ms=60_000)
    for _ in range(10):
        await head.chain()

    assert 1 == views.asked
