"""What X sends, as far as a collector has to understand it: whose post it is, what is gone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from domain.errors import UnreadableError
from streams.sources.x.backoff import Cause, EndedError

SAID = 200


class Seen(NamedTuple):
    """A post that was read: its own id, all its versions (oldest first), and what it cost.

    ``author``: the id of its author's account.
    """

    id: str
    versions: tuple[str, ...]
    posts: frozenset[str]
    users: frozenset[str]
    created_at: str | None
    author: str | None = None

    @property
    def first(self) -> str:
        """The id under which the post is known for ever."""
        return self.versions[0]

    @property
    def so_far(self) -> tuple[str, ...]:
        """The versions up to this one; X may tell of it when there are later ones."""
        earlier = self.versions[: self.versions.index(self.id)] if self.id in self.versions else ()
        return (*earlier, self.id)


class Told(NamedTuple):
    """What a compliance stream says: posts that are gone, and posts to be looked at anew.

    ``accounts``: those of which nothing is to be seen any more: deleted, suspended, protected.
    """

    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Post(msgspec.Struct, frozen=True):
    id: str
    author_id: str | None = None
    created_at: str | None = None
    edit_history_tweet_ids: tuple[str, ...] | None = None
    edit_history_post_ids: tuple[str, ...] | None = None


class _Includes(msgspec.Struct, frozen=True):
    users: tuple[_Named, ...] = ()
    tweets: tuple[_Named, ...] = ()
    posts: tuple[_Named, ...] = ()


class _Line(msgspec.Struct, frozen=True):
    data: _Post | None = None
    includes: _Includes | None = None
    errors: tuple[dict[str, Any], ...] = ()
    title: str = ""
    detail: str = ""
    connection_issue: str = ""


class _Event(msgspec.Struct, frozen=True):
    tweet: _Named | None = None
    post: _Named | None = None
    user: _Named | None = None
    edit_tweet_ids: tuple[str, ...] = ()
    edit_post_ids: tuple[str, ...] = ()


class _Compliance(msgspec.Struct, frozen=True):
    delete: _Event | None = None
    drop: _Event | None = None
    undrop: _Event | None = None
    tweet_edit: _Event | None = None
    post_edit: _Event | None = None
    user_delete: _Event | None = None
    user_suspend: _Event | None = None
    user_protect: _Event | None = None


class _ComplianceLine(msgspec.Struct, frozen=True):
    data: _Compliance | None = None


_line = msgspec.json.Decoder(_Line)
_compliance = msgspec.json.Decoder(_ComplianceLine)


def read_seen(line: bytes) -> Seen | None:
    """Return the post of a line; None: a control message without consequences.

    Raises:
        UnreadableError: it is not a JSON object, or its post has no id.
        EndedError: it says that the connection is over.
    """
    try:
        said = _line.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"not a line of X's stream: {error}") from error
    if said.data is None:
        _obey(said)
        return None
    post, more = said.data, said.includes or _Includes()
    versions = post.edit_history_post_ids or post.edit_history_tweet_ids or (post.id,)
    return Seen(
        post.id,
        versions,
        frozenset({post.id, *(one.id for one in (*more.tweets, *more.posts))}),
        frozenset(one.id for one in more.users),
        post.created_at,
        post.author_id,
    )


def read_told(line: bytes) -> Told:
    """Return what a line of a compliance stream says, that of posts or that of accounts.

    Raises:
        UnreadableError: it is not a JSON object.
        EndedError: it says that the connection is over.
    """
    try:
        data = _compliance.decode(line).data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"not a line of X's compliance stream: {error}") from error
    if data is None:
        read_seen(line)
        return Told()
    gone = tuple(_ids([data.delete, data.drop]))
    accounts = [data.user_delete, data.user_suspend, data.user_protect]
    return Told(
        gone,
        tuple(_ids([data.undrop, data.tweet_edit, data.post_edit])),
        tuple(one.user.id for one in accounts if one and one.user),
    )


def lines_of(answer: Mapping[str, Any]) -> list[bytes]:
    """Return the posts of an answer as lines of the stream, each with what belongs to it."""
    return [
        msgspec.json.encode({"data": post, "includes": _belonging(post, answer)})
        for post in answer.get("data") or ()
    ]


def metrics_of(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what X counted of each post of an answer, by its id."""
    return {
        str(post["id"]): post.get("public_metrics") or {}
        for post in answer.get("data") or ()
        if post.get("id")
    }


def gone_of(answer: Mapping[str, Any]) -> set[str]:
    """Return the ids that an answer says are not to be seen: deleted, protected, suspended."""
    return {
        str(error.get("value") or error.get("resource_id"))
        for error in answer.get("errors") or ()
        if error.get("resource_type") in {"tweet", "post"}
        and str(error.get("title")) in {"Not Found Error", "Authorization Error"}
        # Others speak of the posts that a post refers to.
        and error.get("parameter", "ids") in {"ids", "id"}
    }


def refusal(status: int, body: bytes, *, asked_s: float) -> EndedError:
    """Return what an answer of another status than 200 means."""
    said = _said(body)
    sentence = f"X answers HTTP {status}{said and f' ({said})'}"
    if "ConnectionException" in said or "TooManyConnections" in said:
        return EndedError(Cause.CROWDED, sentence, asked_s=asked_s)
    if status == 429:
        return EndedError(Cause.LIMITED, sentence, asked_s=asked_s)
    if status in {401, 402, 403}:
        return EndedError(Cause.DENIED, f"{sentence}; look at its bearer token and plan")
    return EndedError(Cause.BUSY if status >= 500 else Cause.PROTOCOL, sentence, asked_s=asked_s)


def _obey(said: _Line) -> None:
    titles = [said.title, said.connection_issue]
    titles += [str(error.get(name, "")) for error in said.errors for name in ("title", "type")]
    what = ", ".join(title for title in titles if title)[:SAID]
    if said.connection_issue or "ConnectionException" in what:
        raise EndedError(Cause.CROWDED, f"X ends the connection ({what})")
    if "operational-disconnect" in what:
        raise EndedError(Cause.CLOSED, f"X ends the connection ({what})")


def _said(body: bytes) -> str:
    try:
        line = _line.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return ", ".join(filter(None, (line.title, line.connection_issue, line.detail)))[:SAID]


def _ids(events: Iterable[_Event | None]) -> Iterator[str]:
    for event in events:
        named = (event.tweet or event.post) if event else None
        if named:
            yield named.id
        if event:
            yield from (event.edit_tweet_ids or event.edit_post_ids)[-1:]


def _belonging(post: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was expanded of one post in an answer about many."""
    includes: Mapping[str, Any] = answer.get("includes") or {}
    references = post.get("referenced_posts") or post.get("referenced_tweets") or ()
    about = {one.get("id") for one in references}
    others = [
        one
        for name in ("tweets", "posts")
        for one in includes.get(name) or ()
        if one.get("id") in about
    ]
    people = {one.get("author_id") for one in (post, *others)} | {post.get("in_reply_to_user_id")}
    keys = set((post.get("attachments") or {}).get("media_keys") or ())
    found = {
        "users": [one for one in includes.get("users") or () if one.get("id") in people],
        "tweets": others,
        "media": [one for one in includes.get("media") or () if one.get("media_key") in keys],
    }
    return {name: those for name, those in found.items() if those}
