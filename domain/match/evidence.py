"""How much speaks for a post having asked for a token, in points."""

from collections.abc import Iterable, Iterator
from math import exp, log
from typing import NamedTuple

from rapidfuzz import fuzz

from domain.match.keys import name_key, post_id_of, ticker_key
from domain.posts.command import LIKELY
from domain.posts.launchers import ADDRESSEES, LAUNCHPADS
from schemas.claim import LaunchClaim
from schemas.metadata import Metadata
from schemas.post import Command, Post

TICKER, NAME, NAME_NEARLY = 25.0, 20.0, 12.0
AUTHOR, OTHER_AUTHOR = 40.0, -30.0
DELAY = 15.0
WRONG_PLATFORM = -60.0
LAUNCHER_NAMES_MINT, AUTHOR_NAMES_MINT = 60.0, 40.0
REFERENCE = 40.0
HEDGED = -10.0

DELAY_MEDIAN_S, DELAY_SIGMA = 45.0, 0.8
"""Launch delays are log-normal; one real pair took 48 s."""

NEARLY = 90.0
"""From this similarity (0 to 100) on two names are nearly equal."""

ANSWERED_LAUNCHPADS = frozenset[str]().union(*LAUNCHPADS.values())
"""Launchpads that launch what posts ask for; only their documents are believed about posts."""


class Token(NamedTuple):
    """A launch and its document, if it is known."""

    launch: LaunchClaim
    document: Metadata | None

    @property
    def mint(self) -> str:
        """The token's address."""
        return self.launch.launch.mint

    @property
    def word(self) -> Metadata | None:
        """The document where the launchpad itself wrote it: its authority signed the launch."""
        launch = self.launch.launch
        signed = launch.by_authority and launch.launchpad in ANSWERED_LAUNCHPADS
        return self.document if signed else None

    @property
    def stated_post(self) -> str | None:
        """The id of the post that the launchpad says it answered."""
        return self.word.post_id if self.word else None


class Pair(NamedTuple):
    """A post and a token with what speaks for them; ``delay_ms`` is launch minus post."""

    post: Post
    token: Token
    points: float
    evidence: tuple[str, ...]
    delay_ms: int


def pair(post: Post, token: Token, naming: Iterable[Post]) -> Pair:
    """Return what speaks for *post* and *token*; *naming* are the posts that name its mint."""
    found = tuple(_evidence(post, token, naming))
    return Pair(
        post,
        token,
        points=sum(points for _, points in found),
        evidence=tuple(name for name, points in found if points > 0),
        delay_ms=delay_ms(post, token),
    )


def delay_ms(post: Post, token: Token) -> int:
    """Return launch time minus post time in milliseconds; launch times are whole seconds."""
    return token.launch.time * 1000 - post.created_ms


def answers(command: Command, launchpad: str) -> bool:
    """Whether tokens of *launchpad* can be the answer to *command*."""
    return launchpad in LAUNCHPADS[command.launcher]


def _evidence(post: Post, token: Token, naming: Iterable[Post]) -> Iterator[tuple[str, float]]:
    command = post.command
    if command is None:
        return
    launch = token.launch.launch
    if command.ticker and ticker_key(command.ticker) == ticker_key(launch.symbol):
        yield "ticker", TICKER
    if command.name:
        yield "name", _name_points(name_key(command.name), name_key(launch.name))
    yield from _document(post, token.word)
    yield from _naming(post, command, naming)
    yield "delay", _delay_points(delay_ms(post, token) / 1000)
    if not answers(command, launch.launchpad):
        yield "platform", WRONG_PLATFORM
    if command.confidence < LIKELY:
        yield "hedged", HEDGED


def _name_points(asked: str, given: str) -> float:
    if asked == given:
        return NAME
    shorter, longer = sorted((asked, given), key=len)
    begins = len(shorter) > 2 and longer.startswith(shorter)
    return NAME_NEARLY if begins or fuzz.ratio(asked, given) >= NEARLY else 0.0


def _document(post: Post, word: Metadata | None) -> Iterator[tuple[str, float]]:
    if word is None:
        return
    if post_id_of(word.x) in post.edit_ids:
        yield "reference", REFERENCE
    if word.post_author_id == post.author.id:
        yield "author", AUTHOR
    elif word.post_conversation_id and word.post_conversation_id == post.conversation_id:
        yield "conversation", AUTHOR
    elif word.post_author_id:
        yield "author", OTHER_AUTHOR


def _naming(post: Post, command: Command, naming: Iterable[Post]) -> Iterator[tuple[str, float]]:
    """Yield what replies to *post* that name the mint say, each kind once."""
    replies = [other for other in naming if other.id != post.id and _is_reply(other, post)]
    if any(_launcher(reply) == command.launcher for reply in replies):
        yield "launcher", LAUNCHER_NAMES_MINT
    if any(reply.author.id == post.author.id for reply in replies):
        yield "thread", AUTHOR_NAMES_MINT


def _is_reply(reply: Post, post: Post) -> bool:
    if reply.reply_to is not None and _launcher(reply) is not None:
        return reply.reply_to in post.edit_ids
    return reply.conversation_id == (post.conversation_id or post.id)


def _launcher(post: Post) -> str | None:
    launcher = ADDRESSEES.get((post.author.username or "").lower())
    return launcher.name if launcher else None


def _delay_points(delay_s: float) -> float:
    """Return up to 15 points by a delay in seconds; none when the token came first."""
    if delay_s <= 0:
        return 0.0
    z = log(delay_s / DELAY_MEDIAN_S) / DELAY_SIGMA
    return DELAY * exp(-z * z / 2)
