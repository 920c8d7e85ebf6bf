"""A line of the X API v2 filtered stream, old and new member names; unknown members are skipped."""

import msgspec
from msgspec import field

from domain.errors import UnreadableError

CONTEXT = 2_000
PAGES = 4
"""How many characters of each part of the context are kept, and of how many pages."""


class Wire(msgspec.Struct, frozen=True):
    """Something X sends."""


class WireReference(Wire, frozen=True):
    """Another post: ``replied_to``, ``quoted`` or ``retweeted``."""

    type: str = ""
    id: str = ""


class WireUrl(Wire, frozen=True):
    """An address in a post, and what its page calls itself."""

    title: str | None = None
    description: str | None = None


class WireEntities(Wire, frozen=True):
    """What X found in a post."""

    urls: tuple[WireUrl, ...] = ()


class WireNote(Wire, frozen=True):
    """The full text of a post beyond the classic length."""

    text: str = ""


class WireUserMetrics(Wire, frozen=True):
    """Counts of an account."""

    followers_count: int | None = None


class WireUser(Wire, frozen=True):
    """An account."""

    id: str = ""
    username: str | None = None
    name: str | None = None
    verified: bool | None = None
    public_metrics: WireUserMetrics | None = None


class WirePost(Wire, frozen=True):
    """A post. Ids are strings, because they exceed 2^53."""

    id: str
    author_id: str
    text: str = ""
    created_at: str | None = None
    conversation_id: str | None = None
    lang: str | None = None
    note_tweet: WireNote | None = None
    note_post: WireNote | None = None
    entities: WireEntities | None = None
    referenced_tweets: tuple[WireReference, ...] | None = None
    referenced_posts: tuple[WireReference, ...] | None = None
    edit_history_tweet_ids: tuple[str, ...] | None = None
    edit_history_post_ids: tuple[str, ...] | None = None

    @property
    def full_text(self) -> str:
        """The whole text as it came, HTML-escaped."""
        note = self.note_post or self.note_tweet
        return (note.text if note else "") or self.text

    @property
    def references(self) -> tuple[WireReference, ...]:
        """The posts this one refers to."""
        return self.referenced_posts or self.referenced_tweets or ()

    @property
    def edit_ids(self) -> tuple[str, ...]:
        """The ids of all its versions, oldest first; always at least its own."""
        return self.edit_history_post_ids or self.edit_history_tweet_ids or (self.id,)


class WireIncludes(Wire, frozen=True):
    """What was expanded beside a post."""

    users: tuple[WireUser, ...] = field(default=())
    tweets: tuple[WirePost, ...] = field(default=())
    posts: tuple[WirePost, ...] = field(default=())


class WireLine(Wire, frozen=True):
    """One line; without ``data`` it is a control message."""

    data: WirePost | None = None
    includes: WireIncludes | None = None

    @property
    def author(self) -> WireUser:
        """The author; only the id where the account was not expanded."""
        author_id = self.data.author_id if self.data else ""
        users = self.includes.users if self.includes else ()
        return next((user for user in users if user.id == author_id), WireUser(id=author_id))

    @property
    def context(self) -> tuple[str, ...]:
        """What the post speaks about: the post it answers or quotes, titles of pages it links."""
        if self.data is None:
            return ()
        about = {one.id for one in self.data.references if one.type in {"replied_to", "quoted"}}
        others = (*self.includes.posts, *self.includes.tweets) if self.includes else ()
        entities = self.data.entities
        pages = entities.urls[:PAGES] if entities else ()
        parts = [other.full_text for other in others if other.id in about]
        parts += [part for page in pages for part in (page.title, page.description) if part]
        return tuple(part[:CONTEXT] for part in parts)


_DECODER = msgspec.json.Decoder(WireLine)


def read_line(line: bytes) -> WireLine | None:
    """Return what a line says, or None for a heartbeat.

    Raises:
        UnreadableError: the line is not a JSON object, or its post has not the shape of one.
    """
    if not line.strip():
        return None
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"The line is not a post of the X stream: {error}.") from error
