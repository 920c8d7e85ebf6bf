"""Posts of X: the public record of ``btracker.posts`` and what was read in it."""

from schemas.base import Record, Row
from schemas.fields import Mint, Timestamp
from schemas.project import Project


class Command(Record, frozen=True, kw_only=True, rename="camel"):
    """A request to launch a token, as far as a post's text shows one.

    ``confidence``: 0 to 1 by the form of the command; the chain confirms or refutes.
    """

    addressee: str
    launcher: str
    ticker: str | None
    name: str | None
    tier: str
    confidence: float


class Author(Record, frozen=True, kw_only=True, rename="camel"):
    """Who wrote a post."""

    id: str
    username: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None


class Post(Record, frozen=True, kw_only=True, rename="camel"):
    """A post with its analysis. ``id`` is the first of its edit history.

    ``engine`` and ``version`` are those of the rules that read the command. ``project`` follows in
    a later record of the same post: null until a model has read it.
    """

    id: str
    url: str
    text: str
    author: Author
    created_at: Timestamp
    created_ms: int
    conversation_id: str | None = None
    language: str | None = None
    command: Command | None = None
    mints: tuple[Mint, ...] = ()
    cashtags: tuple[str, ...] = ()
    edit_ids: tuple[str, ...] = ()
    reply_to: str | None = None
    engine: str = "rules"
    version: str = "3"
    project: Project | None = None


class PostClaim(Row, frozen=True, array_like=True, gc=False, tag="post"):
    """A post that may have asked for a launch, for the matcher."""

    post: Post


class PostGone(Row, frozen=True, array_like=True, gc=False, tag="gone"):
    """A post was deleted on X; nothing of it may be kept.

    ``mints``: the tokens that were linked to it, as far as whoever tells of it knows; the
    matcher may have forgotten their launches.
    """

    post_id: str
    mints: tuple[Mint, ...] = ()
