"""A day of posts and launches, invented, with what really belongs together.

Assumptions, not observations: 10 % of launches are copied one to four times under the same ticker
(half of the copies by posts of other authors, half on another launchpad with the original's
document), 20 % of posts yield nothing, 7 % are lost by the stream, delays are log-normal with a
median of 45 s, at least 6 s.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

from domain.posts.read import X_EPOCH_MS
from schemas.chain_events import Launch
from schemas.claim import Claim, LaunchClaim
from schemas.event import Op
from schemas.metadata import Metadata
from schemas.place import OUTER, Place
from schemas.post import Author, Command, Post, PostClaim

START_S = 1_790_000_000
DAY_S = 86_400
LAUNCHER = "believe"


class Documents(NamedTuple):
    """In what share of documents the launchpad names the post, and its author."""

    post_ids: float
    authors: float


class Wish(NamedTuple):
    """Somebody posts at a time and asks for a token."""

    at_ms: int
    author: str
    ticker: str
    name: str

    @property
    def post_id(self) -> str:
        """The post's id, made from its time and author as X does."""
        return str((self.at_ms - X_EPOCH_MS) << 22 | int(self.author) % 4096)


class Day(NamedTuple):
    """Claims, and per mint the post that asked for it (also where the stream lost it)."""

    claims: list[Claim]
    truth: dict[str, str | None]
    captured: frozenset[str]


def day(
    rng: random.Random,
    *,
    posts: int,
    documents: Documents,
    begin_s: int = START_S,
    lasts_s: int = DAY_S,
) -> Day:
    """Return a day of *posts* original posts, and those of copycats; or a shorter while."""
    claims, truth, captured = list[Claim](), dict[str, str | None](), set[str]()
    for number in range(posts):
        at_ms = begin_s * 1000 + rng.randrange(lasts_s * 1000)
        for wish, mint, launched_s, launchpad in _story(rng, number, at_ms):
            if launchpad == LAUNCHER and rng.random() > 0.07:
                captured.add(wish.post_id)
                claims.append(PostClaim(_post(wish)))
            if mint is not None:
                claims.append(_launch(mint, wish, at=launched_s, launchpad=launchpad))
                claims.append(_document(rng, mint, wish, documents, at=launched_s))
                truth[mint] = wish.post_id if launchpad == LAUNCHER else None
    return Day(claims, truth, frozenset(captured))


def _story(
    rng: random.Random, number: int, at_ms: int
) -> Iterator[tuple[Wish, str | None, int, str]]:
    """Yield wishes with the mint, launch time and launchpad of the token, None where none came."""
    ticker = "".join(rng.choices("ABCDEFGHIJKLMNOP", k=rng.choice((3, 4, 4, 5, 6))))
    wish = Wish(
        at_ms, str(10_000_000 + number * 10),
        ticker, f"{ticker.title()} {rng.choice(('Labs', 'Coin', 'Club', 'App', 'Dog'))}",
    )  # fmt: skip
    if rng.random() < 0.2:
        yield wish, None, 0, LAUNCHER
        return
    launched = _launch_time(rng, wish)
    yield wish, f"mint{number}", launched, LAUNCHER
    for copy in range(rng.randint(1, 4) if rng.random() < 0.1 else 0):
        yield _copy(rng, wish, f"mint{number}copy{copy}", launched, copy)


def _copy(
    rng: random.Random, wish: Wish, mint: str, launched: int, copy: int
) -> tuple[Wish, str, int, str]:
    if rng.random() < 0.5:
        return wish, mint, launched + rng.randint(2, 600), "pump"
    again = Wish(
        launched * 1000 + rng.randint(5_000, 600_000),
        str(int(wish.author) + copy + 1),
        wish.ticker,
        wish.name if rng.random() < 0.7 else f"{wish.name} Official",
    )
    return again, mint, _launch_time(rng, again), LAUNCHER


def _launch_time(rng: random.Random, wish: Wish) -> int:
    return (wish.at_ms + int(1000 * max(6.0, rng.lognormvariate(3.80666, 0.8)))) // 1000


def _post(wish: Wish) -> Post:
    command = Command(
        addressee="launchcoin", launcher=LAUNCHER, ticker=wish.ticker, name=wish.name,
        tier="A", confidence=0.95,
    )  # fmt: skip
    return Post(
        id=wish.post_id, url="", text="", author=Author(id=wish.author), created_at="",
        created_ms=wish.at_ms, conversation_id=wish.post_id, command=command,
        edit_ids=(wish.post_id,),
    )  # fmt: skip


def _launch(mint: str, wish: Wish, *, at: int, launchpad: str) -> LaunchClaim:
    launch = Launch(
        mint=mint, pool="", program="", protocol="", launchpad=launchpad, config="", creator="",
        signer="", name=wish.name, symbol=wish.ticker, uri="", quote_mint="", base_decimals=6,
        quote_decimals=9, supply=None, by_authority=launchpad == LAUNCHER,
    )  # fmt: skip
    place = Place(int((at - START_S) / 0.4), 0, 0, OUTER, mint)
    return LaunchClaim(Op.APPLY, place, at, launch)


def _document(
    rng: random.Random, mint: str, wish: Wish, documents: Documents, *, at: int
) -> Metadata:
    return Metadata(
        mint=mint, uri="", fetched_at=at + 2,
        post_id=wish.post_id if rng.random() < documents.post_ids else None,
        post_author_id=wish.author if rng.random() < documents.authors else None,
    )  # fmt: skip
