"""X stream line -> post with its command, mints and cashtags."""

from datetime import UTC, datetime

from domain.amounts import timestamp_ms
from domain.errors import UnreadableError
from domain.posts.command import read_command
from domain.posts.launchers import addresses
from domain.posts.mints import mints
from domain.posts.normalise import normalise, unescape
from domain.posts.stream_line import WireLine, WirePost, read_line
from domain.posts.tickers import cashtags
from schemas.post import Author, Post
from schemas.wording import PostWording

X_EPOCH_MS = 1_288_834_974_657
"""The millisecond from which X counts in its ids. Source: the snowflake layout X published."""


def read_post(line: bytes) -> Post | None:
    """Return the post of a stream line, or None for a heartbeat or control message.

    Raises:
        UnreadableError: the line is neither.
    """
    wording = read_wording(line)
    return None if wording is None else wording.post


def read_wording(line: bytes) -> PostWording | None:
    """Return the post of a stream line with its context; else like ``read_post``.

    Raises:
        UnreadableError: the line is neither.
    """
    wire = read_line(line)
    if wire is None or wire.data is None:
        return None
    return PostWording(_post(wire, wire.data), tuple(map(unescape, wire.context)))


def concerns_launch(post: Post) -> bool:
    """Whether the matcher needs the post: it asks for a launch, names a mint or a launcher."""
    return post.command is not None or bool(post.mints) or addresses(normalise(post.text))


def snowflake_ms(post_id: str) -> int | None:
    """Return the creation time in an id, in milliseconds since 1970, or None for an odd id."""
    return (int(post_id) >> 22) + X_EPOCH_MS if is_post_id(post_id) else None


def is_post_id(text: str) -> bool:
    """Whether *text* is an id: 1 to 19 decimal digits."""
    return text.isascii() and text.isdigit() and len(text) < 20


def post_url(post_id: str, username: str | None) -> str:
    """Return the address of a post; it also works without the author's name."""
    return f"https://x.com/{username or 'i/web'}/status/{post_id}"


def _post(wire: WireLine, data: WirePost) -> Post:
    post_id = data.edit_ids[0]
    if not is_post_id(post_id) or not data.author_id:
        raise UnreadableError(f"The post has no id and author that make sense: {post_id!r}.")
    text = normalise(data.full_text)
    created_ms = _created_ms(data, post_id)
    author = _author(wire)
    return Post(
        id=post_id,
        url=post_url(post_id, author.username),
        text=unescape(data.full_text),
        author=author,
        created_at=timestamp_ms(created_ms),
        created_ms=created_ms,
        conversation_id=data.conversation_id,
        language=data.lang,
        command=read_command(text),
        mints=mints(text),
        cashtags=cashtags(text),
        edit_ids=data.edit_ids,
        reply_to=next((other.id for other in data.references if other.type == "replied_to"), None),
    )


def _author(wire: WireLine) -> Author:
    user = wire.author
    return Author(
        id=user.id,
        username=user.username,
        name=user.name,
        followers=user.public_metrics.followers_count if user.public_metrics else None,
        verified=user.verified,
    )


def _created_ms(data: WirePost, post_id: str) -> int:
    if data.created_at is None:
        return snowflake_ms(post_id) or 0
    try:
        at = datetime.fromisoformat(data.created_at)
    except ValueError as error:
        raise UnreadableError(f"The post's created_at is no time: {data.created_at!r}.") from error
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
